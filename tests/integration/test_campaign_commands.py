"""`xencrm campaigns` and `xencrm segments` against a running service."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import Result

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.cli import xencrm
from tests.support.mail import SENDER, MailSink, mail_sink
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService, key_of
from xencrm.kernel.clock import utc_now

RULE = {
    "combinator": "and",
    "rules": [
        {"field": "status", "operator": "=", "value": "ACTIVE"},
        {"combinator": "or", "not": True, "rules": [{"field": "phone", "operator": "notNull"}]},
    ],
}
ASHA = customer(name="Asha Rao", email="asha@shop.example", phone="1")
BEN = customer(name="Ben", email="ben@shop.example")


@pytest.fixture(scope="module")
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer, sink: MailSink) -> AsyncIterator[RunningService]:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_tls": "none", "smtp_from": SENDER}
    async with running_campaigns(postgres, **mail) as running:
        await add_customers(running, [ASHA, BEN])
        yield running


@pytest.fixture
async def campaign_id(campaigns: RunningService) -> str:
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": RULE})
    body = {
        "name": "Autumn",
        "segment_id": segment["segment_id"],
        "message_template": "Hi {{ name }} of {{ attributes.city }}",
        "subject": "For {{ first_name }}",
        "vendor": "smtp",
    }
    return str((await campaigns.post("/campaigns", body))[1]["campaign_id"])


@pytest.fixture
def rules(tmp_path: Path) -> str:
    (tmp_path / "rules.json").write_text(json.dumps(RULE))
    return str(tmp_path / "rules.json")


async def run(campaigns: RunningService, tmp_path: Path, *arguments: str) -> Result:
    given = ("--url", campaigns.url, "--api-key", key_of("marketer"))
    return await xencrm(*arguments, *given, home=tmp_path)


async def shown(campaigns: RunningService, campaign_id: str) -> Any:
    return (await campaigns.get(f"/campaigns/{campaign_id}"))[1]


async def test_a_preview_shows_numbers_blanks_messages_and_the_token_of_a_launch(
    campaigns: RunningService, campaign_id: str, tmp_path: Path
) -> None:
    done = await run(campaigns, tmp_path, "campaigns", "preview", campaign_id)
    assert done.exit_code == 0, done.output
    assert re.search(r"^count +1$", done.stdout, re.MULTILINE)
    assert "attributes.city is blank for 1" in done.stdout
    assert "to Ben <ben@shop.example>\nsubject: For Ben\nHi Ben of" in done.stdout
    token = done.stdout.splitlines()[-1]
    none = await run(campaigns, tmp_path, "campaigns", "preview", campaign_id, "--samples", "0")
    assert "ben@shop.example" not in none.stdout
    await campaigns.ask("PATCH", f"/campaigns/{campaign_id}", json={"subject": "other"})
    launch = ("campaigns", "launch", campaign_id, "--no-watch", "--plan", token)
    refused = await run(campaigns, tmp_path, *launch)
    assert (refused.exit_code, "texts" in refused.stderr) == (1, True)
    await campaigns.ask("PATCH", f"/campaigns/{campaign_id}", json={"subject": "For {{ first_name }}"})
    assert (await run(campaigns, tmp_path, *launch)).exit_code == 0
    assert (await shown(campaigns, campaign_id))["status"] == "PREPARING"


async def test_a_test_message_goes_where_it_is_sent(
    campaigns: RunningService, sink: MailSink, campaign_id: str, tmp_path: Path
) -> None:
    customer_id = str(ASHA.customer_id)
    for arguments, address in (
        (("--email", "me@office.example"), "me@office.example"),
        (("--customer", customer_id), "asha@shop.example"),
        (("--customer", customer_id, "--email", "me@office.example"), "me@office.example"),
    ):
        done = await run(campaigns, tmp_path, "campaigns", "test", campaign_id, *arguments)
        assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, f"ACCEPTED {address}")
        assert sink.mails[-1].recipient == address
    sink.replies = {"RCPT": {"": "550 no"}}
    done = await run(campaigns, tmp_path, "campaigns", "test", campaign_id, "--email", "me@office.example")
    assert (done.exit_code, done.stdout.splitlines()[-1].split()[0]) == (1, "FAILED")
    assert (await run(campaigns, tmp_path, "campaigns", "test", campaign_id)).exit_code == 2


async def test_a_campaign_is_scheduled_and_taken_off_the_schedule(
    campaigns: RunningService, campaign_id: str, tmp_path: Path
) -> None:
    schedule = ("campaigns", "schedule", campaign_id)
    local = (datetime.now().astimezone() + timedelta(days=2)).replace(microsecond=0)
    for text in (local.replace(tzinfo=None).isoformat(), local.isoformat()):
        done = await run(campaigns, tmp_path, *schedule, "--at", text)
        assert (done.exit_code, done.stdout) == (0, f"SCHEDULED {local.isoformat()}\n")
        kept = datetime.fromisoformat((await shown(campaigns, campaign_id))["scheduled_at"])
        assert kept == local
    assert (await run(campaigns, tmp_path, *schedule, "--off")).stdout == "DRAFT\n"
    past = (utc_now() - timedelta(days=1)).isoformat()
    for wrong in (("--at", "soon"), (), ("--off", "--at", local.isoformat()), ("--at", past)):
        assert (await run(campaigns, tmp_path, *schedule, *wrong)).exit_code == 2


async def test_a_campaign_is_duplicated_and_archived(
    campaigns: RunningService, campaign_id: str, tmp_path: Path
) -> None:
    copy = (await run(campaigns, tmp_path, "campaigns", "duplicate", campaign_id)).stdout.strip()
    assert (await shown(campaigns, copy))["name"] == "Copy of Autumn"
    assert (await run(campaigns, tmp_path, "campaigns", "archive", copy)).exit_code == 0
    assert (await shown(campaigns, copy))["archived_at"]
    assert (await run(campaigns, tmp_path, "campaigns", "archive", copy)).exit_code == 1


async def test_an_explanation_has_a_line_for_each_part(
    campaigns: RunningService, rules: str, tmp_path: Path
) -> None:
    done = await run(campaigns, tmp_path, "segments", "explain", rules, str(ASHA.customer_id))
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "- and",
        '  + status = "ACTIVE"  (is "ACTIVE")',
        "  - not or",
        '    + phone notNull  (is "1")',
    ]
    assert (await run(campaigns, tmp_path, "segments", "explain", rules, str(BEN.customer_id))).exit_code == 0
