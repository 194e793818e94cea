"""The event pipeline of the kernel: group commit, inbox, poison isolation, outbox and relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.support.postgres import PostgresServer
from tests.support.statements import Statement, captured
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.ids import EventIds, uuid7
from xencrm.kernel.messaging import dead_letters, inbox, outbox
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue, Topic
from xencrm.kernel.messaging.consumer import STREAM_PACE_S, Consumer
from xencrm.kernel.messaging.envelope import MAX_EVENTS, Event, encode_data, encode_event, encode_frame
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.messaging.relay import Relay
from xencrm.kernel.messaging.schema import DDL
from xencrm.kernel.messaging.subscription import Binding, Received, Rejection

QUEUE = Queue("numbers", Topic("test", "number"))
NUMBER = "number.added.v1"
COUNT = "SELECT count(*) FROM numbers"


class Number(msgspec.Struct):
    value: int


async def add_numbers(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    """7 is rejected; what is above 1,000 is more than the column holds."""
    values = [item.body.value for item in received]
    await tx.execute(
        text("INSERT INTO numbers SELECT unnest(CAST(:values AS integer[]))"), {"values": values}
    )
    return [Rejection(item.event.id, "seven", "7 is not taken") for item in received if item.body.value == 7]


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database(f"kernel_{uuid4().hex}"))
    async with database.transaction() as tx:
        for statement in (*DDL, "CREATE TABLE numbers (value integer CHECK (value <= 1000))"):
            await tx.execute(text(statement))
        await inbox.maintain(tx, days=7)
    yield database
    await database.close()


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[Broker]:
    broker = await open_broker(broker_url, [QUEUE], max_bytes=10_000_000)
    yield broker
    await broker.close()


def number(value: Any, event_id: UUID | None = None, event_type: str = NUMBER) -> Event:
    return Event(
        id=event_id or uuid7(),
        type=event_type,
        source="test",
        subject="x",
        time=utc_now(),
        data=encode_data({"value": value}),
    )


class Consuming:
    """A consumer at work; the statements it runs are counted."""

    def __init__(self, database: Database, broker: Broker, *, deduplicate: bool = True) -> None:
        binding = Binding(QUEUE, {NUMBER: Number}, add_numbers, deduplicate)
        self._stop = asyncio.Event()
        self._consumer = Consumer(database, broker, binding, max_events=2000)

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._consumer.run(self._stop))

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task


async def value_of(database: Database, query: str) -> Any:
    async with database.transaction() as tx:
        return (await tx.execute(text(query))).scalar()


async def until(database: Database, query: str, expected: Any) -> None:
    async with asyncio.timeout(30):
        while await value_of(database, query) != expected:
            await asyncio.sleep(0.02)


async def test_a_poison_event_ends_alone_in_the_dead_letters(database: Database, broker: Broker) -> None:
    values = [1, 2, 5000, 3, 7, 4]
    await broker.publish(QUEUE.topic, encode_frame([number(value) for value in values]))
    await broker.publish(QUEUE.topic, b"no frame at all")
    await broker.publish(
        QUEUE.topic, encode_frame([number("text"), number(5), number(6, event_type="other.v1")])
    )
    async with Consuming(database, broker):
        await until(database, "SELECT count(*) FROM dead_letters", 4)
        await until(
            database, "SELECT string_agg(value::text, ',' ORDER BY value) FROM numbers", "1,2,3,4,5,7"
        )
    reasons = await value_of(database, "SELECT string_agg(reason, '|' ORDER BY reason) FROM dead_letters")
    assert await value_of(
        database, "SELECT string_agg(code || ': ' || reason, ',') FROM rejected_events"
    ) == ("seven: 7 is not taken")
    for part in ("numbers_value_check", "unknown event type other.v1", "Expected `int`"):
        assert part in reasons
    applied = await value_of(database, "SELECT count(*) FROM inbox")
    assert applied == 6, "the inbox keeps what was applied and not what was put aside"


async def test_a_letter_whose_replay_died_before_it_was_deleted_is_applied_once(
    database: Database, broker: Broker
) -> None:
    event = number(5000)
    await broker.publish(QUEUE.topic, encode_frame([event]))
    async with Consuming(database, broker):
        await until(database, "SELECT count(*) FROM dead_letters", 1)
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE numbers DROP CONSTRAINT numbers_value_check"))
        await broker.publish(QUEUE.topic, encode_frame([event]))
        await until(database, "SELECT count(*) FROM numbers WHERE value = 5000", 1)
        letter_id = await value_of(database, "SELECT dead_letter_id FROM dead_letters")
        await dead_letters.replay(database, broker, [QUEUE], letter_id)
        await broker.publish(QUEUE.topic, encode_frame([number(1)]))
        await until(database, "SELECT count(*) FROM numbers WHERE value = 1", 1)
    assert await value_of(database, "SELECT count(*) FROM numbers WHERE value = 5000") == 1
    assert await value_of(database, "SELECT count(*) FROM dead_letters") == 0


async def test_an_event_that_comes_again_is_applied_once(database: Database, broker: Broker) -> None:
    ids = EventIds("secret")
    known = [ids.new(), ids.derive("me", "/numbers", "key")]
    for _ in range(3):
        frame = [number(index, event_id) for index, event_id in enumerate(known)]
        await broker.publish(QUEUE.topic, encode_frame([*frame, *frame, number(9)]))
    async with Consuming(database, broker):
        await until(database, "SELECT count(*) FROM numbers WHERE value = 9", 3)
    assert await value_of(database, "SELECT count(*) FROM numbers WHERE value < 9") == 2


async def test_a_derived_id_is_known_on_the_next_day_too(database: Database) -> None:
    event = number(1, EventIds("secret").derive("me", "/numbers", "key"))
    tomorrow = msgspec.structs.replace(event, time=event.time + timedelta(days=1))
    async with database.transaction() as tx:
        assert await inbox.insert_new(tx, [event]) == [event]
    async with database.transaction() as tx:
        assert await inbox.insert_new(tx, [tomorrow]) == []


def by_batch(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Each begins with the inbox. What was delivered again has nothing for the handler, and is left out."""
    batches: list[list[Statement]] = []
    for statement in statements:
        if "INSERT INTO inbox" in statement.text:
            batches.append([])
        batches[-1].append(statement)
    return [batch for batch in batches if any("INSERT INTO numbers" in item.text for item in batch)]


