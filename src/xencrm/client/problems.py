"""From an HTTP answer of 400 or above to the exception that stands for it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from xencrm.client.errors import FieldError, Problem


class ProblemBody(msgspec.Struct):
    """`application/problem+json` (RFC 9457) with this product's `errors`."""

    title: str = ""
    detail: str = ""
    errors: list[FieldError] = []


_decoder = msgspec.json.Decoder(ProblemBody)


def problem_of(status: int, headers: Mapping[str, str], body: bytes, attempts: int) -> Problem:
    """The exception for an answer; a body that is no problem document becomes the detail."""
    said = _read(body)
    return Problem.kinds.get(status, Problem)(
        status,
        title=said.title,
        detail=said.detail,
        errors=said.errors,
        retry_after_s=seconds_of(headers.get("Retry-After")),
        attempts=attempts,
    )


def seconds_of(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds from now, from either of its two forms (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        return _seconds_until(retry_after)


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _read(body: bytes) -> ProblemBody:
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return ProblemBody(detail=body[:200].decode("utf-8", "replace").strip())
