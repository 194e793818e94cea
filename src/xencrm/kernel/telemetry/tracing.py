"""Traces, from a request to the last consumer: off unless OpenTelemetry is installed and configured.

A *cause* is the `traceparent` (W3C Trace Context) of the span that caused something, as events carry it.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

_NOTHING: AbstractContextManager[None] = nullcontext()
_NO_SPANS: AbstractContextManager[Mapping[str, str]] = nullcontext({})


class Tracing:
    """What the product asks of tracing; this one records nothing, `otel.Recording` does."""

    on = False

    def request(self, scope: MutableMapping[str, Any]) -> AbstractContextManager[None]:
        """The span of an HTTP request, current in its context."""
        return _NOTHING

    def answered(self, route: str, status: int) -> None:
        """What the span of the request at hand is told when the answer begins."""

    def batch(self, place: str, causes: Iterable[str]) -> AbstractContextManager[Mapping[str, str]]:
        """The span of a batch, current in its context, and one under each sampled cause of its events.

        `causes`: one for each event, which may be empty. Gives for a cause the traceparent of its new span,
        which is the cause of all that the events bring about.
        """
        return _NO_SPANS

    def traceparent(self) -> str:
        """Of the current span; empty when it is not sampled."""
        return ""

    def ids(self) -> Mapping[str, str]:
        """`trace_id` and `span_id` of the current span, for the log."""
        return {}

    def close(self) -> None:
        """Hands over what was recorded, within moments."""


active = Tracing()


def use(tracing: Tracing) -> None:
    """From now on, in this process."""
    global active
    active = tracing


def add_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: the line names the span that it was written in."""
    event.update(active.ids())
    return event
