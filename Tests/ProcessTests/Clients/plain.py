"""httpx, aiohttp and requests-unixsocket: general HTTP clients on the Unix socket, JSON as the protocol's text has it.

plain.py SOCKET
"""

import asyncio
import sys
import urllib.parse

import aiohttp
import httpx
import requests_unixsocket

import checks
from checks import MODEL, OUTPUTS, check, equal, is_answer, says

INFER = f"/v2/models/{MODEL}/infer"


def part(identity, x, product="A", inputs=()):
    rows = x if isinstance(x, list) else [x]
    features = [value for row in rows for value in (row, 0)]
    return {
        "id": identity,
        "parameters": {"product": product} if product else {},
        "inputs": [{"name": "features", "shape": [len(rows), 2], "datatype": "FP32", "data": features}, *inputs],
    }


def health_and_metadata(call):
    equal("live", call("GET", "/v2/health/live"), (200, {"live": True, "ready": True}))
    equal("ready", call("GET", "/v2/health/ready"), (200, {"live": True, "ready": True}))
    status, server = call("GET", "/v2")
    check("server metadata", status == 200 and server["name"] == "kaizend" and server["version"], server)
    check("extensions", "kaizen_outcomes" in server["extensions"], server)
    status, model = call("GET", f"/v2/models/{MODEL}")
    check("model metadata", status == 200 and model["name"] == MODEL and model["versions"] == ["1"], model)
    equal("inputs", model["inputs"], [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}])
    check("outputs", OUTPUTS <= {output["name"] for output in model["outputs"]}, model)
    equal("version metadata", call("GET", f"/v2/models/{MODEL}/versions/1"), (200, model))
    equal("model ready", call("GET", f"/v2/models/{MODEL}/versions/1/ready"), (200, {"name": MODEL, "ready": True}))
    status, index = call("POST", "/v2/repository/index", {})
    check("repository index", status == 200 and [row["name"] for row in index] == [MODEL], index)


def parts(call, name):
    status, first = call("POST", INFER, part(f"{name}-1", 0.5))
    check("infer", status == 200 and first["outputs"][0]["data"] == ["good"] and first["id"] == f"{name}-1", first)
    check("attributes", is_answer(first["parameters"], f"{name}-1", "product=A"), first)
    status, again = call("POST", INFER, part(f"{name}-1", 0.5))
    check("repeated id", status == 200 and again["outputs"] == first["outputs"], again)
    status, fault = call("POST", INFER, part(f"{name}-1", -0.5))
    equal("conflicting id", status, 409)
    says("conflict's sentence", fault["error"], f"{name}-1", "another input")
    status, unseen = call("POST", f"/v2/models/{MODEL}/versions/1/infer", part(f"{name}-2", -0.5, product="Z"))
    check("unseen group", status == 200 and unseen["parameters"]["advice"] == "manual_check", unseen)

    attribute = {"name": "product", "shape": [3], "datatype": "BYTES", "data": ["A", "B", "A"]}
    serials = {"name": "part_id", "shape": [3], "datatype": "BYTES", "data": [f"{name}-b{k}" for k in range(3)]}
    status, batch = call("POST", INFER, part(f"{name}-3", [0.5, -0.5, 0.25], None, [attribute, serials]))
    outputs = {output["name"]: output for output in batch.get("outputs", [])}
    check("batch", status == 200 and outputs["label"]["data"] == ["good", "bad", "good"], batch)
    equal("attributes of a batch", outputs["group"]["data"], ["product=A", "product=B", "product=A"])
    equal("ids of a batch", outputs["part_id"]["data"], serials["data"])
    equal("shape of probabilities", outputs["probabilities"]["shape"], [3, 2])


def refusals(call, name):
    status, fault = call("POST", "/v2/models/press-9/infer", part(f"{name}-e", 0.5))
    equal("unknown model", status, 404)
    says("unknown model's sentence", fault["error"], "press-9", "kaizenctl lines")
    bad = part(f"{name}-e", 0.5)
    bad["inputs"][0].update(shape=[1, 3], data=[1, 2, 3])
    status, fault = call("POST", INFER, bad)
    equal("bad shape", status, 400)
    says("bad shape's sentence", fault["error"], "[1, 3]", "[n, 2]")


def outcomes(call, name):
    items = [
        {"id": f"{name}-1", "label": "good"},
        {"id": f"{name}-1", "label": "good"},
        {"id": f"{name}-1", "label": "bad"},
        {"id": f"{name}-b1", "label": "bad", "observed_at": "2026-01-01T10:00:00Z", "source": "lab"},
        {"id": f"{name}-9", "label": "good"},
        {"id": f"{name}-2", "label": "purple"},
    ]
    status, told = call("POST", f"/v2/models/{MODEL}/outcomes", {"outcomes": items})
    statuses = [row["status"] for row in told.get("outcomes", [])]
    expected = ["joined", "duplicate", "conflict", "joined", "held_unknown_id", "unknown_label"]
    check("outcomes", status == 200 and statuses == expected, told)


def everything(name, call):
    def checked(method, path, body=None):
        status, kind, answer = call(method, path, body)
        if kind != "application/json":
            check("content type", False, f"{kind!r} on {method} {path}")
        return status, answer

    checks.prefix = f"{name} "
    health_and_metadata(checked)
    parts(checked, name)
    refusals(checked, name)
    outcomes(checked, name)


def with_httpx(socket):
    with httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://localhost") as client:

        def call(method, path, body):
            answer = client.request(method, path, json=body)
            return answer.status_code, answer.headers["content-type"], answer.json()

        everything("httpx", call)


def with_requests(socket):
    with requests_unixsocket.Session() as session:
        base = "http+unix://" + urllib.parse.quote(socket, safe="")

        def call(method, path, body):
            answer = session.request(method, base + path, json=body)
            return answer.status_code, answer.headers["content-type"], answer.json()

        everything("requests-unixsocket", call)


def with_aiohttp(socket):
    with asyncio.Runner() as runner:

        async def opened():
            return aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(path=socket))

        session = runner.run(opened())

        async def ask(method, path, body):
            async with session.request(method, path, json=body) as answer:
                return answer.status, answer.headers["content-type"], await answer.json()

        everything("aiohttp", lambda method, path, body: runner.run(ask(method, path, body)))
        runner.run(session.close())


with_httpx(sys.argv[1])
with_aiohttp(sys.argv[1])
with_requests(sys.argv[1])
