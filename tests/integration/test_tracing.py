"""One trace from a request to the last consumer, and the correlation id in the log."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from uuid import uuid4

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.kernel.telemetry import tracing
from xencrm.kernel.telemetry.otel import Recording

PROJECTING = ("http", "customer_mv_queue", "order_mv_queue")


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """All spans that end while the test runs."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    before = tracing.active
    tracing.use(Recording(provider))
    yield exporter
    tracing.use(before)


@dataclass
class Both:
    """Ingestion and the projection of Campaigns, on one broker."""

    ingestion: RunningIngestion
    campaigns: RunningService


@pytest.fixture
async def both(postgres: PostgresServer, recorded: InMemorySpanExporter) -> AsyncIterator[Both]:
    async with running_both(postgres) as both:
        yield both


@asynccontextmanager
async def running_both(postgres: PostgresServer) -> AsyncIterator[Both]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with (
        running_ingestion(master, broker) as ingestion,
        running_campaigns(postgres, roles=PROJECTING, broker_url=broker) as campaigns,
    ):
        yield Both(ingestion, campaigns)


def caller(*, sampled: bool = True) -> tuple[str, dict[str, str]]:
    """A trace that begins at the client, and the header that carries it."""
    trace_id = uuid4().hex
    return trace_id, {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-{'01' if sampled else '00'}"}


async def post(both: Both, path: str, body: object, headers: Mapping[str, str], *, lean: bool = True) -> None:
    """Over the lean way in, or (by a body of unknown length) over the framework behind it."""
    raw = json.dumps(body).encode()

    async def chunks() -> AsyncIterator[bytes]:
        yield raw

    status, answer = await both.ingestion.ask(
        "POST",
        path,
        data=raw if lean else chunks(),
        headers={"content-type": "application/json", **headers},
    )
    assert status == 202, answer


async def spans_of(exporter: InMemorySpanExporter, trace_id: str, last: str) -> list[ReadableSpan]:
    """The spans of a trace in the order of their beginning, once the last one has ended."""

    async def look() -> list[ReadableSpan]:
        found = [span for span in exporter.get_finished_spans() if trace_of(span) == trace_id]
        return sorted(found, key=lambda span: span.start_time or 0)

    return await until(look, lambda spans: last in [span.name for span in spans])


def trace_of(span: ReadableSpan) -> str:
    return f"{span.get_span_context().trace_id:032x}"


def assert_chain(spans: list[ReadableSpan], names: list[str]) -> None:
    """Each span is the child of the one before."""
    assert [span.name for span in spans] == names
    for parent, child in pairwise(spans):
        assert child.parent is not None
        assert child.parent.span_id == parent.get_span_context().span_id


@pytest.mark.parametrize("lean", [True, False])
async def test_a_trace_goes_from_the_post_to_the_projection_of_the_customer(
    both: Both, recorded: InMemorySpanExporter, lean: bool
) -> None:
    trace_id, headers = caller()
    await post(both, "/customers", {"name": "Asha", "email": "asha@shop.example"}, headers, lean=lean)
    spans = await spans_of(recorded, trace_id, "customer_mv_queue")
    assert_chain(spans, ["POST /api/v1/customers", "customer_queue", "customer_mv_queue"])
    assert spans[0].parent is not None
    assert spans[0].parent.span_id == 0x00F067AA0BA902B7, "the client's span is the parent of ours"
    assert (spans[0].attributes or {})["http.response.status_code"] == 202
    for span in spans[1:]:
        batches = [each for each in recorded.get_finished_spans() if each.name == f"{span.name} batch"]
        linked = {link.context.span_id for link in span.links}
        assert linked & {batch.get_span_context().span_id for batch in batches}


async def test_an_order_that_waited_stays_in_its_trace(both: Both, recorded: InMemorySpanExporter) -> None:
    trace_id, headers = caller()
    order = {"customer_email": "late@shop.example", "order_amount": 5, "order_id": "W-1"}
    await post(both, "/orders/batch", [order], headers)
    await both.ingestion.until("SELECT count(*) FROM waiting_orders", 1)
    await post(both, "/customers", {"name": "Late", "email": "late@shop.example"}, {})
    spans = await spans_of(recorded, trace_id, "order_mv_queue")
    chain = [span for span in spans if span.name != "customer_mv_queue"]
    assert_chain(chain, ["POST /api/v1/orders/batch", "order_queue", "waiting_orders", "order_mv_queue"])


async def test_a_batch_of_rows_has_one_span_for_each_batch_of_a_consumer(
    both: Both, recorded: InMemorySpanExporter
) -> None:
    trace_id, headers = caller()
    rows = [{"name": "Row", "email": f"row{number}@shop.example"} for number in range(1200)]
    await post(both, "/customers/batch", rows, headers)
    await both.campaigns.until("SELECT count(*) FROM customers_mv", len(rows))
    spans = await spans_of(recorded, trace_id, "customer_mv_queue")
    assert len(spans) <= 1 + 3 + 3, "1,201 events are three frames at each queue"


async def test_what_the_client_does_not_sample_leaves_no_span(
    both: Both, recorded: InMemorySpanExporter
) -> None:
    trace_id, headers = caller(sampled=False)
    await post(both, "/customers", {"name": "Quiet", "email": "quiet@shop.example"}, headers)
    await both.campaigns.until("SELECT count(*) FROM customers_mv", 1)
    assert trace_id not in {trace_of(span) for span in recorded.get_finished_spans()}


async def test_a_malformed_traceparent_begins_a_trace_of_its_own(
    both: Both, recorded: InMemorySpanExporter
) -> None:
    headers = {"traceparent": "00-zz-zz-01"}
    await post(both, "/customers", {"name": "Asha", "email": "asha@shop.example"}, headers)
    spans = [each for each in recorded.get_finished_spans() if each.name == "POST /api/v1/customers"]
    assert [span.parent for span in spans] == [None]
