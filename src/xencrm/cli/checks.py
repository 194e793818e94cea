"""What `doctor` looks at; each check is a value."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from xencrm.client.client import Client
from xencrm.client.dead_letters import Service
from xencrm.client.errors import ClientError, ConnectionLost
from xencrm.client.pages import FULL_PAGE
from xencrm.client.reporting import Operations, Readiness

MOST_FRAMES = 1000
MOST_LAG_S = 60.0


@dataclass(frozen=True)
class Check:
    """`todo` is what to do when it isn't ok."""

    name: str
    ok: bool
    said: str
    todo: str = ""


async def examine(client: Client, url: str) -> list[Check]:
    """Every check, as far as they can be made."""
    try:
        readiness = await client.readyz()
    except ClientError as error:
        return [Check("front", False, str(error), _todo_of_front(error))]
    return [
        Check("front", True, url),
        *parts(readiness),
        await _ingestion(client),
        *await _letters_of_ingestion(client),
        *await _campaigns(client),
    ]


def parts(readiness: Readiness) -> list[Check]:
    """What the front says of the parts behind it."""
    if readiness.ready:
        return [Check("ready", True, _said(readiness.said))]
    todo = "wait a little when it has just started; else look into its log under $XENCRM_HOME"
    return [Check("ready", False, _said(readiness.said), todo)]


def operations(told: Operations) -> list[Check]:
    """Broker, queues and dead letters from one answer of Campaigns."""
    ours, queues = version("xencrm"), {queue.name for queue in told.queues}
    same = told.version == ours
    return [
        Check("campaigns", same, f"version {told.version}", f"this xencrm is {ours}: update the older one"),
        Check(
            "broker", told.broker == "ok", told.broker, "events wait in the outboxes: start the broker again"
        ),
        *(_queue(queue.name, queue.frames, told.lag_s.get(queue.name)) for queue in told.queues),
        *(_lag(place, told.lag_s[place]) for place in sorted(told.lag_s.keys() - queues)),
        _letters("campaigns", told.dead_letters),
    ]


def _letters(service: str, count: int, *, more: bool = False) -> Check:
    said = f"{count}{' or more' if more else ''} of {service}"
    todo = f"`xencrm dead-letters list --service {service}` shows their reasons; then replay or drop them"
    return Check("dead letters", count == 0, said, todo)


def _queue(name: str, frames: int, lag_s: float | None) -> Check:
    behind = frames > MOST_FRAMES or (lag_s or 0.0) > MOST_LAG_S
    lag = "" if lag_s is None else f", {lag_s:.1f} s behind"
    todo = "its consumer is slow or away: look at the processes and their logs"
    return Check(name, not behind, f"{frames} batches waiting{lag}", todo)


def _lag(place: str, lag_s: float | None) -> Check:
    said = "unknown" if lag_s is None else f"{lag_s:.1f} s behind"
    return Check(place, (lag_s or 0.0) <= MOST_LAG_S, said, "is the broker there, and the relay running?")


async def _ingestion(client: Client) -> Check:
    return await _answered("ingestion", client.customers.list(limit=1), lambda _: "answers")


async def _letters_of_ingestion(client: Client) -> list[Check]:
    """Nothing where they cannot be seen: only admins may, and whether Ingestion answers is told already."""
    try:
        page = await client.dead_letters.list(Service.INGESTION, limit=FULL_PAGE)
    except ClientError:
        return []
    return [_letters("ingestion", len(page.items), more=page.next_cursor is not None)]


async def _campaigns(client: Client) -> list[Check]:
    try:
        return operations(await client.operations())
    except ClientError as error:
        return [Check("campaigns", False, str(error), "look at the process of Campaigns and its log")]


async def _answered(name: str, call: Awaitable[Any], say: Callable[[Any], str]) -> Check:
    try:
        return Check(name, True, say(await call))
    except ClientError as error:
        return Check(name, False, str(error), f"look at the process of {name} and its log")


def _todo_of_front(error: ClientError) -> str:
    if isinstance(error, ConnectionLost):
        return "start it with `xencrm up`, or give the right --url"
    return "is this the address of XenCRM?"


def _said(body: Any) -> str:
    """A readiness document on one line, whatever its shape."""
    match body:
        case {"detail": str(detail)} if detail:
            return detail
        case dict():
            return ", ".join(f"{name} {_said(value)}" for name, value in body.items())
        case list():
            return ", ".join(map(_said, body))
        case _:
            return str(body)
