"""`/campaigns`: one message template for one segment, with a life."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

from xencrm.client.errors import Conflict
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.preflight import Preflight, Trial
from xencrm.client.streaming import follow
from xencrm.client.transport import Call, Params, Transport, decode, encode

PATH = "/api/v1/campaigns"
STATS = "/api/v1/campaignStats"

_REACHED_BY = {
    "launch": {"PREPARING", "RUNNING", "PAUSED", "COMPLETED"},
    "schedule": {"SCHEDULED", "PREPARING", "RUNNING"},
    "unschedule": {"DRAFT"},
    "pause": {"PAUSED"},
    "resume": {"RUNNING", "COMPLETED"},
    "cancel": {"CANCELLED"},
}


class NewCampaign(Struct, kw_only=True):
    """What `POST /campaigns` takes."""

    name: str
    segment_id: str
    message_template: str
    subject: str | UnsetType = UNSET
    html_template: str | UnsetType = UNSET
    campaign_type: str | UnsetType = UNSET
    vendor: str | UnsetType = UNSET
    holdout_percent: int | UnsetType = UNSET
    scheduled_at: datetime | UnsetType = UNSET
    track: bool | UnsetType = UNSET


class Campaign(Struct, kw_only=True):
    """`held_reason`: why a schedule, or what should be sent, waits for a person. `prepared_at`: when its
    audience was written down."""

    campaign_id: str
    name: str
    status: str
    segment_id: str | None = None
    segment_name: str = ""
    message_template: str = ""
    subject: str | None = None
    html_template: str | None = None
    campaign_type: str = "PROMOTIONAL"
    vendor: str = "simulator"
    holdout_percent: int = 0
    track: bool = False
    created_at: datetime | None = None
    scheduled_at: datetime | None = None
    held_reason: str | None = None
    launched_at: datetime | None = None
    prepared_at: datetime | None = None
    finished_at: datetime | None = None
    archived_at: datetime | None = None
    created_by: str = ""
    template_version: int = 1


class FailureCount(Struct, frozen=True):
    reason: str
    count: int


class Lift(Struct, kw_only=True, frozen=True):
    """Revenue a head of the audience and of those held out; the difference with its 95 % interval."""

    treated_per_head: Decimal
    control_per_head: Decimal
    difference: Decimal
    low: Decimal
    high: Decimal
    treated: int
    control: int


class LinkClicks(Struct, frozen=True):
    """`url` as the template has it; `clicks`: of how many messages it was clicked."""

    url: str
    clicks: int


class CampaignStats(Struct, kw_only=True):
    """The states add up to `audience`; members held out are counted apart.

    `opened` and `clicked` are messages; None where the campaign is not tracked.
    """

    status: str
    audience: int
    holdout: int = 0
    pending: int = 0
    sending: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0
    unconfirmed: int = 0
    delivery_rate: Decimal | None = None
    failures: list[FailureCount] = []
    revenue: Decimal | None = None
    orders: int | None = None
    lift: Lift | None = None
    opened: int | None = None
    clicked: int | None = None
    links: list[LinkClicks] = []

    @property
    def settled(self) -> int:
        """Messages that will not move any more, SENT aside."""
        return self.delivered + self.failed + self.skipped + self.cancelled


class CampaignWithStats(CampaignStats, kw_only=True):
    campaign_id: str
    name: str
    campaign_type: str = "PROMOTIONAL"
    vendor: str = "simulator"
    created_at: datetime | None = None
    launched_at: datetime | None = None
    finished_at: datetime | None = None
    archived_at: datetime | None = None


class Message(Struct, kw_only=True):
    """`email` is the customer's present one, `address` where it went; `attempt` is open or was the last."""

    message_id: str
    state: str
    customer_id: str | None = None
    name: str | None = None
    email: str | None = None
    attempt: int = 0
    reason: str | None = None
    address: str | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None


