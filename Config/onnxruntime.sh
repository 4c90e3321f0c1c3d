#!/usr/bin/env bash
# Prints the path of an ONNX Runtime library for the tests of ONNX teachers: the one named by KAIZEN_ONNXRUNTIME, the one
# kept in .build, or the pinned wheel from PyPI. Without one it prints nothing, says why, and those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.32.0
sha256=5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d
folder=.build/onnxruntime

if [ -n "${KAIZEN_ONNXRUNTIME:-}" ]; then
  echo "$KAIZEN_ONNXRUNTIME"
  exit 0
fi
kept=$(find "$folder" -name 'libonnxruntime.so*' -type f 2>/dev/null | head -n 1 || true)
if [ -n "$kept" ]; then
  echo "$PWD/$kept"
  exit 0
fi
why() { echo "onnxruntime: the tests of ONNX teachers will be skipped: $1" >&2; exit 0; }

[ "$(uname -m)" = x86_64 ] || why "the pinned wheel is for x86-64; set KAIZEN_ONNXRUNTIME to a library of this machine"
command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || why "there is no python3 with pip"
mkdir -p "$folder"
python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_28_x86_64 \
  --platform manylinux_2_27_x86_64 -d "$folder" "onnxruntime==$version" >/dev/null 2>&1 || why "PyPI cannot be reached"
wheel=$(find "$folder" -name "onnxruntime-$version-*.whl" | head -n 1)
echo "$sha256  $wheel" | sha256sum --check --status || { rm -f "$wheel"; why "the wheel is not the pinned one"; }
python3 - "$wheel" "$folder" <<'PYTHON'
import os, sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if "/capi/libonnxruntime.so" in name:
            with open(os.path.join(folder, os.path.basename(name)), "wb") as file:
                file.write(archive.read(name))
PYTHON
rm -f "$wheel"
kept=$(find "$folder" -name 'libonnxruntime.so*' -type f | head -n 1)
[ -n "$kept" ] || why "the wheel holds no libonnxruntime.so"
echo "$PWD/$kept"
