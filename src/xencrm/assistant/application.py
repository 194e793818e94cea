"""`/assistant/...`: the way in, by HTTP."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from xencrm.assistant import keeping
from xencrm.assistant.caller import Caller, NotLetIn, letting_in, refusal_of
from xencrm.assistant.conversation import Conversation, Item
from xencrm.assistant.sse import Tell, stream
from xencrm.assistant.talk import Talks
from xencrm.client.errors import ClientError
from xencrm.kernel.logging import get_logger
from xencrm.mcp_server.gate import HEALTH, Header, Receive, Scope, Send

CONVERSATION: Final = "/assistant/conversation"
MESSAGES: Final = "/assistant/messages"
CARDS: Final = "/assistant/cards/"
MOST_BYTES: Final = 64_000
PROTECTING: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
NO_RULE: Final = "The assistant found no rule in this."
log = get_logger(__name__)
T = TypeVar("T", bound=Struct)


class Said(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


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
            return await _answer(send, 200, {"status": "ok"})
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            async with letting_in(self.url, scope["method"], headers) as caller:
                await self._serve(caller, scope, receive, send)
        except NotLetIn as refused:
            await _refuse(send, refused.status, str(refused))
        except ClientError as error:
            await _refuse(send, *refusal_of(error))

    async def _serve(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        match method, path:
            case "GET", "/assistant/conversation":
                shown = Shown((await self.talks.read(caller)).items)
                await _answer(send, 200, msgspec.to_builtins(shown), _given(caller))
            case "DELETE", "/assistant/conversation":
                async with self.talks.with_one(caller):
                    await keeping.drop(caller)
                await _answer(send, 204, None, _given(caller))
            case "POST", "/assistant/messages":
                await self._hear(caller, await _body(receive, Said), receive, send)
            case "POST", "/assistant/rule":
                ruled = await self._rule(caller, await _body(receive, Said))
                await _answer(send, 200, msgspec.to_builtins(ruled), _given(caller))
            case "POST", _ if path.startswith(CARDS):
                decision = await _body(receive, Decision)
                await self._decide(caller, path.removeprefix(CARDS), decision, receive, send)
            case _:
                raise NotLetIn(404, "There is nothing here.")

    async def _rule(self, caller: Caller, said: Said) -> Struct:
        try:
            return await self.rule_of(caller, said.text)
        except ClientError:
            raise
        except Exception as error:
            log.exception("assistant.no_rule")
            raise NotLetIn(422, NO_RULE) from error

    async def _hear(self, caller: Caller, said: Said, receive: Receive, send: Send) -> None:
        async with self.talks.with_one(caller) as conversation:

            async def work(tell: Tell) -> None:
                await self.talks.hear(caller, conversation, said.text, tell)

            await stream(receive, send, _given(caller), work)

    async def _decide(
        self, caller: Caller, item_id: str, decision: Decision, receive: Receive, send: Send
    ) -> None:
        async with self.talks.with_one(caller) as conversation:
            _check_waiting(conversation, item_id)

            async def work(tell: Tell) -> None:
                await self.talks.decide(caller, conversation, item_id, approve=decision.approve, tell=tell)

            await stream(receive, send, _given(caller), work)


def _check_waiting(conversation: Conversation, item_id: str) -> None:
    found = conversation.find_card(item_id)
    if found is None or found[1].state != "waiting":
        raise NotLetIn(409, "This was decided before, or is no longer there.")


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


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    await _answer(send, status, body, list(PROTECTING))


async def _answer(
    send: Send, status: int, body: Mapping[str, Any] | None, headers: list[Header] | None = None
) -> None:
    kind = b"application/json" if status < 400 else b"application/problem+json"
    about = [(b"content-type", kind), (b"cache-control", b"no-store"), *(headers or PROTECTING)]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": b"" if body is None else msgspec.json.encode(body)})
