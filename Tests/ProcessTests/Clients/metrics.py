"""prometheus_client's own parsers on what the daemon says of itself, in both texts.

metrics.py CONTROL_SOCKET
"""

import sys
import urllib.parse

import requests_unixsocket
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from checks import check, equal


def samples(families):
    return sorted(
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in families
        for sample in family.samples
        # Time passes between the two questions.
        if not sample.name.startswith("kaizen_disk_free")
    )


def main():
    session = requests_unixsocket.Session()
    base = "http+unix://" + urllib.parse.quote(sys.argv[1], safe="")
    modern = session.get(base + "/metrics")
    equal("status", modern.status_code, 200)
    check("content type", modern.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"))
    families = list(openmetrics(modern.text))
    types = {family.name: family.type for family in families}
    check("types", types.get("kaizen_predictions") == "counter" and types.get("kaizen_build") == "info", types)
    equal("histogram", types.get("kaizen_serving_latency_seconds"), "histogram")
    units = {family.name: family.unit for family in families}
    equal("unit", units.get("kaizen_ledger_size_bytes"), "bytes")
    older = session.get(base + "/metrics?format=prometheus")
    check("older content type", older.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
    equal("older samples", samples(prometheus(older.text)), samples(families))
    values = {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
    equal("predictions", values.get("kaizen_predictions_total"), 3.0)


main()
