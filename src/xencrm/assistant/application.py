"""`/assistant/...`: the way in, by HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from xencrm.assistant import keeping
from xencrm.assistant.caller import Caller, NotLetIn, letting_in, refusal_of
from xencrm.assistant.conversation import Item, NoAnswer
from xencrm.assistant.sse import Tell, stream
from xencrm.assistant.talk import Talks, check_waiting
from xencrm.client.errors import ClientError
from xencrm.kernel.asgi import (
    HEALTH,
    Header,
    Receive,
    Scope,
    Send,
    answer,
    headers_of,
    refuse,
    until_left,
)

CARDS: Final = "/assistant/cards/"
MOST_BYTES: Final = 64_000
PROTECTING: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
T = TypeVar("T", bound=Struct)


class Said(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class Described(Struct, forbid_unknown_fields=True):
    """As long as the rules for plain words take it."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]


class Decision(Struct, forbid_unknown_fields=True):
    approve: bool


class Shown(Struct):
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Application:
    """`url`: the one port in front, by which the services are asked as whoever asks here."""

    url: str
    talks: Talks
    rule_of: Callable[[Caller, str], Awaitable[Struct]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] in HEALTH:
            return await answer(send, 200, {"status": "ok"})
        try:
            async with letting_in(self.url, scope["method"], headers_of(scope)) as caller:
                await self._serve(caller, scope, receive, send)
        except NotLetIn as refused:
            await refuse(send, refused.status, str(refused), PROTECTING)
        except ClientError as error:
            await refuse(send, *refusal_of(error), PROTECTING)

    async def _serve(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        match method, path:
            case "GET", "/assistant/conversation":
                shown = Shown((await self.talks.read(caller)).items)
                await answer(send, 200, shown, _given(caller))
            case "DELETE", "/assistant/conversation":
                with self.talks.only_one(caller):
                    await keeping.drop(caller)
                await answer(send, 204, None, _given(caller))
            case "POST", "/assistant/messages":
                await self._hear(caller, await _body(receive, Said), receive, send)
            case "POST", "/assistant/rule":
                await self._rule(caller, await _body(receive, Described), receive, send)
            case "POST", _ if path.startswith(CARDS):
                decision = await _body(receive, Decision)
                await self._decide(caller, path.removeprefix(CARDS), decision, receive, send)
            case _:
                raise NotLetIn(404, "There is nothing here.")

    async def _rule(self, caller: Caller, said: Described, receive: Receive, send: Send) -> None:
        with self.talks.only_one(caller):
            self.talks.count(caller)
            asking = asyncio.ensure_future(self.rule_of(caller, said.text))
            leaving = asyncio.ensure_future(_left(caller, receive))
            leaving.add_done_callback(lambda _: asking.cancel())
            try:
                ruled = await asking
            except asyncio.CancelledError:
                if not leaving.done():
                    raise
                return
            except NoAnswer as reason:
                raise NotLetIn(422, str(reason)) from reason
            finally:
                leaving.cancel()
        await answer(send, 200, ruled, _given(caller))

    async def _hear(self, caller: Caller, said: Said, receive: Receive, send: Send) -> None:
        async with self.talks.with_one(caller) as conversation:
            self.talks.count(caller)

            async def work(tell: Tell) -> None:
                await self.talks.hear(caller, conversation, said.text, tell)

            await stream(send, _given(caller), work, _left(caller, receive))

    async def _decide(
        self, caller: Caller, item_id: str, decision: Decision, receive: Receive, send: Send
    ) -> None:
        async with self.talks.with_one(caller) as conversation:
            check_waiting(conversation, item_id)

            async def work(tell: Tell) -> None:
                await self.talks.decide(caller, conversation, item_id, approve=decision.approve, tell=tell)

            await stream(send, _given(caller), work, _left(caller, receive))


async def _left(caller: Caller, receive: Receive) -> None:
    """They listen no more, or may not."""
    waiting = {asyncio.ensure_future(until_left(receive)), asyncio.ensure_future(caller.until_gone())}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


async def _body(receive: Receive, kind: type[T]) -> T:
    """Raises NotLetIn."""
    body, more = b"", True
    while more and len(body) <= MOST_BYTES:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    if len(body) > MOST_BYTES:
        raise NotLetIn(413, f"The body may have at most {MOST_BYTES:,} bytes.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise NotLetIn(400, str(error)) from error


def _given(caller: Caller) -> list[Header]:
    """With the cookie that a person's session goes on with."""
    renewed = caller.renewed
    return [*PROTECTING, *([] if renewed is None else [(b"set-cookie", renewed.encode("latin-1"))])]
