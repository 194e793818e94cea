"""What `doctor` looks at; each check is a value."""

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from xencrm.client.client import Client
from xencrm.client.errors import ClientError, ConnectionLost
from xencrm.client.reporting import IngestionOperations, Operations, Readiness

MOST_FRAMES = 1000
MOST_LAG_S = 60.0
MOST_WAITING_S = 3600.0
OF_INGESTION = "ingestion: "


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
        *await _ingestion(client),
        *await _campaigns(client),
    ]


def parts(readiness: Readiness) -> list[Check]:
    """What the front says of the parts behind it."""
    if readiness.ready:
        return [Check("ready", True, _said(readiness.said))]
    todo = "wait a little when it has just started; else look into its log under $XENCRM_HOME"
    return [Check("ready", False, _said(readiness.said), todo)]


def ingestion(told: IngestionOperations) -> list[Check]:
    """Lag, waiting orders and dead letters from one answer of Ingestion."""
    return [
        _version("ingestion", told.version),
        *(_lag(f"{OF_INGESTION}{place}", told.lag_s[place]) for place in sorted(told.lag_s)),
        _waiting(told.waiting_orders, told.waiting_orders_oldest_s),
        _letters("ingestion", told.dead_letters),
    ]


def operations(told: Operations) -> list[Check]:
    """Broker, queues and dead letters from one answer of Campaigns."""
    queues = {queue.name for queue in told.queues}
    return [
        _version("campaigns", told.version),
        Check(
            "broker", told.broker == "ok", told.broker, "events wait in the outboxes: start the broker again"
        ),
        *(_queue(queue.name, queue.frames, told.lag_s.get(queue.name)) for queue in told.queues),
        *(_lag(place, told.lag_s[place]) for place in sorted(told.lag_s.keys() - queues)),
        _letters("campaigns", told.dead_letters),
    ]


def _version(service: str, theirs: str) -> Check:
    ours = version("xencrm")
    return Check(service, theirs == ours, f"version {theirs}", f"this xencrm is {ours}: update the older one")


def _waiting(count: int, oldest_s: float) -> Check:
    """Orders may wait for a while: for a customer who is on the way."""
    said = f"{count} for their customer" + (f", the oldest for {oldest_s:.0f} s" if count else "")
    todo = "`xencrm waiting-orders` shows whose; post the customers, and they are applied"
    return Check("waiting orders", oldest_s <= MOST_WAITING_S, said, todo)


def _letters(service: str, count: int) -> Check:
    said = f"{count} of {service}"
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


async def _ingestion(client: Client) -> list[Check]:
    try:
        return ingestion(await client.ingestion_operations())
    except ClientError as error:
        return [Check("ingestion", False, str(error), "look at the process of Ingestion and its log")]


async def _campaigns(client: Client) -> list[Check]:
    try:
        return operations(await client.operations())
    except ClientError as error:
        return [Check("campaigns", False, str(error), "look at the process of Campaigns and its log")]


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