async def test_statements_of_a_batch_do_not_grow_with_it(database: Database, broker: Broker) -> None:
    for size in (1, 500):
        events = [number(8) for _ in range(size)]
        await broker.publish(QUEUE.topic, encode_frame(events), timeout_s=30)
        with captured(database) as statements:
            async with Consuming(database, broker):
                await until(database, COUNT, size)
        batches = by_batch([statement for statement in statements if statement.text != COUNT])
        assert {len(batch) for batch in batches} == {3}, "the inbox, the handler and the progress"
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM numbers"))


async def test_a_stream_of_small_frames_is_applied_in_a_few_larger_batches(
    database: Database, broker: Broker
) -> None:
    frames, events = 80, 32
    began = perf_counter()
    with captured(database) as statements:
        async with Consuming(database, broker):
            for _ in range(frames):
                await broker.publish(QUEUE.topic, encode_frame([number(8) for _ in range(events)]))
                await asyncio.sleep(0.003)
            await until(database, f"SELECT count(*) >= {frames * events} FROM numbers", True)
    batches = sum("INSERT INTO inbox" in statement.text for statement in statements)
    full = frames * events / MAX_EVENTS
    assert batches <= (perf_counter() - began) / STREAM_PACE_S + full + 1


async def test_trouble_of_the_moment_is_waited_out_with_the_batch_in_hand(
    database: Database, broker: Broker
) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("ALTER TABLE numbers RENAME TO numbers_away"))
    await broker.publish(QUEUE.topic, encode_frame([number(1), number(2)]))
    async with Consuming(database, broker):
        await asyncio.sleep(0.5)
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE numbers_away RENAME TO numbers"))
        await until(database, "SELECT count(*) FROM numbers", 2)
    assert await value_of(database, "SELECT count(*) FROM dead_letters") == 0


