"""Keyset paging: a cursor holds the sort key of the last row shown."""

import base64
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from xencrm.kernel.errors import FieldError, InvalidInput

T = TypeVar("T")
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="rows of a page")]
PageCursor = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before this one")]


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(*key: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str | None, kind: Any) -> Any:
    """The sort key in a cursor; `kind` is the tuple's type. Raises InvalidInput."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise InvalidInput(errors=[FieldError("cursor", "is not a cursor of this list")]) from error
