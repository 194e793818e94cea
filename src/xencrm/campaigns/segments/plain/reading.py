"""A sentence -> a rule, what was understood, and what was left out. Nothing is left out silently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from xencrm.campaigns.segments.fields import Field, attribute_key
from xencrm.campaigns.segments.fields import Kind as FieldKind
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.plain.beside import leave_what_is_beside
from xencrm.campaigns.segments.plain.clauses import Leaf, Parted, part
from xencrm.campaigns.segments.plain.kinds import SOFT, Kind
from xencrm.campaigns.segments.plain.line import Line, group
from xencrm.campaigns.segments.plain.pieces import Piece, pieces_of
from xencrm.campaigns.segments.plain.tokens import Token, tokens_of
from xencrm.campaigns.segments.plain.tree import Node, Unused, tree_of
from xencrm.campaigns.segments.plain.typos import corrected
from xencrm.campaigns.segments.plain.vocabulary import Vocabulary
from xencrm.campaigns.segments.rules import Json
from xencrm.campaigns.segments.words import in_words
from xencrm.kernel.errors import InvalidInput

LONGEST_TEXT: Final = 1000
NOT_UNDERSTOOD: Final = "not understood"
NOTHING_TO_COMPARE: Final = "what is compared with it is not said"
_EXAMPLES: Final = (
    'Say for example "active customers who spent over 5,000 but haven\'t ordered for 90 days", '
    '"joined this year", "at least 3 orders", "e-mail ends with @example.org", "without a phone".'
)
_WITHIN: Final = frozenset({Kind.FILLER, Kind.HAVE, Kind.BE, Kind.PREPOSITION, Kind.NOUN, Kind.DASH})
_LEADING: Final = frozenset({Kind.PREPOSITION, Kind.HAVE})
_NUMERIC: Final = frozenset({Kind.COMPARISON, Kind.NUMBER, Kind.BETWEEN, Kind.AFTERWARDS, Kind.COUNTED})


@dataclass(frozen=True, slots=True)
class Understood:
    """A part of the text, what it was taken as, and its path in the rule ("" is all of it)."""

    text: str
    words: str
    path: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`rules` is None where nothing was understood; `hint` then says what can be said."""

    rules: Json | None
    words: str | None
    understood: tuple[Understood, ...]
    left_out: tuple[LeftOut, ...]
    hint: str | None = None


def read_sentence(text: str, fields: Sequence[Field], today: date, currency: str) -> Reading:
    """`today` and `currency` are those of the installation."""
    vocabulary = Vocabulary(fields)
    tokens = corrected(tokens_of(text), vocabulary)
    pieces = pieces_of(tokens, vocabulary)
    line = Line([piece for piece in pieces if piece.kind is not Kind.FILLER], today, currency)
    parted, unused = part(line), Unused()
    leave_what_is_beside(line, parted)
    tree = tree_of(parted.items, unused)
    for at in unused.at:
        parted.leave(at, at + 1)
    sentence = _Sentence(text, tokens, pieces, line)
    left_out = tuple(sentence.left_out(parted))
    if tree is None:
        is_everyone = not left_out and any(piece.value == "all" for piece in pieces if piece.kind in SOFT)
        return (
            _everyone(text, currency) if is_everyone else Reading(None, None, (), left_out, hint_of(fields))
        )
    return sentence.reading(tree, left_out, fields)


def _everyone(text: str, currency: str) -> Reading:
    rules = group("and", [])
    words = in_words(parse_rule(rules), currency)
    return Reading(rules, words, (Understood(text.strip(), _said(rules, currency), ""),), ())


