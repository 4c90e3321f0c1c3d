"""Prints NumpyFiles.swift: python3 numpy_files.py > ../NumpyFiles.swift (made with NumPy 2.4)."""
import base64
import io

import numpy as np

ROWS = 36
index = np.arange(ROWS)
texts = np.array(["A7", "B2", "C\u00f6"])[index % 3]
label = np.where(index % 2 == 0, "good", "dent")


def archive(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


files = {
    "vectorStored": archive(
        np.savez, x=np.stack([index + 0.5, -index], 1), y=label, product=texts, camera=index % 2,
        feature_names=np.array(["temp", "speed"]), part=np.array([f"SN-{i}" for i in index]),
        split=np.array(["train", "train", "val", "test"])[index % 4],
        teacher=np.stack([index, index + 0.25], 1).astype("f4")),
    "vectorPacked": archive(
        np.savez_compressed, x=np.stack([index + 0.5, -index], 1).astype("f2"), y=(index % 4 - 1).astype("i1"),
        product=np.char.encode(texts, "utf8"), camera=index % 2 == 1),
    "windows": archive(
        np.savez_compressed, x=np.arange(ROWS * 2 * 5, dtype="i2").reshape(ROWS, 2, 5), y=(index % 2).astype("f4"),
        product=texts),
    "pictures": archive(
        np.savez_compressed, x=(np.arange(ROWS * 4 * 3 * 3) % 251).astype("u1").reshape(ROWS, 4, 3, 3),
        y=index.astype("u8") % 3, product=texts),
    "channelsFirst": archive(
        np.savez_compressed, x=np.zeros((ROWS, 3, 8, 8), "u1"), y=index % 3, product=texts),
    "columnMajor": archive(
        np.savez_compressed, x=np.asfortranarray(np.stack([index, index], 1)), y=label, product=texts),
    "bigEndian": archive(np.savez_compressed, x=np.stack([index, index], 1).astype(">f4"), y=label, product=texts),
    "objects": archive(np.savez_compressed, x=np.stack([index, index], 1), y=label.astype(object), product=texts),
    "records": archive(
        np.savez_compressed, x=np.stack([index, index], 1), y=np.zeros(ROWS, [("a", "<f4"), ("b", "<i4")]),
        product=texts),
}
single = io.BytesIO()
np.save(single, index)
files["singleArray"] = single.getvalue()

print("// swift-format-ignore-file")
print("/// Files as NumPy 2.4 writes them, in base64; made by Fixtures/numpy_files.py, which says what is in them.")
print("enum NumpyFiles {")
for name, data in files.items():
    text = base64.b64encode(data).decode()
    print(f"  static let {name} =")
    print('    """')
    for start in range(0, len(text), 112):
        tail = "\\" if start + 112 < len(text) else ""
        print(f"    {text[start:start + 112]}{tail}")
    print('    """')
print("}")
