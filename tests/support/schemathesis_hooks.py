"""What schemathesis has to be taught."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """The schema is a text that holds the lines already."""
    return value.encode() if isinstance(value, str) else str(value).encode()
