"""`/segments`: named rules over profiles."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.profiles import Profile
from xencrm.client.transport import Call, Params, Transport, encode

PATH = "/api/v1/segments"

Rules = Mapping[str, Any] | Sequence[Any]


class Segment(Struct, kw_only=True):
    segment_id: str
    name: str
    description: str = ""
    rules: Any = None
    words: str = ""
    campaigns: int = 0
    created_by: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Field(Struct, kw_only=True):
    """`values`: those that a choice should offer; `types`: JSON types of an attribute's values."""

    name: str
    label: str
    kind: str
    operators: list[str]
    nullable: bool = False
    values: list[str] = []
    types: list[str] = []


class Fields(Struct):
    fields: list[Field]


class Preview(Struct):
    """How many profiles a rule matches now, and some of them."""

    count: int
    took_ms: float
    sample: list[Profile] = []
    words: str = ""


class ExplainedPart(Struct, kw_only=True, rename={"negated": "not"}):
    """A group (with `rules`) or a condition, with its verdict; `actual` is what the profile has."""

    verdict: bool
    combinator: str | None = None
    negated: bool = False
    rules: "list[ExplainedPart] | None" = None
    field: str | None = None
    operator: str | None = None
    value: Any = None
    actual: Any = None


class UnderstoodPart(Struct):
    """A part of a text, what it was taken as, and where that stands in the rules ("": all of them)."""

    text: str
    words: str
    path: str
    notes: list[str] = []


class LeftOutPart(Struct):
    text: str
    why: str


class Reading(Struct):
    """What plain words mean. `rules` is None where nothing was understood; `hint` says what can be said."""

    rules: Any
    words: str | None
    understood: list[UnderstoodPart]
    left_out: list[LeftOutPart]
    hint: str | None = None


class Segments:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def fields(self) -> list[Field]:
        """What rules may ask about, with the attributes that customers have."""
        return (await self._transport.ask(Call("GET", f"{PATH}/fields"), Fields)).fields

    async def list(
        self, *, q: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[Segment]:
        """The newest first; those with `q` in their name."""
        params: Params = {"q": q, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Segment])

    def all(self) -> AsyncIterator[Segment]:
        return walk(lambda cursor: self.list(limit=FULL_PAGE, cursor=cursor))

    async def create(self, name: str, rules: Rules, *, description: str = "") -> Segment:
        body = encode({"name": name, "rules": rules, "description": description})
        call = Call("POST", PATH, body=body)
        return await self._transport.ask(call, Segment)

    async def get(self, segment_id: str) -> Segment:
        return await self._transport.ask(Call("GET", f"{PATH}/{segment_id}"), Segment)

    async def update(self, segment_id: str, name: str, rules: Rules) -> Segment:
        call = Call("PUT", f"{PATH}/{segment_id}", body=encode({"name": name, "rules": rules}))
        return await self._transport.ask(call, Segment)

    async def delete(self, segment_id: str) -> None:
        """Raises Conflict when a campaign uses it."""
        await self._transport.send(Call("DELETE", f"{PATH}/{segment_id}"))

    async def preview(self, rules: Rules, *, sample: int | None = None) -> Preview:
        body = {"rules": rules} | ({} if sample is None else {"sample": sample})
        call = Call("POST", f"{PATH}/preview", body=encode(body), repeatable=True)
        return await self._transport.ask(call, Preview)

    async def explain(self, rules: Rules, customer_id: str) -> ExplainedPart:
        """Why the rules match a customer or don't."""
        body = encode({"rules": rules, "customer_id": customer_id})
        call = Call("POST", f"{PATH}/explain", body=body, repeatable=True)
        return await self._transport.ask(call, ExplainedPart)

    async def parse(self, text: str) -> Reading:
        """The rules that plain words mean, such as "active customers in Pune"."""
        call = Call("POST", f"{PATH}/parse", body=encode({"text": text}), repeatable=True)
        return await self._transport.ask(call, Reading)
