"""What a card shows: looked up by us, so that what a model says of it does not count."""

from collections.abc import Awaitable, Callable, Mapping
from hashlib import blake2s
from typing import Any, Final

import msgspec

from xencrm.assistant.campaigns_shown import (
    CANCEL,
    LAUNCH,
    PAUSE,
    RESUME,
    show_halt,
    show_launch,
    show_resume,
)
from xencrm.assistant.conversation import Card, Fact
from xencrm.assistant.drafts_shown import show_draft, show_segment
from xencrm.assistant.records_shown import show_customer, show_order
from xencrm.assistant.visible import visible
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Tool

ACTIONS: Final = {
    "create_segment": "Create segment",
    "create_campaign": "Create draft",
    PAUSE: "Pause",
    RESUME: "Resume",
    CANCEL: "Cancel for good",
}
MOST_GROWTH_PERCENT: Final = 1
_SHOWING: Final[Mapping[str, Callable[[Desk, Card, Any], Awaitable[list[Any]]]]] = {
    "add_customer": show_customer,
    "add_order": show_order,
    "create_segment": show_segment,
    "create_campaign": show_draft,
    PAUSE: show_halt,
    RESUME: show_resume,
    CANCEL: show_halt,
}


async def card_of(desk: Desk, tool: Tool[Any, Any], asked: Any) -> tuple[Card, str | None]:
    """With the plan token, where there is a pre-flight. Raises Mistaken, ClientError."""
    card = Card(tool=tool.name, title=tool.title, action=ACTIONS.get(tool.name, "Do it"))
    token: str | None = None
    if tool.name == LAUNCH:
        token = await show_launch(desk, card, asked)
    else:
        card.bound = _hash(await _SHOWING[tool.name](desk, card, asked))
    card.facts = [Fact(visible(fact.label), visible(fact.value)) for fact in card.facts]
    card.texts = [Fact(visible(text.label), visible(text.value, lines=True)) for text in card.texts]
    return card, token


async def is_as_shown(desk: Desk, tool: Tool[Any, Any], asked: Any, card: Card) -> bool:
    """Whether a card made now would be about the same, for no more customers but one in a hundred.

    A launch is held to this by its plan token. Raises Mistaken, ClientError.
    """
    if tool.name == LAUNCH:
        return True
    now, _ = await card_of(desk, tool, asked)
    return now.bound == card.bound and not _has_grown(card.reach, now.reach)


def _has_grown(shown: int | None, now: int | None) -> bool:
    if shown is None or now is None:
        return shown is not now
    return now * 100 > shown * (100 + MOST_GROWTH_PERCENT)


def _hash(parts: list[Any]) -> str:
    return blake2s(msgspec.json.encode(parts), digest_size=16).hexdigest()
