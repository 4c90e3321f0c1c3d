"""Writes ../TorchReference.swift: what PyTorch (float64) makes of one small network.

    python3 -m venv venv && venv/bin/pip install torch && venv/bin/python torch_reference.py
"""

import pathlib
import torch
import torch.nn.functional as F

torch.manual_seed(20261)
torch.set_default_dtype(torch.float64)
SIZES = [3, 5, 4, 3]
ROWS, ALPHA, TAU = 6, 0.7, 3.0
LEARNING_RATE, DECAY, CLIP, STEPS = 0.05, 0.02, 0.5, 3


def short(values):
    """Rounded to float32, so that both sides start from the same numbers."""
    return values.to(torch.float32).to(torch.float64)


weights = [short(torch.randn(a, b) * (2 / a) ** 0.5).requires_grad_() for a, b in zip(SIZES, SIZES[1:])]
biases = [short(torch.randn(b) * 0.1).requires_grad_() for b in SIZES[1:]]
layers = [p for pair in zip(weights, biases) for p in pair]
inputs = short(torch.randn(ROWS, SIZES[0]))
labels = torch.tensor([0, 1, 2, 1, 0, 2])
teacher = short(torch.randn(ROWS, SIZES[-1]) * 2)
row_weights = short(torch.rand(ROWS))


def forward():
    x = inputs
    for i, (w, b) in enumerate(zip(weights, biases)):
        x = x @ w + b
        x = F.relu(x) if i + 1 < len(weights) else x
    return x


def losses(logits):
    ce = F.cross_entropy(logits, labels, reduction="none")
    kl = F.kl_div(F.log_softmax(logits / TAU, 1), F.log_softmax(teacher / TAU, 1), reduction="none", log_target=True)
    return (1 - ALPHA) * ce + ALPHA * TAU**2 * kl.sum(1)


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


start = flat(layers)
logits = forward()
row_losses = losses(logits)
(row_losses * row_weights).sum().backward()
gradient = torch.cat([p.grad.reshape(-1) for p in layers])
optimizer = torch.optim.AdamW(layers, lr=LEARNING_RATE, weight_decay=DECAY)
for _ in range(STEPS):
    optimizer.zero_grad()
    (losses(forward()) * row_weights).sum().backward()
    torch.nn.utils.clip_grad_norm_(layers, CLIP)
    optimizer.step()


def xoshiro(seed, count):
    """xoshiro256** after SplitMix64, in plain integers."""
    mask = (1 << 64) - 1
    state = []
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        state.append(z ^ (z >> 31))
    rotl = lambda v, k: ((v << k) | (v >> (64 - k))) & mask
    out = []
    for _ in range(count):
        out.append((rotl((state[1] * 5) & mask, 7) * 9) & mask)
        t = (state[1] << 17) & mask
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = rotl(state[3], 45)
    return out


def numbers(name, values, kind="Float"):
    items = [repr(float(f"{v:.9g}")) if kind == "Float" else hex(v) for v in values]
    lines = ["    " + ", ".join(items[i : i + 6]) + "," for i in range(0, len(items), 6)]
    return f"  static let {name}: [{kind}] = [\n" + "\n".join(lines) + "\n  ]\n"


text = f"""// Written by Fixtures/torch_reference.py with PyTorch {torch.__version__.split("+")[0]}; do not edit.

/// A {"-".join(map(str, SIZES))} network, {ROWS} rows: (1 - α) CE + α τ² KL with a weight per row, then {STEPS} AdamW steps.
enum TorchReference {{
  static let rowCount = {ROWS}
  static let alpha: Float = {ALPHA}
  static let temperature: Float = {TAU}
  static let learningRate: Float = {LEARNING_RATE}
  static let weightDecay: Float = {DECAY}
  static let clipNorm: Float = {CLIP}
  static let stepCount = {STEPS}
  static let labels = {labels.tolist()}
"""
for name, values in [
    ("inputs", inputs), ("teacher", teacher), ("rowWeights", row_weights), ("parameters", start),
    ("logits", logits), ("losses", row_losses), ("gradient", gradient), ("trainedParameters", flat(layers)),
]:  # fmt: skip
    text += numbers(name, values.detach().reshape(-1).tolist())
text += "  /// First numbers of xoshiro256** seeded with 42 through SplitMix64.\n"
text += numbers("randomNumbers", xoshiro(42, 5), "UInt64") + "}\n"
pathlib.Path(__file__).resolve().parent.parent.joinpath("TorchReference.swift").write_text(text)
