"""PyTorch beside kaizen-bench, and the ONNX files for ONNX Runtime.

Reads one question a line from standard input and writes one answer a line to standard output, both JSON
(PeerMessages.swift). Everything runs on one thread. Where there are several ways to compute the same, each is tried
and the fastest is measured, unless PyTorch is asked for as it is installed. All else is in its favour too: data, layout
and the teacher's probabilities are prepared outside the time, inputs are not standardised and gradients not clipped.
"""

import gc
import json
import os
import resource
import sys
import time

# Standard output is for answers alone; a library that prints must not get between them.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

# Seconds each way of computing is tried for before the fastest is chosen.
TRIAL_SECONDS = 0.2


def hello(_):
    """Versions, and the path of ONNX Runtime's library."""
    found = {}
    if numpy is None:
        return found
    if torch is not None:
        found["torch"] = torch.__version__.split("+")[0]
    try:
        import onnx  # noqa: F401  (writes the files)
        import onnxruntime

        folder = os.path.join(os.path.dirname(onnxruntime.__file__), "capi")
        names = [name for name in os.listdir(folder) if name.startswith("libonnxruntime.so")]
        if names:
            found["onnxruntime"] = onnxruntime.__version__
            found["library"] = os.path.join(folder, names[0])
    except ImportError:
        pass
    return found


class Data:
    """What BenchBatch.write wrote."""

    def __init__(self, work):
        values = numpy.fromfile(work["data_path"], dtype=numpy.float32)
        rows, classes = work["row_count"], work["class_count"]
        height, width, channels = work["input"]
        self.position = 0

        def take(*shape):
            count = int(numpy.prod(shape))
            part = values[self.position : self.position + count].reshape(shape)
            self.position += count
            return part.copy()

        inputs = take(rows, height, width, channels).transpose(0, 3, 1, 2)
        if height == 1 and width == 1:
            inputs = inputs.reshape(rows, channels)
        elif height == 1:
            inputs = inputs.reshape(rows, channels, width)
        self.inputs = numpy.ascontiguousarray(inputs)
        self.teacher = take(rows, classes)
        self.weights = take(rows)
        self.labels = take(rows).astype(numpy.int64)
        self.parameters = []
        for layer in work["layers"]:
            self.parameters.append(self.layer_parameters(layer, take))

    @staticmethod
    def layer_parameters(layer, take):
        """Weight and bias as PyTorch and ONNX have them: [out, in], [out, in, height, width]."""
        height, width, channels = layer["input"]
        out = layer["output"][2]
        if layer["kind"] == "dense":
            weight = take(height, width, channels, out).transpose(3, 2, 0, 1).reshape(out, -1)
        elif layer["kind"] == "convolution":
            kernel = layer["kernel"]
            rows = 1 if height == 1 else kernel
            weight = take(rows, kernel, channels, out).transpose(3, 2, 0, 1)
            if height == 1:
                weight = weight.reshape(out, channels, kernel)
        else:
            return None
        return numpy.ascontiguousarray(weight), take(out)


class Lift(torch.nn.Module if torch else object):
    """A signal as a picture of one row."""

    def forward(self, x):
        return x.unsqueeze(2)


def network(work, data, lifted):
    """The student in PyTorch. `lifted`: signals as pictures of one row, which channels_last needs."""
    modules = []
    layers = work["layers"]
    for index, (layer, parameters) in enumerate(zip(layers, data.parameters)):
        flat = layer["input"][0] == 1
        plain = flat and not lifted
        if layer["kind"] == "dense":
            if layer["input"][:2] != [1, 1] or (index > 0 and layers[index - 1]["kind"] != "dense"):
                modules.append(torch.nn.Flatten())
            module = torch.nn.Linear(int(numpy.prod(layer["input"])), layer["output"][2])
        elif layer["kind"] == "convolution":
            sizes = [layer[key] for key in ("kernel", "stride", "padding")]
            if plain:
                module = torch.nn.Conv1d(layer["input"][2], layer["output"][2], *sizes)
            else:
                kernel, stride, padding = [(low if flat else size, size) for low, size in zip((1, 1, 0), sizes)]
                module = torch.nn.Conv2d(layer["input"][2], layer["output"][2], kernel, stride, padding)
        elif layer["kind"] == "max":
            size = layer["kernel"]
            module = torch.nn.MaxPool1d(size) if plain else torch.nn.MaxPool2d((1, size) if flat else size)
        else:
            raise ValueError(f"no bench student has a layer \"{layer['kind']}\"; write it into peers.py")
        modules.append(module)
        if parameters:
            weight, bias = parameters
            with torch.no_grad():
                module.weight.copy_(torch.from_numpy(weight.reshape(module.weight.shape)))
                module.bias.copy_(torch.from_numpy(bias))
            if index + 1 < len(layers):
                modules.append(torch.nn.ReLU(inplace=True))
    return torch.nn.Sequential(Lift(), *modules) if lifted else torch.nn.Sequential(*modules)


def variants(work):
    """The ways to lay out a batch: (name, lifted, channels_last)."""
    if not work["tuned"]:
        return [("as installed", False, False)]
    if all(layer["kind"] == "dense" for layer in work["layers"]):
        return [("", False, False)]
    if work["input"][0] == 1:
        return [("1d", False, False), ("2d", True, False), ("2d channels_last", True, True)]
    return [("contiguous", False, False), ("channels_last", False, True)]


