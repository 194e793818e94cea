"""API keys over HTTP."""

from typing import Annotated

from msgspec import Struct

from xencrm.kernel.http.principals import Role
from xencrm.kernel.http.shapes import Time, line
from xencrm.kernel.validation import NAME_LENGTH, clean_text


class NewApiKey(Struct, forbid_unknown_fields=True):
    """What `POST /api-keys` takes."""

    name: Annotated[str, line(NAME_LENGTH, "the shop")]
    role: Role

    def __post_init__(self) -> None:
        self.name = clean_text("name", self.name, NAME_LENGTH)


class ShownApiKey(Struct, kw_only=True):
    """A key without its text."""

    key_id: str
    name: str
    role: Role
    created_at: Time
    revoked_at: Time | None


class MadeApiKey(ShownApiKey, kw_only=True):
    """A new key; `key` is its text, shown this once."""

    key: str
