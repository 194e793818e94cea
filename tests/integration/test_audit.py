"""The audit log: every deed with who did it, from both services."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, walk
from tests.support.people import Both, Browser, known_in_both, running_both, signed_in
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.campaigns.app import ROUTES as CAMPAIGNS
from xencrm.campaigns.planning.starting import start_due
from xencrm.contracts.access import AUDIT_NOTED, AuditNoted
from xencrm.contracts.topology import AUDIT_QUEUE, CUSTOMER_QUEUE, RECEIPT_QUEUE
from xencrm.ingestion.app import ROUTES as INGESTION
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging import dead_letters
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.envelope import Event, encode_data, encode_frame

RULE = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}
# What is only looked at, though by POST; and what others than people send: its events say who.
LOOKS = {
    ("POST", "/segments/preview"),
    ("POST", "/segments/explain"),
    ("POST", "/segments/parse"),
    ("POST", "/campaigns/{campaign_id:uuid}/preview"),
    ("POST", "/templates/preview"),
}
# What the assistant remembers; what is done in it is noted where it is done.
REMEMBERS = {("PUT", "/conversation"), ("DELETE", "/conversation")}
RECORDS = {
    ("POST", "/customers"),
    ("POST", "/customers/batch"),
    ("POST", "/orders"),
    ("POST", "/orders/batch"),
}


@dataclass
class Scene:
    """Both services, and an admin who does things there."""

    campaigns: RunningService
    ingestion: RunningService
    admin: Browser

    async def do(self, method: str, path: str, body: Any = None, service: str = "campaigns") -> Any:
        status, answer = await self.admin.ask(getattr(self, service), method, path, json=body)
        assert status < 300, answer
        return answer

    async def segment(self) -> str:
        return str((await self.do("POST", "/segments", {"name": uuid4().hex, "rules": RULE}))["segment_id"])

    async def draft(self) -> str:
        body = {"name": "Autumn", "segment_id": await self.segment(), "message_template": "Hi"}
        return str((await self.do("POST", "/campaigns", body))["campaign_id"])

    async def launched(self) -> str:
        return str(await launch(self.campaigns))

    async def paused(self) -> str:
        campaign = await self.launched()
        await self.do("POST", f"/campaigns/{campaign}/pause")
        return campaign

    async def doubtful(self) -> str:
        """A message of which nobody knows."""
        campaign = await self.launched()
        [row, *_] = await self.campaigns.rows(
            "UPDATE communication_log SET state = 'UNCONFIRMED', settled_at = now()"
            " WHERE campaign_id = :id RETURNING message_id",
            id=campaign,
        )
        return str(row.message_id)

    async def suppression(self) -> str:
        made = await self.do("POST", "/suppressions", {"email": f"{uuid4().hex}@shop.example"})
        return str(made["suppression_id"])

    async def person(self) -> str:
        body = {"email": f"{uuid4().hex}@shop.example", "role": "viewer"}
        return str((await self.do("POST", "/people", body))["person_id"])

    async def key(self) -> str:
        return str((await self.do("POST", "/api-keys", {"name": "a program", "role": "viewer"}))["key_id"])

    async def letter(self, service: str) -> str:
        queue = (RECEIPT_QUEUE if service == "campaigns" else CUSTOMER_QUEUE).name
        letter = DeadLetter(uuid7(), queue, "a.thing.v1", "somebody", "no", b"{}")
        running: RunningService = getattr(self, service)
        async with running.database.transaction() as tx:
            await dead_letters.insert(tx, [letter])
        rows = await running.rows("SELECT dead_letter_id FROM dead_letters ORDER BY 1 DESC LIMIT 1")
        return str(rows[0][0])

    async def customer(self) -> str:
        email = f"{uuid4().hex}@shop.example"
        await self.do("POST", "/customers", {"name": "Asha", "email": email}, "ingestion")
        await self.ingestion.until("SELECT count(*) FROM customers WHERE email = :email", 1, email=email)
        rows = await self.ingestion.rows(
            "SELECT customer_id FROM customers WHERE email = :email", email=email
        )
        return str(rows[0][0])


Made = Callable[[Scene], Awaitable[str]]


@dataclass(frozen=True)
class Deed:
    """A route, what it is noted as, what it is done to, and with which body."""

    service: str
    method: str
    path: str
    action: str
    subject: Made | None = None
    body: Callable[[Scene], Awaitable[Any]] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


async def a_segment(scene: Scene) -> Any:
    return {"name": uuid4().hex, "rules": RULE}


async def a_campaign(scene: Scene) -> Any:
    return {"name": "Autumn", "segment_id": await scene.segment(), "message_template": "Hi"}


async def a_name(scene: Scene) -> Any:
    return {"name": "Another"}


async def a_time(scene: Scene) -> Any:
    return {"scheduled_at": (utc_now() + timedelta(hours=1)).isoformat()}


async def an_address(scene: Scene) -> Any:
    return {"email": f"{uuid4().hex}@shop.example"}


async def addresses(scene: Scene) -> Any:
    return {"emails": [f"{uuid4().hex}@shop.example"], "reason": "MANUAL"}


async def somebody(scene: Scene) -> Any:
    return {"email": f"{uuid4().hex}@shop.example", "role": "viewer"}


async def a_role(scene: Scene) -> Any:
    return {"role": "marketer"}


async def a_key(scene: Scene) -> Any:
    return {"name": "a program", "role": "viewer"}


async def a_letter_here(scene: Scene) -> str:
    return await scene.letter("campaigns")


async def a_letter_there(scene: Scene) -> str:
    return await scene.letter("ingestion")


HERE, THERE = "campaigns", "ingestion"
ONE = "/campaigns/{campaign_id:uuid}"
DEEDS = [
    Deed(HERE, "POST", "/segments", "segment.created", body=a_segment),
    Deed(HERE, "PUT", "/segments/{segment_id:uuid}", "segment.changed", Scene.segment, a_segment),
    Deed(HERE, "DELETE", "/segments/{segment_id:uuid}", "segment.deleted", Scene.segment),
    Deed(HERE, "POST", "/campaigns", "campaign.created", body=a_campaign),
    Deed(HERE, "PATCH", ONE, "campaign.edited", Scene.draft, a_name),
    Deed(HERE, "POST", f"{ONE}/test", "campaign.tested", Scene.draft, an_address),
    Deed(HERE, "POST", f"{ONE}/launch", "campaign.launched", Scene.draft),
    Deed(HERE, "POST", f"{ONE}/schedule", "campaign.scheduled", Scene.draft, a_time),
    Deed(HERE, "POST", f"{ONE}/pause", "campaign.paused", Scene.launched),
    Deed(HERE, "POST", f"{ONE}/resume", "campaign.resumed", Scene.paused),
    Deed(HERE, "POST", f"{ONE}/cancel", "campaign.cancelled", Scene.launched),
    Deed(HERE, "POST", f"{ONE}/duplicate", "campaign.created", Scene.draft),
    Deed(HERE, "POST", f"{ONE}/archive", "campaign.archived", Scene.draft),
    Deed(HERE, "POST", "/messages/{message_id:uuid}/resend", "message.resent", Scene.doubtful),
    Deed(HERE, "POST", "/messages/{message_id:uuid}/give-up", "message.given_up", Scene.doubtful),
    Deed(HERE, "POST", "/suppressions", "suppression.added", body=an_address),
    Deed(HERE, "POST", "/suppressions/batch", "suppression.imported", body=addresses),
    Deed(HERE, "DELETE", "/suppressions/{suppression_id:uuid}", "suppression.lifted", Scene.suppression),
    Deed(HERE, "POST", "/operations/dead-letters/{dead_letter_id:uuid}/replay", "dead_letter.replayed",
         a_letter_here),
    Deed(HERE, "DELETE", "/operations/dead-letters/{dead_letter_id:uuid}", "dead_letter.dropped",
         a_letter_here),
    Deed(HERE, "DELETE", "/session", "session.ended"),
    Deed(HERE, "POST", "/people", "person.invited", body=somebody),
    Deed(HERE, "PATCH", "/people/{person_id:uuid}", "person.role_changed", Scene.person, a_role),
    Deed(HERE, "DELETE", "/people/{person_id:uuid}", "person.removed", Scene.person),
    Deed(HERE, "POST", "/people/{person_id:uuid}/sign-out", "person.signed_out", Scene.person),
    Deed(HERE, "POST", "/api-keys", "api_key.created", body=a_key),
    Deed(HERE, "DELETE", "/api-keys/{key_id:str}", "api_key.revoked", Scene.key),
    Deed(THERE, "POST", "/sample-data", "sample_data.added"),
    Deed(THERE, "PATCH", "/customers/{customer_id:uuid}", "customer.corrected", Scene.customer, a_name),
    Deed(THERE, "DELETE", "/customers/{customer_id:uuid}", "customer.erased", Scene.customer),
    Deed(THERE, "GET", "/customers/{customer_id:uuid}/export", "customer.exported", Scene.customer),
    Deed(THERE, "POST", "/dead-letters/{dead_letter_id:uuid}/replay", "dead_letter.replayed", a_letter_there),
    Deed(THERE, "DELETE", "/dead-letters/{dead_letter_id:uuid}", "dead_letter.dropped", a_letter_there),
]  # fmt: skip


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[Both]:
    async with running_both(postgres) as services:
        await add_customers(services.campaigns, [customer()])
        yield services


@pytest.fixture
async def scene(both: Both) -> Scene:
    admin = await signed_in(both.campaigns, "admin", f"{uuid4().hex}@office.example")
    await known_in_both(both, admin)
    return Scene(both.campaigns, both.ingestion, admin)


async def noted(both: Both, **filters: str) -> list[Any]:
    return await walk(both.campaigns, "/audit", limit=1000, **filters)


def test_every_route_that_changes_something_is_noted() -> None:
    changing = {
        (service, route.method, route.path)
        for service, routes in ((HERE, CAMPAIGNS), (THERE, INGESTION))
        for route in routes
        if route.allowed is not None and (route.method != "GET" or route.path.endswith("/export"))
        if (route.method, route.path) not in LOOKS | RECORDS | REMEMBERS
    }
    assert {(deed.service, deed.method, deed.path) for deed in DEEDS} == changing


@pytest.mark.parametrize("deed", DEEDS, ids=str)
async def test_a_deed_is_noted_with_who_did_it(both: Both, scene: Scene, deed: Deed) -> None:
    subject = await deed.subject(scene) if deed.subject else ""
    body = await deed.body(scene) if deed.body else None
    head, _, rest = deed.path.partition("{")
    path = head + subject + rest.partition("}")[2]
    before = {entry["audit_id"] for entry in await noted(both)}
    status, answer = await scene.admin.ask(getattr(both, deed.service), deed.method, path, json=body)
    assert status < 300 or deed.action == "campaign.tested", answer

    async def new() -> list[Any]:
        return [entry for entry in await noted(both) if entry["audit_id"] not in before]

    [entry] = await until(new, bool)
    assert (entry["action"], entry["actor_id"]) == (deed.action, scene.admin.person_id)
    assert (entry["actor_kind"], entry["subject_kind"]) == ("person", _kind(deed))
    if subject and deed.path != f"{ONE}/duplicate":
        assert entry["subject_id"] == subject


def _kind(deed: Deed) -> str:
    kind = deed.action.partition(".")[0]
    return "person" if kind == "session" else kind


async def test_what_was_refused_is_not_noted(both: Both, scene: Scene) -> None:
    draft = await scene.draft()
    before = await noted(both)
    for method, path, body in (
        ("POST", f"/campaigns/{draft}/pause", None),
        ("POST", f"/campaigns/{uuid4()}/launch", None),
        ("DELETE", f"/segments/{uuid4()}", None),
        ("DELETE", f"/people/{uuid4()}", None),
        ("POST", "/people", {"email": "nobody", "role": "viewer"}),
        ("POST", f"/operations/dead-letters/{uuid4()}/replay", None),
    ):
        status, _ = await scene.admin.ask(both.campaigns, method, path, json=body)
        assert 400 <= status < 500, path
    assert await noted(both) == before


async def test_the_log_is_narrowed_by_who_and_what(both: Both, scene: Scene) -> None:
    draft = await scene.draft()
    await scene.do("POST", f"/campaigns/{draft}/archive")
    entries = await noted(both, subject_kind="campaign", subject_id=draft)
    assert [entry["action"] for entry in entries] == ["campaign.archived", "campaign.created"]
    assert entries[0]["detail"]["name"] == entries[1]["detail"]["name"] != ""
    mine = await noted(both, actor_id=scene.admin.person_id)
    assert {entry["actor_id"] for entry in mine} == {scene.admin.person_id}
    assert entries == [entry for entry in mine if entry["subject_id"] == draft]


async def test_a_key_is_an_actor_by_its_name(both: Both) -> None:
    _, made = await both.campaigns.post("/segments", {"name": uuid4().hex, "rules": RULE})
    [entry] = await noted(both, subject_id=made["segment_id"])
    assert (entry["actor_kind"], entry["actor_name"]) == ("key", "admin")


async def test_what_begins_by_itself_is_nobodys_deed(both: Both, scene: Scene) -> None:
    draft = await scene.draft()
    await scene.do("POST", f"/campaigns/{draft}/schedule", await a_time(scene))
    await both.campaigns.rows(
        "UPDATE campaigns SET scheduled_at = now() WHERE campaign_id = :id RETURNING 1", id=UUID(draft)
    )
    await start_due(both.campaigns.database, ["simulator"], needs_plan=False, zone="UTC")
    launched = (await noted(both, subject_id=draft))[0]
    assert (launched["action"], launched["actor_kind"], launched["actor_id"]) == (
        "campaign.launched",
        "system",
        "",
    )


async def test_an_event_that_comes_twice_is_one_entry(both: Both) -> None:
    twice, after = (told(uuid4().hex) for _ in range(2))
    for event in (twice, twice, after):
        await both.ingestion.broker.publish(AUDIT_QUEUE.topic, encode_frame([event]))

    async def entries(event: Event) -> list[Any]:
        return await noted(both, subject_id=event.subject)

    await until(lambda: entries(after), bool)
    [entry] = await entries(twice)
    assert (entry["audit_id"], entry["actor_name"]) == (str(twice.id), "unknown")


def told(subject: str) -> Event:
    body = AuditNoted(actor_id="", action="thing.done", subject_kind="thing", subject_id=subject)
    return Event(
        id=uuid7(), type=AUDIT_NOTED, source="tests", subject=subject, time=utc_now(), data=encode_data(body)
    )
