"""What an event was caused by: carried on from event to event, into the log and the trace."""

from msgspec import Struct
from structlog.contextvars import get_contextvars

from xencrm.kernel.messaging.envelope import Event
from xencrm.kernel.telemetry import tracing


class Cause(Struct, frozen=True):
    """The request that began it all, and the span (W3C Trace Context) that caused it directly."""

    correlationid: str = ""
    traceparent: str = ""


def cause_of(event: Event) -> Cause:
    return Cause(event.correlationid, event.traceparent)


def cause_at_hand() -> Cause:
    """The request that is being answered; nothing outside of one."""
    return Cause(get_contextvars().get("correlation_id", ""), tracing.active.traceparent())
