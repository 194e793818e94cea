"""The vendor smtp against a real mail server, in and out of order."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import trustme

from tests.support.mail import HANG_UP, MailSink, connected, mail_sink
from tests.support.ports import free_port
from xencrm.campaigns.delivery.calling import find_trouble
from xencrm.campaigns.delivery.vendor import (
    Accepted,
    Answer,
    Failed,
    Outgoing,
    Refused,
    Unanswered,
    Unsent,
)
from xencrm.campaigns.vendors.smtp.pool import MOST_MESSAGES
from xencrm.campaigns.vendors.smtp.sender import SmtpVendor


def outgoing(to: str = "asha@example.com") -> Outgoing:
    return Outgoing(uuid4(), 1, to, "Asha", "Hello", "Hello Asha")


def many(count: int) -> list[Outgoing]:
    return [outgoing(f"person{number}@example.com") for number in range(count)]


async def send(vendor: SmtpVendor, *to: str, timeout_s: float = 10) -> list[Answer]:
    return await vendor.send([outgoing(each) for each in to], timeout_s=timeout_s)


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
async def vendor(sink: MailSink) -> AsyncIterator[SmtpVendor]:
    async with connected(sink) as vendor:
        yield vendor


async def test_each_message_is_one_mail_with_its_own_envelope(sink: MailSink, vendor: SmtpVendor) -> None:
    messages = many(30)
    answers = await vendor.send(messages, timeout_s=10)
    assert all(isinstance(answer, Accepted) for answer in answers)
    assert [message.to for message in messages] == [
        mail.recipient for mail in sorted(sink.mails, key=lambda mail: int(mail.recipient[6:].split("@")[0]))
    ]
    assert {mail.sender for mail in sink.mails} == {"news@shop.example"}
    assert sink.message_ids == {str(message.message_id): 1 for message in messages}


async def test_connections_are_few_and_used_again(sink: MailSink) -> None:
    async with connected(sink, connections=3) as vendor:
        for _ in range(3):
            await vendor.send(many(20), timeout_s=10)
        assert sink.connections == 3


async def test_a_connection_is_left_after_many_messages(sink: MailSink) -> None:
    async with connected(sink, connections=1) as vendor:
        for _ in range(MOST_MESSAGES // 20 + 1):
            await vendor.send(many(20), timeout_s=20)
    assert sink.connections == 2
    assert len(sink.mails) == MOST_MESSAGES + 20


async def test_a_refusal_concerns_its_own_message(sink: MailSink, vendor: SmtpVendor) -> None:
    sink.replies = {
        "RCPT": {
            "nobody": "550 5.1.1 no such user",
            "full": "452 4.2.2 over quota",
            "later": "451 4.7.1 greylisted",
        },
        "DATA": {"picky": "554 5.7.1 looks like spam", "slow": "451 4.3.0 not now"},
    }
    to = [f"{name}@example.com" for name in ("asha", "nobody", "full", "later", "picky", "slow", "ben")]
    answers = await send(vendor, *to)
    assert isinstance(answers[0], Accepted)
    assert answers[1:6] == [
        Failed("INVALID_EMAIL", bounced=True),
        Refused("QUOTA_EXCEEDED", 7.0),
        Refused("RATE_LIMITED", 7.0),
        Failed("SPAM_DETECTED"),
        Refused("TEMPORARY_FAILURE", 7.0),
    ]
    assert isinstance(answers[6], Accepted)
    assert find_trouble(answers) is None
    assert {mail.recipient for mail in sink.mails} == {"asha@example.com", "ben@example.com"}


async def test_a_connection_goes_on_after_a_refusal(sink: MailSink) -> None:
    sink.replies = {"RCPT": {"nobody": "550 5.1.1 no"}, "DATA": {"picky": "554 5.7.1 no"}}
    async with connected(sink, connections=1) as vendor:
        for name in ("nobody", "asha", "picky", "ben"):
            await send(vendor, f"{name}@example.com")
    assert [mail.recipient for mail in sink.mails] == ["asha@example.com", "ben@example.com"]
    assert sink.connections == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_goes_away_took_nothing(sink: MailSink, vendor: SmtpVendor, command: str) -> None:
    sink.replies = {command: {"": "421 4.3.2 shutting down"}}
    answers = await vendor.send(many(5), timeout_s=10)
    assert all(isinstance(answer, Unsent) for answer in answers)
    assert find_trouble(answers) is not None
    sink.replies = {}
    assert all(isinstance(answer, Accepted) for answer in await vendor.send(many(5), timeout_s=10))


async def test_a_server_that_does_not_want_us_is_no_fault_of_the_messages(
    sink: MailSink, vendor: SmtpVendor
) -> None:
    sink.replies = {"MAIL": {"": "550 5.7.1 you may not send as that"}}
    answers = await send(vendor, "asha@example.com")
    assert isinstance(answers[0], Unsent)
    assert "550" in answers[0].reason


async def test_nobody_listens() -> None:
    async with connected(MailSink(free_port())) as vendor:
        answers = await vendor.send(many(3), timeout_s=5)
        assert all(isinstance(answer, Unsent) for answer in answers)


@pytest.mark.parametrize(
    ("command", "left"), [("MAIL", False), ("RCPT", False), ("DATA", True), ("TAKEN", True)]
)
async def test_a_lost_connection_leaves_a_doubt_only_after_the_content(
    sink: MailSink, vendor: SmtpVendor, command: str, left: bool
) -> None:
    sink.replies = {command: {"": HANG_UP}}
    answers = await send(vendor, "asha@example.com")
    assert isinstance(answers[0], Unanswered if left else Unsent)
    assert len(sink.mails) == (command == "TAKEN")


async def test_what_is_too_late_is_in_doubt_and_what_waits_for_a_connection_is_not(sink: MailSink) -> None:
    sink.delay_s = 3
    async with connected(sink, connections=2) as vendor:
        answers = await vendor.send(many(5), timeout_s=1)
    assert [type(answer) for answer in answers].count(Unanswered) == 2
    assert [type(answer) for answer in answers].count(Unsent) == 3


async def test_a_connection_that_was_closed_meanwhile_is_replaced(sink: MailSink, vendor: SmtpVendor) -> None:
    await send(vendor, "asha@example.com")
    sink.hang_up()
    answers = await send(vendor, "ben@example.com")
    assert isinstance(answers[0], Accepted)
    assert [mail.recipient for mail in sink.mails] == ["asha@example.com", "ben@example.com"]


async def test_a_connection_that_dies_as_it_is_used_again_is_replaced(
    sink: MailSink, vendor: SmtpVendor
) -> None:
    await send(vendor, "asha@example.com")
    sink.replies = {"MAIL": {"": HANG_UP}}
    answers = await send(vendor, "ben@example.com")
    assert isinstance(answers[0], Unsent)
    assert sink.connections == 2


async def test_a_foreign_address_needs_a_server_that_knows_it(sink: MailSink, vendor: SmtpVendor) -> None:
    answers = await send(vendor, "आशा@example.com", "ben@bücher.example")
    assert all(isinstance(answer, Accepted) for answer in answers)
    found = {mail.recipient: mail for mail in sink.mails}
    assert found.keys() == {"आशा@example.com", "ben@xn--bcher-kva.example"}
    assert "SMTPUTF8" in found["आशा@example.com"].options
    assert str(found["आशा@example.com"].read["To"]) == "Asha <आशा@example.com>"
    async with mail_sink(utf8=False) as old, connected(old) as another:
        answers = await send(another, "आशा@example.com", "ben@bücher.example")
        assert answers[0] == Failed("INVALID_EMAIL")
        assert [mail.recipient for mail in old.mails] == ["ben@xn--bcher-kva.example"]


async def test_what_is_no_address_fails_and_is_never_said_to_the_server(
    sink: MailSink, vendor: SmtpVendor
) -> None:
    wrong = "asha@example.com>\r\nRCPT TO:<evil@x.example"
    assert await send(vendor, wrong, "x") == [Failed("INVALID_EMAIL")] * 2
    assert (sink.mails, sink.connections) == ([], 0)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_the_server_is_signed_in_to() -> None:
    async with mail_sink(password="right") as sink:
        async with connected(sink, user="shop", password="right") as vendor:
            assert isinstance((await send(vendor, "asha@example.com"))[0], Accepted)
        async with connected(sink, user="shop", password="wrong") as vendor:
            answer = (await send(vendor, "asha@example.com"))[0]
        assert isinstance(answer, Unsent)
        assert "535" in answer.reason
        assert "wrong" not in answer.reason
    assert sink.signed_in[0] == "shop"


@pytest.mark.parametrize("kind", ["tls", "starttls"])
async def test_the_connection_is_encrypted_to_a_server_that_is_the_right_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    options = {"tls": context} if kind == "tls" else {"starttls": context}
    async with mail_sink(**options) as sink:
        async with connected(sink, tls=kind) as vendor:
            assert isinstance((await send(vendor, "asha@example.com", timeout_s=5))[0], Unsent)
        assert sink.mails == []
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        async with connected(sink, tls=kind) as vendor:
            assert isinstance((await send(vendor, "asha@example.com"))[0], Accepted)


async def test_without_starttls_at_the_server_nothing_is_sent(sink: MailSink) -> None:
    async with connected(sink, tls="starttls") as vendor:
        assert isinstance((await send(vendor, "asha@example.com"))[0], Unsent)
    assert sink.mails == []


async def test_closing_says_goodbye(sink: MailSink) -> None:
    async with connected(sink) as vendor:
        await vendor.send(many(5), timeout_s=10)
    async with asyncio.timeout(30):
        while sink.still_open:
            await asyncio.sleep(0.01)
