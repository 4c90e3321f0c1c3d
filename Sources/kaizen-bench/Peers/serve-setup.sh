#!/usr/bin/env bash
# Installs FastAPI, uvicorn, uvloop and ONNX Runtime into .build/peers, for `kaizen-bench serve` to measure itself
# beside. Nothing of the service needs them. `rm -rf .build/peers` takes them away again.
set -euo pipefail
cd "$(dirname "$0")/../../.."

folder=.build/peers
fail() { echo "bench-peers: $1" >&2; exit 1; }

command -v python3 >/dev/null || fail "there is no python3; install it (apt install python3 python3-venv)"
if [ ! -x "$folder/bin/python" ]; then
  python3 -m venv "$folder" || fail "python3 makes no virtual environment; install it (apt install python3-venv)"
fi
packages=(fastapi uvicorn uvloop httptools orjson numpy onnxruntime)
"$folder/bin/python" -c "import $(IFS=,; echo "${packages[*]}")" 2>/dev/null ||
  "$folder/bin/python" -m pip install --disable-pip-version-check -q "${packages[@]}" ||
  fail "the servers in Python could not be installed (see above)"
echo "bench-peers: FastAPI, uvicorn, uvloop and ONNX Runtime are in $folder"
