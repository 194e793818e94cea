"""Test messages: through the campaign's vendor, apart from the campaign."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.mail import SENDER, MailSink, mail_sink
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from tests.support.simulator import SimulatorProcess, running
from xencrm.campaigns.planning.model import Status
from xencrm.campaigns.preflight.trial import MOST_TESTS
from xencrm.kernel.clock import utc_now

RULE = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}
ASHA = customer(name="Asha & Co", email="asha@shop.example", attributes={"city": "Pune"})
TEXTS = {
    "subject": "For {{ first_name }}",
    "message_template": "Dear {{ name }} of {{ attributes.city }}, {{ email }}",
    "html_template": "<p>{{ name }}</p>",
}
ME = "me@office.example"


@pytest.fixture(scope="module")
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
async def simulator(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatorProcess]:
    async with running(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
async def campaigns(
    postgres: PostgresServer, sink: MailSink, simulator: SimulatorProcess
) -> AsyncIterator[RunningService]:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_tls": "none", "smtp_from": SENDER}
    async with running_campaigns(postgres, simulator_url=simulator.url, **mail) as campaigns:
        await add_customers(campaigns, [ASHA])
        yield campaigns


@pytest.fixture(autouse=True)
async def _allowed_again(campaigns: RunningService, sink: MailSink) -> None:
    await campaigns.rows("DELETE FROM test_allowances RETURNING 1")
    sink.mails.clear()


async def make_campaign(campaigns: RunningService, vendor: str = "smtp", **fields: Any) -> str:
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": RULE})
    body = {"name": "Autumn", "segment_id": segment["segment_id"], "vendor": vendor, **TEXTS, **fields}
    status, made = await campaigns.post("/campaigns", body)
    assert status == 201, made
    return f"/campaigns/{made['campaign_id']}"


async def send_test(campaigns: RunningService, path: str, **body: Any) -> tuple[int, Any]:
    return await campaigns.post(f"{path}/test", body, role="marketer")


async def test_a_customer_gets_what_the_campaign_would_send(
    campaigns: RunningService, sink: MailSink
) -> None:
    path = await make_campaign(campaigns)
    status, sent = await send_test(campaigns, path, customer_id=str(ASHA.customer_id))
    assert (status, sent["outcome"], sent["reason"]) == (200, "ACCEPTED", None)
    assert (sent["name"], sent["address"]) == ("Asha & Co", "asha@shop.example")
    assert sent["subject"] == "For Asha"
    assert sent["text"] == "Dear Asha & Co of Pune, asha@shop.example"
    assert sent["html"] == "<p>Asha &amp; Co</p>"
    (mail,) = sink.mails
    assert (mail.recipient, mail.message_id) == ("asha@shop.example", sent["message_id"])
    assert mail.read["Subject"] == "For Asha"
    body = mail.read.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == sent["text"]


async def test_another_address_gets_what_the_customer_would(
    campaigns: RunningService, sink: MailSink
) -> None:
    path = await make_campaign(campaigns)
    _, sent = await send_test(campaigns, path, customer_id=str(ASHA.customer_id), email=ME.upper())
    assert (sent["address"], sent["text"]) == (ME, "Dear Asha & Co of Pune, asha@shop.example")
    assert [mail.recipient for mail in sink.mails] == [ME]


async def test_without_a_customer_the_texts_are_about_a_made_up_one(
    campaigns: RunningService, sink: MailSink
) -> None:
    _, sent = await send_test(campaigns, await make_campaign(campaigns), email=ME)
    assert sent["text"] == f"Dear {sent['name']} of [city], {ME}"
    assert [mail.recipient for mail in sink.mails] == [ME]


async def test_a_test_is_in_no_ledger_and_no_counter(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns)
    for verb in ("launch", "pause"):
        await campaigns.ask("POST", f"{path}/{verb}")
    tables = ("communication_log", "delivery_receipts", "campaign_stats", "campaign_failures")
    query = " UNION ALL ".join(f"SELECT to_jsonb({table}) FROM {table}" for table in tables)
    before = await campaigns.rows(query)
    assert (await send_test(campaigns, path, email=ME))[0] == 200
    assert await campaigns.rows(query) == before


async def test_a_test_of_a_paused_campaign_has_the_corrected_texts(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns)
    for verb in ("launch", "pause"):
        await campaigns.ask("POST", f"{path}/{verb}")
    await campaigns.ask("PATCH", path, json={"message_template": "Corrected"})
    assert (await send_test(campaigns, path, email=ME))[1]["text"] == "Corrected"


async def test_what_has_ended_is_not_tested(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns)
    query = "UPDATE campaigns SET status = :status WHERE campaign_id = :id RETURNING 1"
    for state in Status:
        await campaigns.rows(query, status=state, id=path.rpartition("/")[2])
        ended = state in (Status.COMPLETED, Status.CANCELLED)
        assert (await send_test(campaigns, path, email=ME))[0] == (409 if ended else 200), state
    archived = await make_campaign(campaigns)
    await campaigns.ask("POST", f"{archived}/archive")
    assert (await send_test(campaigns, archived, email=ME))[0] == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "email"),
        ({"customer_id": "x"}, "customer_id"),
        ({"to": ME}, "to"),
    ],
)
async def test_bad_input_names_the_field(campaigns: RunningService, body: dict[str, Any], field: str) -> None:
    status, problem = await send_test(campaigns, await make_campaign(campaigns), **body)
    assert (status, problem["errors"][0]["field"]) == (400, field)


async def test_who_is_not_there_gets_nothing(campaigns: RunningService, sink: MailSink) -> None:
    path = await make_campaign(campaigns)
    assert (await send_test(campaigns, path, customer_id=str(uuid4())))[0] == 404
    assert (await send_test(campaigns, f"/campaigns/{uuid4()}", email=ME))[0] == 404
    assert sink.mails == []


async def test_a_message_that_cannot_be_rendered_for_a_customer_is_not_sent(
    campaigns: RunningService, sink: MailSink
) -> None:
    source = "{% for i in (1..3000) %}{{ attributes.city }}{% endfor %}"
    path = await make_campaign(campaigns, message_template=source, html_template=None)
    wordy = customer(attributes={"city": "Pune" * 100})
    await add_customers(campaigns, [wordy])
    status, problem = await send_test(campaigns, path, customer_id=str(wordy.customer_id))
    assert (status, "rendered" in problem["detail"]) == (422, True)
    assert sink.mails == []


async def test_tests_are_limited_for_each_key(campaigns: RunningService, sink: MailSink) -> None:
    path = await make_campaign(campaigns)
    answers = [await send_test(campaigns, path, email=ME) for _ in range(MOST_TESTS + 2)]
    assert [status for status, _ in answers] == [200] * MOST_TESTS + [429] * 2
    assert len(sink.mails) == MOST_TESTS
    assert (await campaigns.post(f"{path}/test", {"email": ME}, role="admin"))[0] == 200
    await campaigns.rows("UPDATE test_allowances SET since = since - interval '61 minutes' RETURNING 1")
    assert (await send_test(campaigns, path, email=ME))[0] == 200
    used = await campaigns.rows("SELECT used FROM test_allowances ORDER BY used")
    assert [row.used for row in used] == [1, 1]


async def test_what_the_vendor_says_is_told(campaigns: RunningService, simulator: SimulatorProcess) -> None:
    path = await make_campaign(campaigns, vendor="simulator")
    await simulator.turn(success_rate=1.0)
    _, sent = await send_test(campaigns, path, email=ME)
    assert (sent["outcome"], sent["vendor_ref"] is not None) == ("DELIVERED", True)
    assert sent["message_id"] in await simulator.accepted()
    await simulator.turn(success_rate=0.0)
    answers = [(await send_test(campaigns, path, email=ME))[1] for _ in range(5)]
    assert {answer["outcome"] for answer in answers} <= {"FAILED", "REFUSED"}
    assert all(answer["reason"] for answer in answers)
    await simulator.turn(success_rate=1.0, http_429_rate=1.0)
    status, problem = await send_test(campaigns, path, email=ME)
    assert (status, "simulator" in problem["detail"]) == (503, True)
    await simulator.turn(http_429_rate=0.0)


async def test_a_test_to_an_address_the_mail_server_refuses_says_so(
    campaigns: RunningService, sink: MailSink
) -> None:
    sink.replies = {"RCPT": {"nobody": "550 5.1.1 no such mailbox"}}
    _, sent = await send_test(campaigns, await make_campaign(campaigns), email="nobody@office.example")
    assert (sent["outcome"], bool(sent["reason"])) == ("FAILED", True)


async def test_a_vendor_that_is_gone_from_the_settings_is_named(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns)
    query = "UPDATE campaigns SET vendor = 'pigeon' WHERE campaign_id = :id RETURNING 1"
    await campaigns.rows(query, id=path.rpartition("/")[2])
    status, problem = await send_test(campaigns, path, email=ME)
    assert (status, "pigeon" in problem["detail"]) == (422, True)


async def test_a_scheduled_campaign_is_tested_without_being_begun(campaigns: RunningService) -> None:
    path = await make_campaign(campaigns, scheduled_at=(utc_now() + timedelta(days=1)).isoformat())
    assert (await send_test(campaigns, path, email=ME))[0] == 200
    assert (await campaigns.get(path))[1]["status"] == "SCHEDULED"
