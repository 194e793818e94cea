"""What is posted to the webhook, and what it may answer."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

LONGEST_REASON: Final = 64
# The first is ours; the others are what common receivers answer by themselves.
TAKEN: Final = ("accepted", "ok", "success", "queued", "sent")
_NO_LETTERS: Final = re.compile(r"[^A-Z0-9]+")


class Message(Struct, omit_defaults=True, gc=False):
    """One attempt at one message; the same key twice is the same attempt. `headers`: of an e-mail."""

    idempotency_key: str
    to: str
    name: str
    text: str
    subject: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = {}


class Answer(Struct, gc=False):
    """Left out, everything is as in an answer without a body: the message was taken. `reason` has the form
    of ours."""

    status: str
    reason: str
    vendor_ref: str


def read_answer(body: bytes) -> Answer | None:
    """None for what is no JSON object."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    status = _text(said.get("status")).strip().lower() or "accepted"
    return Answer(status, reason_of(_text(said.get("reason"))), _text(said.get("vendor_ref")))


def reason_of(said: str) -> str:
    """In capitals, digits and underscores; nothing of what may be an address, since reasons are counted."""
    words = "" if "@" in said else _NO_LETTERS.sub("_", said.upper()).strip("_")
    words = words[:LONGEST_REASON].rstrip("_")
    return words if words[:1].isalpha() else ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    is_told = value is not None and not isinstance(value, dict | list)
    return msgspec.json.encode(value).decode() if is_told else ""
