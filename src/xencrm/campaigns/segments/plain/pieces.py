"""Tokens -> pieces: phrases, numbers and texts, each with what it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xencrm.campaigns.segments.fields import Field
from xencrm.campaigns.segments.plain.calendar_days import read_date
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.numbers import Unclear, find_amount
from xencrm.campaigns.segments.plain.tokens import Sort, Token, plain
from xencrm.campaigns.segments.plain.vocabulary import Choice, Meaning, Vocabulary
from xencrm.campaigns.segments.rules import Operator

MOST_WORDS: Final = 8
_EQUALITY: Final = (Operator.EQUAL, Operator.NOT_EQUAL)
# Behind the name of a field as good as "is".
_LIKE_IS: Final = frozenset({":", "isn't", "isnt", "aren't", "arent", "wasn't", "weren't"})
_BEING_WITH_US: Final = (Kind.JOINED, Kind.CUSTOMERS_FOR)
_DONE: Final = frozenset(
    {
        *(Kind.SPEND, Kind.ORDERS, Kind.VISITS, Kind.LAST_ORDER, Kind.ANYTHING, Kind.NUMBER, Kind.COUNTED),
        *(Kind.TIMES, Kind.UNIT, Kind.AFTERWARDS),
    }
)
_STOPS: Final = frozenset({Kind.AND, Kind.OR, Kind.BUT, Kind.COMMA, Kind.CLOSE, Kind.OPEN, Kind.NOR})
_SAID_OF_TEXTS: Final = frozenset(
    {*_STOPS, Kind.NOT, Kind.TEXT_OPERATOR, Kind.COMPARISON, Kind.KNOWN, Kind.BE, Kind.BETWEEN, Kind.TRUTH}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens `first` to `end` (without it)."""

    kind: Kind
    value: Any
    first: int
    end: int


@dataclass(slots=True)
class _Awaited:
    """Whether free text may come next, and of which field; `like`: the text before, after an "or"."""

    field: Any = None
    now: bool = False
    whole: bool = False
    like: str | None = None

    def clear(self) -> None:
        self.field, self.now, self.whole, self.like = None, False, False, None


def pieces_of(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Piece]:
    pieces: list[Piece] = []
    awaited = _Awaited()
    at = 0
    while at < len(tokens):
        piece = _text(tokens, at, vocabulary, awaited) or _piece(tokens, at, vocabulary, pieces)
        _await(awaited, piece, tokens)
        pieces.append(piece)
        at = piece.end
    return pieces


def _piece(tokens: Sequence[Token], at: int, vocabulary: Vocabulary, before: Sequence[Piece]) -> Piece:
    """What stands there, whatever was before."""
    if _is_not(tokens, at):
        return Piece(Kind.NOT, None, at, at + 1)
    phrase = _phrase(tokens, at, vocabulary)
    if phrase and phrase[0].kind in _BEING_WITH_US and tokens[at].plain == "with" and _is_done(before):
        phrase = vocabulary.find(tokens[: at + 2], at)
    if phrase and phrase[1] > at + 1:
        return Piece(phrase[0].kind, phrase[0].value, at, phrase[1])
    try:
        number = find_amount(tokens, at)
    except Unclear as error:
        return Piece(Kind.BAD, str(error), at, at + 1)
    if number:
        return Piece(Kind.NUMBER, number[0], at, number[1])
    if phrase:
        return Piece(phrase[0].kind, phrase[0].value, at, phrase[1])
    meaning = _of_sort(tokens[at], vocabulary)
    return Piece(meaning.kind, meaning.value, at, at + 1)


def _is_not(tokens: Sequence[Token], at: int) -> bool:
    """A mark right before what it takes away: !VIP."""
    if tokens[at].text != "!" or at + 1 == len(tokens) or not tokens[at + 1].touches(tokens[at]):
        return False
    return at == 0 or tokens[at - 1].text == "(" or not tokens[at].touches(tokens[at - 1])


