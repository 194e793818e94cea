"""`suppressions`: what is asked, and what a script can trust."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import HangUp, Reply, ScriptedServer, scripted_server
from xencrm.client.client import Client
from xencrm.client.suppressions import MAX_ADDRESSES

PATH = "/api/v1/suppressions"
ONE = str(UUID(int=1))


def suppression(**fields: Any) -> dict[str, Any]:
    return {
        "suppression_id": ONE,
        "reason": "MANUAL",
        "email": "a@shop.example",
        "created_at": "2026-11-01T10:00:00Z",
        **fields,
    }


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


async def run(server: ScriptedServer, home: Path, *arguments: str) -> Any:
    given = ("--url", server.url, "--api-key", "xk")
    return await xencrm("suppressions", *arguments, *given, home=home)


async def test_the_list_says_whom_why_and_since_when(server: ScriptedServer, tmp_path: Path) -> None:
    items = [
        suppression(),
        suppression(email=None, customer_id="c1", reason="COMPLAINED"),
        suppression(email=None, reason="UNSUBSCRIBED"),
    ]
    server.routes = {("GET", PATH): Reply(200, {"items": items, "next_cursor": None})}
    done = await run(server, tmp_path, "list", "--search", "shop", "--reason", "MANUAL")
    assert done.exit_code == 0, done.output
    assert [line.split("\t")[1:] for line in done.stdout.splitlines()] == [
        ["a@shop.example", "MANUAL", "2026-11-01T10:00:00+00:00"],
        ["c1", "COMPLAINED", "2026-11-01T10:00:00+00:00"],
        ["(erased)", "UNSUBSCRIBED", "2026-11-01T10:00:00+00:00"],
    ]
    assert server.asked[0].query == {"q": "shop", "reason": "MANUAL", "limit": "100"}


async def test_an_address_is_suppressed_also_when_an_answer_is_lost(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.script = [HangUp(), Reply(201, suppression())]
    done = await run(server, tmp_path, "add", "a@shop.example", "--note", "by phone")
    assert (done.exit_code, done.stdout.strip()) == (0, ONE), done.output
    said = {"email": "a@shop.example", "customer_id": None, "note": "by phone"}
    assert [msgspec.json.decode(asked.body) for asked in server.asked] == [said, said]


@pytest.mark.parametrize("arguments", [(), ("a@shop.example", "--customer", ONE)])
async def test_it_is_either_an_address_or_a_customer(
    server: ScriptedServer, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert (await run(server, tmp_path, "add", *arguments)).exit_code == 2
    assert server.asked == []


async def test_a_file_is_taken_over_and_bad_lines_are_told(server: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "addresses.txt"
    file.write_text("\ufeffa@shop.example\r\n\r\n b@shop.example\nnobody\n", encoding="utf-8")
    rejected = [{"index": 2, "errors": [{"field": "email", "message": "not an e-mail address"}]}]
    server.routes = {("POST", f"{PATH}/batch"): Reply(200, {"accepted": 2, "added": 1, "rejected": rejected})}
    done = await run(server, tmp_path, "import", str(file), "--reason", "UNSUBSCRIBED")
    assert done.exit_code == 1
    assert done.stdout.strip() == "2 addresses are suppressed, 1 of them newly"
    assert "error: line 4: not an e-mail address" in done.stderr
    said = msgspec.json.decode(server.asked[0].body)
    assert said["emails"] == ["a@shop.example", "b@shop.example", "nobody"]
    assert said["reason"] == "UNSUBSCRIBED"


async def test_a_file_that_is_not_there_is_one_clear_line(server: ScriptedServer, tmp_path: Path) -> None:
    done = await run(server, tmp_path, "import", str(tmp_path / "none.txt"))
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")


async def test_more_addresses_than_the_service_takes_at_once_go_in_parts(server: ScriptedServer) -> None:
    bad = [{"index": 0, "errors": []}]
    server.script = [
        Reply(200, {"accepted": MAX_ADDRESSES, "added": 4, "rejected": []}),
        Reply(200, {"accepted": 1, "added": 1, "rejected": bad}),
    ]
    async with Client(server.url, "xk") as client:
        taken = await client.suppressions.add_many(["a@shop.example"] * (MAX_ADDRESSES + 2))
    assert (taken.accepted, taken.added) == (MAX_ADDRESSES + 1, 5)
    assert [row.index for row in taken.rejected] == [MAX_ADDRESSES]
    sizes = [len(msgspec.json.decode(asked.body)["emails"]) for asked in server.asked]
    assert sizes == [MAX_ADDRESSES, 2]


async def test_a_suppression_is_lifted(server: ScriptedServer, tmp_path: Path) -> None:
    server.routes = {("DELETE", f"{PATH}/{ONE}"): Reply(204)}
    assert (await run(server, tmp_path, "lift", ONE)).exit_code == 0