def laid_out(work, data, lifted, channels_last):
    model = network(work, data, lifted)
    inputs = torch.from_numpy(data.inputs)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        if inputs.dim() == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
    return model, inputs


def optimizer(model, work, fused):
    kind = {} if not work["tuned"] else {"fused": True} if fused else {"foreach": True}
    return torch.optim.AdamW(model.parameters(), lr=work["learning_rate"], weight_decay=0.01, **kind)


def training(work, data, lifted, channels_last, fused):
    """A step, as a function, and what it computes before the first step."""
    model, inputs = laid_out(work, data, lifted, channels_last)
    adam = optimizer(model, work, fused)
    labels, weights = torch.from_numpy(data.labels), torch.from_numpy(data.weights)
    alpha, temperature = work["alpha"], work["temperature"]
    shares = torch.softmax(torch.from_numpy(data.teacher) / temperature, dim=1)
    functional = torch.nn.functional

    def loss():
        logits = model(inputs)
        crossed = functional.cross_entropy(logits, labels, reduction="none")
        divergence = functional.kl_div(functional.log_softmax(logits / temperature, dim=1), shares, reduction="none")
        rows = (1 - alpha) * crossed + alpha * temperature * temperature * divergence.sum(dim=1)
        return (rows * weights).sum()

    def step():
        adam.zero_grad(set_to_none=True)
        loss().backward()
        adam.step()

    first = loss()
    first.backward()
    squares = sum(float(parameter.grad.double().pow(2).sum()) for parameter in model.parameters())
    return step, [float(first.detach()), squares**0.5]


def inference(work, data, lifted, channels_last):
    model, inputs = laid_out(work, data, lifted, channels_last)
    model.eval()
    with torch.inference_mode():
        logits = model(inputs)
    return (lambda: model(inputs)), [float(value) for value in logits.flatten()]


def timed(action, count):
    start = time.process_time_ns()
    for _ in range(count):
        action()
    return (time.process_time_ns() - start) * 1e-9


def trial(action):
    """Seconds of the fastest of several runs."""
    timed(action, 2)
    best, spent = float("inf"), 0.0
    while spent < TRIAL_SECONDS:
        seconds = timed(action, 1)
        best = min(best, seconds)
        spent += max(seconds, 1e-6)
    return best


def fastest(candidates):
    """The best of (name, action, answer)."""
    tried = [(trial(action), name, action, answer) for name, action, answer in candidates]
    _, name, action, answer = min(tried, key=lambda one: one[0])
    return name, action, answer


def write_model(work, data):
    """The student as an ONNX file of a fixed batch, which lets ONNX Runtime plan its memory."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, values, name = [], [], "input"

    def add(kind, inputs, **attributes):
        output = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    layers = work["layers"]
    rank = data.inputs.ndim - 2
    for index, (layer, parameters) in enumerate(zip(layers, data.parameters)):
        if parameters:
            names = [f"weight{index}", f"bias{index}"]
            values += [numpy_helper.from_array(value, key) for value, key in zip(parameters, names)]
        if layer["kind"] == "dense":
            if layer["input"][:2] != [1, 1]:
                name = add("Flatten", [name], axis=1)
            name = add("Gemm", [name, *names], transB=1)
        elif layer["kind"] == "convolution":
            name = add(
                "Conv", [name, *names], kernel_shape=[layer["kernel"]] * rank, strides=[layer["stride"]] * rank,
                pads=[layer["padding"]] * (2 * rank),
            )
        else:
            name = add("MaxPool", [name], kernel_shape=[layer["kernel"]] * rank, strides=[layer["stride"]] * rank)
        if parameters and index + 1 < len(layers):
            name = add("Relu", [name])
    nodes[-1].output[0] = "logits"
    rows = work["row_count"]
    graph = helper.make_graph(
        nodes, "student", [helper.make_tensor_value_info("input", TensorProto.FLOAT, list(data.inputs.shape))],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [rows, work["class_count"]])], values,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, work["model_path"])


class Peers:
    def __init__(self):
        self.action = None
        self.answering = False
        self.answers = {
            "hello": hello, "train": self.train, "infer": self.infer, "run": self.run, "memory": self.memory,
        }

    def train(self, question):
        work = question["work"]
        data = Data(work)
        candidates = []
        for fused in (True, False) if work["tuned"] else (False,):
            for name, lifted, channels_last in variants(work):
                if work["tuned"]:
                    name = ", ".join(part for part in (name, "fused AdamW" if fused else "foreach AdamW") if part)
                try:
                    candidates.append((name, *training(work, data, lifted, channels_last, fused)))
                except RuntimeError:
                    if not fused:
                        raise
        name, self.action, answer = fastest(candidates)
        self.answering = False
        return {"answer": answer, "variant": name or None}

    def infer(self, question):
        work = question["work"]
        data = Data(work)
        if work.get("model_path"):
            write_model(work, data)
        with torch.inference_mode():
            candidates = [(name, *inference(work, data, *layout)) for name, *layout in variants(work)]
            name, self.action, answer = fastest(candidates)
        self.answering = True
        return {"answer": answer, "variant": name or None}

    def run(self, question):
        # Outside the time: entering it costs a small student as much as a layer.
        with torch.inference_mode(self.answering):
            return {"seconds": timed(self.action, question["count"])}

    def memory(self, _):
        return {"kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def main():
    peers = Peers()
    gc.disable()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = peers.answers[question["kind"]](question)
        except Exception as error:
            answer = {"error": f"PyTorch's side failed: {type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        gc.collect()


main()