def hint_of(fields: Sequence[Field]) -> str:
    attributes = [attribute_key(field.name) for field in fields if field.kind is FieldKind.ATTRIBUTE]
    known = f" Attributes here: {', '.join(attributes[:12])}." if attributes else ""
    return f"{_EXAMPLES}{known}"


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    tokens: Sequence[Token]
    pieces: Sequence[Piece]
    line: Line

    def reading(self, tree: Node, left_out: tuple[LeftOut, ...], fields: Sequence[Field]) -> Reading:
        rules = _rendered(tree)
        if "rules" not in rules:
            rules = group("and", [rules])
        try:
            words = in_words(parse_rule(rules), self.line.currency)
        except InvalidInput as error:
            whole = LeftOut(self.text.strip(), "; ".join(each.message for each in error.errors))
            return Reading(None, None, (), (whole,), hint_of(fields))
        path = "rules[0]" if isinstance(tree, Leaf) and "rules" not in tree.clause.rule else ""
        return Reading(rules, words, tuple(self.understood(tree, path)), left_out)

    def understood(self, node: Node, path: str) -> Iterator[Understood]:
        """What is negated by a word in front of it is told with that word, then what is in it."""
        if isinstance(node, Leaf):
            yield self.told(node.first, node.end, _rendered(node), path, node.clause.notes)
            return
        alone = node.children[0] if node.negated and len(node.children) == 1 else None
        if node.negated:
            notes = alone.clause.notes if isinstance(alone, Leaf) else ()
            yield self.told(node.first, _end(node), _rendered(node), path, notes)
        if isinstance(alone, Leaf):
            return
        for index, child in enumerate(node.children):
            yield from self.understood(child, f"{path}.rules[{index}]" if path else f"rules[{index}]")

    def told(self, first: int, end: int, rule: Json, path: str, notes: tuple[str, ...]) -> Understood:
        tokens = self.tokens[self.line.pieces[first].first : self.line.pieces[end - 1].end]
        typos = (f"took “{token.text}” as “{token.took}”" for token in tokens if token.took)
        return Understood(self.written(tokens), _said(rule, self.line.currency), path, (*typos, *notes))

    def written(self, tokens: Sequence[Token]) -> str:
        return self.text[tokens[0].start : tokens[-1].end]

    def left_out(self, parted: Parted) -> Iterator[LeftOut]:
        """Runs of pieces that are in nothing that was understood."""
        covered = self.covered(parted)
        whys = self.whys(parted, covered)
        run: list[Piece] = []
        behind: list[Piece] = []
        for piece in self.pieces:
            if piece.first in whys:
                run = [*(run or _leading(behind)), *(behind if run else ()), piece]
                behind = []
            elif piece.first not in covered and piece.kind in _WITHIN:
                behind.append(piece)
            else:
                yield from self.run(run, whys)
                run, behind = [], []
        yield from self.run(run, whys)

    def covered(self, parted: Parted) -> set[int]:
        """Tokens of what was understood."""
        leaves = (item for item in parted.items if isinstance(item, Leaf))
        pieces = ((self.line.pieces[leaf.first], self.line.pieces[leaf.end - 1]) for leaf in leaves)
        return {token for first, last in pieces for token in range(first.first, last.end)}

    def whys(self, parted: Parted, covered: set[int]) -> dict[int, str]:
        """What is said of each piece that is left over, by its first token; mended words are among them."""
        whys = {self.line.pieces[at].first: parted.whys.get(at, "") for at in parted.left}
        for piece in self.pieces:
            took = [token.took for token in self.tokens[piece.first : piece.end] if token.took]
            if took and piece.kind in SOFT and piece.first not in covered:
                whys[piece.first] = f"taken as “{took[0]}”, which asks nothing"
        return whys

    def run(self, run: Sequence[Piece], whys: dict[int, str]) -> Iterator[LeftOut]:
        if run:
            text = self.written(self.tokens[run[0].first : run[-1].end])
            yield LeftOut(text, _why(run, whys))


def _leading(behind: list[Piece]) -> list[Piece]:
    """A preposition right before what is left out goes with it."""
    at = len(behind)
    while at and behind[at - 1].kind in (*_LEADING, Kind.FILLER):
        at -= 1
    while at < len(behind) and behind[at].kind is Kind.FILLER:
        at += 1
    return behind[at:]


def _why(run: Sequence[Piece], whys: dict[int, str]) -> str:
    said = [whys[piece.first] for piece in run if whys.get(piece.first)]
    said += [str(piece.value) for piece in run if piece.kind in (Kind.BAD, Kind.BEYOND)]
    if said:
        return "; ".join(dict.fromkeys(said))
    is_number = all(piece.kind in _NUMERIC or piece.kind in SOFT for piece in run)
    return NOTHING_TO_COMPARE if is_number else NOT_UNDERSTOOD


def _rendered(node: Node) -> Json:
    if isinstance(node, Leaf):
        return node.clause.rule
    return group(node.combinator, [_rendered(child) for child in node.children], negated=node.negated)


def _end(node: Node) -> int:
    return node.end if isinstance(node, Leaf) else max(_end(child) for child in node.children)


def _said(rule: Json, currency: str) -> str:
    """What is said of the customers, without "Customers"."""
    sentence = in_words(parse_rule(group("and", [rule])), currency)
    return sentence.removeprefix("Customers ").removesuffix(".")
