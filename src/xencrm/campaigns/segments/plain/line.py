"""The pieces of a sentence that count, and what readers of clauses give back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.pieces import Piece
from xencrm.campaigns.segments.rules import Json


@dataclass(frozen=True, slots=True)
class Clause:
    """What a clause asks, as JSON of a condition or a group, up to the piece `end` (without it).

    `verbal`: said by a verb, which what stands beside it may restrict. `noun`: it stands for people.
    """

    rule: Json
    end: int
    notes: tuple[str, ...] = ()
    verbal: bool = False
    noun: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A clause that is understood, but cannot be asked."""

    why: str
    end: int


Read = Clause | Refused | None


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces without fillers. `today` and `currency` are those of the installation."""

    pieces: Sequence[Piece]
    today: date
    currency: str

    def kind(self, at: int) -> Kind | None:
        return self.pieces[at].kind if 0 <= at < len(self.pieces) else None

    def value(self, at: int) -> Any:
        return self.pieces[at].value if 0 <= at < len(self.pieces) else None

    def is_at(self, at: int, *kinds: Kind) -> bool:
        return self.kind(at) in kinds

    def skip(self, at: int, *kinds: Kind) -> int:
        """The first piece from there on that is of none of these kinds."""
        while self.kind(at) in kinds:
            at += 1
        return at


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before the first word of a clause that counts."""

    negated: bool = False
    without: bool = False
    have: bool = False


Reader = Callable[[Line, int, Before], Read]


def condition(field: str, operator: str, value: object = None) -> Json:
    return {"field": field, "operator": operator, "value": value}


def group(combinator: str, rules: Sequence[Json], *, negated: bool = False) -> Json:
    return {"combinator": combinator, "rules": list(rules)} | ({"not": True} if negated else {})
