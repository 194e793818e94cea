"""Batches and the events in them, in traces."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from xencrm.kernel.messaging.subscription import Received
from xencrm.kernel.telemetry import tracing


@contextmanager
def traced(place: str, received: list[Received]) -> Iterator[list[Received]]:
    """The events as the handler is to see them: a sampled one names the span of its handling as its cause."""
    with tracing.active.batch(place, (item.event.traceparent for item in received)) as spans:
        yield [_under(item, spans) for item in received] if spans else received


def _under(item: Received, spans: Mapping[str, str]) -> Received:
    span = spans.get(item.event.traceparent)
    if span is None:
        return item
    return Received(msgspec.structs.replace(item.event, traceparent=span), item.body)
