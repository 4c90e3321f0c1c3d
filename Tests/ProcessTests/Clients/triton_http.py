"""NVIDIA's tritonclient.http, which speaks TCP alone, through systemd-socket-proxyd on the loopback interface.

triton_http.py INFER_SOCKET SYSTEMD_SOCKET_ACTIVATE SYSTEMD_SOCKET_PROXYD
"""

import sys

import numpy
import tritonclient.http as triton

import checks
from checks import ATTRIBUTES, MODEL, OUTPUTS, check, equal, is_answer, says
from proxy import proxied


def features(x, binary):
    rows = numpy.array([[value, 0] for value in x], dtype=numpy.float32)
    tensor = triton.InferInput("features", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def texts(name, values, binary):
    tensor = triton.InferInput(name, [len(values)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([value.encode() for value in values], dtype=object), binary_data=binary)
    return tensor


def words(answer, name):
    """JSON gives text, a binary tensor bytes."""
    return [value.decode() if isinstance(value, bytes) else value for value in answer.as_numpy(name).tolist()]


def refused(name, status, call, *words):
    try:
        answer = call()
    except triton.InferenceServerException as error:
        check(f"{name}'s status", error.status() == str(status), error)
        says(name, error.message(), *words)
    else:
        check(name, False, answer)


def health_and_metadata(client):
    equal("live", client.is_server_live(), True)
    equal("ready", client.is_server_ready(), True)
    equal("model ready", client.is_model_ready(MODEL), True)
    equal("version ready", client.is_model_ready(MODEL, "1"), True)
    equal("unknown model is not ready", client.is_model_ready("press-9"), False)
    server = client.get_server_metadata()
    check("server metadata", server["name"] == "kaizend" and server["version"], server)
    check("extensions", {"binary_tensor_data", "kaizen_outcomes"} <= set(server["extensions"]), server)
    model = client.get_model_metadata(MODEL)
    check("model metadata", model["name"] == MODEL and model["versions"] == ["1"] and model["platform"], model)
    equal("inputs", model["inputs"], [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}])
    check("outputs", OUTPUTS <= {output["name"] for output in model["outputs"]}, model)
    equal("version metadata", client.get_model_metadata(MODEL, "1"), model)
    index = client.get_model_repository_index()
    equal("repository index", [(row["name"], row["version"], row["state"]) for row in index], [(MODEL, "1", "READY")])
    statistics = client.get_inference_statistics(MODEL)["model_stats"]
    equal("statistics", [row["name"] for row in statistics], [MODEL])


def parts(client, form):
    """- form: binary tensors, as the client has it by default, or JSON."""
    binary = form == "binary"
    name = f"triton-http-{form}"

    def infer(identity, x, attributes=ATTRIBUTES, others=(), wanted=None, **options):
        outputs = None
        if wanted or not binary:
            outputs = [triton.InferRequestedOutput(o, binary_data=binary) for o in wanted or ["label", "probabilities"]]
        inputs = [features(x, binary), *others]
        return client.infer(
            MODEL, inputs, request_id=identity, parameters=attributes, outputs=outputs, **options
        )

    first = infer(f"{name}-1", [0.5])
    told = first.get_response()
    check("infer", words(first, "label") == ["good"] and told["id"] == f"{name}-1", told)
    check("attributes", is_answer(told["parameters"], f"{name}-1", "product=A"), told)
    check("form of the answer", all(("data" in output) != binary for output in told["outputs"]), told)
    again = infer(f"{name}-1", [0.5], model_version="1", timeout=5_000_000)
    equal("repeated id", again.as_numpy("probabilities").tolist(), first.as_numpy("probabilities").tolist())
    refused("conflicting id", 409, lambda: infer(f"{name}-1", [-0.5]), "another input")
    for algorithm in ["gzip", "deflate"]:
        packed = infer(f"{name}-1", [0.5], request_compression_algorithm=algorithm)
        equal(algorithm, packed.as_numpy("probabilities").tolist(), first.as_numpy("probabilities").tolist())
        answer = infer(f"{name}-1", [0.5], response_compression_algorithm=algorithm)
        equal(f"{algorithm} offered for the answer", words(answer, "label"), ["good"])
    unseen = infer(f"{name}-2", [-0.5], {"product": "Z"}).get_response()
    check("unseen group", unseen["parameters"]["advice"] == "manual_check", unseen)

    serials = [f"{name}-b{k}" for k in range(3)]
    others = [texts("product", ["A", "B", "A"], binary), texts("part_id", serials, binary)]
    wanted = ["label", "group", "part_id", "probabilities", "model_version"]
    batch = infer(f"{name}-3", [0.5, -0.5, 0.25], None, others, wanted)
    equal("batch", words(batch, "label"), ["good", "bad", "good"])
    equal("attributes of a batch", words(batch, "group"), ["product=A", "product=B", "product=A"])
    equal("ids of a batch", words(batch, "part_id"), serials)
    equal("shape of probabilities", batch.as_numpy("probabilities").shape, (3, 2))
    equal("integers", batch.as_numpy("model_version").tolist(), [1, 1, 1])
    equal("outputs left out", batch.as_numpy("confidence"), None)


def mixed_forms(client):
    """Each tensor chooses its own form."""
    others = [texts("product", ["B"], True), texts("part_id", ["triton-http-mixed-1"], False)]
    wanted = [triton.InferRequestedOutput("label", binary_data=False), triton.InferRequestedOutput("confidence")]
    answer = client.infer(MODEL, [features([0.5], True), *others], request_id="triton-http-mixed", outputs=wanted)
    told = answer.get_response()
    equal("mixed forms", words(answer, "label"), ["good"])
    check("mixed forms of the answer", ["data" in output for output in told["outputs"]] == [True, False], told)
    check("attribute in a mixed request", told["parameters"]["group"] == "product=B", told)


def refusals(client):
    part = {"request_id": "triton-http-e", "parameters": ATTRIBUTES}
    one = [features([1], True)]
    refused("unknown model", 404, lambda: client.infer("press-9", one, **part), "press-9", "kaizenctl lines")
    refused("unknown version", 404, lambda: client.infer(MODEL, one, "99", **part), "99")
    refused("unknown model's metadata", 404, lambda: client.get_model_metadata("press-9"), "press-9")
    wide = triton.InferInput("features", [1, 3], "FP32")
    wide.set_data_from_numpy(numpy.zeros((1, 3), dtype=numpy.float32))
    refused("bad shape", 400, lambda: client.infer(MODEL, [wide], **part), "[1, 3]", "[n, 2]")


socket, activate, proxyd = sys.argv[1:]
with proxied(socket, activate, proxyd) as address, triton.InferenceServerClient(address) as connected:
    checks.prefix = "tritonclient.http "
    health_and_metadata(connected)
    for form in ["binary", "json"]:
        checks.prefix = f"tritonclient.http {form} "
        parts(connected, form)
    checks.prefix = "tritonclient.http "
    mixed_forms(connected)
    refusals(connected)
