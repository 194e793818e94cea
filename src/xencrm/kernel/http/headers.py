"""Headers of requests that count beside the key."""

import re
from typing import Final
from uuid import uuid4

from xencrm.kernel.errors import FieldError, InvalidInput
from xencrm.kernel.http.routes import Header

IDEMPOTENCY_KEY: Final = Header(
    "Idempotency-Key",
    "The same key by the same principal on the same route is the same event; the first body wins.",
    schema={"type": "string", "minLength": 1, "maxLength": 255},
    example="shop-order-1001",
)
REQUEST_ID: Final = Header(
    "X-Request-ID",
    "Travels with the events as their correlation id. One with other characters than visible ASCII, or of "
    "more than 128, is not taken over; the event's own id stands in its place then.",
    schema={"type": "string"},
    example="checkout-7f3a",
)
# In the scope of a request that came as HEAD and is answered as GET.
ASKED_HEAD: Final = "xencrm.asked_head"
OF_WRITES: Final = (IDEMPOTENCY_KEY, REQUEST_ID)

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


def idempotency_key(value: str | None) -> str | None:
    """As sent. Raises InvalidInput when it is empty or too long."""
    if value is not None and not 1 <= len(value.strip()) <= 255:
        raise InvalidInput(errors=[FieldError(IDEMPOTENCY_KEY.name, "has 1 to 255 characters")])
    return value


def request_id(value: str | None) -> str:
    """What can stand in events and logs; empty for anything else."""
    return value if value and _REQUEST_ID.fullmatch(value) else ""


def correlation_id(sent: str | None) -> str:
    """For the log: what was sent as request id, if it can stand there, or a new one."""
    return request_id(sent) or str(uuid4())
