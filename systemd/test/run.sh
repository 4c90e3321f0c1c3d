#!/usr/bin/env bash
# make systemd-test: boots a real systemd in namespaces, installs the daemon there as `make install` does, and checks
# what only systemd can show (checks.py). Where that cannot run it says why and checks behind a stub of systemd.
#
#   BUILT=1   install the programs of .build/release with the Swift runtime beside them, instead of building those
#             that carry it within them; the files and their places are those of `make install` either way
#   STUB=1    take the stub where a systemd could boot too
#   KEEP=1    leave the root of the machine in .build/systemd-root/machine
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=$PWD/.build/systemd-root
base=$cache/base
machine=$cache/machine
packages=systemd,dbus,libsqlite3-0,zlib1g,python3

# What keeps a systemd from booting here, one sentence; nothing where it can.
obstacle() {
  [ -z "${STUB:-}" ] || { echo "STUB=$STUB asks for the stub"; return; }
  [ "$(uname -s)" = Linux ] || { echo "this is not Linux"; return; }
  [ "$(id -u)" = 0 ] || { echo "only root may make the namespaces; run it with sudo"; return; }
  { command -v unshare && command -v nsenter && command -v findmnt; } >/dev/null || { echo "unshare, nsenter and findmnt (util-linux) are not installed"; return; }
  unshare -p -m -u -i -n -C --fork --propagation private true 2>/dev/null ||
    { echo "the kernel refuses namespaces (PID, mount, network, cgroup) here"; return; }
  [ -n "$(cgroup_mount)" ] || { echo "no cgroup2 file system is mounted"; return; }
  local probe
  probe="$(cgroup_mount)$(cgroup_path)/kaizend-probe-$$"
  mkdir "$probe" 2>/dev/null || { echo "no cgroup can be made below $(cgroup_mount)"; return; }
  rmdir "$probe"
  [ -e "$base/lib/systemd/systemd" ] && return
  command -v apt-get >/dev/null || echo "this is not a Debian system, and $base holds no root made before"
}

cgroup_mount() { findmnt -n -t cgroup2 -o TARGET | head -n 1; }
cgroup_path() { sed -n 's/^0:://p' /proc/self/cgroup | sed 's,^/$,,'; }

# A root of this machine's own Debian release, from the mirror that apt is configured with.
make_base() {
  [ -e "$base/lib/systemd/systemd" ] && return
  if ! command -v debootstrap >/dev/null; then
    echo "systemd-test: installing debootstrap"
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends debootstrap >/dev/null || return 1
  fi
  local release mirror proxy=
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(ORIGIN) $(SITE)' 'Created-By: Packages' |
    awk -v release="$release" '$1 == release && $2 == "main" && $3 == "Debian" { print $4; exit }')
  if [ -z "$mirror" ]; then
    echo "systemd-test: apt has no Debian $release of its own to make a root from (apt-get update?)" >&2
    return 1
  fi
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  [ -z "$proxy" ] || export http_proxy=$proxy
  echo "systemd-test: making a Debian $release root from $mirror in $base (once; minutes)"
  rm -rf "$base.part"
  mkdir -p "$cache"
  if ! debootstrap --variant=minbase --include=$packages "$release" "$base.part" "$mirror" >"$cache/debootstrap.log" 2>&1
  then
    tail -n 5 "$cache/debootstrap.log" >&2
    return 1
  fi
  rm -rf "$base.part"/var/cache/apt/archives/*.deb "$base.part"/usr/share/{doc,man,locale}/*
  mv "$base.part" "$base"
}

# What `make install` installs, in the machine's root.
install_daemon() {
  rm -rf "$machine"
  cp -a "$base" "$machine"
  if [ -n "${BUILT:-}" ]; then
    # -o dist: the programs are taken as they are.
    make --no-print-directory -s -o dist install DESTDIR="$machine" INSTALL_SCRATCH=.build
    local runtime="$machine/usr/local/lib/swift-runtime"
    mkdir -p "$runtime"
    ldd .build/release/kaizend .build/release/kaizenctl .build/release/kaizen-plant .build/release/kaizen-trainer |
      awk '$3 ~ "/swift/" { print $3 }' | sort -u | xargs -r cp -L -t "$runtime"
    echo /usr/local/lib/swift-runtime >"$machine/etc/ld.so.conf.d/swift-runtime.conf"
    chroot "$machine" /sbin/ldconfig
  else
    make --no-print-directory install DESTDIR="$machine"
  fi
  cp systemd/test/checks.py systemd/test/visitors.py "$machine/usr/local/lib/"
}

# Boots, checks, and takes everything down again; its status is that of the checks.
boot_and_check() {
  local cgroup status=0 init=
  cgroup="$(cgroup_mount)$(cgroup_path)/kaizend-test-$$"
  mkdir "$cgroup"
  # The machine's systemd owns this cgroup and nothing above it.
  bash -c 'echo $$ >"$0/cgroup.procs" && exec unshare -p -m -u -i -n -C --fork --kill-child --propagation private "$@"' \
    "$cgroup" systemd/test/boot.sh "$machine" >"$cache/boot.log" 2>&1 &
  local shell=$!
  # shellcheck disable=SC2064
  trap "take_down $shell '$cgroup'" EXIT
  for _ in $(seq 100); do
    init=$(pgrep -P $shell || true)
    [ -n "$init" ] && inside "$init" test -S /run/systemd/private 2>/dev/null && break
    kill -0 $shell 2>/dev/null || break
    sleep 0.1
  done
  if ! inside "${init:-0}" systemctl is-system-running --wait >"$cache/running" 2>/dev/null &&
    ! grep -q degraded "$cache/running"; then
    cat "$cache/boot.log" >&2
    echo "systemd-test: no systemd came up in the namespaces (its last words are above)" >&2
    return 2
  fi
  inside "$init" python3 /usr/local/lib/checks.py || status=1
  return $status
}

inside() {
  local init=$1
  shift
  nsenter -t "$init" -m -u -i -n -p -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

take_down() {
  local init
  init=$(pgrep -P "$1" || true)
  # The end of its first process ends every other in the namespace.
  [ -z "$init" ] || kill -KILL "$init" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
  for _ in $(seq 50); do
    find "$2" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    [ -e "$2" ] || break
    sleep 0.1
  done
  [ -n "${KEEP:-}" ] || rm -rf "$machine"
}

fallback() {
  echo "systemd-test: no systemd can boot here: $1"
  echo "systemd-test: instead, the daemon behind a stub of NOTIFY_SOCKET, behind sockets that are passed to it, behind"
  echo "systemd-socket-activate, and the units before systemd's own tools"
  make --no-print-directory -s systemd-stub-test
  echo "skipped: the checks on a booted systemd, because $1"
}

reason=$(obstacle)
if [ -n "$reason" ]; then
  fallback "$reason"
elif ! make_base; then
  fallback "the Debian root could not be made (the reason is above)"
else
  install_daemon
  boot_and_check
fi
