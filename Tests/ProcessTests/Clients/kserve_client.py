"""KServe's own clients, REST V2 over the Unix socket and gRPC.

kserve_client.py rest INFER_SOCKET | grpc GRPC_SOCKET
"""

import asyncio
import logging
import sys

import grpc
import httpx
import numpy
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

import checks
from checks import ATTRIBUTES, MODEL, check, equal, is_answer, says

URL = "http://localhost"
WANTED = ["label", "probabilities", "confidence", "group", "part_id"]


def request(identity, x, attributes=ATTRIBUTES, others=(), model=MODEL, binary=False, version=None):
    rows = numpy.array([[value, 0] for value in x], dtype=numpy.float32)
    features = InferInput("features", list(rows.shape), "FP32")
    features.set_data_from_numpy(rows, binary_data=binary)
    return InferRequest(
        model, [features, *others], request_id=identity, parameters=attributes, model_version=version,
        request_outputs=[RequestedOutput(name) for name in WANTED],
    )


def texts(name, values):
    return InferInput(name, [len(values)], "BYTES", values)


def output(answer, name):
    found = next(output for output in answer.outputs if output.name == name)
    return [value.decode() if isinstance(value, bytes) else value for value in found.as_numpy().flatten().tolist()]


def plain(parameters):
    """gRPC's parameters are messages with one of several values; KServe knows no numbers with a fraction there."""
    kinds = {name: value.WhichOneof("parameter_choice") for name, value in parameters.items()}
    return {name: getattr(parameters[name], kind) for name, kind in kinds.items() if kind}


async def parts(name, infer, readable):
    """- infer: sends a request; readable: makes a dictionary of an answer's parameters."""
    first = await infer(request(f"{name}-1", [0.5]))
    check("infer", output(first, "label") == ["good"] and first.id == f"{name}-1", first)
    told = {"confidence": output(first, "confidence")[0]} | readable(first.parameters)
    check("attributes", is_answer(told, f"{name}-1", "product=A"), first)
    again = await infer(request(f"{name}-1", [0.5]))
    equal("repeated id", output(again, "probabilities"), output(first, "probabilities"))
    unseen = await infer(request(f"{name}-2", [-0.5], {"product": "Z"}))
    check("unseen group", readable(unseen.parameters)["advice"] == "manual_check", unseen)
    serials = [f"{name}-b{k}" for k in range(3)]
    others = [texts("product", ["A", "B", "A"]), texts("part_id", serials)]
    batch = await infer(request(f"{name}-3", [0.5, -0.5, 0.25], None, others))
    equal("batch", output(batch, "label"), ["good", "bad", "good"])
    equal("attributes of a batch", output(batch, "group"), ["product=A", "product=B", "product=A"])
    equal("ids of a batch", output(batch, "part_id"), serials)
    raw = await infer(request(f"{name}-1", [0.5], binary=True))
    equal("binary tensors", output(raw, "probabilities"), output(first, "probabilities"))


async def refused(name, call, fault, status, *words):
    try:
        answer = await call
    except fault as error:
        says(name, error, str(status), *words)
    else:
        check(name, False, answer)


async def rest(socket):
    config = RESTConfig(protocol="v2", transport=httpx.AsyncHTTPTransport(uds=socket))
    async with InferenceRESTClient(config) as client:
        equal("live", await client.is_server_live(URL), True)
        equal("ready", await client.is_server_ready(URL), True)
        equal("model ready", await client.is_model_ready(URL, MODEL), True)
        equal("unknown model is not ready", await client.is_model_ready(URL, "press-9"), False)

        async def infer(message):
            return await client.infer(URL, message, model_name=message.model_name)

        await parts("kserve-rest", infer, dict)
        fault = httpx.HTTPStatusError
        await refused("conflicting id", infer(request("kserve-rest-1", [-0.5])), fault, 409, "another input")
        unknown = request("kserve-rest-e", [0.5], model="press-9")
        await refused("unknown model", infer(unknown), fault, 404, "press-9", "kaizenctl lines")
        wide = [InferInput("features", [1, 3], "FP32", [1, 2, 3])]
        wrong = InferRequest(MODEL, wide, request_id="kserve-rest-e")
        await refused("bad shape", infer(wrong), fault, 400, "[1, 3]", "[n, 2]")


async def over_grpc(socket):
    async with InferenceGRPCClient(f"unix://{socket}") as client:
        equal("live", await client.is_server_live(), True)
        equal("ready", await client.is_server_ready(), True)
        equal("model ready", await client.is_model_ready(MODEL), True)
        await parts("kserve-grpc", client.infer, plain)
        versioned = await client.infer(request("kserve-grpc-1", [0.5], version="1"))
        equal("version", versioned.model_version, "1")
        fault = grpc.RpcError
        conflict = client.infer(request("kserve-grpc-1", [-0.5]))
        await refused("conflicting id", conflict, fault, "ALREADY_EXISTS", "another input")
        unknown = client.infer(request("kserve-grpc-e", [0.5], model="press-9"))
        await refused("unknown model", unknown, fault, "NOT_FOUND", "press-9", "kaizenctl lines")
        other = client.infer(request("kserve-grpc-e", [0.5], version="99"))
        await refused("unknown version", other, fault, "NOT_FOUND", "99")
        wide = [InferInput("features", [1, 3], "FP32", [1.0, 2.0, 3.0])]
        wrong = InferRequest(MODEL, wide, request_id="kserve-grpc-e")
        await refused("bad shape", client.infer(wrong), fault, "INVALID_ARGUMENT", "[1, 3]", "[n, 2]")


kind, path = sys.argv[1:]
checks.prefix = f"kserve {kind} "
logging.disable()  # It logs every refusal it is meant to get.
asyncio.run(rest(path) if kind == "rest" else over_grpc(path))
