"""One HTTP call: encoded, sent, repeated where that is safe, decoded."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

import aiohttp
import msgspec

from xencrm.client.errors import ClientError, ConnectionLost, UnexpectedAnswer
from xencrm.client.problems import problem_of
from xencrm.client.retry import RetryPolicy, may_repeat
from xencrm.client.signed_in import SignedIn

T = TypeVar("T")
Params = Mapping[str, str | int | None]

JSON = "application/json"
NDJSON = "application/x-ndjson"
KEEP_ALIVE_S = 4.0  # less than uvicorn's 5, so that no call meets a connection that is being closed
SILENCE_S = 45.0  # a stream says something every 15 s
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `repeatable` says of a POST that making it twice has one effect, key or not."""

    method: str
    path: str
    params: Params = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON
    key: str | None = None
    repeatable: bool = False
    accept: frozenset[int] = frozenset()

    @property
    def safe_to_repeat(self) -> bool:
        return self.repeatable or self.key is not None or self.method in _IDEMPOTENT


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """The connections to the one port in front. Open it with `async with`, in the loop that uses it."""

    def __init__(self, base_url: str, by: str | SignedIn, retries: RetryPolicy, timeout_s: float) -> None:
        self._base = base_url.rstrip("/")
        self._by = by
        self._retries = retries
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._stream_timeout = aiohttp.ClientTimeout(total=None, connect=timeout_s, sock_read=SILENCE_S)
        self._session: aiohttp.ClientSession | None = None
        self._reached = False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, call: Call, shape: type[T]) -> T:
        """The decoded answer. Raises ClientError."""
        return decode((await self.send(call)).body, shape)

    async def send(self, call: Call) -> Answer:
        """The raw answer, after as many attempts as are safe and fit the policy. Raises ClientError."""
        give_up_at = time.monotonic() + self._retries.budget_s
        for attempt in count(1):
            try:
                return await self._attempt(call, attempt)
            except ClientError as error:
                pause = self._retries.pause(error, attempt)
                again = may_repeat(error, repeatable=call.safe_to_repeat, reached=self._reached)
                if not again or time.monotonic() + pause > give_up_at:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _attempt(self, call: Call, attempt: int) -> Answer:
        answer = await self._exchange(call)
        self._reached = True
        if answer.status >= 400 and answer.status not in call.accept:
            raise problem_of(answer.status, answer.headers, answer.body, attempt)
        return answer

    async def _exchange(self, call: Call) -> Answer:
        async with self._exchanging(call, self._timeout) as response:
            return Answer(response.status, response.headers, await response.read())

    @asynccontextmanager
    async def _exchanging(
        self, call: Call, timeout: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that begins. A connection that fails meanwhile is raised as ConnectionLost."""
        try:
            async with self._open().request(
                call.method,
                self._base + call.path,
                params={name: value for name, value in call.params.items() if value is not None},
                data=call.body,
                headers=self._headers_of(call),
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                if isinstance(self._by, SignedIn):
                    self._by.take(response.headers.getall("Set-Cookie", []))
                yield response
        except aiohttp.ClientConnectorError as error:
            raise ConnectionLost(f"no connection to {self._base}: {error.strerror}", sent=False) from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise ConnectionLost(f"{self._base} is not a URL", sent=False) from error
        except TimeoutError as error:
            raise ConnectionLost(f"no answer from {self._base} in time", sent=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost(f"connection to {self._base} lost: {error}", sent=True) from error

    @asynccontextmanager
    async def streaming(self, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        """The lines of an answer that goes on. Raises ClientError, also when nothing comes for long."""
        async with self._exchanging(call, self._stream_timeout) as response:
            self._reached = True
            if response.status >= 400:
                raise problem_of(response.status, response.headers, await response.read(), 1)
            yield aiter(response.content)

    async def pause(self, error: ClientError, attempt: int) -> None:
        """Before a stream is opened again, the given attempt since it last said something."""
        await asyncio.sleep(self._retries.pause(error, attempt))

    def may_repeat(self, error: ClientError, began: float) -> bool:
        """Whether to open a stream again that has said nothing since then."""
        within = time.monotonic() - began <= self._retries.budget_s
        return within and may_repeat(error, repeatable=True, reached=self._reached)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE_S)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _headers_of(self, call: Call) -> dict[str, str]:
        headers = {} if call.body is None else {"Content-Type": call.content_type}
        return self._who() | headers | ({"Idempotency-Key": call.key} if call.key else {})

    def _who(self) -> dict[str, str]:
        if isinstance(self._by, SignedIn):
            return self._by.headers()
        return {"Authorization": f"Bearer {self._by}"} if self._by else {}


def encode(body: object) -> bytes:
    """JSON as the services read it: decimals as strings, times as RFC 3339, unset fields left out."""
    return msgspec.json.encode(body)


def decode(body: bytes, shape: type[T]) -> T:
    """Raises UnexpectedAnswer."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise UnexpectedAnswer(str(error)) from error
