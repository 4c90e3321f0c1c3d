"""Reads an export with Python's own csv and json and says what it found. Usage: read_export.py FOLDER"""
import csv
import datetime
import hashlib
import json
import sys

folder = sys.argv[1]
manifest = json.load(open(folder + "/manifest.json"))
kinds = {
    "INT32": int, "INT64": int, "FLOAT": float, "DOUBLE": float, "STRING": str, "JSON": json.loads,
    "BOOLEAN": {"true": True, "false": False}.__getitem__,
    "TIMESTAMP(MICROS,UTC)": lambda t: datetime.datetime.fromisoformat(t.replace("Z", "+00:00")),
}
for entry in manifest["files"]:
    path = folder + "/" + entry["path"]
    raw = open(path, "rb").read()
    assert hashlib.sha256(raw).hexdigest() == entry["sha256"], path
    assert len(raw) == entry["bytes"], path
    names = [column["name"] for column in entry["columns"]]
    rows = []
    if manifest["format"] == "jsonl":
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            assert list(row) == names, (list(row), names)
            rows.append(row)
    else:
        reader = csv.DictReader(open(path, encoding="utf-8", newline=""))
        assert reader.fieldnames == names, (reader.fieldnames, names)
        for row in reader:
            assert None not in row.values() and None not in row, row
            for column in entry["columns"]:
                value = row[column["name"]]
                if value == "" and (column.get("nullable") or column["type"] == "STRING"):
                    continue
                kinds[column["type"]](value)
            rows.append(row)
    assert len(rows) == entry["rows"], (len(rows), entry["rows"])
    labelled = sum(1 for row in rows if row["label"])
    print(f"{entry['path']} {len(rows)} {len({row['part'] for row in rows})} {labelled}")
    if "first_row" in entry:
        assert int(rows[0]["row"]) == entry["first_row"] and int(rows[-1]["row"]) == entry["last_row"]
