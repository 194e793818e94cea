"""API keys and who may do what."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.support.campaigns import running_campaigns, walk
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.accounts.keys import service
from xencrm.campaigns.accounts.keys.model import KeyTaken, MalformedKey
from xencrm.contracts.access import PRINCIPAL_CHANGED, PrincipalChanged
from xencrm.kernel.http.principals import Role
from xencrm.kernel.messaging.envelope import decode_frame


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


async def make_key(
    campaigns: RunningService, role: str = "viewer", name: str = "a program"
) -> dict[str, Any]:
    status, made = await campaigns.post("/api-keys", {"name": name, "role": role})
    assert status == 201, made
    return dict(made)


async def ask_with(campaigns: RunningService, key: str, path: str = "/profiles") -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return (await campaigns.get(path, role=None, headers=headers))[0]


async def told(campaigns: RunningService, key_id: str) -> list[PrincipalChanged]:
    """What the outbox says of a key, in order."""
    query = "SELECT body FROM outbox WHERE exchange = 'access' AND body IS NOT NULL ORDER BY outbox_id"
    events = [event for row in await campaigns.rows(query) for event in decode_frame(bytes(row.body))]
    assert {event.type for event in events} == {PRINCIPAL_CHANGED}
    assert all(event.subject == str(body_of(event).principal_id) for event in events)
    return [body for event in events if (body := body_of(event)).key_id == key_id]


def body_of(event: Any) -> PrincipalChanged:
    return msgspec.json.decode(event.data, type=PrincipalChanged)


async def test_a_made_key_opens_what_its_role_allows(campaigns: RunningService) -> None:
    made = await make_key(campaigns, "viewer")
    assert await ask_with(campaigns, made["key"]) == 200
    assert await ask_with(campaigns, made["key"], "/api-keys") == 403
    assert await ask_with(campaigns, made["key"][:-1] + "!") == 401
    assert await ask_with(campaigns, made["key"][:-8] + "xxxxxxxx") == 401


async def test_the_text_of_a_key_is_shown_once_and_kept_nowhere(campaigns: RunningService) -> None:
    made = await make_key(campaigns)
    shown = [key for key in await walk(campaigns, "/api-keys", limit=100) if key["key_id"] == made["key_id"]]
    assert shown == [
        {
            name: made[name]
            for name in (
                "key_id",
                "name",
                "role",
                "agent",
                "draft_only",
                "daily_recipients",
                "created_at",
                "revoked_at",
            )
        }
    ]
    secret = made["key"].split("_", 2)[2]
    for table in ("api_keys", "outbox"):
        assert secret not in str(await campaigns.rows(f"SELECT t.*::text FROM {table} AS t"))


async def test_a_revoked_key_stops_working_within_seconds(campaigns: RunningService) -> None:
    made = await make_key(campaigns)
    assert await ask_with(campaigns, made["key"]) == 200
    for _ in range(2):
        assert (await campaigns.ask("DELETE", f"/api-keys/{made['key_id']}"))[0] == 204
    async with asyncio.timeout(30):
        while await ask_with(campaigns, made["key"]) != 401:
            await asyncio.sleep(0.1)
    assert (await campaigns.ask("DELETE", "/api-keys/000000000000_"))[0] == 404


async def test_each_change_is_told_with_a_higher_version(campaigns: RunningService) -> None:
    made = await make_key(campaigns, "ingest", "the shop")
    await campaigns.ask("DELETE", f"/api-keys/{made['key_id']}")
    await campaigns.ask("DELETE", f"/api-keys/{made['key_id']}")
    first, second = await told(campaigns, made["key_id"])
    assert (first.name, first.role, first.version, first.revoked_at) == ("the shop", "ingest", 1, None)
    assert second.version == 2
    assert second.revoked_at is not None
    assert len(bytes.fromhex(first.secret_hash)) == 32


async def test_ensuring_a_key_again_changes_only_what_differs(campaigns: RunningService) -> None:
    text = f"xk_{'ab' * 6}_{'k' * 40}"
    for name in ("one", "one", "two"):
        async with campaigns.database.transaction() as tx:
            key = await service.ensure_key(tx, name, Role.MARKETER, text)
    assert (key.name, key.version) == ("two", 2)
    assert await ask_with(campaigns, text) == 200
    async with campaigns.database.transaction() as tx:
        await service.revoke_key(tx, key.key_id)
        assert (await service.ensure_key(tx, "three", Role.ADMIN, text)).revoked_at is not None
    with pytest.raises(KeyTaken):
        async with campaigns.database.transaction() as tx:
            await service.ensure_key(tx, "one", Role.MARKETER, text[:-1] + "x")
    with pytest.raises(MalformedKey):
        async with campaigns.database.transaction() as tx:
            await service.ensure_key(tx, "one", Role.MARKETER, "secret")


async def test_keys_are_told_again_when_asked(campaigns: RunningService) -> None:
    made = await make_key(campaigns)
    async with campaigns.database.transaction() as tx:
        assert (
            await service.announce_keys(tx) == (await campaigns.rows("SELECT count(*) FROM api_keys"))[0][0]
        )
    assert [body.version for body in await told(campaigns, made["key_id"])] == [1, 1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a", "role": "viewer", "colour": "red"}, "colour"),
        ({"name": "a", "role": "owner"}, "role"),
        ({"name": " ", "role": "viewer"}, "name"),
        ({"name": "a\nb", "role": "viewer"}, "name"),
        ({"role": "viewer"}, "name"),
        ([], "body"),
    ],
)
async def test_bad_input_names_the_field(campaigns: RunningService, body: Any, field: str) -> None:
    status, problem = await campaigns.post("/api-keys", body)
    assert status == 400
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_the_list_of_keys_is_paged(campaigns: RunningService) -> None:
    for number in range(3):
        await make_key(campaigns, name=f"paged {number}")
    by_one = await walk(campaigns, "/api-keys", limit=1)
    assert by_one == await walk(campaigns, "/api-keys", limit=1000)
    assert (await campaigns.get("/api-keys", params={"cursor": "nonsense"}))[0] == 400


async def test_the_admin_command_makes_and_lists_keys(campaigns: RunningService) -> None:
    made = await _command(campaigns, "create", "--name", "from the shell", "--role", "viewer")
    assert await ask_with(campaigns, made.strip()) == 200
    assert "from the shell" in await _command(campaigns, "list")
    await _command(campaigns, "revoke", made.split("_")[1])
    assert (await told(campaigns, made.split("_")[1]))[-1].revoked_at is not None


async def test_the_admin_command_lists_the_limits_of_keys(campaigns: RunningService) -> None:
    flags = (["--agent", "--daily-recipients", "500"], ["--draft-only"], [])
    for number, given in enumerate(flags):
        await _command(campaigns, "create", "--name", f"limits {number}", "--role", "marketer", *given)
    lines = [line.split("\t") for line in (await _command(campaigns, "list")).splitlines()]
    shown = {line[5]: line[4] for line in lines}
    assert [shown[f"limits {number}"] for number in range(3)] == [
        "agent daily-recipients=500",
        "draft-only",
        "-",
    ]


async def _command(campaigns: RunningService, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xencrm.campaigns", "api-key", *arguments,
        env={**os.environ, "XENCRM_BUSINESS_DB_URL": campaigns.database.url},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()
