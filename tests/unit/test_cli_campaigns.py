"""`campaigns`: launching and watching, with exit codes that a script can trust."""

from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.support.cli import xencrm
from tests.support.scripted_server import Reply, ScriptedServer, problem, scripted_server
from xencrm.cli.watch import Pace, line, watch
from xencrm.client.campaigns import CampaignStats, FailureCount
from xencrm.client.client import Client

STATS = "/api/v1/campaigns/c-1/stats"


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


def stats(status: str, **numbers: Any) -> Reply:
    return Reply(200, {"status": status, "audience": 10, "delivery_rate": None, "failures": [], **numbers})


def campaign(status: str) -> Reply:
    return Reply(200, {"campaign_id": "c-1", "name": "n", "status": status})


async def run(server: ScriptedServer, tmp_path: Path, *arguments: str) -> Any:
    given = ("--url", server.url, "--api-key", "xk")
    return await xencrm("campaigns", *arguments, *given, home=tmp_path)


async def test_a_launch_is_watched_until_it_is_completed(server: ScriptedServer, tmp_path: Path) -> None:
    failures = [{"reason": "EMAIL_BOUNCED", "count": 1}]
    server.script = [
        Reply(202, {}),
        campaign("PREPARING"),
        stats("PREPARING", pending=4),
        stats("RUNNING", pending=4, sending=2, delivered=4),
        stats("COMPLETED", delivered=9, failed=1, failures=failures),
    ]
    done = await run(server, tmp_path, "launch", "c-1")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [text.split()[0] for text in lines] == ["PREPARING", "RUNNING", "COMPLETED"]
    assert "delivered=9 failed=1 EMAIL_BOUNCED=1" in lines[-1]


async def test_numbers_that_stay_are_not_repeated(server: ScriptedServer, tmp_path: Path) -> None:
    same = stats("PAUSED", pending=6, delivered=4)
    server.script = [campaign("PAUSED"), same, same, stats("COMPLETED", delivered=10)]
    done = await run(server, tmp_path, "watch", "c-1")
    assert len(done.stdout.splitlines()) == 2


async def test_a_cancelled_campaign_is_a_failure(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [campaign("RUNNING"), stats("CANCELLED", cancelled=10)]
    assert (await run(server, tmp_path, "watch", "c-1")).exit_code == 1


async def test_a_draft_is_not_watched_for_ever(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [campaign("DRAFT")]
    done = await run(server, tmp_path, "watch", "c-1")
    assert done.exit_code == 1
    assert "xencrm campaigns launch c-1" in done.stderr


async def test_a_launch_that_is_not_allowed_is_one_line(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [problem(409, "Conflict", detail="it is COMPLETED"), campaign("COMPLETED")]
    done = await run(server, tmp_path, "launch", "c-1")
    assert done.exit_code == 1
    assert done.stderr == "error: Conflict: it is COMPLETED\n"


async def test_a_launch_need_not_be_watched(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [Reply(202, {}), campaign("PREPARING")]
    assert (await run(server, tmp_path, "launch", "c-1", "--no-watch")).exit_code == 0


async def test_a_draft_is_written_with_what_was_given_only(server: ScriptedServer, tmp_path: Path) -> None:
    server.script = [Reply(201, {"campaign_id": "c-1", "name": "n", "status": "DRAFT"})]
    done = await run(server, tmp_path, "create", "--name", "n", "--segment", "s-1", "--message", "Hi")
    assert done.stdout == "c-1\n"
    assert server.asked[0].lines[0] == {"name": "n", "segment_id": "s-1", "message_template": "Hi"}


async def test_a_terminal_gets_bars_and_reasons(server: ScriptedServer) -> None:
    failures = [{"reason": "SPAM_DETECTED", "count": 2}]
    server.routes = {("GET", STATS): stats("COMPLETED", delivered=8, failed=2, failures=failures)}
    console = Console(file=StringIO(), force_terminal=True, width=100)
    async with Client(server.url, "xk") as client:
        ended = await watch(client, "c-1", console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert ended.delivered == 8
    assert "SPAM_DETECTED" in shown
    assert "━" in shown


def test_a_line_leaves_out_what_is_empty() -> None:
    numbers = CampaignStats(
        status="RUNNING", audience=3, holdout=1, delivered=2, failed=1, failures=[FailureCount("X", 1)]
    )
    assert line(numbers) == "RUNNING audience=3 holdout=1 delivered=2 failed=1 X=1"
    tracked = CampaignStats(status="COMPLETED", audience=2, sent=2, opened=0, clicked=0)
    assert line(tracked) == "COMPLETED audience=2 sent=2 opened=0 clicked=0"


def test_the_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace(window_s=5)
    assert pace.see(0, 100.0) == 0
    assert pace.see(100, 101.0) == 100
    assert pace.see(100, 107.0) == 0
