#!/usr/bin/env bash
# Makes the Python environment with which kaizen-bench compares: .build/peers, some 1 GB. Without it the bench measures
# this program alone.
set -euo pipefail
cd "$(dirname "$0")/../../.."
python3 -m venv .build/peers
.build/peers/bin/pip install --quiet --index-url https://download.pytorch.org/whl/cpu torch ||
  .build/peers/bin/pip install --quiet torch
.build/peers/bin/pip install --quiet numpy onnx onnxruntime
.build/peers/bin/python -c 'import torch, onnx, onnxruntime; print("torch", torch.__version__, "onnxruntime", onnxruntime.__version__)'
