"""Recomputes the audit trail's hash chain from `kaizenctl audit export` alone. Usage: audit_chain.py FILE.jsonl"""
import hashlib
import json
import struct
import sys


def text(value):
    return b"\0" if value is None else b"\1" + struct.pack("<Q", len(value.encode())) + value.encode()


def number(value):
    return b"\0" if value is None else b"\1" + struct.pack("<Qq", 8, value)


previous = ""
for expected, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    e = json.loads(line)
    fields = text("kaizend audit 1") + text(previous) + number(e["seq"]) + number(e["time_us"]) + number(e["uid"])
    fields += text(e["login"]) + text(e["event"]) + text(e["line"]) + text(e["group"]) + number(e["run"])
    fields += text(e["sentence"])
    if e["seq"] != expected or hashlib.sha256(fields).hexdigest() != e["hash"]:
        sys.exit(f"entry {expected} does not fit")
    previous = e["hash"]
print(f"{expected} entries fit")
