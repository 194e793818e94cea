"""The guide for vendors: its code is taken from the page and does what the page says."""

from collections.abc import AsyncIterator
from pathlib import Path
from textwrap import indent
from typing import Any
from uuid import uuid4

import pytest
from pydantic import Field

from tests.support.pages import sections_of
from tests.support.ports import free_port
from tests.support.scripted_server import HangUp, Reply, ScriptedServer, scripted_server
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Failed,
    Outgoing,
    Refused,
    Unanswered,
    Unsent,
)
from xencrm.campaigns.vendors import registry
from xencrm.campaigns.vendors.registry import VendorKind
from xencrm.kernel.settings import Settings

PAGE = sections_of(Path(__file__).parents[2] / "docs" / "howto" / "add-a-vendor.md")
SENDER = PAGE["Write it"].files["sender.py"]
MOST_LINES = 60


def kind_and_settings() -> tuple[VendorKind, Any]:
    """As if the pieces stood where the page says."""
    files = PAGE["Tell the table"].files
    names = {**vars(registry), "Settings": Settings, "Field": Field, "__name__": "pigeon"}
    exec(SENDER, names)
    exec(files["registry.py"], names)
    exec("class WithPigeon(Settings):\n" + indent(files["settings.py"], "    "), names)
    return names["PIGEON"], names["WithPigeon"]


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


async def send(url: str, count: int = 1) -> list[Answer]:
    kind, settings = kind_and_settings()
    vendor = kind.build(settings(pigeon_url=url, pigeon_token="t"))
    try:
        messages = [Outgoing(uuid4(), 1, "asha@example.com", "Asha", None, "Hello") for _ in range(count)]
        return await vendor.send(messages, timeout_s=5)
    finally:
        await vendor.close()


def test_the_example_is_as_short_as_it_says() -> None:
    assert len([line for line in SENDER.splitlines() if line.strip()]) <= MOST_LINES


def test_the_row_says_what_is_missing() -> None:
    kind, settings = kind_and_settings()
    assert kind.missing(settings()) == ["XENCRM_PIGEON_URL", "XENCRM_PIGEON_TOKEN"]
    assert kind.missing(settings(pigeon_url="http://pigeon", pigeon_token="t")) == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(201, {"ring": "r1"}), Accepted("r1")),
        (Reply(422), Failed("INVALID_EMAIL")),
        (Reply(409), Refused("TEMPORARY_FAILURE", 60)),
        (Reply(429, headers={"Retry-After": "7"}), Unsent("throttled", 7)),
    ],
    ids=str,
)
async def test_each_answer_is_understood(server: ScriptedServer, reply: Reply, expected: Answer) -> None:
    server.script = [reply]
    assert await send(server.url) == [expected]


async def test_what_left_and_what_did_not_are_told_apart(server: ScriptedServer) -> None:
    server.script = [HangUp(), Reply(500), Reply(302, headers={"Location": "/"}), Reply(401)]
    kinds = [type((await send(server.url))[0]) for _ in range(4)]
    assert kinds == [Unanswered, Unanswered, Unanswered, Unsent]
    assert [type(answer) for answer in await send(f"http://127.0.0.1:{free_port()}", count=2)] == [Unsent] * 2
