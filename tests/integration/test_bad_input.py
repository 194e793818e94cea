"""Bad input to Ingestion: a 400 that names the field, or the row and the field; what is good goes on.

Every body goes four ways: alone over the lean way in and (as a body of unknown length) over the framework
behind it, and as one row among good ones in both forms of a batch.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from tests.support.ingestion import RunningIngestion, running_ingestion
from tests.support.postgres import PostgresServer

KNOWN = "known@shop.example"
CUSTOMER = {"name": "Asha", "email": "asha@shop.example"}
ORDER = {"customer_email": KNOWN, "order_amount": 1}
JSON, NDJSON = "application/json", "application/x-ndjson"
LONGEST_BODY = 1_000_000

AMOUNTS: list[Any] = [
    -1, "-0.01", 1.001, "1.999", 10_000_000_000, "9999999999.991", 10**30, "1" * 5000, "1e400", "1e-3",
    "NaN", "sNaN", "Infinity", "ten", "", True, None, [1], {}, "1,50",
]  # fmt: skip
TIMES: list[Any] = [
    "1900-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
    "2024-01-01T00:00:00", "2024-01-01", "2024-02-30T00:00:00Z", "yesterday", "", 0, True,
]  # fmt: skip
LINES = ["", "  ", "Asha\0", "Asha\r\nBcc: x@y.example", "Asha\n", "\tAsha", "Asha\x85", 7, True, [], {}]
BAD: list[tuple[str, str, Any]] = [
    *(("/customers", "name", value) for value in (*LINES, None, "A" * 256, "A" * 900_000)),
    *(("/customers", "email", value) for value in (*LINES, None, "a@b", "@b.example", "a b@c.example",
                                                   "a@b.example\r\nBcc: c@d.example", "a\0@b.example",
                                                   "a@@b.example", f"{'a' * 250}@b.example")),
    *(("/customers", "phone", value) for value in (*LINES, "1" * 65)),
    *(("/customers", "status", value) for value in ("active", "", None, 1)),
    *(("/customers", "total_spend", value) for value in AMOUNTS),
    *(("/customers", "total_visits", value) for value in (-1, 1.5, "3", 10**30, 1_000_000_001, True, None)),
    *(("/customers", "last_order_at", value) for value in TIMES),
    *(("/customers", "attributes", value) for value in (
        [], "x", None, {"a": [1]}, {"a": {"b": 1}}, {"a\0": 1}, {"a\r\nb": 1}, {" a": 1}, {"": 1},
        {"a": "x\0"}, {"a": 10**30}, {"a": 1e300}, {"a": 2**53 + 2}, {"k" * 65: 1}, {"a": "x" * 10_001},
        {f"k{number}": 1 for number in range(101)},
    )),
    ("/customers", "colour", "red"),
    ("/customers", "customer_id", "01890a5d-ac96-774b-bcce-b302099a8057"),
    *(("/orders", "order_amount", value) for value in AMOUNTS),
    *(("/orders", "order_status", value) for value in ("LOST", "completed", "", None, 1)),
    *(("/orders", "order_id", value) for value in (*LINES, None, "o" * 129)),
    *(("/orders", "customer_email", value) for value in ("a@b", "a\0@b.example", "", None, 7)),
    *(("/orders", "customer_email", value) for value in (KNOWN.replace("@", "\r\n@"),)),
    *(("/orders", "ordered_at", value) for value in (*TIMES, None)),
    *(("/orders", "items", value) for value in (
        "x", {}, None, [0] * 1001, ["x\0"], [{"sku\0": 1}], [{"a": {"b": ["\0"]}}], [[[[[[[[[1]]]]]]]]],
    )),
    ("/orders", "currency", "INR"),
]  # fmt: skip
NO_JSON = {
    "nothing": b"",
    "cut short": b'{"name": ',
    "two values": b'{"name":"A","email":"a@b.example"} {}',
    "NaN": b'{"name":"A","email":"a@b.example","total_spend":NaN}',
    "invalid UTF-8": b'{"name":"\xff","email":"a@b.example"}',
    "an encoded surrogate": b'{"name":"\xed\xa0\x80","email":"a@b.example"}',
    "a lone surrogate": b'{"name":"\\ud800","email":"a@b.example"}',
    "a raw NUL": b'{"name":"A\0","email":"a@b.example"}',
    "UTF-16": '{"name":"A","email":"a@b.example"}'.encode("utf-16"),
    "deeply nested": b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deeply nested under an unknown name": b'{"x":' + b'{"x":' * 100_000 + b"1" + b"}" * 100_001,
    "a list": b"[]",
    "a text": b'"Asha"',
    "null": b"null",
}


@pytest.fixture(scope="module")
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningIngestion]:
    """At the end nothing that was accepted could not be applied."""
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, customer_grace_s=0.01) as running:
        await running.post("/customers", {"name": "Known", "email": KNOWN})
        await running.until("SELECT count(*) FROM customers", 1)
        yield running
        assert await running.rows("SELECT reason FROM dead_letters") == []


async def send(
    ingestion: RunningIngestion, path: str, raw: bytes, *, lean: bool = True, kind: str = JSON, **headers: str
) -> tuple[int, Any]:
    async def chunks() -> AsyncIterator[bytes]:
        yield raw

    given = {"content-type": kind, **headers}
    return await ingestion.ask("POST", path, data=raw if lean else chunks(), headers=given)


def fields(errors: list[dict[str, str]]) -> list[str]:
    """The fields of the body that errors name, without what is below them."""
    assert all(error["message"] for error in errors)
    return [error["field"].partition(".")[0].partition("[")[0] for error in errors]


def encoded(path: str, field: str, value: Any) -> bytes:
    good = CUSTOMER if path == "/customers" else ORDER
    return json.dumps({**good, field: value}).encode()


def shown(value: Any) -> str:
    return repr(value)[:40]


@pytest.mark.parametrize(("path", "field", "value"), BAD, ids=shown)
async def test_a_bad_value_is_named(ingestion: RunningIngestion, path: str, field: str, value: Any) -> None:
    raw = encoded(path, field, value)
    for lean in (True, False):
        status, problem = await send(ingestion, path, raw, lean=lean)
        assert (status, problem["status"]) == (400, 400), problem
        assert fields(problem["errors"]) == [field]


async def test_a_bad_value_of_a_correction_is_named_and_changes_nothing(ingestion: RunningIngestion) -> None:
    (before,) = await ingestion.rows("SELECT * FROM customers WHERE email = :e", e=KNOWN)
    path = f"/customers/{before.customer_id}"
    corrections = [(field, {field: value}) for way, field, value in BAD if way == "/customers"]
    for field, correction in [*corrections, ("body", {})]:
        status, problem = await ingestion.ask("PATCH", path, json=correction)
        assert (status, fields(problem["errors"])) == (400, [field]), correction
    assert await ingestion.rows("SELECT * FROM customers WHERE email = :e", e=KNOWN) == [before]


@pytest.mark.parametrize(("path", "field", "value"), BAD, ids=shown)
async def test_a_bad_row_is_named_and_the_others_are_accepted(
    ingestion: RunningIngestion, path: str, field: str, value: Any
) -> None:
    good, bad = json.dumps(CUSTOMER if path == "/customers" else ORDER).encode(), encoded(path, field, value)
    rows = [good, bad, good]
    for body, kind in ((b"[" + b",".join(rows) + b"]", JSON), (b"\n".join(rows), NDJSON)):
        status, answer = await send(ingestion, f"{path}/batch", body, kind=kind)
        assert (status, answer["accepted"]) == (202, 2), answer
        assert [(row["index"], fields(row["errors"])) for row in answer["rejected"]] == [(1, [field])]


@pytest.mark.parametrize(("number", "field"), [("1e400", "order_amount"), ("-1e400", "order_amount")])
async def test_a_number_beyond_all_measure_is_named(
    ingestion: RunningIngestion, number: str, field: str
) -> None:
    raw = f'{{"customer_email":"{KNOWN}","order_amount":{number}}}'.encode()
    for lean in (True, False):
        status, problem = await send(ingestion, "/orders", raw, lean=lean)
        assert (status, fields(problem["errors"])) == (400, [field])


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON.keys())
async def test_what_is_no_customer_at_all_is_refused(ingestion: RunningIngestion, raw: bytes) -> None:
    for path in ("/customers", "/orders"):
        for lean in (True, False):
            status, problem = await send(ingestion, path, raw, lean=lean)
            assert status == 400, problem
            assert fields(problem["errors"])


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON.keys())
async def test_a_line_that_is_no_customer_costs_only_itself(ingestion: RunningIngestion, raw: bytes) -> None:
    emails = [f"{uuid4().hex}@shop.example" for _ in range(2)]
    good = [json.dumps({"name": "A", "email": email}).encode() for email in emails]
    status, answer = await send(
        ingestion, "/customers/batch", b"\n".join([good[0], raw or b" {", good[1]]), kind=NDJSON
    )
    assert (status, answer["accepted"]) == (202, 2)
    assert [row["index"] for row in answer["rejected"]] == [1]
    await ingestion.until("SELECT count(*) FROM customers WHERE email = ANY(:e)", 2, e=emails)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[]", JSON),
        (b"", JSON),
        (b"{}", JSON),
        (b"[1", JSON),
        (b"null", JSON),
        (b"", NDJSON),
        (b"\n \n\r\n", NDJSON),
        (b"[" + b",".join([b"1"] * 10_001) + b"]", JSON),
        (b"1\n" * 10_001, NDJSON),
        (b"\n" * 5_000_000, NDJSON),
        (b"[" + b",".join([b"1"] * 5_000_000) + b"]", JSON),
    ],
    ids=shown,
)
async def test_a_batch_has_one_to_ten_thousand_rows(
    ingestion: RunningIngestion, body: bytes, kind: str
) -> None:
    for path in ("/customers/batch", "/orders/batch"):
        status, problem = await send(ingestion, path, body, kind=kind)
        assert (status, fields(problem["errors"])) == (400, ["body"])


async def test_ten_thousand_rows_are_read_one_by_one(ingestion: RunningIngestion) -> None:
    status, answer = await send(ingestion, "/orders/batch", b"1\n" * 10_000, kind=NDJSON)
    assert (status, answer["accepted"], len(answer["rejected"])) == (202, 0, 10_000)


async def test_of_a_name_that_comes_twice_the_last_counts(ingestion: RunningIngestion) -> None:
    for lean in (True, False):
        email = f"{uuid4().hex}@shop.example"
        raw = f'{{"name":"First","name":"Last","email":"{email}"}}'.encode()
        assert (await send(ingestion, "/customers", raw, lean=lean))[0] == 202
        await ingestion.until("SELECT max(name) FROM customers WHERE email = :e", "Last", e=email)
        raw = raw.replace(b"Last", b"")
        assert (await send(ingestion, "/customers", raw, lean=lean))[0] == 400


async def test_an_order_of_an_unknown_customer_is_not_found(ingestion: RunningIngestion) -> None:
    for lean in (True, False):
        for customer in ({"customer_email": "nobody@shop.example"}, {"customer_id": str(uuid4())}):
            raw = json.dumps({**customer, "order_amount": 1}).encode()
            status, problem = await send(ingestion, "/orders", raw, lean=lean)
            assert (status, problem["title"]) == (404, "Not found")


@pytest.mark.parametrize("key", ["", " ", "k" * 256])
async def test_an_idempotency_key_that_is_none_is_named(ingestion: RunningIngestion, key: str) -> None:
    raw = json.dumps(CUSTOMER).encode()
    for path, body in (("/customers", raw), ("/customers/batch", b"[" + raw + b"]")):
        for lean in (True, False):
            status, problem = await send(ingestion, path, body, lean=lean, **{"Idempotency-Key": key})
            assert (status, [error["field"] for error in problem["errors"]]) == (400, ["Idempotency-Key"])


@pytest.mark.parametrize("key", ["k" * 255, "ключ", '"} {', "%00"])
async def test_any_other_idempotency_key_is_the_same_on_both_ways(
    ingestion: RunningIngestion, key: str
) -> None:
    raw = json.dumps(CUSTOMER).encode()
    answers = [
        await send(ingestion, "/customers", raw, lean=lean, **{"Idempotency-Key": key})
        for lean in (True, False)
    ]
    assert [status for status, _ in answers] == [202, 202]
    assert answers[0][1] == answers[1][1]
