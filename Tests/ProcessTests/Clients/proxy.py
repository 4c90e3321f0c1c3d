"""A loopback port in front of a Unix socket, as an operator would have it: systemd-socket-proxyd."""

import contextlib
import socket
import subprocess
import time

TRIES = 5
SECONDS = 5


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def started(path, activate, proxyd):
    """A process and its port, or nothing where somebody else took the port in between."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [activate, "-l", f"127.0.0.1:{port}", proxyd, "--exit-idle-time=10s", path]
    # setpriv lets it go with us, however we end.
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        if listening(port):
            return process, port
        time.sleep(0.005)
    process.kill()
    process.wait()
    return None


@contextlib.contextmanager
def proxied(path, activate, proxyd):
    """The address `127.0.0.1:PORT` whose connections reach the Unix socket `path`."""
    for _ in range(TRIES):
        running = started(path, activate, proxyd)
        if running:
            break
    else:
        raise SystemExit(f"{activate} does not start {proxyd}")
    process, port = running
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
