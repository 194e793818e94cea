"""Dead letters in a database: what is kept of them, and what is erased with a person."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.support.postgres import PostgresServer
from xencrm.kernel.database import Database
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.schema import DDL


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


@pytest.mark.parametrize("payload", [r'{"name":"Zoë \"Q\" \\ Łu"}', r'{"name":"Zo\u00eb \"Q\" \\ \u0141u"}'])
async def test_a_text_is_found_as_json_writes_it(database: Database, payload: str) -> None:
    assert await left_after_erasing(database, 'Zoë "Q" \\ Łu', payload.encode(), b"another") == [b"another"]


async def test_a_person_in_the_subject_or_the_reason_is_erased_too(database: Database) -> None:
    async with database.transaction() as tx:
        for subject, reason in (("ann@shop.example", "no"), ("", "Key (email)=(ann@shop.example) exists")):
            await dead_letters.insert(tx, [DeadLetter(uuid7(), "numbers", "t", subject, reason, b"\xff")])
        assert await dead_letters.erase(tx, ["ann@shop.example"]) == 2
