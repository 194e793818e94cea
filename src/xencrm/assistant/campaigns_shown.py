"""Cards of campaigns: launched, paused, resumed, cancelled."""

from collections.abc import Mapping
from typing import Any, Final

from xencrm.assistant.conversation import Card, Fact
from xencrm.client.campaigns import Campaign
from xencrm.client.errors import Unprocessable
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.campaigns import OfCampaign
from xencrm.mcp_server.words import count

LAUNCH, PAUSE, RESUME, CANCEL = "launch_campaign", "pause_campaign", "resume_campaign", "cancel_campaign"
SAMPLES: Final = 1
# In which a campaign can be launched, and so on, and what it cannot be otherwise.
_POSSIBLE: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    LAUNCH: (frozenset({"DRAFT", "SCHEDULED"}), "launched"),
    PAUSE: (frozenset({"PREPARING", "RUNNING"}), "paused"),
    RESUME: (frozenset({"PAUSED"}), "resumed"),
    CANCEL: (frozenset({"SCHEDULED", "PREPARING", "RUNNING", "PAUSED"}), "cancelled"),
}
_GOING: Final = frozenset({"PREPARING", "RUNNING"})


async def show_launch(desk: Desk, card: Card, asked: OfCampaign) -> str:
    """The plan token of the card. Raises Mistaken, ClientError."""
    campaign_id = str(asked.campaign_id)
    _check_possible(LAUNCH, await desk.client.campaigns.get(campaign_id))
    seen = await desk.client.campaigns.preview(campaign_id)
    # Read once more: what was changed before the pre-flight is shown, what is changed after it is refused.
    campaign = await desk.client.campaigns.get(campaign_id)
    recipients = seen.audience - seen.suppressed - seen.inactive
    left_out = {"Held out": seen.holdout, "Suppressed": seen.suppressed, "Inactive": seen.inactive}
    card.action = f"Launch to {count(recipients, 'customer')}"
    card.facts = [
        Fact("Campaign", campaign.name),
        Fact("Segment", campaign.segment_name),
        Fact("Will get a message", count(recipients, "customer")),
        *(Fact(label, f"{number:,}") for label, number in left_out.items() if number),
        *blanks(seen.blank),
        *_terms(campaign),
        *_schedule(desk, campaign, "it would begin by itself then; this launches it now"),
        Fact("Approve until", desk.words.time(seen.expires_at)),
    ]
    samples = [
        Fact(
            f"For {each.name}", "\n\n".join(part for part in (each.subject, each.text or each.error) if part)
        )
        for each in seen.samples[:SAMPLES]
    ]
    card.texts = [*_texts(campaign), *samples]
    return seen.plan_token


async def show_halt(desk: Desk, card: Card, asked: OfCampaign) -> list[Any]:
    """To pause and to cancel: what the card is bound to. Raises Mistaken, ClientError."""
    campaign = await desk.client.campaigns.get(str(asked.campaign_id))
    _check_possible(card.tool, campaign)
    remaining, _ = await _remaining(desk, campaign)
    card.facts = [
        Fact("Campaign", campaign.name),
        Fact("Segment", campaign.segment_name),
        Fact("Status", campaign.status.capitalize()),
        *_schedule(desk, campaign, "it would begin by itself"),
        Fact("Not sent yet", remaining),
    ]
    standing = "going" if campaign.status in _GOING else campaign.status
    return [campaign.name, campaign.segment_id, standing, campaign.scheduled_at]


async def show_resume(desk: Desk, card: Card, asked: OfCampaign) -> list[Any]:
    """What the card is bound to. Raises Mistaken, ClientError."""
    campaign = await desk.client.campaigns.get(str(asked.campaign_id))
    _check_possible(RESUME, campaign)
    remaining, card.reach = await _remaining(desk, campaign)
    card.action = "Resume" if card.reach is None else f"Resume for {count(card.reach, 'customer')}"
    card.facts = [
        Fact("Campaign", campaign.name),
        Fact("Segment", campaign.segment_name),
        Fact("Status", campaign.status.capitalize()),
        *([Fact("Waits because", campaign.held_reason)] if campaign.held_reason else []),
        Fact("Not sent yet", remaining),
        *_terms(campaign),
    ]
    card.texts = _texts(campaign)
    return [
        *(campaign.name, campaign.status, campaign.segment_id, campaign.held_reason, campaign.vendor),
        *(campaign.campaign_type, campaign.holdout_percent, campaign.track, campaign.template_version),
        *(campaign.message_template, campaign.subject, campaign.html_template),
    ]


def blanks(blank: Mapping[str, int]) -> list[Fact]:
    return [Fact(f"{name} is blank", f"for {number:,}") for name, number in blank.items() if number]


def _check_possible(tool: str, campaign: Campaign) -> None:
    """Raises Mistaken."""
    statuses, done = _POSSIBLE[tool]
    if campaign.status not in statuses or campaign.archived_at is not None:
        status = campaign.status if campaign.archived_at is None else "archived"
        raise Mistaken(f"The campaign {campaign.name!r} is {status}: it cannot be {done}.")


async def _remaining(desk: Desk, campaign: Campaign) -> tuple[str, int | None]:
    """How many may still get a message, in words and as a number; None where nobody knows."""
    stats = await desk.client.campaigns.stats(campaign.campaign_id)
    pending = stats.pending + stats.sending
    if campaign.prepared_at is not None:
        return f"{pending:,} of {stats.audience:,}", pending
    if campaign.segment_id is None:
        return "not known: the audience is not written down yet", None
    segment = await desk.client.segments.get(campaign.segment_id)
    launched, changed = campaign.launched_at, segment.updated_at
    if launched is not None and changed is not None and changed > launched:
        return (
            "not known: the audience is not written down yet, by the rule from before the segment was \
changed",
            None,
        )
    try:
        matching = (await desk.client.segments.preview(segment.rules, sample=0)).count
    except Unprocessable:
        return "not known: the audience is not written down yet, and the rule takes long to count", None
    most = max(matching, pending)
    return f"up to {most:,}: the audience is not written down yet", most


def _terms(campaign: Campaign) -> list[Fact]:
    held_out = campaign.holdout_percent
    return [
        Fact("Vendor", campaign.vendor),
        Fact("Type", campaign.campaign_type.capitalize()),
        Fact("Opens and clicks", "counted" if campaign.track else "not counted"),
        *([Fact("Hold-out", f"{held_out} %")] if held_out else []),
    ]


def _schedule(desk: Desk, campaign: Campaign, what: str) -> list[Fact]:
    if campaign.status != "SCHEDULED":
        return []
    return [Fact("Scheduled", f"for {desk.words.time(campaign.scheduled_at)}: {what}")]


def _texts(campaign: Campaign) -> list[Fact]:
    """As they are written, with their variables."""
    return [
        *([Fact("Subject", campaign.subject)] if campaign.subject else []),
        Fact("Message", campaign.message_template),
        *([Fact("HTML", campaign.html_template)] if campaign.html_template else []),
    ]
