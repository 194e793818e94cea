"""`/suppressions`: who must not be written to."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import islice

from msgspec import Struct

from xencrm.client.errors import FieldError
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.transport import Call, Params, Transport, encode

PATH = "/api/v1/suppressions"
MAX_ADDRESSES = 10_000


class Suppression(Struct, kw_only=True):
    """Of an erased person `email` and `customer_id` are None."""

    suppression_id: str
    reason: str
    email: str | None = None
    customer_id: str | None = None
    campaign_id: str | None = None
    message_id: str | None = None
    note: str | None = None
    created_by: str = ""
    created_at: datetime | None = None


class RejectedAddress(Struct, frozen=True):
    """`index` counts from 0."""

    index: int
    errors: list[FieldError]


class Taken(Struct, kw_only=True):
    """`accepted`: addresses that are suppressed now, of which `added` were not before."""

    accepted: int = 0
    added: int = 0
    rejected: list[RejectedAddress] = []


class Suppressions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self, *, q: str | None = None, reason: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[Suppression]:
        """The newest first; `q` is a part of the address."""
        params: Params = {"q": q, "reason": reason, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Suppression])

    def all(self, *, q: str | None = None, reason: str | None = None) -> AsyncIterator[Suppression]:
        return walk(lambda cursor: self.list(q=q, reason=reason, limit=FULL_PAGE, cursor=cursor))

    async def add(
        self, *, email: str | None = None, customer_id: str | None = None, note: str | None = None
    ) -> Suppression:
        """Suppress an address or a customer; the same again changes nothing."""
        body = encode({"email": email, "customer_id": customer_id, "note": note})
        return await self._transport.ask(Call("POST", PATH, body=body, repeatable=True), Suppression)

    async def add_many(
        self, emails: Sequence[str], *, reason: str = "MANUAL", note: str | None = None
    ) -> Taken:
        """Any number of addresses, as many at once as the service takes; `index` counts through them all."""
        total, rest, done = Taken(), iter(emails), 0
        while chunk := [*islice(rest, MAX_ADDRESSES)]:
            body = encode({"emails": chunk, "reason": reason, "note": note})
            taken = await self._transport.ask(
                Call("POST", f"{PATH}/batch", body=body, repeatable=True), Taken
            )
            total.accepted += taken.accepted
            total.added += taken.added
            total.rejected += [RejectedAddress(done + row.index, row.errors) for row in taken.rejected]
            done += len(chunk)
        return total

    async def lift(self, suppression_id: str) -> None:
        """There may be others on the same person."""
        await self._transport.send(Call("DELETE", f"{PATH}/{suppression_id}"))
