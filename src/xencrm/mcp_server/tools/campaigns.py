"""Campaigns: drafted, listed, and what came of them."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from xencrm.client.campaigns import Campaign, CampaignStats, FailureCount, Message, NewCampaign
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.stats import Shares, stats_lines
from xencrm.mcp_server.tool import Arguments, Reply, Tool
from xencrm.mcp_server.words import Words, count, quoted

LIST: Final = "list_campaigns shows the campaigns and their ids."
VARIABLES: Final = (
    "name",
    "first_name",
    "email",
    "phone",
    "status",
    "total_spend",
    "total_orders",
    "total_visits",
    "last_order_at",
    "days_since_last_order",
    "unsubscribe_url",
)
# {name}, not {{ name }}; only what is a variable, so that other braces stay as they are.
_SINGLE: Final = re.compile(rf"(?<!{{){{\s*((?:{'|'.join(VARIABLES)})|attributes\.\w+)\s*}}(?!}})")
Status = Literal["DRAFT", "SCHEDULED", "PREPARING", "RUNNING", "PAUSED", "COMPLETED", "CANCELLED"]
GivenTemplate = Annotated[
    str,
    Meta(
        description="Liquid: Hi {{ first_name | default: 'there' }}. {name} means {{ name }}. Variables: "
        f"{', '.join(VARIABLES)}, attributes.<key>."
    ),
]


class CreateCampaign(Arguments, kw_only=True, forbid_unknown_fields=True):
    name: str
    segment_id: UUID
    message_template: GivenTemplate
    created_by: Annotated[str, Meta(description="who wants it; the campaign is the API key's")] = ""
    status: Annotated[
        Literal["DRAFT", "ACTIVE"], Meta(description="it is a draft in any case: ACTIVE does not send")
    ] = "DRAFT"
    campaign_type: Literal["PROMOTIONAL", "TRANSACTIONAL", "NEWSLETTER", "REMINDER"] | UnsetType = UNSET
    subject: str | UnsetType = UNSET
    html_template: str | UnsetType = UNSET
    vendor: str | UnsetType = UNSET
    holdout_percent: (
        Annotated[int, Meta(ge=0, le=50, description="get nothing, to compare with")] | UnsetType
    ) = UNSET
    track: Annotated[bool, Meta(description="count opens and clicks")] | UnsetType = UNSET


class ListCampaigns(Arguments, kw_only=True, forbid_unknown_fields=True):
    status: Status | None = None
    q: Annotated[str, Meta(description="a part of the name")] = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class OfCampaign(Arguments, kw_only=True, forbid_unknown_fields=True):
    campaign_id: UUID


class Failures(OfCampaign, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100, description="how many messages to show")] = 10


class ShownCampaign(Struct, kw_only=True):
    """`held_reason`: why it waits for a person."""

    campaign_id: str
    name: str
    status: str
    segment_id: str | None
    segment_name: str
    campaign_type: str
    vendor: str
    holdout_percent: int
    message_template: str
    subject: str | None
    created_by: str
    created_at: datetime | None
    scheduled_at: datetime | None
    launched_at: datetime | None
    finished_at: datetime | None
    held_reason: str | None


class Campaigns(Struct, kw_only=True):
    campaigns: list[ShownCampaign]


class CampaignNumbers(Struct, kw_only=True):
    """`currency` is an ISO 4217 code; the states add up to the audience."""

    campaign_id: str
    name: str
    currency: str
    stats: CampaignStats


class Addressee(Struct, kw_only=True):
    name: str | None
    email: str | None


class FailedMessage(Struct, kw_only=True):
    message_id: str
    state: str
    reason: str | None
    attempt: int
    customer_id: str | None
    customer_data: Addressee


class FailuresSeen(Struct, kw_only=True):
    """`failures`: why, with how often; `messages`: some of those."""

    campaign_id: str
    status: str
    audience: int
    failed: int
    skipped: int
    unconfirmed: int
    failures: list[FailureCount]
    messages: list[FailedMessage]


def liquid(template: str) -> str:
    """{name} as {{ name }}."""
    return _SINGLE.sub(r"{{ \1 }}", template)


def shown_campaign(campaign: Campaign) -> ShownCampaign:
    return ShownCampaign(**{name: getattr(campaign, name) for name in ShownCampaign.__struct_fields__})


def campaign_line(campaign: Campaign, words: Words) -> str:
    when = campaign.launched_at or campaign.scheduled_at or campaign.created_at
    held = f"; waits: {campaign.held_reason}" if campaign.held_reason else ""
    return (
        f"{campaign.name!r}, {campaign.status}, to {campaign.segment_name!r}, {words.time(when)}{held} "
        f"[{campaign.campaign_id}]"
    )


async def create_campaign(desk: Desk, asked: CreateCampaign) -> Reply[ShownCampaign]:
    draft = NewCampaign(
        name=asked.name,
        segment_id=str(asked.segment_id),
        message_template=liquid(asked.message_template),
        subject=UNSET if asked.subject is UNSET else liquid(asked.subject),
        html_template=asked.html_template,
        campaign_type=asked.campaign_type,
        vendor=asked.vendor,
        holdout_percent=asked.holdout_percent,
        track=asked.track,
    )
    made = await desk.client.campaigns.create(draft)
    by = f" For {asked.created_by!r}, by the API key {made.created_by!r}." if asked.created_by else ""
    text = (
        f"The draft {made.name!r} is made [{made.campaign_id}].{by} Nothing is sent yet. Its text: "
        f"{made.message_template!r}\nNext: preview_campaign; then, when the person has agreed, "
        "launch_campaign."
    )
    return Reply(text, shown_campaign(made))


async def list_campaigns(desk: Desk, asked: ListCampaigns) -> Reply[Campaigns]:
    page = await desk.client.campaigns.list(q=asked.q or None, status=asked.status, limit=asked.limit)
    lines = [f"- {campaign_line(each, desk.words)}" for each in page.items]
    text = "\n".join([f"{count(len(lines), 'campaign')}.", *lines])
    return Reply(text, Campaigns(campaigns=[shown_campaign(each) for each in page.items]))


async def get_campaign_stats(desk: Desk, asked: OfCampaign) -> Reply[CampaignNumbers]:
    campaign_id = str(asked.campaign_id)
    campaign = await desk.client.campaigns.get(campaign_id)
    stats = await desk.client.campaigns.stats(campaign_id)
    text = "\n".join([campaign_line(campaign, desk.words), *stats_lines(stats, desk.words)])
    numbers = CampaignNumbers(
        campaign_id=campaign_id, name=campaign.name, currency=desk.words.currency, stats=stats
    )
    return Reply(text, numbers)


async def campaign_failures(desk: Desk, asked: Failures) -> Reply[FailuresSeen]:
    campaign_id = str(asked.campaign_id)
    campaigns = desk.client.campaigns
    campaign, stats = await campaigns.get(campaign_id), await campaigns.stats(campaign_id)
    failed = await campaigns.messages(campaign_id, state="FAILED", limit=asked.limit)
    doubtful = await campaigns.messages(campaign_id, state="UNCONFIRMED", limit=asked.limit)
    messages = [_failed(message) for message in [*failed.items, *doubtful.items][: asked.limit]]
    text = "\n".join(
        [campaign_line(campaign, desk.words), *_failure_lines(stats), *map(_message_line, messages)]
    )
    seen = FailuresSeen(
        campaign_id=campaign_id,
        status=stats.status,
        audience=stats.audience,
        failed=stats.failed,
        skipped=stats.skipped,
        unconfirmed=stats.unconfirmed,
        failures=stats.failures,
        messages=messages,
    )
    return Reply(text, seen)


def _failed(message: Message) -> FailedMessage:
    return FailedMessage(
        message_id=message.message_id,
        state=message.state,
        reason=message.reason,
        attempt=message.attempt,
        customer_id=message.customer_id,
        customer_data=Addressee(name=message.name, email=message.address or message.email),
    )


def _failure_lines(stats: CampaignStats) -> list[str]:
    shares = Shares(stats.audience)
    reasons = [f"- {each.reason}: {shares.of(each.count)}" for each in stats.failures]
    return [
        f"{shares.of(stats.failed)} failed, {shares.of(stats.skipped)} skipped, "
        f"{shares.of(stats.unconfirmed)} unconfirmed of {count(stats.audience, 'customer')}.",
        *reasons,
    ]


def _message_line(message: FailedMessage) -> str:
    who = message.customer_data
    return (
        f"- {message.state} {message.reason or ''} after {count(message.attempt, 'attempt')}: "
        f"{quoted(who.name)} {quoted(who.email)} [{message.message_id}]"
    )


TOOLS: Final = (
    Tool(
        "create_campaign",
        "Draft a campaign",
        "Make a draft: one message for one segment. It sends nothing, whatever the status: "
        "preview_campaign and "
        "launch_campaign do the rest.",
        CreateCampaign,
        ShownCampaign,
        create_campaign,
        hint="list_segments shows the segments and their ids.",
    ),
    Tool(
        "list_campaigns",
        "List campaigns",
        "The campaigns, the newest first, with their status.",
        ListCampaigns,
        Campaigns,
        list_campaigns,
        reads=True,
    ),
    Tool(
        "get_campaign_stats",
        "Show a campaign's numbers",
        "How far a campaign is, delivery, failures, opens and clicks, revenue, and lift against those held "
        "out.",
        OfCampaign,
        CampaignNumbers,
        get_campaign_stats,
        hint=LIST,
        reads=True,
    ),
    Tool(
        "campaign_failures",
        "Show why messages failed",
        "The reasons why messages of a campaign failed, how often, and some of the messages.",
        Failures,
        FailuresSeen,
        campaign_failures,
        hint=LIST,
        reads=True,
    ),
)