class CountingBroker:
    """The real broker, with a note of what was published; publishing can be held up."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.bodies: list[bytes] = []
        self.go = asyncio.Event()

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        await self.go.wait()
        self.bodies.append(body)
        await self._broker.publish(topic, body, timeout_s=timeout_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)


async def test_concurrent_posts_join_one_frame_and_a_caller_that_leaves_cancels_nothing(
    broker: Broker,
) -> None:
    counting = CountingBroker(broker)
    publisher = Publisher(counting, QUEUE.topic)
    tasks = [asyncio.create_task(publisher.publish(encode_event(number(1)))) for _ in range(100)]
    await asyncio.sleep(0.01)
    tasks[50].cancel()
    counting.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with broker.subscribe(QUEUE) as subscription:
        frames = await subscription.receive(max_frames=100, wait_s=5)
    sizes = [len(msgspec.json.decode(frame.body)) for frame in frames]
    assert sum(sizes) == 100
    assert len(counting.bodies) <= 2, "one in flight, one with all that came meanwhile"


async def test_what_waits_to_be_published_is_bounded_in_bytes(broker: Broker) -> None:
    counting = CountingBroker(broker)
    publisher = Publisher(counting, QUEUE.topic, most_waiting_bytes=2 * len(encode_event(number(1))))
    under_way = asyncio.create_task(publisher.publish_many([encode_event(number(1))] * 9))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(publisher.publish(encode_event(number(1)))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BrokerUnavailable):
        await publisher.publish(encode_event(number(1)))
    counting.go.set()
    await asyncio.gather(under_way, *waiting)
    await asyncio.gather(*(publisher.publish(encode_event(number(1))) for _ in range(2)))
    assert [len(msgspec.json.decode(body)) for body in counting.bodies] == [9, 2, 2]


async def test_an_unroutable_event_is_an_error_and_never_a_success(broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable):
        await Publisher(broker, Topic("test", "nobody")).publish(encode_event(number(1)))


async def test_the_relay_carries_what_was_committed_and_nothing_else(
    database: Database, broker: Broker
) -> None:
    async with database.transaction() as tx:
        await outbox.add(tx, QUEUE.topic, [number(value % 1000 + 1) for value in range(1200)])
    async with database.transaction() as tx:
        await outbox.add(tx, QUEUE.topic, [number(0)])
        await tx.rollback()
    stop = asyncio.Event()
    relays = [asyncio.create_task(Relay(database, broker).run(stop)) for _ in range(2)]
    async with Consuming(database, broker):
        await until(database, "SELECT count(*) FROM outbox WHERE settled_at IS NULL", 0)
        await until(database, "SELECT count(*) + count(DISTINCT value) FROM numbers", 1200 + 1000)
    stop.set()
    await asyncio.gather(*relays)


async def test_foreign_events_end_in_the_dead_letters_and_stop_nothing(
    database: Database, broker: Broker
) -> None:
    naive = msgspec.json.encode([number(1)]).replace(b"+00:00", b"").replace(b'Z"', b'"')
    far_away = number(2, UUID(int=(0xFFFFFFFFFFFF << 80) | (7 << 76) | (2 << 62)))
    strange = number(3, event_type="nul\0type")
    deep = encode_frame([number(4)]).replace(b'{"value":4}', b'{"value":' + b"[" * 900 + b"]" * 900 + b"}")
    for body in (naive, encode_frame([far_away, strange]), deep, b"[" * 100_000):
        await broker.publish(QUEUE.topic, body)
    await broker.publish(QUEUE.topic, encode_frame([number(5)]))
    async with Consuming(database, broker):
        await until(database, "SELECT string_agg(value::text, ',') FROM numbers", "5")
        await until(database, "SELECT count(*) FROM dead_letters", 5)


async def test_a_partition_takes_over_what_came_before_it(postgres: PostgresServer) -> None:
    database = Database(await postgres.create_database(f"kernel_{uuid4().hex}"))
    event = number(1)
    async with database.transaction() as tx:
        for statement in DDL:
            await tx.execute(text(statement))
        await inbox.insert_new(tx, [event])
        await inbox.maintain(tx, days=7)
        await inbox.maintain(tx, days=7)
    async with database.transaction() as tx:
        assert await inbox.insert_new(tx, [event]) == []
        found = await tx.execute(text("SELECT tableoid::regclass::text FROM inbox"))
        assert found.scalar_one() == f"inbox_{event.time:%Y%m%d}"
    await database.close()


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"queue": QUEUE.name, **labels}) or 0.0


async def test_what_became_of_events_is_counted_and_logged_under_their_correlation_id(
    database: Database, broker: Broker
) -> None:
    names = {
        "handled": "xencrm_events_handled_total",
        "repeated": "xencrm_events_repeated_total",
        "dead": "xencrm_dead_letters_total",
        "batches": "xencrm_batch_events_count",
        "tried again": "xencrm_batch_retries_total",
    }
    labels = {"tried again": {"trouble": "data"}}

    def look() -> dict[str, float]:
        of_code = counted("xencrm_events_rejected_total", code="seven")
        found = {key: counted(name, **labels.get(key, {})) for key, name in names.items()}
        return {**found, "rejected": of_code}

    before = look()
    refused, poison = (
        msgspec.structs.replace(number(value), correlationid=f"asked-{value}") for value in (7, 5000)
    )
    frame = [number(1), number(2), refused, poison]
    with capture_logs() as lines:
        async with Consuming(database, broker):
            for last in (9, 10):
                await broker.publish(QUEUE.topic, encode_frame([*frame, number(last)]))
                await until(database, f"SELECT count(*) FROM numbers WHERE value = {last}", 1)
    grown = {key: value - before[key] for key, value in look().items()}
    assert grown == {
        "handled": 4,
        "repeated": 3,
        "rejected": 1,
        "dead": 2,
        "batches": 2,
        "tried again": 2,
    }, "the poison event alone comes again, the inbox does not keep it"
    told = {line["event"]: line for line in lines}
    for event, about in (("event.rejected", refused), ("event.dead_lettered", poison)):
        assert told[event]["correlation_id"] == about.correlationid
        assert told[event]["event_id"] == str(about.id)
