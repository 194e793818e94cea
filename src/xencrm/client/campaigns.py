"""`/campaigns`: one message template for one segment, with a life."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from xencrm.client.errors import Conflict
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.transport import Call, Params, Transport, encode

PATH = "/api/v1/campaigns"

_REACHED_BY = {
    "launch": {"PREPARING", "RUNNING", "PAUSED", "COMPLETED"},
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


class Campaign(Struct, kw_only=True):
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
    created_at: datetime | None = None
    launched_at: datetime | None = None
    finished_at: datetime | None = None


class FailureCount(Struct, frozen=True):
    reason: str
    count: int


class CampaignStats(Struct, kw_only=True):
    """The states add up to `audience`; members held out are counted apart."""

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
    lift: Any = None

    @property
    def settled(self) -> int:
        """Messages that will not move any more, SENT aside."""
        return self.delivered + self.failed + self.skipped + self.cancelled


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

    async def list(self, *, limit: int = 100, cursor: str | None = None) -> Page[Campaign]:
        params: Params = {"limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Campaign])

    async def create(self, campaign: NewCampaign) -> Campaign:
        return await self._transport.ask(Call("POST", PATH, body=encode(campaign)), Campaign)

    async def get(self, campaign_id: str) -> Campaign:
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}"), Campaign)

    async def launch(self, campaign_id: str) -> Campaign:
        """Start preparing and sending. Raises Conflict when it is no draft."""
        return await self._advance(campaign_id, "launch")

    async def pause(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "pause")

    async def resume(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "resume")

    async def cancel(self, campaign_id: str) -> Campaign:
        return await self._advance(campaign_id, "cancel")

    async def stats(self, campaign_id: str) -> CampaignStats:
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}/stats"), CampaignStats)

    async def messages(
        self, campaign_id: str, *, state: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[Message]:
        params: Params = {"state": state, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", f"{PATH}/{campaign_id}/messages", params), Page[Message])

    def all_messages(self, campaign_id: str) -> AsyncIterator[Message]:
        return walk(lambda cursor: self.messages(campaign_id, limit=FULL_PAGE, cursor=cursor))

    async def _advance(self, campaign_id: str, verb: str) -> Campaign:
        """A repeat after a lost answer meets the effect of the first call: that is no conflict."""
        try:
            await self._transport.send(Call("POST", f"{PATH}/{campaign_id}/{verb}", repeatable=True))
        except Conflict as conflict:
            campaign = await self.get(campaign_id)
            if conflict.attempts == 1 or campaign.status not in _REACHED_BY[verb]:
                raise
            return campaign
        return await self.get(campaign_id)
