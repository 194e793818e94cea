"""The document of the whole API, printed."""

import json
import subprocess
import sys

from xencrm.campaigns import app as campaigns
from xencrm.ingestion import app as ingestion


def test_the_document_of_the_api_is_printed_with_the_routes_of_both_services_while_nothing_runs() -> None:
    command = [sys.executable, "-m", "xencrm.local.openapi_document"]
    printed = subprocess.run(command, env={}, check=True, stdout=subprocess.PIPE).stdout
    operations = [name for path in json.loads(printed)["paths"].values() for name in path]
    assert len(operations) == len(ingestion.ROUTES) + len(campaigns.ROUTES)
