"""Campaigns by e-mail: from a launch to the mail server."""

import html
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.mail import SENDER, MailSink, mail_sink
from tests.support.postgres import PostgresServer
from tests.support.sending import check_counters, launch
from tests.support.service import RunningService
from tests.support.waiting import until

PEOPLE = 1000
ROLES = ("http", "prepare", "send", "tend", "receipt_queue")
NAMES = ("Asha Rao", "Jürgen Groß", "आशा राव", 'O\'Neil, "Ben" <x@evil.example>', "a\r\nBcc: evil@x.example")
TEMPLATE = "Dear {{ name }},\n.\nyou have {{ total_orders }} orders at {{ attributes.city }}. ₹ €"


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
async def campaigns(postgres: PostgresServer, sink: MailSink) -> AsyncIterator[RunningService]:
    settings: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": sink.port,
        "smtp_tls": "none",
        "smtp_from": SENDER,
        "smtp_reply_to": "help@shop.example",
        "smtp_retry_s": 0.3,
        "retry_base_s": 0.1,
        "public_url": "https://shop.example",
    }
    async with running_campaigns(postgres, roles=ROLES, **settings) as running:
        yield running
        await check_counters(running)


async def ended(campaigns: RunningService, campaign_id: UUID, within_s: float = 60) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        return dict((await campaigns.get(f"/campaigns/{campaign_id}/stats"))[1])

    return await until(look, lambda stats: stats["status"] == "COMPLETED", within_s=within_s)


def city_of(number: int) -> str:
    return "Köln\r\nBcc: evil@x.example" if number % 3 else "Pune"


def lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return lines(str(part.get_content())).strip()


async def test_a_thousand_people_get_the_mail_that_is_meant_for_them(
    campaigns: RunningService, sink: MailSink
) -> None:
    people = [
        customer(
            name=f"{NAMES[number % len(NAMES)]} {number}",
            email=f"person{number}@bücher.example" if number % 7 == 0 else f"person{number}@shop.example",
            total_orders=number,
            attributes={"city": city_of(number)},
        )
        for number in range(PEOPLE)
    ]
    await add_customers(campaigns, people)
    campaign_id = await launch(
        campaigns,
        prepare=False,
        vendor="smtp",
        message_template=TEMPLATE,
        subject="For {{ name }} in {{ attributes.city }}",
        html_template="<p>Dear <b>{{ name }}</b></p>",
    )
    stats = await ended(campaigns, campaign_id)
    assert (stats["audience"], stats["sent"], stats["delivery_rate"]) == (PEOPLE, PEOPLE, None)
    assert set(sink.message_ids.values()) == {1}
    found = {mail.recipient.partition("@")[0]: mail for mail in sink.mails}
    assert len(found) == PEOPLE
    links: set[str] = set()
    for number, person in enumerate(people):
        mail = found[f"person{number}"]
        letter = mail.read
        (link,) = re.findall(
            r"^List-Unsubscribe: <(https://shop.example/u/\S+)>\r$", str(mail.content, "ascii"), re.M
        )
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        links.add(link)
        name = person.name.replace("\r\n", " ")
        assert mail.recipient == person.email.replace("bücher", "xn--bcher-kva")
        assert [address.addr_spec for address in letter["To"].addresses] == [mail.recipient]
        city = city_of(number).replace("\r\n", " ")
        assert (letter["Subject"], letter["Bcc"]) == (f"For {name} in {city}", None)
        assert [str(letter[header]) for header in ("From", "Reply-To")] == [SENDER, "help@shop.example"]
        assert body(letter, "plain") == (
            f"Dear {lines(person.name)},\n.\nyou have {number} orders at {lines(city_of(number))}. ₹ €"
        )
        assert html.unescape(body(letter, "html")) == f"<p>Dear <b>{lines(person.name)}</b></p>"
    assert len(links) == PEOPLE


