#!/usr/bin/env bash
# The pictures `make images` needs: Debian's package of Fashion-MNIST (31 MB installed, MIT licence).
# Does nothing where they are there; says in one sentence what to do where it cannot install them.
set -euo pipefail

package=dataset-fashion-mnist
folder=/usr/share/datasets/fashion-mnist

[ -r "$folder/train-images-idx3-ubyte.gz" ] && [ -r "$folder/train-labels-idx1-ubyte.gz" ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "images: this is not a Debian system; get Fashion-MNIST's four .gz files into a folder and run" \
    "kaizen-plant images --data FOLDER" >&2
  exit 69
fi
if [ "$(id -u)" != 0 ]; then
  echo "images: the package $package is missing. Run: sudo apt-get install $package" >&2
  exit 77
fi
echo "images: installing $package"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "$package"; } >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  echo "images: apt-get could not install $package (its last lines are above). Check the network and the package" \
    "sources, install it by hand, then run this again." >&2
  exit 69
fi
