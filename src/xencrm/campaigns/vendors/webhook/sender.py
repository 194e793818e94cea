"""Posts messages to a URL, signed, each by itself."""

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Struct

from xencrm.campaigns.delivery.model import EMAIL_BOUNCED
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Delivered,
    Failed,
    Outgoing,
    ReceiptMode,
    Refused,
    Unanswered,
    Unsent,
)
from xencrm.campaigns.vendors.retry_after import retry_after_s
from xencrm.campaigns.vendors.signing import signed
from xencrm.campaigns.vendors.webhook import wire
from xencrm.campaigns.vendors.webhook.addresses import public_socket
from xencrm.kernel.clock import utc_now
from xencrm.kernel.logging import get_logger

KEY_HEADER: Final = "Idempotency-Key"
REJECTED: Final = "REJECTED"
LONGEST_ANSWER: Final = 65_536
MOST_AT_ONCE: Final = 100
CONNECTING_SHARE: Final = 0.8  # of a call's time; who has no connection by then is not sent
_OURS: Final = frozenset({301, 302, 303, 307, 308, 401, 405, 501})
# Of our settings if it is answered to everybody, of the message if to a few.
_DUBIOUS: Final = frozenset({403, 404})
DUBIOUS_RETRY_S: Final = 60.0
_UNDECIDED: Final = frozenset({408, 409, 425})
log = get_logger(__name__)


class Receiver(Struct, frozen=True):
    """Who is posted to. `private`: also http:// and addresses of our own network."""

    url: str
    secret: str
    private: bool = False
    connections: int = 20


class WebhookVendor:
    """The receiver has to take the same key twice for one message; a 2xx says that it is kept."""

    name = "webhook"
    idempotent = True
    max_batch = MOST_AT_ONCE
    calls_at_once = None

    def __init__(self, receiver: Receiver, receipts: ReceiptMode = ReceiptMode.NONE) -> None:
        """Raises ValueError for a URL that cannot be used."""
        self.receipts = receipts
        self._receiver = receiver
        self._url = checked_url(receiver.url, private=receiver.private)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        """See Vendor. Never raises its exceptions: each message has its own answer."""
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=timeout_s * CONNECTING_SHARE)
        return list(await asyncio.gather(*(self._send_one(message, timeout) for message in messages)))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send_one(self, outgoing: Outgoing, timeout: aiohttp.ClientTimeout) -> Answer:
        body = msgspec.json.encode(_message(outgoing))
        headers = {KEY_HEADER: outgoing.key, **signed(body, self._receiver.secret, utc_now().timestamp())}
        try:
            async with self._open().post(
                self._url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                retry_after = response.headers.get("Retry-After", "")
                return answer_to(response.status, retry_after, await _beginning(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return Unsent(self._told(error))
        except (aiohttp.ClientError, OSError) as error:
            return Unanswered(self._told(error))

    def _told(self, error: Exception) -> str:
        """Without what the error quotes: the address may hold a token, the headers are signed."""
        return f"{type(error).__name__} at {urlsplit(self._url).hostname}"

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._receiver.connections,
                    use_dns_cache=False,
                    socket_factory=None if self._receiver.private else public_socket,
                ),
                headers={"Content-Type": "application/json", "User-Agent": "XenCRM"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def checked_url(url: str, *, private: bool) -> str:
    """Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in (("https", "http") if private else ("https",)) or not parts.hostname:
        raise ValueError("XENCRM_WEBHOOK_URL has to begin with https://")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("XENCRM_WEBHOOK_URL has a user, a password or a fragment, which are not sent")
    return url


def answer_to(status: int, retry_after: str, body: bytes) -> Answer:
    """What an HTTP answer means for the message."""
    if 200 <= status < 300:
        return _taken(body)
    if status == 429:
        return Unsent("the webhook answers 429", retry_after_s(retry_after, utc_now()))
    if status in _OURS:
        return Unsent(f"the webhook answers {status}: is its address right?")
    if status in _DUBIOUS:
        return Refused(
            REJECTED, DUBIOUS_RETRY_S, suspicion=f"the webhook answers {status}: is its address right?"
        )
    if 400 <= status < 500 and status not in _UNDECIDED:
        return Failed(REJECTED)
    return Unanswered(f"the webhook answers {status}")


def _taken(body: bytes) -> Answer:
    """A body that is no JSON object says nothing more than the status code does."""
    answer = wire.read_answer(body)
    if answer is None or answer.status in wire.TAKEN:
        return Accepted(answer.vendor_ref if answer else "")
    if answer.status == "delivered":
        return Delivered(answer.vendor_ref)
    if answer.status == "failed":
        return Failed(answer.reason or REJECTED, answer.vendor_ref)
    if answer.status == "bounced":
        return Failed(answer.reason or EMAIL_BOUNCED, answer.vendor_ref, bounced=True)
    if answer.status == "refused":
        return Refused(answer.reason or "TEMPORARY_FAILURE")
    log.warning("webhook.status_unknown", status=answer.status[: wire.LONGEST_REASON])
    return Unanswered("the webhook answers with a status that is none of ours")


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """The body, or nothing of one that is too long to be an answer."""
    body = b""
    async for piece in response.content.iter_chunked(LONGEST_ANSWER):
        body += piece
        if len(body) > LONGEST_ANSWER:
            return b""
    return body


def _message(outgoing: Outgoing) -> wire.Message:
    return wire.Message(
        idempotency_key=outgoing.key,
        to=outgoing.to,
        name=outgoing.name,
        text=outgoing.text,
        subject=outgoing.subject,
        html=outgoing.html,
        headers=dict(outgoing.headers),
    )
