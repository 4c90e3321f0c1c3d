"""The other side of `kaizen-bench train` and `kaizen-bench infer`: PyTorch eager on one thread, asked line by line.

Reads {"work": "train" | "infer" | "export", "network", "batch", "seconds", "path"}, answers {"microseconds"} of process
time for one training step or inference of a whole batch. The networks are those of BenchNetwork.swift.
"""

import glob
import json
import os
import sys
import time

import onnx
import onnx.helper as oh
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)
CLASSES, ALPHA, TAU = 10, 0.5, 4.0


def convolutional(conv, pool, first, flat):
    return nn.Sequential(
        conv(1, 16, *first), nn.ReLU(), pool(2), conv(16, 32, 3, 1, 1), nn.ReLU(), pool(2),
        conv(32, 64, 3, 1, 1), nn.ReLU(), pool(2), nn.Flatten(), nn.Linear(flat, CLASSES),
    )  # fmt: skip


def network(name):
    """Sizes of one part, and the network."""
    if name == "mlp":
        return [32], nn.Sequential(
            nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(),
            nn.Linear(64, CLASSES),
        )  # fmt: skip
    if name == "cnn1d":
        return [1, 1024], convolutional(nn.Conv1d, nn.MaxPool1d, (64, 8, 28), 1024)
    side = int(name.split("-")[1])
    return [1, side, side], convolutional(nn.Conv2d, nn.MaxPool2d, (3, 1, 1), (side // 8) ** 2 * 64)


def trainer(name, batch):
    sizes, model = network(name)
    inputs, teacher = torch.randn(batch, *sizes), torch.randn(batch, CLASSES)
    labels, weights = torch.randint(CLASSES, (batch,)), torch.full((batch,), 1 / batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    soft = F.softmax(teacher / TAU, 1)

    def step():
        optimizer.zero_grad(set_to_none=True)
        logits = model(inputs)
        ce = F.cross_entropy(logits, labels, reduction="none")
        kl = F.kl_div(F.log_softmax(logits / TAU, 1), soft, reduction="none").sum(1)
        (((1 - ALPHA) * ce + ALPHA * TAU**2 * kl) * weights).sum().backward()
        optimizer.step()

    return step


def answerer(name, batch):
    sizes, model = network(name)
    model.eval()
    inputs = torch.randn(batch, *sizes)

    def step():
        with torch.inference_mode():
            model(inputs)

    return step


def export(name, batch, path):
    """The same network as an ONNX graph, its parameters random: their values change no time."""
    sizes, model = network(name)
    nodes, constants, value = [], [], "input"
    for index, layer in enumerate(model):
        names = [value]
        for kind, parameter in layer.named_parameters(recurse=False):
            names.append(f"{kind}{index}")
            numbers = parameter.detach().numpy()
            constants.append(onnx.numpy_helper.from_array(numbers, names[-1]))
        value = "logits" if index + 1 == len(model) else f"value{index}"
        if isinstance(layer, nn.Linear):
            nodes.append(oh.make_node("Gemm", names, [value], transB=1))
        elif isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            nodes.append(
                oh.make_node(
                    "Conv", names, [value], kernel_shape=layer.kernel_size, strides=layer.stride,
                    pads=list(layer.padding) * 2,
                )
            )  # fmt: skip
        elif isinstance(layer, (nn.MaxPool1d, nn.MaxPool2d)):
            dimensions = 1 if isinstance(layer, nn.MaxPool1d) else 2
            nodes.append(oh.make_node("MaxPool", names, [value], kernel_shape=[2] * dimensions, strides=[2] * dimensions))
        else:
            nodes.append(oh.make_node({nn.ReLU: "Relu", nn.Flatten: "Flatten"}[type(layer)], names, [value]))
    float32 = onnx.TensorProto.FLOAT
    graph = oh.make_graph(
        nodes, name, [oh.make_tensor_value_info("input", float32, [batch, *sizes])],
        [oh.make_tensor_value_info(value, float32, [batch, CLASSES])], constants,
    )  # fmt: skip
    model = oh.make_model(graph, opset_imports=[oh.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def microseconds(step, seconds):
    count = 1
    while True:
        start = time.process_time()
        for _ in range(count):
            step()
        spent = time.process_time() - start
        if spent >= seconds:
            return spent / count * 1e6
        count = count * 4 if spent < seconds / 8 else int(count * seconds / spent * 1.1) + 1


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    say = lambda answer: print(json.dumps(answer), file=answers, flush=True)
    libraries = glob.glob(os.path.join(os.path.dirname(onnxruntime.__file__), "capi", "libonnxruntime.so*"))
    say({
        "description": f"PyTorch {torch.__version__} eager, {torch.backends.cpu.get_cpu_capability()}, 1 thread;"
        f" ONNX Runtime {onnxruntime.__version__}, C interface, 1 thread",
        "onnxLibrary": libraries[0] if libraries else None,
    })  # fmt: skip
    steps = {}
    for line in sys.stdin:
        request = json.loads(line)
        work, name, batch = request["work"], request["network"], request["batch"]
        if work == "export":
            export(name, batch, request["path"])
            say({"microseconds": 0})
            continue
        key = (work, name, batch)
        if key not in steps:
            steps.clear()
            steps[key] = {"train": trainer, "infer": answerer}[work](name, batch)
        say({"microseconds": microseconds(steps[key], request["seconds"])})


main()
