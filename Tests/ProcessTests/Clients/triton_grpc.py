"""NVIDIA's tritonclient.grpc on the Unix socket.

triton_grpc.py GRPC_SOCKET
"""

import sys

import numpy
import tritonclient.grpc as triton

import checks
from checks import ATTRIBUTES, MODEL, OUTPUTS, check, equal, is_answer, says


def features(x):
    rows = numpy.array([[value, 0] for value in x], dtype=numpy.float32)
    tensor = triton.InferInput("features", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows)
    return tensor


def texts(name, values):
    tensor = triton.InferInput(name, [len(values)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([value.encode() for value in values], dtype=object))
    return tensor


def words(answer, name):
    return [value.decode() for value in answer.as_numpy(name).tolist()]


def plain(parameters):
    return {name: getattr(value, value.WhichOneof("parameter_choice")) for name, value in parameters.items()}


def refused(name, status, call, *words):
    try:
        answer = call()
    except triton.InferenceServerException as error:
        check(f"{name}'s status", error.status() == f"StatusCode.{status}", error)
        says(name, error.message(), *words)
    else:
        check(name, False, answer)


def health_and_metadata(client):
    equal("live", client.is_server_live(), True)
    equal("ready", client.is_server_ready(), True)
    equal("model ready", client.is_model_ready(MODEL), True)
    equal("version ready", client.is_model_ready(MODEL, "1"), True)
    refused("unknown model's readiness", "NOT_FOUND", lambda: client.is_model_ready("press-9"), "press-9")
    server = client.get_server_metadata()
    check("server metadata", server.name == "kaizend" and server.version, server)
    check("extensions", "kaizen_outcomes" in server.extensions, server)
    model = client.get_model_metadata(MODEL)
    check("model metadata", model.name == MODEL and list(model.versions) == ["1"] and model.platform, model)
    inputs = [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in model.inputs]
    equal("inputs", inputs, [("features", "FP32", [-1, 2])])
    check("outputs", OUTPUTS <= {output.name for output in model.outputs}, model)
    equal("version metadata", client.get_model_metadata(MODEL, "1"), model)


def parts(client):
    def infer(identity, x, attributes=ATTRIBUTES, others=(), **options):
        return client.infer(MODEL, [features(x), *others], request_id=identity, parameters=attributes, **options)

    first = infer("triton-grpc-1", [0.5])
    told = first.get_response()
    check("infer", words(first, "label") == ["good"] and told.id == "triton-grpc-1", told)
    check("attributes", is_answer(plain(told.parameters), "triton-grpc-1", "product=A"), told)
    again = infer("triton-grpc-1", [0.5], model_version="1", timeout=5_000_000, client_timeout=5)
    equal("repeated id", again.as_numpy("probabilities").tolist(), first.as_numpy("probabilities").tolist())
    refused("conflicting id", "ALREADY_EXISTS", lambda: infer("triton-grpc-1", [-0.5]), "another input")
    unseen = infer("triton-grpc-2", [-0.5], {"product": "Z"}).get_response()
    check("unseen group", plain(unseen.parameters)["advice"] == "manual_check", unseen)
    compressed = infer("triton-grpc-1", [0.5], compression_algorithm="gzip")
    equal("gzip", words(compressed, "label"), ["good"])

    serials = [f"triton-grpc-b{k}" for k in range(3)]
    others = [texts("product", ["A", "B", "A"]), texts("part_id", serials)]
    batch = infer("triton-grpc-3", [0.5, -0.5, 0.25], None, others)
    equal("batch", words(batch, "label"), ["good", "bad", "good"])
    equal("attributes of a batch", words(batch, "group"), ["product=A", "product=B", "product=A"])
    equal("ids of a batch", words(batch, "part_id"), serials)
    equal("shape of probabilities", batch.as_numpy("probabilities").shape, (3, 2))
    wanted = [triton.InferRequestedOutput("group"), triton.InferRequestedOutput("model_version")]
    chosen = infer("triton-grpc-1", [0.5], outputs=wanted)
    equal("chosen outputs", (words(chosen, "group"), chosen.as_numpy("model_version").tolist()), (["product=A"], [1]))
    equal("outputs left out", chosen.as_numpy("label"), None)


def refusals(client):
    part = {"request_id": "triton-grpc-e", "parameters": ATTRIBUTES}
    refused("unknown model", "NOT_FOUND", lambda: client.infer("press-9", [features([1])], **part), "press-9")
    refused("unknown version", "NOT_FOUND", lambda: client.infer(MODEL, [features([1])], "99", **part), "99")
    refused("unknown model's metadata", "NOT_FOUND", lambda: client.get_model_metadata("press-9"), "press-9")
    wide = triton.InferInput("features", [1, 3], "FP32")
    wide.set_data_from_numpy(numpy.zeros((1, 3), dtype=numpy.float32))
    refused("bad shape", "INVALID_ARGUMENT", lambda: client.infer(MODEL, [wide], **part), "[1, 3]", "[n, 2]")
    refused("Triton's own calls", "UNIMPLEMENTED", lambda: client.get_trace_settings())


checks.prefix = "tritonclient.grpc "
with triton.InferenceServerClient(f"unix://{sys.argv[1]}") as connected:
    health_and_metadata(connected)
    parts(connected)
    refusals(connected)
