#!/usr/bin/env bash
# What the build needs beyond this repository: five Debian packages and a Swift toolchain. `setup.sh tests`: what some
# tests need besides; without it they are skipped.
# Does nothing where all is there; says in one sentence what is missing where it cannot help.
set -euo pipefail

packages=(libsqlite3-dev libsystemd-dev zlib1g-dev sqlite3 curl)
# For tests alone: other people's clients from PyPI, and systemd's proxy for those of them that know only TCP.
test_packages=(python3-venv systemd)
swift_minimum=6.2

is_debian() { command -v dpkg-query >/dev/null; }

# Those of the named Debian packages that are not installed.
missing_of() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || echo "$package"
  done
}

# Installs the named Debian packages; false, with apt-get's last words, where that cannot be done.
install_packages() {
  echo "setup: installing $*"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    rm -f "$log"
    return
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
  return 1
}

if [ "${1:-}" = tests ]; then
  is_debian || exit 0
  mapfile -t missing < <(missing_of "${test_packages[@]}")
  if [ ${#missing[@]} -gt 0 ] && { [ "$(id -u)" != 0 ] || ! install_packages "${missing[@]}"; }; then
    echo "setup: some tests may be skipped without ${missing[*]}. Run: sudo apt-get install ${missing[*]}"
  fi
  exit 0
fi

missing=()
if is_debian; then
  mapfile -t missing < <(missing_of "${packages[@]}")
else
  for header in sqlite3.h systemd/sd-daemon.h zlib.h; do
    [ -e "/usr/include/$header" ] || missing+=("$header")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: this is not a Debian system; install the development files of SQLite, libsystemd and zlib" \
      "(missing: ${missing[*]}), then run this again." >&2
    exit 69
  fi
fi

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "setup: these packages are missing: ${missing[*]}. Run: sudo apt-get install ${missing[*]}" >&2
    exit 77
  fi
  if ! install_packages "${missing[@]}"; then
    echo "setup: apt-get could not install ${missing[*]} (its last lines are above). Check the network and the package" \
      "sources, install them by hand, then run this again." >&2
    exit 69
  fi
fi

if ! command -v swift >/dev/null; then
  echo "setup: there is no swift on the PATH. Install a Swift $swift_minimum or later toolchain (https://swift.org/install)" \
    "and run this again." >&2
  exit 69
fi
found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ "$(printf '%s\n' "$swift_minimum" "${found:-0}" | sort -V | head -n 1)" != "$swift_minimum" ]; then
  echo "setup: Swift $swift_minimum or later is needed, this is ${found:-of unknown version}." \
    "Install a newer toolchain (https://swift.org/install) and run this again." >&2
  exit 69
fi
