"""What the client programs share: how a check is told, the line they talk to, and what its answers must hold.

The line has two features, the classes bad and good, and the attribute product with the trained values A and B; its
student says good where the first feature is positive. Every program prints one line `ok CHECK` a check and ends at the
first that does not hold; the test knows which lines must come.
"""

import sys

MODEL = "press-1"
ATTRIBUTES = {"product": "A"}
OUTPUTS = {"label", "probabilities", "confidence", "group", "model_version", "advice", "part_id"}

prefix = ""


def check(name, holds, told=""):
    """- told: what came instead, for the reader of a failure."""
    if not holds:
        print(f"failed {prefix}{name}: {told}", flush=True)
        sys.exit(1)
    print(f"ok {prefix}{name}", flush=True)


def equal(name, got, expected):
    check(name, got == expected, f"{got!r} instead of {expected!r}")


def says(name, sentence, *words):
    """A refusal must say what was wrong."""
    missing = [word for word in words if word not in str(sentence)]
    check(name, not missing, f"{str(sentence)!r} does not say {missing}")


def is_answer(parameters, part, group):
    """The parameters of an answer about one part, whatever the client made of them."""
    return (
        parameters["prediction_id"] == part
        and parameters["group"] == group
        and parameters["model_version"] == 1
        and 0.5 < parameters["confidence"] <= 1
        and parameters["advice"] in ("accept", "manual_check")
        and parameters["recorded"] is True
        and parameters["latency_us"] >= 0
    )
