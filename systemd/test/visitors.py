"""Clients that make a new connection for each part, as a gateway without keep-alive does, until standard input ends.

A part whose connection closed before the answer is sent again, which its id makes safe. Prints one JSON object:
answered parts, refused connections, connections closed before the answer, other surprises, the longest wait.

    visitors.py SOCKET LINE FEATURES PREFIX [VISITORS]
"""

import json
import socket
import sys
import threading
import time

ANSWER_LIMIT_SECONDS = 30

path, line, features, prefix = sys.argv[1:5]
count = int(sys.argv[5]) if len(sys.argv) > 5 else 8
over = threading.Event()
lock = threading.Lock()
tally = {"answered": 0, "refused": [], "unanswered": 0, "surprises": [], "longest_wait": 0.0}


def request(part):
    body = json.dumps(
        {
            "id": part,
            "parameters": {"product": "A7", "camera": "1"},
            "inputs": [
                {"name": "features", "shape": [1, int(features)], "datatype": "FP32", "data": [50.0] * int(features)}
            ],
        }
    ).encode()
    head = (
        f"POST /v2/models/{line}/infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nKaizen-Deadline-Ms: 20000\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def note(key, value):
    with lock:
        tally[key].append(value)


def ask(part):
    """True when the part was answered, or will not be."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_LIMIT_SECONDS)
        try:
            connection.connect(path)
        except OSError as error:
            note("refused", f"{part}: {error}")
            return True
        answer = b""
        try:
            connection.sendall(request(part))
            while chunk := connection.recv(65536):
                answer += chunk
        except (ConnectionError, BrokenPipeError):
            return False
        except OSError as error:
            note("surprises", f"{part}: {error} after {answer[:100]}")
            return True
        if not answer:
            return False
        if not answer.startswith(b"HTTP/1.1 200") or f'"{part}"'.encode() not in answer:
            note("surprises", f"{part}: {answer[:200].decode(errors='replace')}")
            return True
        with lock:
            tally["answered"] += 1
        return True


def visit(visitor):
    number = 0
    while not over.is_set():
        part = f"{prefix}-{visitor}-{number}"
        start = time.monotonic()
        while not ask(part):
            with lock:
                tally["unanswered"] += 1
        with lock:
            tally["longest_wait"] = max(tally["longest_wait"], time.monotonic() - start)
        number += 1


threads = [threading.Thread(target=visit, args=(visitor,)) for visitor in range(count)]
for thread in threads:
    thread.start()
sys.stdin.read()
over.set()
for thread in threads:
    thread.join()
print(json.dumps(tally))
