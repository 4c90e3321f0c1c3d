"""Writes ../TorchLayers.swift: what PyTorch (float64) makes of one small network for every kind of layer and loss.

    python3 -m venv venv && venv/bin/pip install torch && venv/bin/python torch_layers.py
"""

import pathlib
import re
import torch
import torch.nn.functional as F

torch.manual_seed(20262)
torch.set_default_dtype(torch.float64)

# Name, input sizes as a part is stored, hidden layers, alpha, temperature. Signals are [channels, length], pictures
# [height, width, channels]; a label of -1 is none.
CASES = [
    ("dense, labels only", [5], "4", 0.0, 1.0),
    ("signal, strided convolution, largest", [2, 11], "conv3k3s2,max2,4", 0.6, 3.0),
    ("signal, no padding, means", [1, 16], "conv4k4s3p0,avg2,conv2k2", 1.0, 4.0),
    ("picture, largest, mean over all", [6, 5, 2], "conv3k3,max2,conv2k3,mean", 0.5, 2.0),
    ("picture, strided convolutions, dense", [7, 7, 1], "conv3k3s2,conv2k2s2p0,3", 0.3, 1.5),
]
ROWS, CLASSES = 4, 3


def short(values):
    """Rounded to float32, so that both sides start from the same numbers."""
    return values.to(torch.float32).to(torch.float64)


class Network:
    """Parameters as the student keeps them: a weight [fan in..., out] and a bias for each layer."""

    def __init__(self, sizes, layers):
        self.sizes, self.layers, self.parameters = sizes, layers.split(",") + [str(CLASSES)], []
        self.forward(short(torch.randn(1, torch.Size(sizes).numel())))

    def weights(self, index, shape, fan_in):
        if len(self.parameters) == index:
            self.parameters += [short(torch.randn(shape) * (2 / fan_in) ** 0.5), short(torch.randn(shape[-1]) * 0.1)]
            for parameter in self.parameters[-2:]:
                parameter.requires_grad_()
        return self.parameters[index : index + 2]

    def forward(self, rows):
        """[rows, values of a part] to logits; in between [rows, channels, height, width], a signal of height 1."""
        if len(self.sizes) == 1:
            x = rows[:, :, None, None]
        elif len(self.sizes) == 2:
            x = rows.reshape(-1, self.sizes[0], 1, self.sizes[1])
        else:
            x = rows.reshape(-1, *self.sizes).permute(0, 3, 1, 2)
        used = 0
        for layer in self.layers:
            flat = x.shape[2] == 1
            if layer.isdigit():
                values = x.permute(0, 2, 3, 1).reshape(len(x), -1)
                weight, bias = self.weights(used, (values.shape[1], int(layer)), values.shape[1])
                used += 2
                x = (values @ weight + bias)[:, :, None, None]
                x = F.relu(x) if used < 2 * sum(1 for l in self.layers if l[0] not in "am") else x
            elif layer.startswith("conv"):
                channels, kernel, stride, padding = (
                    int(v) if v else None for v in re.match(r"conv(\d+)k(\d+)(?:s(\d+))?(?:p(\d+))?$", layer).groups()
                )
                stride = stride or 1
                padding = (kernel - stride + 1) // 2 if padding is None else padding
                shape = (1 if flat else kernel, kernel, x.shape[1], channels)
                weight, bias = self.weights(used, shape, shape[0] * shape[1] * shape[2])
                used += 2
                around = (0, padding) if flat else padding
                x = F.relu(F.conv2d(x, weight.permute(3, 2, 0, 1), bias, (1, stride) if flat else stride, around))
            elif layer == "mean":
                x = x.mean((2, 3), keepdim=True)
            else:
                pool = F.max_pool2d if layer.startswith("max") else F.avg_pool2d
                x = pool(x, (1, int(layer[3:])) if flat else int(layer[3:]))
        return x.reshape(len(x), -1)


def row_losses(logits, teacher, labels, alpha, tau):
    known = labels >= 0
    ce = torch.where(known, F.cross_entropy(logits, labels.clamp(min=0), reduction="none"), 0)
    kl = F.kl_div(F.log_softmax(logits / tau, 1), F.log_softmax(teacher / tau, 1), reduction="none", log_target=True)
    share = torch.where(known, alpha, 1.0)
    return (1 - share) * ce + share * tau**2 * kl.sum(1)


def numbers(name, values):
    items = [repr(float(f"{v:.9g}")) for v in values.detach().reshape(-1).tolist()]
    lines = ["        " + ", ".join(items[i : i + 7]) + "," for i in range(0, len(items), 7)]
    return f"      {name}: [\n" + "\n".join(lines) + "\n      ]"


def case(name, sizes, layers, alpha, tau):
    network = Network(sizes, layers)
    inputs = short(torch.randn(ROWS, torch.Size(sizes).numel()))
    labels = torch.tensor([0, 2, 1, 2 if alpha == 0 else -1])
    teacher = short(torch.randn(ROWS, CLASSES) * 2)
    weights = short(torch.rand(ROWS))
    logits = network.forward(inputs)
    losses = row_losses(logits, teacher, labels, alpha, tau)
    (losses * weights).sum().backward()
    flat = lambda tensors: torch.cat([t.reshape(-1) for t in tensors])
    kind = {1: "vector(count: {})", 2: "window(channels: {}, length: {})", 3: "image(height: {}, width: {}, channels: {})"}
    fields = [
        f'      name: "{name}", input: .{kind[len(sizes)].format(*sizes)}, layers: "{layers}",\n'
        f"      classCount: {CLASSES}, alpha: {alpha}, temperature: {tau}, labels: {labels.tolist()}",
        numbers("inputs", inputs), numbers("teacher", teacher), numbers("rowWeights", weights),
        numbers("parameters", flat(network.parameters)), numbers("logits", logits), numbers("losses", losses),
        numbers("gradient", flat([p.grad for p in network.parameters])),
    ]  # fmt: skip
    return "    TorchCase(\n" + ",\n".join(fields) + ")"


text = f"""// Written by Fixtures/torch_layers.py with PyTorch {torch.__version__.split("+")[0]}; do not edit.
// swift-format-ignore-file

import Domain

/// One network and batch; parameters and gradients as the student lays them out.
struct TorchCase: Sendable {{
  let name: String
  let input: InputShape
  let layers: String
  let classCount: Int
  let alpha: Float
  let temperature: Float
  let labels: [Int]
  let inputs: [Float]
  let teacher: [Float]
  let rowWeights: [Float]
  let parameters: [Float]
  let logits: [Float]
  let losses: [Float]
  /// Of the weighted sum of losses.
  let gradient: [Float]

  static let all: [TorchCase] = [
"""
text += ",\n".join(case(*c) for c in CASES) + ",\n  ]\n}\n"
pathlib.Path(__file__).resolve().parent.parent.joinpath("TorchLayers.swift").write_text(text)
