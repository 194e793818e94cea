"""The dials: how well or badly the vendor behaves, changed while it runs."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from xencrm.kernel.errors import FieldError, InvalidInput

HOUR_MS = 3_600_000

Rate = Annotated[float, Meta(ge=0, le=1)]
Delay = Annotated[int, Meta(ge=0, le=60_000)]


class Dials(Struct, frozen=True):
    """`receipts`: a taken message's fate is in the answer or comes by webhook; `late_ms`, `repeat_rate`
    and `reorder` are the webhook's. `outage`: true answers 503, "close" hangs up, both take nothing."""

    success_rate: Rate = 0.9
    latency_ms: Delay = 0
    latency_jitter_ms: Delay = 0
    http_429_rate: Rate = 0.0
    receipts: Literal["answer", "webhook"] = "answer"
    late_ms: Annotated[int, Meta(ge=0, le=24 * HOUR_MS)] = 0
    repeat_rate: Rate = 0.0
    reorder: bool = False
    outage: bool | Literal["close"] = False


_TYPES: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Dials)}


def turned(dials: Dials, body: bytes, *, webhook: bool) -> Dials:
    """The dials with those changed that the body names; `webhook`: is there anywhere to send receipts to?

    Raises InvalidInput that names every wrong dial; then none is changed.
    """
    asked = _decode(body)
    errors = [error for name, value in asked.items() if (error := _wrong(name, value, webhook))]
    if errors:
        raise InvalidInput(errors=errors)
    return msgspec.structs.replace(dials, **{n: msgspec.convert(v, _TYPES[n]) for n, v in asked.items()})


def _decode(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidInput(f"the body is no JSON object of dials: {error}") from error


def _wrong(name: str, value: Any, webhook: bool) -> FieldError | None:
    if name not in _TYPES:
        return FieldError(name, f"no such dial; there are {', '.join(_TYPES)}")
    try:
        msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError as error:
        return FieldError(name, str(error))
    if name == "receipts" and value == "webhook" and not webhook:
        return FieldError(name, "there is nowhere to send them: start with --receipts-url and a secret")
    return None
