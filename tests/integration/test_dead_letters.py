"""Dead letters in a database: when a replay deletes them, and what is erased with a person."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.broker import Broker, BrokerUnavailable, Queue, Topic
from xencrm.kernel.messaging.dead_letters import DeadLetter, KeptLetter
from xencrm.kernel.messaging.envelope import Event, encode_data
from xencrm.kernel.messaging.forgetting import forget
from xencrm.kernel.messaging.mentions import mentioned
from xencrm.kernel.messaging.open import open_broker
from xencrm.kernel.messaging.schema import DDL

QUEUE = Queue("numbers", Topic("test", "number"))
UNBOUND = Queue("numbers", Topic("test", "nobody"))


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database(f"letters_{uuid4().hex}"))
    async with database.transaction() as tx:
        for statement in DDL:
            await tx.execute(text(statement))
    yield database
    await database.close()


async def left_after_erasing(database: Database, person: str, *payloads: bytes) -> list[bytes]:
    letters = [DeadLetter(uuid7(), "numbers", "t", "", "no", payload) for payload in payloads]
    async with database.transaction() as tx:
        await dead_letters.insert(tx, letters)
        erased = await dead_letters.erase(tx, [person, " "])
        rows = await tx.execute(text("SELECT payload FROM dead_letters ORDER BY dead_letter_id"))
        left = [bytes(payload) for payload in rows.scalars()]
    assert erased == len(payloads) - len(left)
    return left


@pytest.mark.parametrize(
    "payload",
    [
        b'{"email":"ann@shop.example"}',
        b'{"email":"Ann@Shop.Example"}',
        b'{"note":"first line\\nann@shop.example."}',
        b'{"note":"\\u003cann@shop.example\\u003e"}',
        b'{"note":"\\u0061nn\\u0040shop.example"}',
        b'{"note":"{\\"email\\":\\"x\\\\nann@shop.example\\"}"}',
        "{'note': '“ann@shop.example”'}".encode(),
        b"\x00\xffann@shop.example\x00",
        b"ann@shop.example",
    ],
)
async def test_letters_that_speak_of_a_person_are_erased(database: Database, payload: bytes) -> None:
    assert await left_after_erasing(database, "ann@shop.example", payload) == []


async def test_letters_of_others_stay(database: Database) -> None:
    others = [
        b'{"email":"joann@shop.example"}',
        b'{"email":"x.ann@shop.example"}',
        b'{"email":"ann@shop.example.org"}',
        b'{"email":"ann@shopxexample"}',
    ]
    assert await left_after_erasing(database, "ann@shop.example", *others) == others


async def test_letters_that_speak_of_an_id_are_erased(database: Database) -> None:
    person, other = uuid7(), uuid7()
    others = f'{{"customer_id":"{other}"}}'.encode()
    assert await left_after_erasing(database, str(person), f'{{"a":"{person}"}}'.encode(), others) == [others]


def accepted(at: datetime, **body: str) -> DeadLetter:
    event = Event(id=uuid7(), type="t", source="tests", subject="", time=at, data=encode_data(body))
    return dead_letters.of_event(QUEUE, event, "no")


@pytest.mark.parametrize("at_once", [1, 2, 100])
async def test_letters_that_were_written_after_an_erasure_are_forgotten_too(
    database: Database, at_once: int
) -> None:
    """What was accepted later is of whoever has the address then; an id is never somebody else's."""
    until, gone_id = utc_now(), uuid7()
    later = until + timedelta(seconds=1)

    async def find_gone(_tx: Tx, mentions: Sequence[str]) -> Mapping[str, datetime]:
        known = {"ann@shop.example": until, str(gone_id): later}
        return {mention: known[mention] for mention in mentions if mention in known}

    stays = [accepted(later, email="ann@shop.example"), accepted(until, email="bob@shop.example")]
    goes = [
        accepted(until, email="ann@shop.example"),
        accepted(later, customer_id=str(gone_id)),
        dead_letters.of_frame(QUEUE, b"\xff ann@shop.example", "not a frame"),
    ]
    async with database.transaction() as tx:
        await dead_letters.insert(tx, [*goes[:2], *stays, *goes[2:]])
    for forgotten in (3, 0):
        assert await forget(database, find_gone, at_once=at_once) == forgotten
    async with database.transaction() as tx:
        left = await dead_letters.list_kept(tx, queue=None, type_=None, before=None, most=10)
    assert {letter.event_id for letter in left} == {letter.event_id for letter in stays}


@pytest.mark.parametrize("noise", ["x@", "a@b.c ", "'@", "\\", "\\u0041", "@"])
async def test_looking_for_people_in_a_large_letter_takes_no_long_time(noise: str) -> None:
    started = time.process_time()
    mentioned(noise * (1_000_000 // len(noise)))
    assert time.process_time() - started < 5


async def test_a_person_in_the_subject_or_the_reason_is_erased_too(database: Database) -> None:
    async with database.transaction() as tx:
        for subject, reason in (("ann@shop.example", "no"), ("", "Key (email)=(ann@shop.example) exists")):
            await dead_letters.insert(tx, [DeadLetter(uuid7(), "numbers", "t", subject, reason, b"\xff")])
        assert await dead_letters.erase(tx, ["ann@shop.example"]) == 2


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[Broker]:
    broker = await open_broker(broker_url, [QUEUE], max_bytes=10_000_000)
    yield broker
    await broker.close()


async def put_aside(database: Database, letter: DeadLetter) -> None:
    async with database.transaction() as tx:
        await dead_letters.insert(tx, [letter])


async def kept(database: Database) -> list[KeptLetter]:
    async with database.transaction() as tx:
        return await dead_letters.list_kept(tx, queue=None, type_=None, before=None, most=10)


async def test_a_letter_that_the_broker_did_not_take_stays(database: Database, broker: Broker) -> None:
    await put_aside(database, DeadLetter(uuid7(), QUEUE.name, "t", "", "no", b"{}"))
    [letter] = await kept(database)
    with pytest.raises(BrokerUnavailable):
        await dead_letters.replay(database, broker, [UNBOUND], letter.dead_letter_id)
    assert await kept(database) == [letter]
    await dead_letters.replay(database, broker, [QUEUE], letter.dead_letter_id)
    assert await kept(database) == []
    async with broker.subscribe(QUEUE) as subscription:
        assert [frame.body for frame in await subscription.receive(max_frames=9, wait_s=30)] == [b"[{}]"]


class QuickConsumer:
    """The real broker with a consumer that has failed again before the confirm is back."""

    def __init__(self, broker: Broker, database: Database, again: DeadLetter) -> None:
        self._broker = broker
        self._database = database
        self._again = again

    async def publish(self, topic: Topic, body: bytes, *, timeout_s: float = 2.0) -> None:
        await self._broker.publish(topic, body, timeout_s=timeout_s)
        await put_aside(self._database, self._again)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)


async def test_a_letter_that_fails_again_before_the_replay_ends_is_not_lost(
    database: Database, broker: Broker
) -> None:
    event_id = uuid7()
    await put_aside(database, DeadLetter(event_id, QUEUE.name, "t", "", "the first reason", b"{}"))
    [first] = await kept(database)
    quick = QuickConsumer(broker, database, DeadLetter(event_id, QUEUE.name, "t", "", "another", b"{}"))
    await dead_letters.replay(database, quick, [QUEUE], first.dead_letter_id)
    [again] = await kept(database)
    assert (again.event_id, again.reason) == (event_id, "another")
    assert again.dead_letter_id > first.dead_letter_id
