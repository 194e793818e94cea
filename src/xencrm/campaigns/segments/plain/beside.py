"""What is left out because of what stands beside it: it may mean something else than it says alone."""

from collections.abc import Mapping
from typing import Final

from xencrm.campaigns.segments.plain.clauses import Item, Leaf, Parted
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.lexicon import NOT_KEPT
from xencrm.campaigns.segments.plain.line import Line

_PASSED: Final = (Kind.HAVE, Kind.BE, Kind.PREPOSITION, Kind.DASH)
_BOUGHT: Final = "what was bought is not kept: rules ask when and for how much"
_BESIDE: Final = "what stands beside it may change what it means, so it was left out too"


def leave_what_is_beside(line: Line, parted: Parted) -> None:
    """A clause beside something that is not understood may mean something else than it says alone."""
    _leave_what_was_bought(line, parted)
    ends = {item.first: item.end for item in parted.items if isinstance(item, Leaf)}
    kept: list[Item] = []
    for item in parted.items:
        if isinstance(item, Leaf) and _is_restricted(line, item, parted.left, ends):
            parted.leave(item.first, item.end, _BESIDE)
        else:
            kept.append(item)
    parted.items = kept


def _leave_what_was_bought(line: Line, parted: Parted) -> None:
    """Bought shoes, spent over 5,000 on shoes: the value of some attribute is not asked for."""
    kept: list[Item] = []
    for item in parted.items:
        before = kept[-1] if kept else None
        if isinstance(item, Leaf) and isinstance(before, Leaf) and _is_bought(line, before, item):
            parted.leave(item.first, item.end, _BOUGHT)
            parted.leave(before.first, before.end)
            kept.pop()
        else:
            kept.append(item)
    parted.items = kept


def _is_bought(line: Line, before: Leaf, leaf: Leaf) -> bool:
    if before.end != leaf.first or not before.clause.verbal:
        return False
    if line.is_at(leaf.first, Kind.PREPOSITION):
        said = {line.kind(at) for at in range(before.first, before.end)}
        is_of = line.value(leaf.first) in ("on", "of") and line.is_at(leaf.first + 1, Kind.CHOICE)
        return is_of and not said.isdisjoint((Kind.ORDERS, Kind.SPEND, Kind.LAST_ORDER))
    is_verb = any(line.value(at) == "verb" for at in range(before.first, before.end))
    return line.is_at(leaf.first, Kind.CHOICE) and is_verb


def _is_restricted(line: Line, leaf: Leaf, left: set[int], ends: Mapping[int, int]) -> bool:
    before = leaf.first - 1
    while before >= 0 and line.is_at(before, *_PASSED) and line.value(before) != "colon":
        before -= 1
    if before in left and (leaf.clause.verbal or line.is_at(before, Kind.HEDGE, Kind.COMPARISON)):
        return True
    if leaf.clause.noun and (_is_governed(line, before, left) or _is_said_otherwise(line, leaf.end, left)):
        return True
    is_more = leaf.end in left and line.is_at(leaf.end, Kind.AFTERWARDS)
    after = leaf.end
    while after in ends:
        after = ends[after]
    return is_more or (leaf.clause.verbal and line.skip(after, *_PASSED) in left)


def _is_governed(line: Line, before: int, left: set[int]) -> bool:
    """Not subscribed to the newsletter, whatever that verb is."""
    says_more = line.is_at(before, Kind.UNKNOWN, Kind.NOT) or line.value(before) == NOT_KEPT
    return before in left and says_more


def _is_said_otherwise(line: Line, after: int, left: set[int]) -> bool:
    """Newsletter not ..., newsletter = ..."""
    return after in left and line.is_at(after, Kind.NOT, Kind.KNOWN, Kind.COMPARISON, Kind.TRUTH)
