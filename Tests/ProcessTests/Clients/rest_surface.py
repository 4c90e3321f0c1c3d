"""schemathesis: requests made from the description of the REST surface, right ones and wrong ones, and the answers held
against it. No 5xx but 503 and 504, statuses, content types, headers and bodies as described, wrong requests refused.

rest_surface.py INFER_SOCKET OPENAPI_FILE REQUESTS_PER_OPERATION
"""

import copy
import os
import pathlib
import socket
import sys
import tempfile

import schemathesis
import urllib3.util.connection
import yaml
from schemathesis.cli import schemathesis as program

from checks import MODEL, check

CONFIG = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "503", "504"]
"""
FLOAT_MAX = 3.4e38
BODY_HEADERS = ("headerLength", "encoding")


def over(path):
    """Lets every connection of this process go to the Unix socket, whatever address it asks for."""

    def connect(_, timeout=None, **__):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout if isinstance(timeout, (int, float)) else None)
        connection.connect(path)
        return connection

    urllib3.util.connection.create_connection = connect


@schemathesis.hook
def filter_case(_, case):
    """A header nobody knows is no wrong request: RFC 9110 section 5.1 lets servers pass over it."""
    return not any(name.lower().startswith("x-schemathesis-unknown") for name in case.headers or {})


def narrowed(description):
    """The same for one line: what fits it must be accepted, which the general text cannot say of a tensor's data."""
    one = copy.deepcopy(description)
    components = one["components"]
    components["parameters"]["line"]["schema"] = {"enum": [MODEL]}
    components["parameters"]["version"]["schema"] = {"enum": ["1"]}
    schemas = components["schemas"]
    number = {"type": "number", "minimum": -FLOAT_MAX, "maximum": FLOAT_MAX}
    word = {"type": "string", "minLength": 1, "maxLength": 10, "pattern": "^[!-~]+$"}
    data = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    schemas["Tensor"]["properties"] = {
        "name": {"const": "features"}, "shape": {"const": [1, 2]}, "datatype": {"const": "FP32"}, "data": data,
    }
    schemas["InferRequest"]["properties"]["inputs"]["maxItems"] = 1
    schemas["InferRequest"]["properties"]["id"] = word
    schemas["Parameters"] = {"type": "object", "properties": {"product": word}, "additionalProperties": False}
    for path in one["paths"].values():
        if "infer" in path.get("post", {}).get("operationId", ""):
            # Both say what the body is; one that is neither packed nor binary needs none.
            path["parameters"] = [entry for entry in path["parameters"] if not entry["$ref"].endswith(BODY_HEADERS)]
            path["post"]["requestBody"]["content"].pop("application/octet-stream", None)
    outcome = schemas["Outcome"]["properties"]
    outcome["id"] = word
    # The limit is one of bytes, which this language cannot say.
    outcome["source"] = word
    outcome["observed_at"] = {"enum": [None, "2026-01-01T10:00:00Z"]}
    return one


def run(name, description, examples, folder, *options):
    file = pathlib.Path(folder, "openapi.yaml")
    file.write_text(yaml.safe_dump(description))
    config = pathlib.Path(folder, "schemathesis.toml")
    config.write_text(CONFIG)
    arguments = ["--config-file", str(config), "run", str(file), "--url", "http://localhost", "--checks", "all"]
    arguments += ["--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--generation-deterministic"]
    arguments += ["--continue-on-failure", "--no-color", "--warnings", "off"]
    # A busy machine is slow, not wrong.
    arguments += ["--suppress-health-check", "all", *options]
    try:
        program(arguments)
    except SystemExit as end:
        check(name, end.code == 0, f"schemathesis ended with {end.code} (above)")


path, openapi, examples = sys.argv[1:]
over(path)
published = yaml.safe_load(pathlib.Path(openapi).read_text())
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)  # It keeps a folder of its own where it is started.
    without = "--exclude-checks"
    run("rest surface as published", published, examples, folder, without, "positive_data_acceptance")
    # The daemon takes more than the narrowed text says: what goes past it is not wrong.
    run("rest surface of one line", narrowed(published), examples, folder, without, "negative_data_rejection")
