"""The vendor's HTTP API: the route table and what each route does."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import parse_qs

import msgspec

from xencrm.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, XenError
from xencrm.kernel.logging import get_logger
from xencrm.simulator import ledger
from xencrm.simulator.answers import answers
from xencrm.simulator.conditions import HungUp, check_open, linger
from xencrm.simulator.http import (
    MethodNotAllowed,
    Receive,
    Response,
    Scope,
    Send,
    decode,
    is_loopback,
    json,
    problem,
    read_body,
    respond,
)
from xencrm.simulator.intake import Intake
from xencrm.simulator.panel import Panel
from xencrm.simulator.storage import Storage
from xencrm.simulator.wire import MAX_PAGE, Answer, Answers, Batch, Message

DEFAULT_PAGE = 100

log = get_logger(__name__)
_batch = msgspec.json.Decoder(Batch)
_message = msgspec.json.Decoder(Message)


@dataclass(frozen=True, slots=True)
class Request:
    scope: Scope
    receive: Receive

    async def body(self) -> bytes:
        return await read_body(self.receive)


class Simulator:
    """The ASGI application."""

    def __init__(self, storage: Storage, panel: Panel, intake: Intake, random: Random) -> None:
        self._storage = storage
        self._panel = panel
        self._intake = intake
        self._random = random
        self._routes: dict[str, dict[str, Callable[[Request], Awaitable[Response]]]] = {
            "/v1/messages/batch": {"POST": self.send_batch},
            "/v1/messages": {"POST": self.send_one},
            "/v1/dials": {"GET": self.get_dials, "PUT": self.put_dials},
            "/v1/stats": {"GET": self.get_stats},
            "/v1/accepted": {"GET": self.get_accepted},
            "/healthz": {"GET": self.get_health},
            "/readyz": {"GET": self.get_health},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._handle(Request(scope, receive))
        except HungUp:
            await hang_up(scope, receive)
            return
        except ConnectionResetError:
            return
        await respond(send, response)

    async def _handle(self, request: Request) -> Response:
        try:
            return await self._route(request)(request)
        except XenError as error:
            return problem(error)
        except (HungUp, ConnectionResetError):
            raise
        except Exception:
            log.exception("request.failed", path=request.scope["path"])
            return problem(XenError("see the log"))

    def _route(self, request: Request) -> Callable[[Request], Awaitable[Response]]:
        methods = self._routes.get(request.scope["path"])
        if methods is None:
            raise NotFound(f"there is no {request.scope['path']}")
        handler = methods.get(request.scope["method"])
        if handler is None:
            raise MethodNotAllowed(", ".join(methods))
        return handler

    async def send_batch(self, request: Request) -> Response:
        check_open(self._panel.dials, self._random)
        return json(Answers(await self._take(_keys(decode(_batch, await request.body())))))

    async def send_one(self, request: Request) -> Response:
        check_open(self._panel.dials, self._random)
        key = decode(_message, await request.body()).idempotency_key
        return json((await self._take([key]))[0])

    async def _take(self, keys: list[str]) -> list[Answer]:
        codes = await self._intake.take(keys)
        await linger(self._panel.dials, self._random)
        return answers(keys, codes)

    async def get_dials(self, request: Request) -> Response:
        _require_loopback(request)
        return json(self._panel.dials)

    async def put_dials(self, request: Request) -> Response:
        _require_loopback(request)
        return json(await self._panel.turn(await request.body()))

    async def get_stats(self, request: Request) -> Response:
        return json(await self._storage.read(ledger.find_stats))

    async def get_accepted(self, request: Request) -> Response:
        after, limit = _page(request.scope["query_string"].decode("latin-1"))
        page = await self._storage.read(lambda tx: ledger.list_accepted(tx, after, limit))
        if page.next_cursor is not None:
            page.next_cursor = urlsafe_b64encode(page.next_cursor.encode()).decode()
        return json(page)

    async def get_health(self, request: Request) -> Response:
        return json({"status": "ok"})


def _keys(batch: Batch) -> list[str]:
    """All that is kept of a batch: texts are gone before the answer is waited for."""
    return [message.idempotency_key for message in batch.messages]


def _require_loopback(request: Request) -> None:
    if not is_loopback(request.scope):
        raise Forbidden("the dials are for this machine only")


def _page(query: str) -> tuple[str, int]:
    """The id to go on after, and the limit. Raises InvalidInput."""
    asked = parse_qs(query, keep_blank_values=True)
    errors = [FieldError(name, "unknown parameter") for name in asked if name not in ("limit", "cursor")]
    limit = asked.get("limit", [str(DEFAULT_PAGE)])[-1]
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10 and 1 <= int(limit) <= MAX_PAGE):
        errors.append(FieldError("limit", f"a number from 1 to {MAX_PAGE}"))
    after = ""
    try:
        after = b64decode(asked.get("cursor", [""])[-1].encode(), b"-_", validate=True).decode()
    except ValueError:
        errors.append(FieldError("cursor", "not one that was given out here"))
    if errors:
        raise InvalidInput(errors=errors)
    return after, int(limit)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Closes the connection without an answer."""
    scope["state"]["hang_up"]()
    while (await receive())["type"] != "http.disconnect":
        pass
