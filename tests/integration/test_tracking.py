"""Tracked campaigns by e-mail: from a launch over the reader's clicks to the numbers."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from tests.support.campaigns import add_customers, customer, publish_erased, running_campaigns
from tests.support.front import running_front
from tests.support.mail import SENDER, Mail, MailSink, mail_sink
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.sending import check_counters, launch, tables_with
from tests.support.service import RunningService, key_of
from tests.support.waiting import until
from xencrm.campaigns.consent.links import Link, Links, Purpose
from xencrm.client.client import Client

ROLES = ("http", "tracking", "prepare", "send", "tend", "receipt_queue", "customer_mv_queue")
PUBLIC = "https://crm.shop.example"
SALE = "https://shop.example/sale?to={{ email }}&amp;n=1"
HTML = (
    "<html><body><p>Dear {{ name }}</p>"
    f'<a href="{SALE}"><img src="https://shop.example/x.png"></a> <a href="{SALE}">Sale</a>'
    '<a href="https://shop.example/">Shop</a><a href="{{ attributes.page }}">Your page</a>'
    '<a href="mailto:help@shop.example">Help</a><a href="{{ unsubscribe_url }}">No more</a>'
    "</body></html>"
)
HREF = re.compile(r'href="([^"]*)"')
PIXEL = re.compile(r'<img src="([^"]*/o/[^"]*)"[^>]*>')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reader:
    """Somebody with a mail program: everything goes through the one port in front."""

    http: aiohttp.ClientSession
    front: str

    async def asks(self, url: str, method: str = "GET", **headers: str) -> Answer:
        """As the address in front of the installation would: what comes after the host."""
        path = url.removeprefix(PUBLIC)
        assert path.startswith("/")
        async with self.http.request(
            method, self.front + path, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


def settings_of(sink: MailSink) -> dict[str, Any]:
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_tls": "none", "smtp_from": SENDER}
    return {**smtp, "smtp_retry_s": 0.3, "retry_base_s": 0.1, "public_url": PUBLIC}


@pytest.fixture
async def campaigns(postgres: PostgresServer, sink: MailSink) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES, **settings_of(sink)) as running:
        yield running
        await check_counters(running)


@pytest.fixture
async def reader(campaigns: RunningService, tmp_path: Path) -> AsyncIterator[Reader]:
    services = {"campaigns": campaigns.url, "ingestion": f"http://127.0.0.1:{free_port()}"}
    async with (
        running_front(services, tmp_path / "credentials.json") as port,
        aiohttp.ClientSession() as http,
    ):
        yield Reader(http, f"http://127.0.0.1:{port}")


async def sent(
    campaigns: RunningService, sink: MailSink, people: int = 1, **fields: Any
) -> tuple[UUID, list[Mail]]:
    """A campaign and its letters, by address."""
    await add_customers(
        campaigns,
        [
            customer(email=f"p{n:03}@shop.example", attributes={"page": "https://evil.example/"})
            for n in range(people)
        ],
    )
    given = {"vendor": "smtp", "html_template": HTML, "track": True, **fields}
    campaign_id = await launch(campaigns, prepare=False, **given)
    await until(lambda: stats_of(campaigns, campaign_id), lambda stats: stats["status"] == "COMPLETED")
    return campaign_id, sorted(sink.mails, key=lambda mail: mail.recipient)


async def stats_of(campaigns: RunningService, campaign_id: UUID) -> dict[str, Any]:
    return dict((await campaigns.get(f"/campaigns/{campaign_id}/stats"))[1])


def html_of(mail: Mail) -> str:
    part = mail.read.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


def links_of(mail: Mail) -> list[str]:
    return HREF.findall(html_of(mail))


def pixel_of(mail: Mail) -> str:
    return PIXEL.findall(html_of(mail))[0]


@asynccontextmanager
async def postgres_away(campaigns: RunningService) -> AsyncIterator[None]:
    """From this database: nobody is let in, and whoever is in is thrown out."""
    name = urlsplit(campaigns.database.url).path[1:]
    outside = await asyncpg.connect(campaigns.database.url, database="postgres")
    try:
        await outside.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await outside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
    finally:
        await outside.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await outside.close()


async def test_links_of_a_letter_lead_on_and_are_counted_once_a_message(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    campaign_id, mails = await sent(campaigns, sink, people=3)
    first, second, third = mails
    sale, again, shop, page, help_, unsubscribe = links_of(first)
    assert sale == again
    assert sale.startswith(f"{PUBLIC}/c/")
    assert (page, help_) == ("https://evil.example/", "mailto:help@shop.example")
    assert unsubscribe.startswith(f"{PUBLIC}/u/")
    for mail in (first, first, second):
        answer = await reader.asks(links_of(mail)[0])
        assert answer.status == 302
        assert answer.headers["Location"] == f"https://shop.example/sale?to={mail.recipient}&n=1"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    assert (await reader.asks(shop)).headers["Location"] == "https://shop.example/"
    for mail in (first, second, third, third):
        answer = await reader.asks(pixel_of(mail))
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
        assert answer.headers["Cache-Control"] == "no-store"
        assert (len(answer.body), answer.body[:6]) == (43, b"GIF89a")

    async def numbers() -> tuple[Any, ...]:
        stats = await stats_of(campaigns, campaign_id)
        return stats["opened"], stats["clicked"], [(link["url"], link["clicks"]) for link in stats["links"]]

    await until(
        numbers,
        lambda found: (
            found
            == (3, 2, [("https://shop.example/sale?to={{ email }}&n=1", 2), ("https://shop.example/", 1)])
        ),
    )
    _, listed = await campaigns.get("/campaignStats")
    assert [(item["opened"], item["clicked"]) for item in listed["items"]] == [(3, 2)]
    async with Client(campaigns.url, key_of("viewer")) as client:
        stats = await client.campaigns.stats(str(campaign_id))
        message = await client.messages.get(first.message_id)
        other = await client.messages.get(third.message_id)
    assert (stats.opened, stats.clicked, [link.clicks for link in stats.links]) == (3, 2, [2, 1])
    assert message.opens is not None
    assert message.opens.count == 1
    assert {item.url: item.count for item in message.clicks} == {
        "https://shop.example/sale?to={{ email }}&n=1": 2,
        "https://shop.example/": 1,
    }
    assert other.opens is not None
    assert (other.opens.count, other.clicks) == (2, [])
    assert other.opens.first_at < other.opens.last_at


async def test_without_tracking_the_html_is_left_as_it_is(campaigns: RunningService, sink: MailSink) -> None:
    campaign_id, (mail,) = await sent(campaigns, sink, track=False)
    unsubscribe = links_of(mail)[-1]
    assert html_of(mail) == (
        HTML.replace("{{ name }}", "Asha Rao")
        .replace("{{ email }}", "p000@shop.example")
        .replace("{{ attributes.page }}", "https://evil.example/")
        .replace("{{ unsubscribe_url }}", unsubscribe)
    )
    stats = await stats_of(campaigns, campaign_id)
    assert (stats["opened"], stats["clicked"], stats["links"]) == (None, None, [])
    _, listed = await campaigns.get("/campaignStats")
    assert [(item["opened"], item["clicked"]) for item in listed["items"]] == [(None, None)]


async def test_the_text_of_a_letter_is_not_touched(campaigns: RunningService, sink: MailSink) -> None:
    _, (mail,) = await sent(campaigns, sink, message_template="See https://shop.example/sale")
    part = mail.read.get_body(("plain",))
    assert part is not None
    assert part.get_content().strip() == "See https://shop.example/sale"


async def test_whoever_only_looks_ahead_is_not_counted(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    campaign_id, (mail,) = await sent(campaigns, sink)
    sale, pixel = links_of(mail)[0], pixel_of(mail)
    for url, status in ((sale, 302), (pixel, 200)):
        assert (await reader.asks(url, "HEAD")).status == status
        assert (await reader.asks(url, Purpose="prefetch")).status == status
        headers = {"Sec-Purpose": "prefetch;prerender"}
        assert (await reader.asks(url, **headers)).status == status
    shop = links_of(mail)[2]
    await reader.asks(shop)

    async def clicks() -> dict[str, int]:
        stats = await stats_of(campaigns, campaign_id)
        return {link["url"]: link["clicks"] for link in stats["links"]}

    await until(clicks, lambda found: found["https://shop.example/"] == 1)
    assert (await clicks())["https://shop.example/sale?to={{ email }}&n=1"] == 0
    assert (await stats_of(campaigns, campaign_id))["opened"] == 0


async def test_only_what_this_installation_signed_is_followed(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    _, (mail,) = await sent(campaigns, sink)
    sale, _, _, _, _, unsubscribe = links_of(mail)
    token, pixel = sale.removeprefix(f"{PUBLIC}/c/"), pixel_of(mail)
    message_id, month = UUID(mail.message_id), (await campaigns.rows("SELECT campaign_month FROM campaigns"))
    evil = Link(Purpose.CLICK, message_id, month[0][0], bytes(8) + b"https://evil.example/")
    foreign = Links("another secret", PUBLIC).token(evil)
    altered = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in (0, 30, 60, -1)]
    wrong = [
        foreign,
        *altered,
        token[:-1],
        token + "A",
        f"{token}.gif",
        pixel.removeprefix(f"{PUBLIC}/o/").removesuffix(".gif"),
        unsubscribe.removeprefix(f"{PUBLIC}/u/"),
        "https:%2F%2Fevil.example",
        "x" * 20_000,
    ]
    for name in wrong:
        for path in (f"/c/{name}", f"/o/{name}.gif"):
            if path != f"/o/{pixel.removeprefix(f'{PUBLIC}/o/')}":
                answer = await reader.asks(path)
                assert (answer.status, answer.headers.get("Location")) == (404, None), path
    for path in ("/c/", "/c/https://evil.example/", "/o/", f"/o/{token}", f"/c/{token}/x"):
        answer = await reader.asks(path)
        assert (answer.status, answer.headers.get("Location")) == (404, None), path
    assert (
        (await reader.asks(f"/c/{token}?to=https://evil.example/"))
        .headers["Location"]
        .startswith("https://shop.example/sale")
    )


async def test_many_readers_at_once_are_counted_as_many_as_they_are(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    campaign_id, mails = await sent(campaigns, sink, people=40)
    urls = [url for mail in mails for url in (links_of(mail)[0], links_of(mail)[2], pixel_of(mail))] * 3
    answers = await asyncio.gather(*(reader.asks(url) for url in urls))
    assert {answer.status for answer in answers} == {200, 302}
    await campaigns.until("SELECT coalesce(sum(opens + clicks), 0) FROM engagements", len(urls))
    stats = await stats_of(campaigns, campaign_id)
    assert (stats["opened"], stats["clicked"]) == (40, 40)
    assert [link["clicks"] for link in stats["links"]] == [40, 40]


async def test_what_a_reader_did_stays_counted_when_the_customer_is_erased(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    campaign_id, (mail, other) = await sent(campaigns, sink, people=2)
    await reader.asks(links_of(mail)[0])
    await reader.asks(pixel_of(mail))
    await campaigns.until("SELECT count(*) FROM engagements WHERE opens > 0 AND clicks > 0", 1)
    ((customer_id,),) = await campaigns.rows(
        "SELECT customer_id FROM communication_log WHERE message_id = :id", id=UUID(mail.message_id)
    )
    await publish_erased(campaigns, customer_id)
    await campaigns.until("SELECT count(*) FROM tombstones", 1)
    assert await tables_with(campaigns, [mail.recipient, mail.recipient.replace("@", "%40")]) == []
    answer = await reader.asks(links_of(mail)[2])
    assert answer.status == 302
    await reader.asks(links_of(other)[0])
    await campaigns.until("SELECT count(*) FROM engagements WHERE clicks > 0", 2)
    stats = await stats_of(campaigns, campaign_id)
    assert (stats["opened"], stats["clicked"]) == (1, 2)
    assert {link["url"]: link["clicks"] for link in stats["links"]}["https://shop.example/"] == 0


async def test_a_retried_message_has_the_same_addresses(campaigns: RunningService, sink: MailSink) -> None:
    sink.replies = {"TAKEN": {"p000": "451 4.3.0 try again"}}
    await add_customers(campaigns, [customer(email="p000@shop.example")])
    await launch(campaigns, prepare=False, vendor="smtp", html_template=HTML, track=True)
    await until(lambda: asyncio.sleep(0, sink.mails), lambda mails: len(mails) >= 2)
    assert len({html_of(mail) for mail in sink.mails}) == 1
    sink.replies = {}


async def test_a_reader_gets_there_while_the_database_is_away(
    postgres: PostgresServer, sink: MailSink, tmp_path: Path
) -> None:
    async with running_campaigns(postgres, roles=ROLES, **settings_of(sink)) as campaigns:
        services = {"campaigns": campaigns.url, "ingestion": f"http://127.0.0.1:{free_port()}"}
        async with (
            running_front(services, tmp_path / "credentials.json") as port,
            aiohttp.ClientSession() as http,
        ):
            reader = Reader(http, f"http://127.0.0.1:{port}")
            campaign_id, (mail,) = await sent(campaigns, sink)
            async with postgres_away(campaigns):
                assert (await campaigns.get("/campaigns"))[0] == 503
                answer = await reader.asks(links_of(mail)[0])
                assert urlsplit(answer.headers["Location"]).hostname == "shop.example"
                assert (await reader.asks(pixel_of(mail))).status == 200
            await campaigns.until("SELECT coalesce(sum(opens + clicks), 0) FROM engagements", 2)
            stats = await stats_of(campaigns, campaign_id)
            assert (stats["opened"], stats["clicked"]) == (1, 1)


async def test_samples_and_test_messages_look_alike_and_are_counted_nowhere(
    campaigns: RunningService, sink: MailSink, reader: Reader
) -> None:
    await add_customers(campaigns, [customer(email="p000@shop.example")])
    rule = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}
    _, segment = await campaigns.post("/segments", {"name": "Active", "rules": rule})
    body = {
        "name": "Autumn",
        "segment_id": segment["segment_id"],
        "vendor": "smtp",
        "subject": "Sale",
        "message_template": "Sale",
        "html_template": HTML,
        "track": True,
    }
    _, draft = await campaigns.post("/campaigns", body)
    _, shown = await campaigns.post(f"/campaigns/{draft['campaign_id']}/preview", {})
    status, _ = await campaigns.post(
        f"/campaigns/{draft['campaign_id']}/test", {"email": "me@office.example"}
    )
    assert status == 200
    for html in (shown["samples"][0]["html"], html_of(sink.mails[0])):
        links = HREF.findall(html)
        assert links[0].startswith(f"{PUBLIC}/c/")
        assert (await reader.asks(links[2])).headers["Location"] == "https://shop.example/"
        assert (await reader.asks(PIXEL.findall(html)[0])).status == 200
    sink.mails.clear()
    _, mails = await sent(campaigns, sink)
    await reader.asks(pixel_of(mails[0]))
    await campaigns.until("SELECT count(*) FROM engagements", 1)
    assert (await campaigns.rows("SELECT opens, clicks FROM engagements"))[0] == (1, 0)
