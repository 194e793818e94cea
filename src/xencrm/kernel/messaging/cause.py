"""What an event was caused by: carried on from event to event, into the log and the trace."""

from msgspec import Struct

from xencrm.kernel.messaging.envelope import Event


class Cause(Struct, frozen=True):
    """The request that began it all, and the span (W3C Trace Context) that caused it directly."""

    correlationid: str = ""
    traceparent: str = ""


def cause_of(event: Event) -> Cause:
    return Cause(event.correlationid, event.traceparent)
