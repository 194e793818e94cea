"""Clauses and the marks between them -> a tree.

"Or" binds weaker than "and"; "but", and "and" behind a comma, bind weaker than both. What stands before
"customers" or before the first "who" holds for all that follows, up to the next such phrase. "Except" takes
away all that follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from xencrm.campaigns.segments.fields import FIELDS
from xencrm.campaigns.segments.plain.clauses import Item, Leaf, Mark
from xencrm.campaigns.segments.plain.comparisons import opposite
from xencrm.campaigns.segments.plain.kinds import Kind

_JOINS: Final = (Kind.AND, Kind.OR, Kind.BUT, Kind.COMMA)


@dataclass(frozen=True, slots=True)
class Branch:
    """Nodes put together; a negated one begins with the piece `first`."""

    combinator: str
    children: tuple["Node", ...]
    negated: bool = False
    first: int = 0


Node = Leaf | Branch
_Part = Leaf | Branch | Mark


class Unused:
    """Marks that count, but had nothing to work on."""

    def __init__(self) -> None:
        self.at: list[int] = []


def tree_of(items: Sequence[Item], unused: Unused) -> Node | None:
    levels: list[list[_Part]] = [[]]
    for item in items:
        if isinstance(item, Mark) and item.kind is Kind.OPEN:
            levels.append([])
        elif isinstance(item, Mark) and item.kind is Kind.CLOSE:
            _close(levels, unused)
        else:
            levels[-1].append(item)
    while len(levels) > 1:
        _close(levels, unused)
    return _level(levels[0], unused)


def _close(levels: list[list[_Part]], unused: Unused) -> None:
    if len(levels) > 1:
        node = _level(levels.pop(), unused)
        if node:
            levels[-1].append(node)


def _level(parts: Sequence[_Part], unused: Unused) -> Node | None:
    """What is in one pair of brackets."""
    at = _first(parts, Kind.EXCEPT)
    if at is None:
        return _loose(_joined_marks(parts), unused)
    taken = _level(_taken(parts[at + 1 :]), unused)
    rest = _level(parts[:at], unused) if at else None
    return join("and", [rest, _negated(taken, _at(parts[at]), unused)])


def _taken(parts: Sequence[_Part]) -> list[_Part]:
    """Except VIPs and inactive ones: each of them, unless "who" follows."""
    if _first(parts, Kind.WHO) is not None:
        return list(parts)
    return [Mark(Kind.OR, each.at) if isinstance(each, Mark) and _is_list(each) else each for each in parts]


def _is_list(mark: Mark) -> bool:
    return mark.kind is Kind.AND or (mark.kind is Kind.COMMA and not mark.is_stop)


def _joined_marks(parts: Sequence[_Part]) -> list[_Part]:
    """Of several marks in a row one is left: commas take the meaning of the "and" or "or" that follows."""
    joined: list[_Part] = []
    for item in parts:
        before = joined[-1] if joined else None
        if _is_join(item) and isinstance(before, Mark) and _is_join(before):
            joined[-1] = _stronger(before, item)
        else:
            joined.append(item)
    return _without_commas(joined)


def _stronger(before: Mark, after: _Part) -> Mark:
    assert isinstance(after, Mark)
    ranks = (Kind.COMMA, Kind.AND, Kind.BUT, Kind.OR)
    strong = max(before, after, key=lambda mark: ranks.index(mark.kind))
    is_loose = Kind.COMMA in (before.kind, after.kind) and strong.kind is not Kind.OR
    return replace(strong, is_stop=is_loose or before.is_stop or after.is_stop)


def _without_commas(parts: list[_Part]) -> list[_Part]:
    found: list[_Part] = []
    following = Kind.AND
    for index in range(len(parts) - 1, -1, -1):
        item = parts[index]
        if isinstance(item, Mark) and item.kind is Kind.COMMA and not item.is_stop:
            item = Mark(following, item.at)
        elif isinstance(item, Mark) and item.kind in (Kind.AND, Kind.OR):
            following = item.kind
            item = replace(item, is_stop=item.is_stop and not _has_comma(parts[:index]))
        elif isinstance(item, Mark) and _is_join(item):
            following = Kind.AND
        found.append(item)
    return found[::-1]


def _has_comma(parts: Sequence[_Part]) -> bool:
    """Whether the last mark before is a comma, so that this one ends a list."""
    last = next((each for each in reversed(parts) if _is_join(each)), None)
    return isinstance(last, Mark) and last.kind is Kind.COMMA and not last.is_stop


def _loose(parts: Sequence[_Part], unused: Unused) -> Node | None:
    """A "but", or an "and" behind a comma, divides what is around it."""
    pieces: list[list[_Part]] = [[]]
    for item in parts:
        if isinstance(item, Mark) and item.is_stop and item.kind is not Kind.OR:
            pieces.append([])
        else:
            pieces[-1].append(item)
    return join("and", [_phrases(piece, unused) for piece in pieces])


def _phrases(parts: Sequence[_Part], unused: Unused) -> Node | None:
    """Phrases that speak of people of their own: "VIPs or customers who ..."."""
    rest: list[_Part] = []
    start = 0
    for at in _begins(parts):
        node = _phrase(parts[start : at - 1], unused)
        rest += [node] if node else []
        rest.append(_between_people(parts, start, at))
        start = at
    if not rest:
        return _phrase(parts, unused)
    last = _phrase(parts[start:], unused)
    return _either([*rest, *([last] if last else [])], unused)


def _between_people(parts: Sequence[_Part], start: int, at: int) -> _Part:
    """Gold customers and customers in Pune are all of them: that "and" is an "or"."""
    mark = parts[at - 1]
    behind = next((each for each in parts[at:] if _is_join(each) or _is_people(each)), None)
    is_both = any(_is_people(each) for each in parts[start : at - 1]) and _is_people(behind)
    is_and = isinstance(mark, Mark) and mark.kind is Kind.AND
    return Mark(Kind.OR, _at(mark)) if is_and and is_both else mark


def _is_people(item: _Part | None) -> bool:
    return isinstance(item, Mark) and item.kind is Kind.NOUN


def _begins(parts: Sequence[_Part]) -> list[int]:
    """Where further phrases begin: behind the mark before their adjectives and their noun."""
    begins: list[int] = []
    behind_mark, is_open, seen = 0, False, False
    for at, item in enumerate(parts):
        if _is_join(item):
            behind_mark, is_open = at + 1, True
        elif _is_noun(item, parts, at):
            if is_open and seen and behind_mark > (begins[-1] if begins else 0):
                begins.append(behind_mark)
            seen, is_open = True, False
        elif isinstance(item, Leaf) and item.clause.verbal:
            seen, is_open = True, False
    return begins


def _is_noun(item: _Part, parts: Sequence[_Part], at: int) -> bool:
    if isinstance(item, Mark):
        return item.kind is Kind.NOUN
    starts = at == 0 or _is_join(parts[at - 1])
    return isinstance(item, Leaf) and item.clause.noun and starts


def _phrase(parts: Sequence[_Part], unused: Unused) -> Node | None:
    scopes: list[list[_Part]] = [[]]
    for at, item in enumerate(parts):
        if isinstance(item, Mark) and item.kind in (Kind.NOUN, Kind.WHO):
            if at and not _is_join(parts[at - 1]):
                scopes.append([])
        else:
            scopes[-1].append(item)
    return join("and", [_but(scope, unused) for scope in scopes])


def _but(parts: Sequence[_Part], unused: Unused) -> Node | None:
    return join("and", [_either(each, unused) for each in _divided(parts, Kind.BUT)])


def _either(parts: Sequence[_Part], unused: Unused) -> Node | None:
    """What follows "either" is one thing."""
    at = _first(parts, Kind.EITHER)
    if at is None:
        return _or(parts, unused)
    before, rest = list(parts[:at]), _either(parts[at + 1 :], unused)
    last = before[-1] if before else None
    if isinstance(last, Mark) and last.kind is Kind.NOT:
        rest = _negated(rest, last.at, unused)
        before.pop()
    return _or([*before, rest] if rest else before, unused)


def _or(parts: Sequence[_Part], unused: Unused) -> Node | None:
    return join("or", [_and(each, unused) for each in _divided(parts, Kind.OR)])


def _and(parts: Sequence[_Part], unused: Unused) -> Node | None:
    nodes: list[Node | None] = []
    negations: list[int] = []
    for item in parts:
        if isinstance(item, Mark):
            negations += [item.at] if item.kind is Kind.NOT else []
            continue
        node: Node | None = item
        for first in reversed(negations):
            node = _negated(node, first, unused)
        nodes.append(node)
        negations = []
    unused.at += negations
    return join("and", nodes)


def _divided(parts: Sequence[_Part], kind: Kind) -> list[list[_Part]]:
    pieces: list[list[_Part]] = [[]]
    for item in parts:
        if isinstance(item, Mark) and item.kind is kind:
            pieces.append([])
        else:
            pieces[-1].append(item)
    return pieces


def join(combinator: str, nodes: Sequence[Node | None]) -> Node | None:
    """One node for several; those that are put together in the same way are taken apart."""
    children: list[Node] = []
    for node in nodes:
        if isinstance(node, Branch) and node.combinator == combinator and not node.negated:
            children += node.children
        elif node is not None:
            children.append(node)
    if len(children) < 2:
        return children[0] if children else None
    return Branch(combinator, tuple(children))


def _negated(node: Node | None, first: int, unused: Unused) -> Node | None:
    """What is not that; also those of whom it is not known."""
    if node is None:
        unused.at.append(first)
        return None
    if isinstance(node, Leaf):
        field = FIELDS.get(str(node.clause.rule.get("field")))
        if field is not None and not field.nullable:
            return Leaf(replace(node.clause, rule=opposite(node.clause.rule)), first, node.end)
        return Branch("or", (node,), negated=True, first=first)
    if node.negated:
        return Branch("and", (node,), negated=True, first=first)
    return replace(node, negated=True, first=first)


def _first(parts: Sequence[_Part], kind: Kind) -> int | None:
    return next((at for at, each in enumerate(parts) if isinstance(each, Mark) and each.kind is kind), None)


def _is_join(item: _Part) -> bool:
    return isinstance(item, Mark) and item.kind in _JOINS


def _at(item: _Part) -> int:
    return item.at if isinstance(item, Mark) else 0
