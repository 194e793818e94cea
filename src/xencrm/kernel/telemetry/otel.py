"""Traces by OpenTelemetry, the optional extra `xencrm[tracing]`.

Its standard variables say what is sampled (`OTEL_TRACES_SAMPLER`) and where it goes.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import islice
from threading import Thread
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from xencrm.kernel.telemetry.tracing import Tracing

MOST_SPANS = 50  # under the causes of one batch; events of further causes carry theirs on
CLOSE_S = 2.0
QUIET = ("/healthz", "/readyz")

_w3c = TraceContextTextMapPropagator()


class Recording(Tracing):
    """Records what the provider's sampler takes."""

    on = True

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("xencrm")

    @contextmanager
    def request(self, scope: MutableMapping[str, Any]) -> Iterator[None]:
        if scope["path"] in QUIET:
            yield
            return
        told = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "xencrm.request_id": _header(scope, b"x-request-id"),
        }
        parent = _context(_header(scope, b"traceparent"))
        with self._tracer.start_as_current_span(scope["method"], parent, SpanKind.SERVER, told):
            yield

    def answered(self, route: str, status: int) -> None:
        span = get_current_span()
        span.set_attribute("http.response.status_code", status)
        if status >= 500:
            span.set_status(StatusCode.ERROR)
        if route and isinstance(span, ReadableSpan):
            span.update_name(f"{span.name} {route}")
            span.set_attribute("http.route", route)

    @contextmanager
    def batch(self, place: str, causes: Iterable[str]) -> Iterator[Mapping[str, str]]:
        of_events = list(causes)
        contexts = dict(islice(_sampled(of_events), MOST_SPANS))
        told: Mapping[str, str | int] = {
            "messaging.destination.name": place,
            "messaging.batch.message_count": len(of_events),
        }
        links = [Link(_of_context(context)) for context in contexts.values()]
        with self._tracer.start_as_current_span(
            f"{place} batch", Context(), SpanKind.CONSUMER, told, links
        ) as batch:
            link = [Link(batch.get_span_context())]
            spans = {
                cause: self._tracer.start_span(place, context, SpanKind.CONSUMER, links=link)
                for cause, context in contexts.items()
            }
            with _ended(list(spans.values())):
                yield {cause: _traceparent(span) or cause for cause, span in spans.items()}

    def traceparent(self) -> str:
        return _traceparent(get_current_span())

    def ids(self) -> Mapping[str, str]:
        context = get_current_span().get_span_context()
        if not context.is_valid:
            return {}
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}

    def close(self) -> None:
        """In a thread that is left behind when the collector does not answer."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(CLOSE_S)


def recording(service: str, exporter: str) -> Recording:
    """`exporter` is `otlp` (over HTTP) or `console`."""
    provider = TracerProvider(resource=_resource(service), shutdown_on_exit=False)
    made: SpanExporter = ConsoleSpanExporter() if exporter == "console" else OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(made))
    return Recording(provider)


def _resource(service: str) -> Resource:
    """With the name of the service, where the environment does not give another."""
    named = OTEL_SERVICE_NAME in os.environ or SERVICE_NAME in os.environ.get(OTEL_RESOURCE_ATTRIBUTES, "")
    name = {} if named else {SERVICE_NAME: f"xencrm-{service}"}
    return Resource.create({SERVICE_VERSION: version("xencrm"), **name})


@contextmanager
def _ended(spans: Sequence[Span]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        for span in spans:
            span.set_status(StatusCode.ERROR, repr(error))
        raise
    finally:
        for span in spans:
            span.end()


def _header(scope: MutableMapping[str, Any], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _context(traceparent: str) -> Context:
    """An empty one, so that a trace begins, when the header is missing or not well-formed."""
    return _w3c.extract({"traceparent": traceparent}, Context())


def _sampled(causes: Iterable[str]) -> Iterator[tuple[str, Context]]:
    """Each sampled cause once, with its context."""
    for cause in dict.fromkeys(causes):
        if cause and _of_context(context := _context(cause)).trace_flags.sampled:
            yield cause, context


def _of_context(context: Context) -> SpanContext:
    return get_current_span(context).get_span_context()


def _traceparent(span: Span) -> str:
    """Empty when the span is not sampled."""
    context = span.get_span_context()
    if not (context.is_valid and context.trace_flags.sampled):
        return ""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