async def test_refusals_are_final_or_tried_again(campaigns: RunningService, sink: MailSink) -> None:
    names = ("asha", "nobody", "full", "greylisted", "spam")
    await add_customers(campaigns, [customer(email=f"{name}@shop.example") for name in names])
    sink.replies = {
        "RCPT": {"nobody": "550 5.1.1 no such user", "full": "452 4.2.2 over quota"},
        "DATA": {"spam": "554 5.7.1 looks like spam"},
    }
    sink.at_first = {"RCPT": {"greylisted": "451 4.7.1 come back later"}}
    campaign_id = await launch(campaigns, prepare=False, vendor="smtp")
    stats = await ended(campaigns, campaign_id)
    assert (stats["sent"], stats["failed"], stats["unconfirmed"]) == (2, 3, 0)
    rows = await campaigns.rows(
        "SELECT split_part(profile.email, '@', 1), state, reason, attempt"
        " FROM communication_log JOIN customers_mv AS profile USING (customer_id)"
    )
    assert {row[0]: tuple(row[1:]) for row in rows} == {
        "asha": ("SENT", None, 1),
        "greylisted": ("SENT", None, 2),
        "nobody": ("FAILED", "INVALID_EMAIL", 1),
        "full": ("FAILED", "QUOTA_EXCEEDED", 3),
        "spam": ("FAILED", "SPAM_DETECTED", 1),
    }
    assert {mail.recipient for mail in sink.mails} == {"asha@shop.example", "greylisted@shop.example"}
    suppressed = await campaigns.rows("SELECT email, reason, created_by FROM suppressions")
    assert [tuple(row) for row in suppressed] == [("nobody@shop.example", "BOUNCED", "vendor smtp")]


async def test_transactional_mails_have_no_link_to_unsubscribe(
    campaigns: RunningService, sink: MailSink
) -> None:
    await add_customers(campaigns, [customer()])
    await ended(
        campaigns, await launch(campaigns, prepare=False, vendor="smtp", campaign_type="TRANSACTIONAL")
    )
    (mail,) = sink.mails
    assert b"List-Unsubscribe" not in mail.content


async def test_a_campaign_waits_for_a_mail_server_that_is_away(
    campaigns: RunningService, sink: MailSink
) -> None:
    await add_customers(campaigns, [customer() for _ in range(50)])
    sink.replies = {"MAIL": {"": "421 4.3.2 not now"}}
    campaign_id = await launch(campaigns, prepare=False, vendor="smtp")

    async def failures() -> int:
        rows = await campaigns.rows("SELECT failures FROM vendor_limits WHERE vendor = 'smtp'")
        return int(rows[0][0]) if rows else 0

    await until(failures, lambda count: count >= 2)
    _, shown = await campaigns.get("/vendors")
    listed = {item["name"]: item for item in shown["items"]}
    assert listed["smtp"]["breaker"]["state"] in ("open", "half_open")
    assert "password" not in str(shown)
    sink.replies = {}
    stats = await ended(campaigns, campaign_id)
    assert stats["sent"] == 50
    assert set(sink.message_ids.values()) == {1}


async def test_a_campaign_can_only_be_given_a_vendor_that_is_configured(campaigns: RunningService) -> None:
    rules = {"field": "total_orders", "operator": "=", "value": 1}
    _, segment = await campaigns.post(
        "/segments", {"name": "One", "rules": {"combinator": "and", "rules": [rules]}}
    )
    body = {"name": "Autumn", "segment_id": segment["segment_id"], "message_template": "Hi"}
    status, answer = await campaigns.post("/campaigns", {**body, "vendor": "webhook"})
    assert (status, [error["field"] for error in answer["errors"]]) == (400, ["vendor"])
    _, draft = await campaigns.post("/campaigns", {**body, "vendor": "smtp"})
    path = f"/campaigns/{draft['campaign_id']}"
    status, answer = await campaigns.ask("PATCH", path, json={"vendor": "pigeon"})
    assert (status, [error["field"] for error in answer["errors"]]) == (400, ["vendor"])
