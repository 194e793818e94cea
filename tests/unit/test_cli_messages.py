"""`messages`, `vendors`, `waiting-orders`: what is asked, and what a script can trust."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import HangUp, Reply, ScriptedServer, problem, scripted_server

CAMPAIGN = "/api/v1/campaigns/c1/messages"
DECIDED = problem(409, "Conflict", detail="The message is FAILED, not UNCONFIRMED.")


def id_of(number: int) -> str:
    return str(UUID(int=number))


def message(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "message_id": id_of(number),
        "campaign_id": "c1",
        "customer_id": id_of(100 + number),
        "email": "now@shop.example",
        "state": "UNCONFIRMED",
        "attempt": 1,
        "reason": "IN_DOUBT",
        **fields,
    }


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


async def run(server: ScriptedServer, home: Path, *arguments: str) -> Any:
    return await xencrm(*arguments, "--url", server.url, "--api-key", "xk", home=home)


async def test_a_campaigns_messages_are_listed_by_state(server: ScriptedServer, tmp_path: Path) -> None:
    items = [message(1), message(2, address="then@shop.example", reason=None)]
    server.routes = {("GET", CAMPAIGN): Reply(200, {"items": items, "next_cursor": "more"})}
    done = await run(server, tmp_path, "messages", "list", "c1", "--state", "UNCONFIRMED", "--limit", "2")
    assert done.exit_code == 0, done.output
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        [id_of(1), "UNCONFIRMED", "IN_DOUBT", "now@shop.example"],
        [id_of(2), "UNCONFIRMED", "-", "then@shop.example"],
    ]
    assert "there are more" in done.stderr
    assert server.asked[0].query == {"state": "UNCONFIRMED", "limit": "2"}


async def test_an_unknown_state_is_refused_before_anything_is_asked(
    server: ScriptedServer, tmp_path: Path
) -> None:
    assert (await run(server, tmp_path, "messages", "list", "c1", "--state", "LOST")).exit_code == 2
    assert server.asked == []


async def test_a_message_is_shown_with_its_receipts(server: ScriptedServer, tmp_path: Path) -> None:
    receipt = {"receipt_id": id_of(9), "attempt": 1, "outcome": "DELIVERED", "vendor": "smtp"}
    shown = message(1, body="Hi", vendor="smtp", receipts=[receipt])
    server.routes = {("GET", f"/api/v1/messages/{id_of(1)}"): Reply(200, shown)}
    done = await run(server, tmp_path, "messages", "show", id_of(1))
    assert done.exit_code == 0, done.output
    told = msgspec.json.decode(done.stdout)
    assert (told["body"], told["receipts"][0]["outcome"]) == ("Hi", "DELIVERED")


@pytest.mark.parametrize(("deed", "state"), [("resend", "PENDING"), ("give-up", "FAILED")])
async def test_each_message_is_decided_for_itself(
    server: ScriptedServer, tmp_path: Path, deed: str, state: str
) -> None:
    server.routes = {
        ("POST", f"/api/v1/messages/{id_of(1)}/{deed}"): Reply(200, message(1, state=state)),
        ("POST", f"/api/v1/messages/{id_of(2)}/{deed}"): DECIDED,
        ("GET", f"/api/v1/messages/{id_of(2)}"): Reply(200, message(2, state="FAILED")),
        ("POST", f"/api/v1/messages/{id_of(3)}/{deed}"): Reply(200, message(3, state=state)),
    }
    done = await run(server, tmp_path, "messages", deed, id_of(1), id_of(2), id_of(3))
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [f"{id_of(1)} {state}", f"{id_of(3)} {state}"]
    assert f"error: {id_of(2)}: " in done.stderr


async def test_giving_up_is_repeated_after_a_lost_answer_and_sending_again_is_not(
    server: ScriptedServer, tmp_path: Path
) -> None:
    path = f"/api/v1/messages/{id_of(1)}"
    server.script = [HangUp(), DECIDED, Reply(200, message(1, state="FAILED"))]
    assert (await run(server, tmp_path, "messages", "give-up", id_of(1))).exit_code == 0
    server.script = [HangUp()]
    assert (await run(server, tmp_path, "messages", "resend", id_of(1))).exit_code == 1
    assert [asked.path for asked in server.asked if asked.method == "POST"] == [
        f"{path}/give-up",
        f"{path}/give-up",
        f"{path}/resend",
    ]


async def test_vendors_say_what_they_lack_and_whether_they_are_left_alone(
    server: ScriptedServer, tmp_path: Path
) -> None:
    def vendor(name: str, **fields: Any) -> dict[str, Any]:
        rest = {"missing": [], "idempotent": True, "receipts": "answer", "rate_per_s": None, "breaker": {}}
        return {"name": name, "configured": True, **rest, **fields}

    items = [
        vendor("simulator"),
        vendor("smtp", configured=False, missing=["XENCRM_SMTP_HOST", "XENCRM_SMTP_FROM"]),
        vendor("webhook", rate_per_s=50.0, breaker={"state": "open", "until": "2026-11-01T10:00:00Z"}),
        vendor("other", breaker={"state": "half_open", "failures": 3}),
    ]
    server.routes = {("GET", "/api/v1/vendors"): Reply(200, {"items": items})}
    done = await run(server, tmp_path, "vendors")
    assert done.exit_code == 0, done.output
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        ["simulator", "ready", "any rate", "-"],
        ["smtp", "needs XENCRM_SMTP_HOST, XENCRM_SMTP_FROM", "any rate", "-"],
        ["webhook", "ready", "50/s", "left alone until 2026-11-01T10:00:00+00:00"],
        ["other", "ready", "any rate", "failed 3 times, is being tried"],
    ]


async def test_waiting_orders_are_one_a_line_with_the_reason(server: ScriptedServer, tmp_path: Path) -> None:
    def waiting(order_id: str, **fields: Any) -> dict[str, Any]:
        since = "2026-11-01T10:00:00.5Z"
        return {"event_id": id_of(1), "order_id": order_id, "waiting_since": since, "reason": "why", **fields}

    items = [waiting("o1", customer_email="a@shop.example"), waiting("o2", customer_id=id_of(7))]
    server.routes = {("GET", "/api/v1/waiting-orders"): Reply(200, {"items": items, "next_cursor": None})}
    done = await run(server, tmp_path, "waiting-orders", "--email", "a@shop.example")
    assert done.exit_code == 0, done.output
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        ["o1", "a@shop.example", "2026-11-01T10:00:00+00:00", "why"],
        ["o2", id_of(7), "2026-11-01T10:00:00+00:00", "why"],
    ]
    assert server.asked[0].query == {"customer_email": "a@shop.example", "limit": "100"}
