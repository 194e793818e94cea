"""`dead-letters`: what is asked of which service, in which order, and what a script can trust."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import HangUp, Reply, ScriptedServer, problem, scripted_server

INGESTION, CAMPAIGNS = "/api/v1/dead-letters", "/api/v1/operations/dead-letters"
GONE = problem(404, "Not found")


def id_of(number: int) -> str:
    return str(UUID(int=number))


def letter(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "dead_letter_id": id_of(number),
        "event_id": id_of(100 + number),
        "queue": "order_queue",
        "type": "order.recorded.v1",
        "subject": "a@shop.example",
        "reason": f"reason\n{number}",
        "failed_at": "2026-11-01T10:00:00.123456Z",
        "size": 12,
        **fields,
    }


def page(*numbers: int, cursor: str | None = None) -> Reply:
    return Reply(200, {"items": [letter(number) for number in numbers], "next_cursor": cursor})


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        server.routes = {("GET", INGESTION): page(), ("GET", CAMPAIGNS): page()}
        yield server


async def run(server: ScriptedServer, home: Path, *arguments: str, **options: Any) -> Any:
    given = ("--url", server.url, "--api-key", "xk")
    return await xencrm("dead-letters", *arguments, *given, home=home, **options)


def changes(server: ScriptedServer) -> list[tuple[str, str]]:
    return [(asked.method, asked.path) for asked in server.asked if asked.method != "GET"]


async def test_the_list_is_one_letter_a_line_of_both_services(server: ScriptedServer, tmp_path: Path) -> None:
    server.routes = {("GET", INGESTION): page(2, 1), ("GET", CAMPAIGNS): page(3)}
    done = await run(server, tmp_path, "list")
    assert done.exit_code == 0, done.output
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        [id_of(2), "ingestion"],
        [id_of(1), "ingestion"],
        [id_of(3), "campaigns"],
    ]
    assert lines[0][2:] == ["2026-11-01T10:00:00+00:00", "order_queue", "order.recorded.v1", "reason 2"]


async def test_the_list_can_be_narrowed_and_says_when_there_is_more(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.routes = {("GET", CAMPAIGNS): page(1, cursor="next")}
    chosen = ("--service", "campaigns", "--queue", "receipt_queue", "--type", "t", "--limit", "1")
    done = await run(server, tmp_path, "list", *chosen)
    assert server.asked[0].query == {"queue": "receipt_queue", "type": "t", "limit": "1"}
    assert "there are more of campaigns" in done.stderr


async def test_a_letter_is_shown_as_json_wherever_it_is(server: ScriptedServer, tmp_path: Path) -> None:
    opened = letter(7, event={"id": "e", "data": {"order_amount": "5.00"}}, text=None, base64=None)
    server.routes = {
        ("GET", f"{INGESTION}/{id_of(7)}"): GONE,
        ("GET", f"{CAMPAIGNS}/{id_of(7)}"): Reply(200, opened),
    }
    done = await run(server, tmp_path, "show", id_of(7))
    assert done.exit_code == 0, done.output
    shown = msgspec.json.decode(done.stdout)
    assert shown["service"] == "campaigns"
    assert shown["event"]["data"] == {"order_amount": "5.00"}
    assert "base64" not in shown


@pytest.mark.parametrize(
    ("verb", "method", "ending"), [("replay", "POST", "/replay"), ("drop", "DELETE", "")]
)
async def test_one_letter_is_settled_where_it_is(
    server: ScriptedServer, tmp_path: Path, verb: str, method: str, ending: str
) -> None:
    paths = [f"{path}/{id_of(7)}{ending}" for path in (INGESTION, CAMPAIGNS)]
    server.routes = {(method, paths[0]): GONE, (method, paths[1]): Reply(202, {})}
    done = await run(server, tmp_path, verb, id_of(7))
    assert (done.exit_code, changes(server)) == (0, [(method, paths[0]), (method, paths[1])])
    assert done.stdout.split()[1] == id_of(7)


async def test_a_letter_that_nobody_has_is_one_line(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [GONE, GONE]
    done = await run(server, tmp_path, "replay", id_of(7))
    assert (done.exit_code, done.stderr) == (1, f"error: there is no dead letter {id_of(7)}\n")


async def test_a_replay_whose_answer_was_lost_is_not_a_failure(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.script = [page(), HangUp(), GONE]
    done = await run(server, tmp_path, "list", "--service", "ingestion")
    assert done.exit_code == 0
    done = await run(server, tmp_path, "replay", id_of(7), "--service", "ingestion")
    assert (done.exit_code, done.stdout) == (0, f"replayed {id_of(7)}\n")


async def test_all_letters_are_replayed_in_the_order_in_which_they_failed(
    server: ScriptedServer, tmp_path: Path
) -> None:
    server.script = [page(5, 4, cursor="next"), page(1), page(3)]
    server.routes = {
        ("POST", f"{INGESTION}/{id_of(1)}/replay"): Reply(202, {}),
        ("POST", f"{CAMPAIGNS}/{id_of(3)}/replay"): problem(409, "Conflict", detail="no such queue"),
        ("POST", f"{INGESTION}/{id_of(4)}/replay"): Reply(202, {}),
        ("POST", f"{INGESTION}/{id_of(5)}/replay"): Reply(202, {}),
    }
    done = await run(server, tmp_path, "replay", "--all", "--yes")
    assert changes(server) == list(server.routes)
    assert done.stdout == "replayed 3 of 4 letters\n"
    assert done.stderr == f"error: {id_of(3)}: Conflict: no such queue\n"
    assert done.exit_code == 1


@pytest.mark.parametrize(("answer", "dropped"), [("y\n", 1), ("n\n", 0), ("", 0)])
async def test_all_letters_are_dropped_only_after_a_yes(
    server: ScriptedServer, tmp_path: Path, answer: str, dropped: int
) -> None:
    server.routes |= {("GET", INGESTION): page(1), ("DELETE", f"{INGESTION}/{id_of(1)}"): Reply(204, b"")}
    done = await run(server, tmp_path, "drop", "--all", "--service", "ingestion", stdin=answer)
    assert "drop 1 letters? [y/N]" in done.stdout
    assert len(changes(server)) == dropped
    assert done.exit_code == (0 if dropped else 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", id_of(1), "--all"),
        ("drop", id_of(1), "--queue", "order_queue"),
        ("drop", "seven"),
        ("list", "--service", "simulator"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    server: ScriptedServer, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert (await run(server, tmp_path, *arguments)).exit_code == 2
    assert server.asked == []
