"""Cards of segments and drafts, which send nothing by themselves."""

from typing import Any

import msgspec
from msgspec import UNSET

from xencrm.assistant.campaigns_shown import SAMPLES, blanks
from xencrm.assistant.conversation import Card, Fact
from xencrm.assistant.rules_shown import rule_shown, whole
from xencrm.client.templates import Texts
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.campaigns import CreateCampaign, liquid
from xencrm.mcp_server.tools.segments import CreateSegment
from xencrm.mcp_server.words import count

_TOLD = frozenset(
    {"name", "segment_id", "message_template", "subject", "html_template", "created_by", "status"}
)


async def show_segment(desk: Desk, card: Card, asked: CreateSegment) -> list[Any]:
    """What the card is bound to. Raises Mistaken, ClientError."""
    await _check_free(desk, asked.name)
    seen = await desk.client.segments.preview(asked.rules, sample=0)
    facts, card.texts = rule_shown(asked.rules, seen.words)
    card.facts = [
        Fact("Name", asked.name),
        *([Fact("Description", asked.description)] if asked.description else []),
        *facts,
        Fact("Matches now", count(seen.count, "customer")),
    ]
    return [seen.words]


async def show_draft(desk: Desk, card: Card, asked: CreateCampaign) -> list[Any]:
    """What the card is bound to. Raises Mistaken, ClientError."""
    await _check_vendor(desk, asked)
    segment = await desk.client.segments.get(str(asked.segment_id))
    texts = _texts(asked)
    seen = await desk.client.templates.preview(texts)
    facts, written = rule_shown(segment.rules, segment.words)
    others = {name: value for name, value in msgspec.to_builtins(asked).items() if name not in _TOLD}
    card.facts = [
        Fact("Name", asked.name),
        Fact("Segment", segment.name),
        *facts,
        Fact("Matches now", count(seen.count, "customer")),
        *(Fact(name.replace("_", " ").capitalize(), _told(value)) for name, value in others.items()),
        *blanks(seen.blank),
    ]
    card.texts = [
        *([] if texts.subject is UNSET else [Fact("Subject", texts.subject)]),
        Fact("Message", texts.message_template),
        *([] if texts.html_template is UNSET else [Fact("HTML", texts.html_template)]),
        *written,
        *(Fact(f"For {each.name}", each.text or each.error or "") for each in seen.samples),
    ]
    return [segment.name, whole(segment.rules)]


def _texts(asked: CreateCampaign) -> Texts:
    return Texts(
        segment_id=str(asked.segment_id),
        message_template=liquid(asked.message_template),
        subject=UNSET if asked.subject is UNSET else liquid(asked.subject),
        html_template=asked.html_template,
        samples=SAMPLES,
    )


async def _check_free(desk: Desk, name: str) -> None:
    """Raises Mistaken when another segment has this name."""
    wanted = name.strip()
    page = await desk.client.segments.list(q=wanted, limit=1000)
    if any(segment.name == wanted for segment in page.items):
        raise Mistaken(f"There is a segment with the name {wanted!r}: use it, or choose another name.")


async def _check_vendor(desk: Desk, asked: CreateCampaign) -> None:
    """Raises Mistaken for one that nothing can be sent by."""
    vendors = [vendor.name for vendor in await desk.client.vendors() if vendor.configured]
    if asked.vendor is not UNSET and asked.vendor not in vendors:
        raise Mistaken(
            f"The vendor {asked.vendor!r} is not configured here. There are: {', '.join(vendors)}."
        )


def _told(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
