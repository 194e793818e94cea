"""What a card shows: looked up by us, so that what a model says of it does not count."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from xencrm.assistant.conversation import Card, Fact
from xencrm.client.templates import Texts
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken, Tool
from xencrm.mcp_server.tools.campaigns import CreateCampaign, OfCampaign, liquid
from xencrm.mcp_server.tools.segments import CreateSegment
from xencrm.mcp_server.words import count

ACTIONS: Final = {
    "add_customer": "Add",
    "add_order": "Add",
    "create_segment": "Create segment",
    "create_campaign": "Create draft",
    "launch_campaign": "Launch",
    "pause_campaign": "Pause",
    "resume_campaign": "Resume",
    "cancel_campaign": "Cancel for good",
}
LAUNCH: Final = "launch_campaign"
SAMPLES: Final = 1


async def card_of(desk: Desk, tool: Tool[Any, Any], asked: Any) -> tuple[Card, str | None]:
    """With the plan token, where there is a pre-flight. Raises Mistaken, ClientError."""
    card = Card(tool=tool.name, title=tool.title, action=ACTIONS.get(tool.name, "Do it"))
    token = await _SHOWING.get(tool.name, _given)(desk, card, asked)
    return card, token


async def _given(_: Desk, card: Card, asked: Any) -> None:
    card.facts = [Fact(_label(name), _text(value)) for name, value in _fields(asked).items()]


async def _segment(desk: Desk, card: Card, asked: CreateSegment) -> None:
    seen = await desk.client.segments.preview(asked.rules, sample=0)
    card.facts = [
        Fact("Name", asked.name),
        *([Fact("Description", asked.description)] if asked.description else []),
        Fact("Rule", seen.words),
        Fact("Matches now", count(seen.count, "customer")),
    ]


async def _draft(desk: Desk, card: Card, asked: CreateCampaign) -> None:
    segment = await desk.client.segments.get(str(asked.segment_id))
    text = liquid(asked.message_template)
    subject = UNSET if asked.subject is UNSET else liquid(asked.subject)
    texts = Texts(
        segment_id=segment.segment_id,
        message_template=text,
        subject=subject,
        html_template=asked.html_template,
        samples=SAMPLES,
    )
    seen = await desk.client.templates.preview(texts)
    told = {"name", "segment_id", "message_template", "subject", "html_template", "created_by", "status"}
    others = {name: value for name, value in _fields(asked).items() if name not in told}
    card.facts = [
        Fact("Name", asked.name),
        Fact("Segment", segment.name),
        Fact("Matches now", count(seen.count, "customer")),
        *(Fact(_label(name), _text(value)) for name, value in others.items()),
        *_blanks(seen.blank),
    ]
    card.texts = [
        *([] if subject is UNSET else [Fact("Subject", subject)]),
        Fact("Message", text),
        *([] if asked.html_template is UNSET else [Fact("HTML", asked.html_template)]),
        *(Fact(f"For {each.name}", each.text or each.error or "") for each in seen.samples),
    ]


async def _launch(desk: Desk, card: Card, asked: OfCampaign) -> str:
    campaign_id = str(asked.campaign_id)
    campaign = await desk.client.campaigns.get(campaign_id)
    if campaign.status not in ("DRAFT", "SCHEDULED"):
        raise Mistaken(f"The campaign {campaign.name!r} is {campaign.status}: it cannot be launched.")
    seen = await desk.client.campaigns.preview(campaign_id)
    recipients = seen.audience - seen.suppressed - seen.inactive
    left_out = {"Held out": seen.holdout, "Suppressed": seen.suppressed, "Inactive": seen.inactive}
    card.action = f"Launch to {count(recipients, 'customer')}"
    card.facts = [
        Fact("Campaign", campaign.name),
        Fact("Segment", campaign.segment_name),
        Fact("Will get a message", count(recipients, "customer")),
        *(Fact(label, f"{number:,}") for label, number in left_out.items() if number),
        *_blanks(seen.blank),
        Fact("Approve until", desk.words.time(seen.expires_at)),
    ]
    card.texts = [
        Fact(
            f"For {each.name}", "\n\n".join(part for part in (each.subject, each.text or each.error) if part)
        )
        for each in seen.samples[:SAMPLES]
    ]
    return seen.plan_token


async def _campaign(desk: Desk, card: Card, asked: OfCampaign) -> None:
    campaign = await desk.client.campaigns.get(str(asked.campaign_id))
    stats = await desk.client.campaigns.stats(campaign.campaign_id)
    card.facts = [
        Fact("Campaign", campaign.name),
        Fact("Status", campaign.status.capitalize()),
        Fact("Not sent yet", f"{stats.pending:,} of {stats.audience:,}"),
    ]


_SHOWING: Final[Mapping[str, Callable[[Desk, Card, Any], Awaitable[str | None]]]] = {
    "create_segment": _segment,
    "create_campaign": _draft,
    LAUNCH: _launch,
    "pause_campaign": _campaign,
    "resume_campaign": _campaign,
    "cancel_campaign": _campaign,
}


def _blanks(blank: Mapping[str, int]) -> list[Fact]:
    return [Fact(f"{name} is blank", f"for {number:,}") for name, number in blank.items() if number]


def _fields(asked: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(asked)
    return fields


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
