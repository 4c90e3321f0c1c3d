#!/usr/bin/env bash
# Installs PyTorch, ONNX and ONNX Runtime into .build/peers, for `kaizen-bench train` and `kaizen-bench infer` to measure
# themselves beside. Nothing of the service needs them. `rm -rf .build/peers` takes them away again.
set -euo pipefail
cd "$(dirname "$0")/../../.."

folder=.build/peers
fail() { echo "bench-peers: $1" >&2; exit 1; }

command -v python3 >/dev/null || fail "there is no python3; install it (apt install python3 python3-venv)"
if [ ! -x "$folder/bin/python" ]; then
  python3 -m venv "$folder" || fail "python3 makes no virtual environment; install it (apt install python3-venv)"
fi
has() { "$folder/bin/python" -c "import $1" 2>/dev/null; }
install() { "$folder/bin/python" -m pip install --disable-pip-version-check -q "$@"; }

if ! has torch; then
  # PyTorch's own index has a build without CUDA, a few hundred megabytes; the one on PyPI brings gigabytes of CUDA.
  echo "bench-peers: installing PyTorch into $folder"
  install --index-url https://download.pytorch.org/whl/cpu torch 2>/dev/null || {
    echo "bench-peers: download.pytorch.org cannot be reached; taking PyPI's build, which needs several gigabytes"
    install torch || fail "PyTorch could not be installed (see above)"
  }
fi
if ! has onnxruntime || ! has onnx || ! has numpy; then
  install numpy onnx onnxruntime || fail "ONNX Runtime could not be installed (see above)"
fi
"$folder/bin/python" -c 'import torch, onnxruntime; print("bench-peers: PyTorch", torch.__version__, "and ONNX Runtime", onnxruntime.__version__)'
echo "bench-peers: $(du -sh "$folder" | cut -f1) in $folder"
