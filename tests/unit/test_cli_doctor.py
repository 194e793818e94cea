"""`doctor` says what is well, what isn't, and what to do."""

from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import Reply, ScriptedServer, problem, scripted_server

QUEUES = (
    "customer_queue",
    "order_queue",
    "customer_mv_queue",
    "order_mv_queue",
    "receipt_queue",
    "access_queue",
)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


def operations(**changed: Any) -> Reply:
    well: dict[str, Any] = {
        "version": version("xencrm"),
        "service": "campaigns",
        "queues": [{"name": name, "frames": 0} for name in QUEUES],
        "lag_s": dict.fromkeys(QUEUES),
        "dead_letters": 0,
        "broker": "ok",
    }
    return Reply(200, well | changed)


def ingestion(**changed: Any) -> Reply:
    well: dict[str, Any] = {
        "version": version("xencrm"),
        "service": "ingestion",
        "lag_s": {"customer_queue": 0.0, "order_queue": 0.0, "outbox": 0.0},
        "dead_letters": 0,
        "waiting_orders": 3,
        "waiting_orders_oldest_s": 60.0,
        "broker": "ok",
    }
    return Reply(200, well | changed)


def healthy(server: ScriptedServer) -> None:
    server.routes = {
        ("GET", "/readyz"): Reply(200, {"status": "ready"}),
        ("GET", "/api/v1/ingestion/operations"): ingestion(),
        ("GET", "/api/v1/operations"): operations(),
    }


async def doctor(server: ScriptedServer, home: Path) -> Any:
    return await xencrm("doctor", "--url", server.url, "--api-key", "xk", home=home)


async def test_all_is_well(server: ScriptedServer, tmp_path: Path) -> None:
    healthy(server)
    done = await doctor(server, tmp_path)
    assert done.exit_code == 0, done.output
    assert "failed" not in done.stdout
    assert all(name in done.stdout for name in QUEUES)


async def test_nothing_listens(tmp_path: Path) -> None:
    done = await xencrm("doctor", "--url", "http://127.0.0.1:1", "--api-key", "xk", home=tmp_path)
    assert done.exit_code == 1
    assert "start it with `xencrm up`" in done.stdout


async def test_a_part_that_is_not_ready_is_told_and_the_rest_is_looked_at(
    server: ScriptedServer, tmp_path: Path
) -> None:
    healthy(server)
    server.routes["GET", "/readyz"] = problem(503, "Not ready", detail="ingestion is starting")
    server.routes["GET", "/api/v1/ingestion/operations"] = problem(503, "Not ready", {"Retry-After": "60"})
    done = await doctor(server, tmp_path)
    assert done.exit_code == 1
    assert "ingestion is starting" in done.stdout
    assert done.stdout.count("failed") == 2
    assert "ok      campaigns" in done.stdout


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"version": "0.0.1"}, "campaigns"),
        ({"broker": "unavailable"}, "broker"),
        ({"queues": [{"name": "order_queue", "frames": 5000}]}, "order_queue"),
        ({"lag_s": {"receipt_queue": 400.0}}, "receipt_queue"),
        ({"lag_s": {"outbox": 400.0}}, "outbox"),
        ({"dead_letters": 3}, "dead letters"),
    ],
)
async def test_what_is_wrong_fails_alone(
    server: ScriptedServer, tmp_path: Path, changed: dict[str, Any], name: str
) -> None:
    healthy(server)
    server.routes["GET", "/api/v1/operations"] = operations(**changed)
    done = await doctor(server, tmp_path)
    assert done.exit_code == 1
    failed = [text for text in done.stdout.splitlines() if text.startswith("failed")]
    assert len(failed) == 1
    assert name in failed[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": "0.0.1"}, "ingestion"),
        ({"lag_s": {"outbox": 400.0}}, "ingestion: outbox"),
        ({"lag_s": {"order_queue": 400.0}}, "ingestion: order_queue"),
        (
            {"waiting_orders": 5, "waiting_orders_oldest_s": 4000.0},
            "5 for their customer, the oldest for 4000 s",
        ),
        ({"dead_letters": 2}, "2 of ingestion"),
    ],
)
async def test_what_is_wrong_in_ingestion_fails_alone(
    server: ScriptedServer, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    healthy(server)
    server.routes["GET", "/api/v1/ingestion/operations"] = ingestion(**changed)
    done = await doctor(server, tmp_path)
    assert done.exit_code == 1
    failed = [text for text in done.stdout.splitlines() if text.startswith("failed")]
    assert len(failed) == 1
    assert said in failed[0]


async def test_what_to_do_is_told_with_the_command(server: ScriptedServer, tmp_path: Path) -> None:
    healthy(server)
    server.routes["GET", "/api/v1/ingestion/operations"] = ingestion(
        dead_letters=2, waiting_orders=1, waiting_orders_oldest_s=9000.0
    )
    done = await doctor(server, tmp_path)
    assert done.exit_code == 1
    assert "xencrm dead-letters list --service ingestion" in done.stdout
    assert "xencrm waiting-orders" in done.stdout
