"""Writes the models beside it and expected.txt: python3 export_models.py (PyTorch 2.15, onnxscript 0.7).

expected.txt holds a line a model: its name, the kind of its input, its rows, and after ">" PyTorch's logits.
"""
import os
import warnings

import onnx
import torch
from torch import nn

warnings.filterwarnings("ignore")
os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(20)


class Standardised(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([1.0, -2.0, 300.0, 0.0, 5.0]))
        self.register_buffer("spread", torch.tensor([0.5, 2.0, 40.0, 1.0, 3.0]))
        self.body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 3))

    def forward(self, x):
        return torch.softmax(self.body((x - self.mean) / self.spread), dim=1)


class Viewed(nn.Module):
    """x.view(x.size(0), -1): the sizes are computed in the graph."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 3 * 4, 3)

    def forward(self, x):
        x = self.norm(torch.relu(self.conv(x)))
        return self.head(x.view(x.size(0), -1))


def trained(model):
    """Batch statistics other than 0 and 1."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
    return model.eval()


signal = nn.Sequential(
    nn.Conv1d(2, 4, 5, stride=2, padding=2), nn.BatchNorm1d(4), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(4, 6, 3, padding=1), nn.MaxPool1d(2), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 3))
flat_signal = nn.Sequential(
    nn.Conv1d(2, 4, 4, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(32, 7), nn.ReLU(), nn.Linear(7, 3))
picture = nn.Sequential(
    nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1),
    nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 7), nn.ReLU(), nn.Linear(7, 3))
plain = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))

# Raw readings beyond a student's own limit of 1000.
large = torch.randn(4, 5) * torch.tensor([1.0, 2.0, 40.0, 1.0, 5000.0])
models = {
    "plain": (plain, "vector", large),
    "standardised": (Standardised(), "vector", torch.randn(4, 5) * 3 + torch.tensor([1.0, -2.0, 300.0, 0.0, 5.0])),
    "signal": (signal, "window", torch.randn(3, 2, 32)),
    "flatsignal": (flat_signal, "window", torch.randn(3, 2, 32)),
    "picture": (picture, "image", torch.randn(3, 1, 12, 8)),
    "viewed": (Viewed(), "image", torch.randn(3, 3, 6, 8)),
}

with open("expected.txt", "w") as file:
    for name, (model, kind, x) in models.items():
        trained(model)
        for style in ["script", "dynamo"]:
            path = f"{name}-{style}.onnx"
            if style == "script":
                torch.onnx.export(model, (x,), path, dynamo=False, dynamic_axes={"x": {0: "n"}}, input_names=["x"])
            else:
                # Its default: weights beyond a kilobyte go into a file beside the model.
                torch.onnx.export(model, (x,), path, dynamo=True, dynamic_shapes=({0: "n"},), verbose=False)
                slim = onnx.load(path, load_external_data=False)
                # Stack traces with this machine's paths.
                for node in slim.graph.node:
                    del node.metadata_props[:]
                del slim.graph.metadata_props[:]
                for value in [*slim.graph.input, *slim.graph.output, *slim.graph.value_info, *slim.graph.initializer]:
                    del value.metadata_props[:]
                onnx.save(slim, path)
                if os.path.exists(path + ".data") and os.path.getsize(path + ".data") == 0:
                    os.remove(path + ".data")
        logits = model.body((x - model.mean) / model.spread) if name == "standardised" else model(x)
        # A student's pictures have their channels last.
        parts = x.permute(0, 2, 3, 1) if kind == "image" else x
        sizes = "x".join(str(size) for size in parts.shape[1:])
        numbers = " ".join(repr(v) for v in parts.flatten().tolist())
        file.write(f"{name} {kind} {sizes} {numbers} > {' '.join(repr(v) for v in logits.flatten().tolist())}\n")


class Skip(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(5, 5), nn.Linear(5, 5), nn.Linear(5, 3)

    def forward(self, x):
        y = torch.relu(self.first(x))
        return self.head(torch.relu(self.second(y)) + y)


refused = {
    "tanh": (nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)), torch.zeros(1, 5)),
    "skip": (Skip(), torch.zeros(1, 5)),
    "norelu": (nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3)), torch.zeros(1, 5)),
    "lastrelu": (nn.Sequential(nn.Linear(5, 3), nn.ReLU()), torch.zeros(1, 5)),
    "grouped": (nn.Sequential(nn.Conv1d(2, 4, 3, groups=2), nn.ReLU(), nn.Flatten(), nn.Linear(24, 3)),
                torch.zeros(1, 2, 8)),
    "dilated": (nn.Sequential(nn.Conv1d(2, 4, 3, dilation=2), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)),
                torch.zeros(1, 2, 8)),
    "overlap": (nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.MaxPool1d(3, 2), nn.Flatten(), nn.Linear(8, 3)),
                torch.zeros(1, 2, 8)),
    "layernorm": (nn.Sequential(nn.Linear(5, 4), nn.LayerNorm(4), nn.ReLU(), nn.Linear(4, 3)), torch.zeros(1, 5)),
}
for name, (model, x) in refused.items():
    torch.onnx.export(model.eval(), (x,), f"refused-{name}.onnx", dynamo=False, input_names=["x"],
                      dynamic_axes={"x": {0: "n"}})
