"""Servers that kaizen-bench measures kaizend's socket beside: same request, same student, same logging.

Each listens on a Unix socket, answers the JSON form of the Open Inference Protocol, runs the student in ONNX Runtime on
one thread, and answers a part only once its row is committed to SQLite (WAL, synchronous=NORMAL).

fastapi: what people write. FastAPI on uvicorn with uvloop and httptools, one transaction a request.
asyncio: as fast as one request after the other goes. A protocol written by hand on uvloop.
batched: what Python can do at best. The same, but requests that have come by the same turn of the loop share one run of
         the model and one transaction.
"""

import argparse
import asyncio
import gc
import sqlite3
import time

import numpy
import onnxruntime
import orjson


class Line:
    """The student and its ledger."""

    def __init__(self, model, ledger):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.ledger = sqlite3.connect(ledger, isolation_level=None)
        self.ledger.execute("PRAGMA journal_mode = WAL")
        self.ledger.execute("PRAGMA synchronous = NORMAL")
        self.ledger.execute(
            "CREATE TABLE prediction (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time REAL NOT NULL,"
            " product TEXT NOT NULL, class INTEGER NOT NULL, inputs BLOB NOT NULL, logits BLOB NOT NULL) STRICT"
        )

    def answer(self, requests):
        """One body for each request (bytes of JSON), all of them stored."""
        requests = [orjson.loads(request) for request in requests]
        values = numpy.array([request["inputs"][0]["data"] for request in requests], dtype=numpy.float32)
        logits = self.session.run(None, {self.input: values})[0]
        raised = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = raised / raised.sum(axis=1, keepdims=True)
        classes = logits.argmax(axis=1).tolist()
        now = time.time()
        rows = [
            (request["id"], now, request["parameters"]["product"], best, value.tobytes(), logit.tobytes())
            for request, best, value, logit in zip(requests, classes, values, logits)
        ]
        self.ledger.execute("BEGIN")
        self.ledger.executemany(
            "INSERT INTO prediction (id, time, product, class, inputs, logits) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
        self.ledger.execute("COMMIT")
        return [
            self.body(request["id"], best, row) for request, best, row in zip(requests, classes, probabilities)
        ]

    @staticmethod
    def body(id, best, probabilities):
        outputs = [
            {"name": "label", "datatype": "BYTES", "shape": [1], "data": [f"c{best}"]},
            {"name": "probabilities", "datatype": "FP32", "shape": [1, len(probabilities)], "data": probabilities},
        ]
        answer = {
            "model_name": "bench",
            "model_version": "1",
            "id": id,
            "parameters": {"confidence": float(probabilities[best])},
            "outputs": outputs,
        }
        return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


class ByHand(asyncio.Protocol):
    """HTTP/1.1 as far as a client of ours speaks it."""

    line = None
    is_batched = False
    waiting = []

    def connection_made(self, transport):
        self.transport = transport
        self.unread = b""

    def data_received(self, data):
        self.unread += data
        end = self.unread.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self.unread.lower().find(b"content-length:", 0, end)
        length = int(self.unread[start + 15 : self.unread.index(b"\r", start)]) if start >= 0 else 0
        if len(self.unread) < end + 4 + length:
            return
        body = self.unread[end + 4 : end + 4 + length]
        self.unread = self.unread[end + 4 + length :]
        if ByHand.is_batched and not ByHand.waiting:
            asyncio.get_running_loop().call_soon(ByHand.answer)
        ByHand.waiting.append((self.transport, body))
        if not ByHand.is_batched:
            ByHand.answer()

    @staticmethod
    def answer():
        waiting, ByHand.waiting = ByHand.waiting, []
        bodies = ByHand.line.answer([body for _, body in waiting])
        for (transport, _), body in zip(waiting, bodies):
            transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )


def serve_by_hand(line, socket, is_batched):
    import uvloop

    async def serve():
        server = await asyncio.get_running_loop().create_unix_server(ByHand, socket)
        await server.serve_forever()

    ByHand.line = line
    ByHand.is_batched = is_batched
    uvloop.run(serve())


def serve_fastapi(line, socket):
    import fastapi
    import uvicorn

    app = fastapi.FastAPI()

    @app.post("/v2/models/bench/infer")
    async def infer(request: fastapi.Request):
        body = line.answer([await request.body()])[0]
        return fastapi.Response(body, media_type="application/json")

    uvicorn.run(app, uds=socket, loop="uvloop", http="httptools", access_log=False, log_level="warning")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["fastapi", "asyncio", "batched"])
    parser.add_argument("--model", required=True, help="the student as ONNX")
    parser.add_argument("--ledger", required=True, help="a SQLite file to be made")
    parser.add_argument("--socket", required=True)
    arguments = parser.parse_args()
    line = Line(arguments.model, arguments.ledger)
    gc.freeze()
    if arguments.kind == "fastapi":
        serve_fastapi(line, arguments.socket)
    else:
        serve_by_hand(line, arguments.socket, is_batched=arguments.kind == "batched")


if __name__ == "__main__":
    main()
