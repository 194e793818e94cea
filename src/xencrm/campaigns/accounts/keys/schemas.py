"""API keys over HTTP."""

from dataclasses import asdict
from typing import Annotated, Any, ClassVar, Final

from msgspec import Meta, Struct

from xencrm.campaigns.accounts.keys.model import ApiKey, Limits
from xencrm.kernel.http.principals import Role
from xencrm.kernel.http.shapes import Time, line
from xencrm.kernel.validation import NAME_LENGTH, clean_text

MOST_RECIPIENTS: Final = 1_000_000_000
_Recipients = Annotated[
    int, Meta(ge=1, le=MOST_RECIPIENTS, description="to how many a day its launches may write")
]


class NewApiKey(Struct, forbid_unknown_fields=True):
    """What `POST /api-keys` takes."""

    name: Annotated[str, line(NAME_LENGTH, "the shop")]
    role: Role
    agent: Annotated[bool, Meta(description="launches only with the plan token of a pre-flight")] = False
    draft_only: Annotated[bool, Meta(description="writes drafts and segments, and launches nothing")] = False
    daily_recipients: Annotated[_Recipients | None, Meta(examples=[None])] = None
    also_said: ClassVar = {
        "anyOf": [
            {"properties": {"role": {"const": "marketer"}}},
            {
                "properties": {
                    "agent": {"const": False},
                    "draft_only": {"const": False},
                    "daily_recipients": {"type": "null"},
                }
            },
        ]
    }

    def limits(self) -> Limits:
        return Limits(self.agent, self.draft_only, self.daily_recipients)

    def __post_init__(self) -> None:
        self.name = clean_text("name", self.name, NAME_LENGTH)


class ShownApiKey(Struct, kw_only=True):
    """A key without its text."""

    key_id: str
    name: str
    role: Role
    agent: bool
    draft_only: bool
    daily_recipients: int | None
    created_at: Time
    revoked_at: Time | None


class MadeApiKey(ShownApiKey, kw_only=True):
    """A new key; `key` is its text, shown this once."""

    key: str


def shown_key(key: ApiKey) -> ShownApiKey:
    return ShownApiKey(**_fields(key))


def made_key(key: ApiKey, text: str) -> MadeApiKey:
    return MadeApiKey(**_fields(key), key=text)


def _fields(key: ApiKey) -> dict[str, Any]:
    fields = {**{name: getattr(key, name) for name in ApiKey.__slots__}, **asdict(key.limits)}
    return {name: fields[name] for name in ShownApiKey.__struct_fields__}