class Campaigns:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        *,
        q: str | None = None,
        status: str | None = None,
        archived: bool = False,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Campaign]:
        """The newest first; the archived ones, or the others; with `q` in their name."""
        narrowed: Params = {"q": q, "status": status, "archived": "true" if archived else None}
        params: Params = {**narrowed, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Campaign])

    async def create(self, campaign: NewCampaign) -> Campaign:
        return await self._transport.ask(Call("POST", PATH, body=encode(campaign)), Campaign)

    async def get(self, campaign_id: str) -> Campaign:
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}"), Campaign)

    async def update(self, campaign_id: str, changes: Mapping[str, object]) -> Campaign:
        """The given fields, of a draft; of a paused campaign the texts."""
        call = Call("PATCH", f"{PATH}/{campaign_id}", body=encode(changes), repeatable=True)
        return await self._transport.ask(call, Campaign)

    async def preview(self, campaign_id: str) -> Preflight:
        """What a launch would do now."""
        call = Call("POST", f"{PATH}/{campaign_id}/preview", repeatable=True)
        return await self._transport.ask(call, Preflight)

    async def test(
        self, campaign_id: str, *, customer_id: str | None = None, email: str | None = None
    ) -> Trial:
        """Send the message now to a customer, or to an address what the customer would get."""
        body = encode({"customer_id": customer_id, "email": email})
        return await self._transport.ask(Call("POST", f"{PATH}/{campaign_id}/test", body=body), Trial)

    async def launch(self, campaign_id: str, *, plan_token: str | None = None) -> Campaign:
        """Start preparing and sending. Raises Conflict when it was launched, or the token does not fit."""
        body = None if plan_token is None else encode({"plan_token": plan_token})
        return await self._advance(campaign_id, "launch", body)

    async def schedule(
        self, campaign_id: str, scheduled_at: datetime, *, plan_token: str | None = None
    ) -> Campaign:
        """Let it begin by itself then."""
        body = encode({"scheduled_at": scheduled_at, "plan_token": plan_token})
        return await self._advance(campaign_id, "schedule", body)

    async def unschedule(self, campaign_id: str) -> Campaign:
        """Make it a draft again."""
        return await self._advance(campaign_id, "unschedule", encode({"scheduled_at": None}), "schedule")

    async def pause(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "pause")

    async def resume(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "resume")

    async def cancel(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "cancel")

    async def duplicate(self, campaign_id: str) -> Campaign:
        """A new draft with the same texts, segment and settings."""
        return await self._transport.ask(Call("POST", f"{PATH}/{campaign_id}/duplicate"), Campaign)

    async def archive(self, campaign_id: str) -> Campaign:
        """Take it out of the list for good."""
        return await self._advance(campaign_id, "archive")

    async def stats(self, campaign_id: str) -> CampaignStats:
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}/stats"), CampaignStats)

    async def all_stats(
        self, *, archived: bool = False, limit: int = 100, cursor: str | None = None
    ) -> Page[CampaignWithStats]:
        """Campaigns with their numbers, the newest first; the archived ones, or the others."""
        params: Params = {"archived": "true" if archived else None, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", STATS, params), Page[CampaignWithStats])

    def watch(self, campaign_id: str) -> AsyncIterator[CampaignStats]:
        """The numbers now and whenever they change, until the campaign has ended. Raises ClientError."""
        return watch_campaign(self._transport, campaign_id)

    async def messages(
        self,
        campaign_id: str,
        *,
        state: str | None = None,
        q: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Message]:
        """`q`: how the customer's name or address begins."""
        params: Params = {"state": state, "q": q, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}/messages", params), Page[Message])

    def all_messages(self, campaign_id: str, *, state: str | None = None) -> AsyncIterator[Message]:
        return walk(lambda cursor: self.messages(campaign_id, state=state, limit=FULL_PAGE, cursor=cursor))

    async def _advance(
        self, campaign_id: str, deed: str, body: bytes | None = None, verb: str | None = None
    ) -> Campaign:
        """A repeat after a lost answer meets the effect of the first call: that is no conflict."""
        path = f"{PATH}/{campaign_id}/{verb or deed}"
        try:
            await self._transport.send(Call("POST", path, body=body, repeatable=True))
        except Conflict as conflict:
            campaign = await self.get(campaign_id)
            if conflict.attempts == 1 or not _has_reached(campaign, deed):
                raise
            return campaign
        return await self.get(campaign_id)


async def watch_campaign(transport: Transport, campaign_id: str) -> AsyncIterator[CampaignStats]:
    """Opens the stream again when it is lost, and skips what was seen before."""
    seen: CampaignStats | None = None
    call = Call("GET", f"{PATH}/{campaign_id}/stream")
    async for event in follow(transport, call):
        if event.name == "end":
            return
        stats = decode(event.data, CampaignStats)
        if stats != seen:
            seen = stats
            yield stats


def _has_reached(campaign: Campaign, deed: str) -> bool:
    if deed == "archive":
        return campaign.archived_at is not None
    return campaign.status in _REACHED_BY[deed]
