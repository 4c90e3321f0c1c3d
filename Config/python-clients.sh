#!/usr/bin/env bash
# Prints the path of a Python in which the clients of other people are installed that the tests let talk to the daemon:
# the one named by KAIZEN_CLIENTS, or a virtual environment in .build, made from the pinned list beside this script.
# Without one it prints nothing, says why, and those tests are skipped. `rm -rf .build/clients` takes it away again.
set -euo pipefail
cd "$(dirname "$0")/.."

list=Config/python-clients.txt
folder=.build/clients

if [ -n "${KAIZEN_CLIENTS:-}" ]; then
  echo "$KAIZEN_CLIENTS"
  exit 0
fi
# The list it was made from, written last: half an environment is made anew.
if cmp -s "$list" "$folder/made-from.txt" && "$folder/bin/python" -c '' 2>/dev/null; then
  echo "$PWD/$folder/bin/python"
  exit 0
fi
why() { echo "python-clients: the tests with other people's clients will be skipped: $1" >&2; exit 0; }

command -v python3 >/dev/null || why "there is no python3 (apt install python3-venv)"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || why "python3 is older than 3.11"
echo "python-clients: installing tritonclient, kserve and others into $folder (once, about a minute)" >&2
rm -rf "$folder"
python3 -m venv "$folder" >/dev/null 2>&1 || why "python3 makes no virtual environment (apt install python3-venv)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$folder/bin/python" -m pip install -q --disable-pip-version-check --no-input --retries 1 --no-compile \
  --only-binary=:all: -r "$list" >"$log" 2>&1 ||
  why "pip could not install them: $(grep -v '^WARNING' "$log" | tail -n 1)"
cp "$list" "$folder/made-from.txt"
echo "$PWD/$folder/bin/python"
