"""A line of pieces -> clauses and the marks between them; what is in neither is left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.plain.attributes import read_attribute, read_choice, read_declined
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Before, Clause, Line, Read, Reader, Refused, group
from xencrm.campaigns.segments.plain.numbers import Unclear
from xencrm.campaigns.segments.plain.quantities import read_counted, read_quantity, read_repeat
from xencrm.campaigns.segments.plain.recency import (
    read_activity,
    read_joined,
    read_last_order,
    read_status,
    read_visit_time,
)
from xencrm.campaigns.segments.plain.texts import read_address, read_named, read_text_field
from xencrm.kernel.errors import InvalidInput

_READERS: Final[Mapping[Kind, tuple[Reader, ...]]] = {
    Kind.SPEND: (read_quantity,),
    Kind.ORDERS: (read_last_order, read_quantity),
    Kind.VISITS: (read_visit_time, read_quantity),
    Kind.DAYS_SINCE: (read_quantity,),
    Kind.LAST_ORDER: (read_last_order,),
    Kind.JOINED: (read_joined,),
    Kind.CUSTOMERS_FOR: (read_joined,),
    Kind.STATUS: (read_status,),
    Kind.ACTIVITY: (read_activity,),
    Kind.REPEAT: (read_repeat,),
    Kind.TEXT_FIELD: (read_text_field,),
    Kind.NAMED: (read_named,),
    Kind.PROVIDER: (read_address,),
    Kind.EMAIL: (read_address,),
    Kind.DOMAIN: (read_address,),
    Kind.ATTRIBUTE: (read_attribute,),
    Kind.CHOICE: (read_choice,),
    Kind.DECLINED: (read_declined,),
    Kind.NUMBER: (read_counted,),
    Kind.COUNTED: (read_counted,),
    Kind.COMPARISON: (read_counted,),
    Kind.BETWEEN: (read_counted,),
}
MARKS: Final = frozenset(
    {
        *(Kind.AND, Kind.OR, Kind.BUT, Kind.COMMA, Kind.OPEN, Kind.CLOSE),
        *(Kind.NOUN, Kind.WHO, Kind.EITHER, Kind.EXCEPT),
    }
)
_BEFORE: Final = (Kind.NOT, Kind.HAVE, Kind.BE, Kind.PREPOSITION, Kind.DASH)
_PLACES: Final = ("in", "from", "at", "on", "of")
_GROUPS: Final = (Kind.OPEN, Kind.EITHER)
_ADJECTIVES: Final = (Kind.CHOICE, Kind.ATTRIBUTE, Kind.ACTIVITY)
_NOMINAL: Final = (*_ADJECTIVES, Kind.NOUN, Kind.PREPOSITION, Kind.REPEAT, Kind.PROVIDER)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A clause with its pieces: `first` to `end` (without it)."""

    clause: Clause
    first: int
    end: int
    is_not: bool = False
    has: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands between clauses."""

    kind: Kind
    at: int
    is_stop: bool = False


Item = Leaf | Mark


@dataclass(slots=True)
class Parted:
    """`whys`: what is said of a left-over piece, where there is something to say."""

    items: list[Item] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    whys: dict[int, str] = field(default_factory=dict)

    def leave(self, first: int, end: int, why: str | None = None) -> None:
        self.left.update(range(first, end))
        if why:
            self.whys.setdefault(first, why)


@dataclass(frozen=True, slots=True)
class _Core:
    """The first piece of a clause that counts, and what is before it."""

    at: int
    before: Before
    nots: tuple[int, ...]


def part(line: Line) -> Parted:
    parted = Parted()
    at = 0
    while at < len(line.pieces):
        if line.pieces[at].kind in MARKS:
            parted.items.append(_mark(line, at))
            at += 1
        elif line.is_at(at, Kind.NOR) and parted.items:
            parted.items.append(Mark(Kind.AND, at))
            at = _read(line, at, parted)
        else:
            at = _read(line, at, parted)
    return parted


def _mark(line: Line, at: int) -> Mark:
    """A "but" behind "everyone" takes away, unless "not" follows."""
    takes_away = line.is_at(at, Kind.BUT) and line.is_at(at - 1, Kind.NOUN) and line.is_at(at + 1, *_NOMINAL)
    if takes_away:
        return Mark(Kind.EXCEPT, at)
    return Mark(line.pieces[at].kind, at, line.is_at(at, Kind.COMMA) and line.value(at) == "stop")


def _read(line: Line, at: int, parted: Parted) -> int:
    """One clause, or one piece less to go."""
    core = _core(line, at, parted)
    if core.nots and line.is_at(core.at, *_GROUPS):
        parted.items += [Mark(Kind.NOT, each) for each in core.nots]
        return core.at
    found = _clause(line, core)
    if isinstance(found, Clause):
        first = min((*core.nots, _first(line, at)))
        is_adjective = line.is_at(core.at, *_ADJECTIVES) and not line.is_at(core.at - 1, Kind.PREPOSITION)
        is_not = core.before.negated and is_adjective
        parted.items.append(
            Leaf(found, first, found.end, is_not, core.before.have and not core.before.negated)
        )
        return found.end
    for each in core.nots:
        parted.leave(each, each + 1)
    if isinstance(found, Refused):
        end = min(max(found.end, core.at + 1), len(line.pieces))
        parted.leave(core.at, end, found.why)
        return end
    if core.at < len(line.pieces) and line.pieces[core.at].kind not in MARKS:
        parted.leave(core.at, core.at + 1)
        return core.at + 1
    return core.at


def _first(line: Line, at: int) -> int:
    """Where the text of a clause begins that has its first piece there."""
    while line.is_at(at, Kind.BE, Kind.DASH, Kind.NOR) or (
        line.is_at(at, Kind.PREPOSITION) and line.value(at) not in _PLACES
    ):
        at += 1
    return at


def _core(line: Line, at: int, parted: Parted) -> _Core:
    nots: list[int] = []
    has, without, start = _goes_on_having(at, parted), False, at
    if line.is_at(at, Kind.NOR) or _goes_on_negated(line, at, parted):
        nots.append(at)
        has, without = True, True
        at += line.is_at(at, Kind.NOR)
    while line.is_at(at, *_BEFORE) or (nots and line.is_at(at, Kind.NOUN, Kind.WHO)):
        if line.is_at(at, Kind.NOT):
            nots.append(at)
            without = without or line.value(at) == "without"
        has = has or line.is_at(at, Kind.HAVE)
        at += 1
    real = tuple(each for each in nots if each != start or line.is_at(each, Kind.NOT, Kind.NOR))
    return _Core(at, Before(len(nots) % 2 == 1, without, has), real)


def _goes_on_having(at: int, parted: Parted) -> bool:
    """Whether a "with" goes on: with 3 orders and a phone."""
    if len(parted.items) < 2:
        return False
    leaf, mark = parted.items[-2:]
    is_behind = isinstance(leaf, Leaf) and isinstance(mark, Mark) and mark.at == at - 1 == leaf.end
    return is_behind and isinstance(leaf, Leaf) and leaf.has


def _goes_on_negated(line: Line, at: int, parted: Parted) -> bool:
    """Whether a "not" goes on behind an "or": never ordered or visited; not active or VIP.

    The "or" is an "and" then.
    """
    items = parted.items
    marks = 2 if _ends_list(line, items) else 1
    if len(items) < 1 + marks:
        return False
    leaf, mark = items[-1 - marks], items[-1]
    if not isinstance(leaf, Leaf) or not isinstance(mark, Mark) or not _is_or(line, mark):
        return False
    if mark.at != at - 1 or leaf.end != at - marks:
        return False
    found = _clause(line, _Core(at, Before(negated=True, have=True), ()))
    if not isinstance(found, Clause):
        return False
    is_bare = leaf.clause.bare and str(leaf.clause.rule["operator"]) in ("null", "=") and found.bare
    if is_bare or (leaf.is_not and line.is_at(at, *_ADJECTIVES) and not found.bare):
        parted.items[-1] = Mark(Kind.AND, mark.at)
        return True
    return False


def _ends_list(line: Line, items: Sequence[Item]) -> bool:
    """Whether ", or" is behind a list that a "not" goes on in: not gold, VIP, or active."""
    kinds = [each.kind if isinstance(each, Mark) else None for each in items[-4:]]
    before = items[-4] if kinds == [Kind.AND, None, Kind.COMMA, Kind.OR] else None
    return isinstance(before, Mark) and line.is_at(before.at, Kind.COMMA)


def _is_or(line: Line, mark: Mark) -> bool:
    """An "or", or a comma of a list that ends with one."""
    if mark.kind is not Kind.COMMA or mark.is_stop:
        return mark.kind is Kind.OR
    ends = (Kind.AND, Kind.OR, Kind.BUT, Kind.NOUN, Kind.WHO, Kind.NOT)
    at = next((at for at in range(mark.at, len(line.pieces)) if line.is_at(at, *ends)), None)
    return at is not None and line.is_at(at, Kind.OR)


def _clause(line: Line, core: _Core) -> Read:
    kind = line.kind(core.at)
    for reader in _READERS.get(kind, ()) if kind else ():
        try:
            found = reader(line, core.at, core.before)
        except Unclear as error:
            return Refused(str(error), core.at + 1)
        if found is not None:
            return _checked(found) if isinstance(found, Clause) else found
    return None


def _checked(clause: Clause) -> Read:
    """Only what the validator of rules accepts."""
    try:
        parse_rule(group("and", [clause.rule]))
    except InvalidInput as error:
        return Refused("; ".join(each.message for each in error.errors) or error.detail, clause.end)
    return clause
