"""Writes ../Trees/ScikitTrees.swift: what scikit-learn's boosted trees make of a small generated set.

    python3 -m venv venv && venv/bin/pip install scikit-learn && venv/bin/python boosted_trees.py

The set is drawn from SplitMix64, so that the test can draw it too: 1,500 rows to fit, 500 to select, 4,000 to test;
6 features uniform in -1 ..< 1; the class is 2 where x0 * x1 > 0.2, else 1 where x2 + x3 / 2 > 0.3, else 0; every tenth
number drawn after a row's features replaces the class by one of the three at random.
"""

import pathlib
import numpy as np
import sklearn
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.metrics import log_loss

MASK = (1 << 64) - 1
state = 2026


def draw():
    global state
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) >> 11) * 2.0**-53


def rows(count):
    inputs, labels = [], []
    for _ in range(count):
        x = [np.float32(2 * draw() - 1) for _ in range(6)]
        label = 2 if x[0] * x[1] > np.float32(0.2) else 1 if x[2] + x[3] / np.float32(2) > np.float32(0.3) else 0
        if draw() < 0.1:
            label = int(3 * draw())
        inputs.append(x)
        labels.append(label)
    return np.array(inputs, np.float32), np.array(labels)


fit, select, test = rows(1500), rows(500), rows(4000)
print("first row", fit[0][0], fit[1][0], "labels", np.bincount(fit[1]))


def figures(model):
    model.fit(*fit)
    return model.score(*test), log_loss(test[1], model.predict_proba(test[0]))


histogram = figures(HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=1))
exact = figures(GradientBoostingClassifier(n_estimators=100, random_state=1))

lines = [
    f"// Written by Fixtures/boosted_trees.py with scikit-learn {sklearn.__version__}; do not edit.",
    "",
    "/// Accuracy and log loss in nats on the test rows of the set that the script describes.",
    "enum ScikitTrees {",
    "  /// HistGradientBoostingClassifier, 60 rounds.",
    f"  static let histogramAccuracy = {histogram[0]:.4f}",
    f"  static let histogramLoss = {histogram[1]:.4f}",
    "  /// GradientBoostingClassifier, 100 rounds.",
    f"  static let exactAccuracy = {exact[0]:.4f}",
    f"  static let exactLoss = {exact[1]:.4f}",
    "}",
    "",
]
target = pathlib.Path(__file__).resolve().parent.parent / "Trees" / "ScikitTrees.swift"
target.write_text("\n".join(lines))
print("\n".join(lines))
