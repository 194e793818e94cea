"""What a service looks up for its gauges, and that nothing stale is told."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.waiting import until
from xencrm.campaigns import gauges as campaigns
from xencrm.campaigns import subscriptions as campaigns_queues
from xencrm.ingestion import gauges as ingestion
from xencrm.ingestion.subscriptions import QUEUES
from xencrm.kernel.database import Database
from xencrm.kernel.messaging.gauges import Lags, Watch
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.telemetry.gauges import Board, Gauged, Sample

Told = dict[tuple[str, ...], float]


async def look(watch: Watch) -> Told:
    return {(sample.gauge.name, *sample.labels): sample.value for sample in await watch.look()}


@pytest.fixture
async def idle(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    """An Ingestion that takes posts and orders, but no customers, and relays nothing."""
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, without=("customer_queue", "relay", "gauges")) as running:
        yield running


def watch_of(running: RunningIngestion) -> Watch:
    return Watch("ingestion", running.database, running.broker, QUEUES, ingestion.QUERIES)


async def test_what_waits_is_told_with_its_number_and_age(idle: RunningIngestion) -> None:
    order = {"customer_email": "nobody@shop.example", "order_amount": 1}
    await idle.post("/orders/batch", [order, order])
    await idle.post("/customers", {"name": "Asha", "email": "asha@shop.example"})
    await idle.until("SELECT count(*) FROM waiting_orders", 2)
    await idle.rows(
        "INSERT INTO dead_letters (event_id, queue, type, subject, reason, payload)"
        " VALUES (:id, 'order_queue', 't', 's', 'r', '') RETURNING event_id",
        id=uuid4(),
    )
    await idle.rows(
        "INSERT INTO outbox (exchange, routing_key, body, created_at)"
        " VALUES ('e', 'k', '', now() - interval '1 minute') RETURNING outbox_id"
    )
    watch = watch_of(idle)
    before = await look(watch)
    told = await until(lambda: look(watch), lambda told: told["xencrm_queue_lag_seconds", "customer_queue"])
    assert before["xencrm_queue_frames", "customer_queue"] == 1
    assert told["xencrm_database_up",] == told["xencrm_broker_up",] == 1
    assert told["xencrm_queue_lag_seconds", "order_queue"] == 0, "nothing waits there"
    assert told["xencrm_waiting_orders",] == 2
    assert told["xencrm_waiting_orders_ready",] == 0
    assert 0 < told["xencrm_waiting_orders_oldest_seconds",] < 60
    assert told["xencrm_dead_letters_present", "order_queue"] == 1
    assert told["xencrm_outbox_frames",] == 1
    assert 60 <= told["xencrm_outbox_age_seconds",] < 120


async def test_messages_of_active_campaigns_are_told_by_state(postgres: PostgresServer) -> None:
    async with running_campaigns(postgres) as running:
        watch = Watch(
            "campaigns", running.database, running.broker, campaigns_queues.QUEUES, campaigns.QUERIES
        )
        empty = await look(watch)
        rules = {"combinator": "and", "rules": []}
        _, segment = await running.post("/segments", {"name": "All", "rules": rules})
        draft = {"name": "C", "segment_id": segment["segment_id"], "message_template": "Hi"}
        _, campaign = await running.post("/campaigns", draft)
        await running.rows(
            "WITH running AS (UPDATE campaigns SET status = 'RUNNING' WHERE campaign_id = :id)"
            " INSERT INTO campaign_stats (campaign_id, audience, pending, delivered) VALUES (:id, 5, 3, 2)"
            " ON CONFLICT (campaign_id) DO UPDATE SET pending = 3, delivered = 2 RETURNING campaign_id",
            id=campaign["campaign_id"],
        )
        told = await look(watch)
    assert empty["xencrm_campaign_messages", "pending"] == empty["xencrm_campaigns_active", "RUNNING"] == 0
    assert told["xencrm_campaign_messages", "pending"] == 3
    assert told["xencrm_campaign_messages", "delivered"] == 2
    assert told["xencrm_campaigns_active", "RUNNING"] == 1


async def test_what_cannot_be_asked_is_not_told(idle: RunningIngestion) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    database, broker = Database(away), await open_broker(away, QUEUES, max_bytes=1_000_000)
    without_database = Watch("ingestion", database, idle.broker, QUEUES, ingestion.QUERIES)
    without_broker = Watch("ingestion", idle.database, broker, QUEUES, ingestion.QUERIES)
    blind, deaf = await look(without_database), await look(without_broker)
    await broker.close()
    await database.close()
    queues = {("xencrm_queue_frames", queue.name): 0 for queue in QUEUES}
    assert blind == {("xencrm_database_up",): 0, ("xencrm_broker_up",): 1, **queues}
    assert deaf["xencrm_broker_up",] == 0
    assert "xencrm_outbox_frames" in {name for name, *_ in deaf}
    assert not {name for name, *_ in deaf} & {"xencrm_queue_frames", "xencrm_queue_lag_seconds"}


async def test_old_samples_are_withheld_and_their_age_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("xencrm.kernel.telemetry.gauges.monotonic", lambda: now[0])
    gauge = Gauged("things", "Things", ("kind",))
    registry, board = CollectorRegistry(), Board(most_age_s=30)
    registry.register(board)
    labels = {"service": "shop", "kind": "a"}
    board.put("shop", [Sample(gauge, 7, ("a",))])
    assert registry.get_sample_value("things", labels) == 7
    now[0] += 31
    assert registry.get_sample_value("things", labels) is None
    age_s = registry.get_sample_value("xencrm_gauges_age_seconds", {"service": "shop"})
    assert age_s == 31
    board.put("shop", [Sample(gauge, 8, ("a",))])
    assert registry.get_sample_value("things", labels) == 8


def test_lag_is_no_longer_than_the_time_since_the_queue_was_empty() -> None:
    lags = Lags()
    assert lags.of({"q": 3}, {"q": 50.0}, now=1000)["q"] == 50, "nothing else is known at the start"
    assert lags.of({"q": 0}, {"q": 55.0}, now=1005)["q"] == 0
    assert lags.of({"q": 2}, {"q": 60.0}, now=1010)["q"] == 5, "it was idle, not late"
    assert lags.of({"q": 2}, {"q": 2.5}, now=1015)["q"] == 2.5
    assert lags.of({"new": 1}, {}, now=1020)["new"] == 0
    assert lags.of({"new": 1}, {}, now=1080)["new"] == 60, "it has never had a consumer"
