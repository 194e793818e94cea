"""A conversation: what is shown of it, what the model is told of it, and what waits for the person."""

from collections.abc import Iterator
from typing import Any, Final, Literal
from uuid import uuid4

from msgspec import Raw, Struct, field

MOST_ITEMS: Final = 300
MOST_UNHEARD: Final = 6

Kind = Literal["person", "assistant", "looked", "card", "trouble"]
State = Literal["waiting", "doing", "done", "declined", "failed"]


class NoAnswer(Exception):
    """The text says why, to the person."""


class Fact(Struct, frozen=True):
    label: str
    value: str


class Card(Struct, kw_only=True):
    """Something that the person is asked to approve. `texts` are shown as they were written.

    `link`: the page of what came of it. `bound`: a hash of what it is about, and `reach` how many would get a
    message, as they were when it was shown; an approval is good for these.
    """

    tool: str
    title: str
    action: str
    facts: list[Fact] = field(default_factory=list)
    texts: list[Fact] = field(default_factory=list)
    bound: str = ""
    reach: int | None = None
    state: State = "waiting"
    outcome: str = ""
    link: str | None = None


class Item(Struct, kw_only=True):
    """`looked`: something was looked up, `text` says what. `stopped`: the person cut it short."""

    id: str
    kind: Kind
    text: str = ""
    stopped: bool = False
    card: Card | None = None


class Proposal(Struct, kw_only=True):
    """What a card is about: the model's call, and the plan token of the pre-flight that the card shows.

    `answer` is what the model is told, once the person has decided.
    """

    call_id: str
    given: dict[str, Any]
    plan_token: str | None = None
    answer: str | None = None


class Conversation(Struct, kw_only=True):
    """`messages` as the model's library writes them; `proposals` by the id of their card.

    `version`: how often it was kept. `unheard`: what the person wrote that no answer came of.
    """

    version: int = 0
    unheard: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    messages: Raw = field(default_factory=lambda: Raw(b"[]"))
    proposals: dict[str, Proposal] = field(default_factory=dict)

    def add(self, kind: Kind, text: str = "", card: Card | None = None) -> Item:
        item = Item(id=uuid4().hex, kind=kind, text=text, card=card)
        self.items.append(item)
        del self.items[:-MOST_ITEMS]
        return item

    def miss(self, *said: str | None) -> None:
        """No answer came of it: the model is told of it the next time."""
        self.unheard.extend(each for each in said if each)
        del self.unheard[:-MOST_UNHEARD]

    def find_card(self, item_id: str) -> tuple[Item, Card, Proposal] | None:
        item = next((each for each in self.items if each.id == item_id), None)
        proposal = self.proposals.get(item_id)
        return None if item is None or item.card is None or proposal is None else (item, item.card, proposal)

    def waiting(self) -> Iterator[tuple[Item, Card, Proposal]]:
        """Cards on which the person has not decided."""
        for item_id, proposal in self.proposals.items():
            found = self.find_card(item_id)
            if found is not None and proposal.answer is None:
                yield found
