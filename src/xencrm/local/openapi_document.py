"""`python -m xencrm.local.openapi_document`: prints the document of the whole API; nothing has to run."""

import json
import subprocess
import sys

from xencrm.local.front import service_of
from xencrm.local.front_pages import SERVICES
from xencrm.local.openapi import Document, merged


def whole_document() -> Document:
    """Out of those that the services print. Raises CalledProcessError."""
    return merged({service: _document(service) for service in SERVICES}, service_of)


def _document(service: str) -> Document:
    command = [sys.executable, "-m", f"xencrm.{service}", "openapi"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    document: Document = json.loads(printed)
    return document


def main() -> None:
    print(json.dumps(whole_document(), indent=1))


if __name__ == "__main__":
    main()
