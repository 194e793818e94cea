"""Times and traces, where nothing else takes part."""

import time
from collections.abc import Sequence
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from xencrm.kernel.telemetry import tracing
from xencrm.kernel.telemetry.durations import Durations
from xencrm.kernel.telemetry.otel import CLOSE_S, Recording
from xencrm.kernel.telemetry.setup import chosen_exporter

BOUNDS = (0.001, 0.01, 0.1, 1.0)


@given(values=st.lists(st.floats(0, 3) | st.sampled_from(BOUNDS), max_size=1200))
def test_durations_are_told_as_prometheus_own_histogram_tells_them(values: list[float]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    durations = Durations("seconds", "Time", ("route",), BOUNDS, ours)
    histogram = Histogram("seconds", "Time", ["route"], registry=theirs, buckets=BOUNDS)
    for registry_child in (durations.labels("a").note, histogram.labels("a").observe):
        for value in values:
            registry_child(value)
    for suffix in ("_count", "_sum", *(f"_bucket|{bound}" for bound in (*BOUNDS, "+Inf"))):
        name, _, bound = suffix.partition("|")
        labels = {"route": "a", **({"le": bound} if bound else {})}
        told, expected = (each.get_sample_value(f"seconds{name}", labels) for each in (ours, theirs))
        assert told == pytest.approx(expected)
    assert b"seconds_bucket" in generate_latest(ours)


@pytest.mark.parametrize(
    ("variables", "exporter"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, None),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, None),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, None),
    ],
    ids=str,
)
def test_traces_are_recorded_only_where_the_standard_variables_say_so(
    variables: dict[str, str], exporter: str | None
) -> None:
    assert chosen_exporter(variables) == exporter


def test_a_log_line_names_the_span_that_it_was_written_in() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    before = tracing.active
    tracing.use(Recording(provider))
    try:
        outside = tracing.add_trace(None, "info", {"event": "x"})
        with provider.get_tracer("test").start_as_current_span("work") as span:
            inside = tracing.add_trace(None, "info", {"event": "x"})
    finally:
        tracing.use(before)
    context = span.get_span_context()
    assert outside == {"event": "x"}
    assert inside["trace_id"] == f"{context.trace_id:032x}"
    assert inside["span_id"] == f"{context.span_id:016x}"


class Deaf(SpanExporter):
    """A collector that does not answer."""

    def __init__(self) -> None:
        self.asked, self.answer = Event(), Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.asked.set()
        self.answer.wait(30)
        return SpanExportResult.SUCCESS


def test_a_collector_that_does_not_answer_holds_up_no_process() -> None:
    deaf, provider = Deaf(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(deaf, schedule_delay_millis=1))
    recording = Recording(provider)
    provider.get_tracer("test").start_span("work").end()
    assert deaf.asked.wait(10)
    began = time.monotonic()
    recording.close()
    assert time.monotonic() - began < CLOSE_S + 15
    deaf.answer.set()
