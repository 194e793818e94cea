"""Campaigns: drafted, listed, and what came of them."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from xencrm.client.campaigns import Campaign, CampaignStats, NewCampaign
from xencrm.kernel.validation import check_text_storable, clean_text
from xencrm.mcp_server import limits
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.stats import stats_lines
from xencrm.mcp_server.tool import Arguments, Reply, Tool
from xencrm.mcp_server.words import Words, count

LIST: Final = "list_campaigns shows the campaigns and their ids."
NEXT: Final = "Next: preview_campaign; then, when the person has agreed, launch_campaign."
PERSON_NEXT: Final = "Next: launch_campaign, whose card shows the person what would be sent."
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
    created_by: Annotated[str, Meta(description="who wants it; it is only repeated")] = ""
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

    def __post_init__(self) -> None:
        limits.check_name(self.name)
        limits.check_template("message_template", self.message_template)
        if self.subject is not UNSET and self.subject.strip():
            clean_text("subject", liquid(self.subject), limits.SUBJECT_LENGTH)
        if self.html_template is not UNSET:
            check_text_storable("html_template", self.html_template)


class ListCampaigns(Arguments, kw_only=True, forbid_unknown_fields=True):
    status: Status | None = None
    q: Annotated[str, Meta(description="a part of the name")] = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class OfCampaign(Arguments, kw_only=True, forbid_unknown_fields=True):
    campaign_id: UUID


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
    """`currency` is an ISO 4217 code; the states add up to the audience. The texts are templates, by us."""

    campaign_id: str
    name: str
    segment_name: str
    subject: str | None
    message_template: str
    currency: str
    stats: CampaignStats


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


def _text_lines(campaign: Campaign) -> list[str]:
    """What was, or would be, sent, with its variables."""
    html = [f"HTML besides, {len(campaign.html_template):,} characters"] if campaign.html_template else []
    return [
        *([f"subject: {campaign.subject!r}"] if campaign.subject else []),
        f"text: {campaign.message_template!r}",
        *html,
    ]


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
    key = "" if desk.by_card else "the API key "
    by = f" For {asked.created_by!r}, by {key}{made.created_by!r}." if asked.created_by else ""
    following = PERSON_NEXT if desk.by_card else NEXT
    text = (
        f"The draft {made.name!r} is made [{made.campaign_id}].{by} Nothing is sent yet. Its text: "
        f"{made.message_template!r}\n{following}"
    )
    return Reply(text, shown_campaign(made))


def _subject(campaign: Campaign) -> str:
    return f", subject {campaign.subject!r}" if campaign.subject else ""


async def list_campaigns(desk: Desk, asked: ListCampaigns) -> Reply[Campaigns]:
    page = await desk.client.campaigns.list(q=asked.q or None, status=asked.status, limit=asked.limit)
    lines = [f"- {campaign_line(each, desk.words)}{_subject(each)}" for each in page.items]
    text = "\n".join([f"{count(len(lines), 'campaign')}.", *lines])
    return Reply(text, Campaigns(campaigns=[shown_campaign(each) for each in page.items]))


async def get_campaign_stats(desk: Desk, asked: OfCampaign) -> Reply[CampaignNumbers]:
    campaign_id = str(asked.campaign_id)
    campaign = await desk.client.campaigns.get(campaign_id)
    stats = await desk.client.campaigns.stats(campaign_id)
    text = "\n".join(
        [campaign_line(campaign, desk.words), *_text_lines(campaign), *stats_lines(stats, desk.words)]
    )
    numbers = CampaignNumbers(
        campaign_id=campaign_id,
        name=campaign.name,
        segment_name=campaign.segment_name,
        subject=campaign.subject,
        message_template=campaign.message_template,
        currency=desk.words.currency,
        stats=stats,
    )
    return Reply(text, numbers)


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
        "What a campaign says, how far it is, delivery, failures, opens and clicks, revenue, and lift "
        "against those held out.",
        OfCampaign,
        CampaignNumbers,
        get_campaign_stats,
        hint=LIST,
        reads=True,
    ),
)
