"""Hands messages to the vendor simulator."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import aiohttp
import msgspec

from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Delivered,
    Failed,
    InDoubt,
    Outgoing,
    ReceiptMode,
    Refused,
    Throttled,
    VendorDown,
)
from xencrm.campaigns.vendors.retry_after import retry_after_s
from xencrm.campaigns.vendors.simulator import wire
from xencrm.kernel.clock import utc_now
from xencrm.kernel.logging import get_logger

REJECTED: Final = "REJECTED"

T = TypeVar("T")

log = get_logger(__name__)
_answer = msgspec.json.Decoder(wire.Answer)
_answers = msgspec.json.Decoder(wire.Answers)
_problem = msgspec.json.Decoder(wire.Problem)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    retry_after: str
    body: bytes


class _Unacceptable(Exception):
    """The vendor says that the call itself is wrong; it took nothing."""


class SimulatorVendor:
    """`connections` bounds the calls under way at once; the same key twice is one acceptance."""

    name = "simulator"
    idempotent = True
    max_batch = 1000
    calls_at_once = None

    def __init__(
        self, base_url: str, *, receipts: ReceiptMode = ReceiptMode.ANSWER, connections: int = 64
    ) -> None:
        self.receipts = receipts
        self._base_url = base_url.rstrip("/")
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        """See Vendor. A message that the vendor cannot read is Failed(REJECTED), those beside it are sent."""
        return await self._send(messages, asyncio.get_running_loop().time() + timeout_s)

    async def _send(self, messages: Sequence[Outgoing], deadline: float) -> list[Answer]:
        try:
            return await self._call(messages, deadline - asyncio.get_running_loop().time())
        except _Unacceptable as error:
            log.warning("vendor.call_rejected", count=len(messages), detail=str(error))
        if len(messages) == 1:
            return [Failed(REJECTED)]
        return await self._send_halves(messages, deadline)

    async def _send_halves(self, messages: Sequence[Outgoing], deadline: float) -> list[Answer]:
        middle = len(messages) // 2
        first = await self._send(messages[:middle], deadline)
        try:
            return first + await self._send(messages[middle:], deadline)
        except (Throttled, VendorDown) as error:
            raise InDoubt("the vendor took only part of the call") from error

    async def _call(self, messages: Sequence[Outgoing], timeout_s: float) -> list[Answer]:
        if timeout_s <= 0:
            raise InDoubt("no time was left for the rest of the call")
        batch = [_message(message) for message in messages]
        if len(batch) == 1:
            reply = await self._post("/v1/messages", msgspec.json.encode(batch[0]), timeout_s)
            return _read([_decode(_answer, reply)], batch)
        reply = await self._post("/v1/messages/batch", msgspec.json.encode(wire.Batch(batch)), timeout_s)
        return _read(_decode(_answers, reply).answers, batch)

    async def _post(self, path: str, body: bytes, timeout_s: float) -> bytes:
        try:
            reply = await self._exchange(self._base_url + path, body, timeout_s)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise VendorDown(str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise InDoubt(repr(error)) from error
        _check(reply)
        return reply.body

    async def _exchange(self, url: str, body: bytes, timeout_s: float) -> _Reply:
        async with self._open().post(
            url, data=body, timeout=aiohttp.ClientTimeout(total=timeout_s), allow_redirects=False
        ) as response:
            retry_after = response.headers.get("Retry-After", "")
            return _Reply(response.status, retry_after, await response.read())

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                headers={"Content-Type": "application/json"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _message(outgoing: Outgoing) -> wire.Message:
    return wire.Message(outgoing.key, outgoing.to, outgoing.text, outgoing.subject, outgoing.html)


def _check(reply: _Reply) -> None:
    """Passes for 200. Raises Throttled, VendorDown, InDoubt, _Unacceptable."""
    status = reply.status
    if status == 200:
        return
    if status == 429:
        raise Throttled(retry_after_s(reply.retry_after, utc_now()))
    if status in (400, 413, 422):
        raise _Unacceptable(_read_problem(reply.body).detail)
    if status in (401, 403, 404, 405):
        raise VendorDown(f"the vendor answers {status}: is its address right?")
    if status == 503 and _read_problem(reply.body).taken == 0:
        raise VendorDown("the vendor answers 503: nothing was taken")
    raise InDoubt(f"the vendor answers {status}")


def _read_problem(body: bytes) -> wire.Problem:
    try:
        return _problem.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return wire.Problem()


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InDoubt(f"the vendor's answer is unreadable: {error}") from error


def _read(answers: Sequence[wire.Answer], batch: Sequence[wire.Message]) -> list[Answer]:
    if [answer.idempotency_key for answer in answers] != [message.idempotency_key for message in batch]:
        raise InDoubt("the vendor's answer is not about what was sent")
    return [_outcome(answer) for answer in answers]


def _outcome(answer: wire.Answer) -> Answer:
    if answer.status == "accepted":
        return Accepted(answer.vendor_ref)
    if answer.status == "delivered":
        return Delivered(answer.vendor_ref)
    reason = answer.reason or "UNKNOWN"
    return Refused(reason) if reason in wire.RETRYABLE else Failed(reason, answer.vendor_ref)