def _is_done(before: Sequence[Piece]) -> bool:
    """Whether something was ordered or spent: "with us since April" is then said of that."""
    last = next((piece for piece in reversed(before) if piece.kind is not Kind.FILLER), None)
    return last is not None and last.kind in _DONE


def _phrase(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> tuple[Meaning, int] | None:
    """The longest phrase there; "or more" is none in "or more than 10"."""
    found = vocabulary.find(tokens, at)
    if not found or found[0].kind is not Kind.AFTERWARDS or found[1] == at + 1 or found[1] >= len(tokens):
        return found
    goes_on = tokens[found[1]].plain in ("than", "then") or tokens[found[1]].sort is Sort.NUMBER
    word = vocabulary.meaning_of(tokens[at].text) if goes_on else None
    return (word, at + 1) if word else found


def _of_sort(token: Token, vocabulary: Vocabulary) -> Meaning:
    match token.sort:
        case Sort.DATE:
            return _date(token.text)
        case Sort.EMAIL:
            return Meaning(Kind.EMAIL, token.text)
        case Sort.DOMAIN:
            return Meaning(Kind.DOMAIN, token.text)
        case Sort.SITE:
            return Meaning(Kind.DOMAIN, f"@{token.text}")
        case Sort.KEY:
            return _attribute(token.text, vocabulary)
        case Sort.QUOTED:
            said = vocabulary.meaning_of(token.text[1:-1].strip())
            return said if said and said.kind in (Kind.CHOICE, Kind.ATTRIBUTE) else Meaning(Kind.QUOTED, None)
    return Meaning(Kind.UNKNOWN, None)


def _date(text: str) -> Meaning:
    try:
        return Meaning(Kind.DATE, read_date(text))
    except Unclear as error:
        return Meaning(Kind.BAD, str(error))


def _attribute(text: str, vocabulary: Vocabulary) -> Meaning:
    field = vocabulary.keys.get(plain(text))
    return Meaning(Kind.ATTRIBUTE, field) if field else Meaning(Kind.BAD, f"no customer seen has {text}")


def _text(tokens: Sequence[Token], at: int, vocabulary: Vocabulary, awaited: _Awaited) -> Piece | None:
    """Free text, where some is awaited and what stands there does not say something else."""
    token = tokens[at]
    if awaited.like is not None:
        return (
            Piece(Kind.TEXT, token.text, at, at + 1)
            if _is_like(token, awaited, vocabulary, tokens, at)
            else None
        )
    if not awaited.now:
        return None
    if token.sort is Sort.QUOTED:
        return Piece(Kind.TEXT, token.text[1:-1].strip(), at, at + 1) if token.text[1:-1].strip() else None
    if not awaited.whole and _says_more(tokens, at, vocabulary, awaited.field):
        return None
    phrase = vocabulary.find(tokens, at)
    if phrase and (
        phrase[0].kind in _STOPS or (awaited.whole and phrase[1] > at + 1 and phrase[0].kind is Kind.FILLER)
    ):
        return None
    end = _end_of_text(tokens, at, vocabulary)
    return Piece(Kind.TEXT, _as_stored(_written(tokens, at, end), awaited.field), at, end)


def _says_more(tokens: Sequence[Token], at: int, vocabulary: Vocabulary, field: Any) -> bool:
    """Whether what stands there is something else than a text to compare with."""
    phrase = vocabulary.find(tokens, at)
    if phrase is None:
        number = tokens[at].sort in (Sort.NUMBER, Sort.DATE, Sort.EMAIL, Sort.DOMAIN)
        return number and isinstance(field, Field)
    meaning = phrase[0]
    if meaning.kind is Kind.CHOICE:
        after = _end_of_text(tokens, at, vocabulary)
        return after <= phrase[1] or not isinstance(field, Field)
    if _is_value(tokens, at, vocabulary, field):
        return False
    return meaning.kind not in (Kind.HEDGE, Kind.BEYOND, Kind.MONTH, Kind.WEEKDAY, Kind.ACTIVITY)


def _is_value(tokens: Sequence[Token], at: int, vocabulary: Vocabulary, field: Any) -> bool:
    """Whether it is a value of the field that is also a word, such as the country IN."""
    if not isinstance(field, Field) or all(plain(value) != tokens[at].plain for value in field.values):
        return False
    after = vocabulary.find(tokens, at + 1) if at + 1 < len(tokens) else None
    return (
        tokens[at].text in field.values
        or at + 1 == len(tokens)
        or (after is not None and after[0].kind in _STOPS)
    )


def _as_stored(written: str, field: Any) -> str:
    values = field.values if isinstance(field, Field) else ()
    return next((value for value in values if plain(value) == plain(written)), written)


def _is_like(
    token: Token, awaited: _Awaited, vocabulary: Vocabulary, tokens: Sequence[Token], at: int
) -> bool:
    """Whether it is written as the text before it: "A or B", "@x.example or @y.example"."""
    like = awaited.like or " "
    if token.sort is not Sort.QUOTED and vocabulary.find(tokens, at):
        return False
    return token.text[0] == like[0] if not like[0].isalnum() else token.text[0].isupper() == like[0].isupper()


def _end_of_text(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> int:
    """Texts go on to the first word that says something else."""
    end = at + 1
    while end < len(tokens) and end < at + MOST_WORDS:
        if tokens[end].sort in (Sort.QUOTED, Sort.SIGN):
            break
        phrase = vocabulary.find(tokens, end)
        if phrase and phrase[0].kind is not Kind.CHOICE and not _is_within(tokens, end):
            break
        end += 1
    return end


def _is_within(tokens: Sequence[Token], at: int) -> bool:
    """A hyphen or a dot with something right behind it, and something right before it."""
    joins = tokens[at].text in ".-'/" and tokens[at].touches(tokens[at - 1])
    return joins and at + 1 < len(tokens) and tokens[at + 1].touches(tokens[at])


def _written(tokens: Sequence[Token], first: int, end: int) -> str:
    written = tokens[first].text
    for before, token in zip(tokens[first:end], tokens[first + 1 : end], strict=False):
        written += token.text if token.touches(before) else f" {token.text}"
    return written


def _await(awaited: _Awaited, piece: Piece, tokens: Sequence[Token]) -> None:
    """What may come after a piece."""
    if piece.kind in (Kind.FILLER, Kind.DASH) or (piece.kind is Kind.NOT and awaited.field):
        awaited.now = awaited.now or (awaited.field is not None and tokens[piece.first].plain in _LIKE_IS)
        return
    if piece.kind is Kind.TEXT:
        awaited.field, awaited.now, awaited.like = piece.value, False, None
    elif isinstance(awaited.field, str) and piece.kind in (Kind.OR, Kind.COMMA):
        awaited.like = awaited.field
    elif piece.kind in (Kind.TEXT_OPERATOR, Kind.NAMED):
        awaited.clear()
        awaited.now = awaited.whole = True
    elif piece.kind is Kind.TEXT_FIELD:
        awaited.clear()
        awaited.field = piece
    elif piece.kind is Kind.ATTRIBUTE:
        awaited.clear()
        awaited.field = piece.value if "boolean" not in piece.value.types else None
    elif awaited.field is not None and not isinstance(awaited.field, str) and _introduces(piece, tokens):
        awaited.now = True
    else:
        awaited.clear()


def _introduces(piece: Piece, tokens: Sequence[Token]) -> bool:
    """Whether a text may come after it: "is", "=", "in"."""
    if piece.kind is Kind.COMPARISON:
        return piece.value in _EQUALITY
    if piece.kind is Kind.PREPOSITION:
        return tokens[piece.first].plain == "in"
    return piece.kind in (Kind.BE, Kind.OPEN)


def is_choice_of(piece: Piece, field: Field) -> Choice | None:
    """The choice of this field that a piece stands for."""
    if piece.kind is not Kind.CHOICE:
        return None
    return next((choice for choice in piece.value if choice.field.name == field.name), None)
