"""All that can be said here: the lexicon, and the attributes and choices that the data have."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from xencrm.campaigns.segments.fields import Field, attribute_key
from xencrm.campaigns.segments.fields import Kind as FieldKind
from xencrm.campaigns.segments.plain.flags import said_of_declined_flag, said_of_flag
from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.lexicon import ALSO_CALLED, VALUES_ALSO_CALLED, phrases
from xencrm.campaigns.segments.plain.tokens import Sort, Token, plain, tokens_of

ARTICLES: Final = frozenset(["the", "a", "an", "their", "his", "her", "its", "our", "my", "your", "they"])
LONGEST_PHRASE: Final = 12
MOST_ATTRIBUTES: Final = 200
_LAST_RESORT: Final = frozenset({Kind.HEDGE, Kind.BEYOND})
_PARTS_OF_KEY: Final = re.compile(r"[A-Z]?[^\W_A-Z]+|[A-Z]+(?![^\W_A-Z])")
_BUT: Final = (("but",), ("except",), ("except", "for"), ("other", "than"), ("apart", "from"), ("excluding",))
_UNSAID: Final = ("is", "has")


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that an attribute has, in each spelling that was seen."""

    field: Field
    spellings: tuple[str, ...]


Phrase = tuple[tuple[str, ...], Meaning]


class Vocabulary:
    """Phrases by their first word, the longest first.

    Attributes beyond MOST_ATTRIBUTES are known by their full names (`keys`) only.
    """

    def __init__(self, fields: Iterable[Field]) -> None:
        self._meanings: dict[tuple[str, ...], Meaning] = {}
        attributes = [field for field in fields if field.kind is FieldKind.ATTRIBUTE]
        self._add(each for each in _lexicon() if each[1].kind not in _LAST_RESORT)
        self._add(_names(attributes[:MOST_ATTRIBUTES]))
        self._add(_choices(attributes[:MOST_ATTRIBUTES]))
        self._add(each for each in _lexicon() if each[1].kind in _LAST_RESORT)
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in sorted(self._meanings.items(), key=lambda item: -len(item[0])):
            self._by_first.setdefault(phrase[0][0], []).append(phrase)
        self.words = frozenset(word for phrase in self._meanings for word in phrase)
        self.keys = {plain(field.name): field for field in attributes}

    def find(self, tokens: Sequence[Token], at: int) -> tuple[Meaning, int] | None:
        """What is said from there on, the longest phrase, and where it ends."""
        found = self._find(tokens, at)
        if tokens[at].plain in ARTICLES and at + 1 < len(tokens):
            after = self._find(tokens, at + 1)
            if after and (found is None or after[1] > found[1]) and after[1] > at + 2:
                return after
        return found

    def meaning_of(self, text: str) -> Meaning | None:
        return self._meanings.get(words_of(text))

    def _find(self, tokens: Sequence[Token], at: int) -> tuple[Meaning, int] | None:
        for words, meaning in self._by_first.get(tokens[at].plain, ()):
            end = _end_of(words, tokens, at)
            if end is not None:
                return meaning, end
        return None

    def _add(self, found: Iterable[Phrase]) -> None:
        """A phrase that has a meaning keeps it."""
        for words, meaning in found:
            if 0 < len(words) <= LONGEST_PHRASE:
                self._meanings.setdefault(words, meaning)


@cache
def _lexicon() -> tuple[Phrase, ...]:
    return tuple((words_of(phrase), Meaning(kind, value)) for phrase, kind, value in phrases())


def words_of(text: str) -> tuple[str, ...]:
    if text.replace(" ", "").isalpha():
        return tuple(plain(text).split())
    return tuple(token.plain for token in tokens_of(text) if not is_hyphen(token)) or (text,)


def is_hyphen(token: Token) -> bool:
    return token.sort is Sort.MARK and token.text in "-'"


def _end_of(words: tuple[str, ...], tokens: Sequence[Token], at: int) -> int | None:
    """Where a phrase ends that begins there; hyphens and articles within it do not count."""
    index = at + 1
    for word in words[1:]:
        while index < len(tokens) and tokens[index].plain != word and _is_passed(tokens, index):
            index += 1
        if index >= len(tokens) or tokens[index].plain != word:
            return None
        index += 1
    return index


def _is_passed(tokens: Sequence[Token], index: int) -> bool:
    token, before = tokens[index], tokens[index - 1]
    if is_hyphen(token):
        return token.touches(before) and not is_hyphen(before)
    return token.plain in ARTICLES and before.plain not in ARTICLES


def _names(attributes: Sequence[Field]) -> Iterator[Phrase]:
    for field in attributes:
        meaning = Meaning(Kind.ATTRIBUTE, field)
        key = attribute_key(field.name)
        words = tuple(plain(part) for part in _PARTS_OF_KEY.findall(key)) or words_of(key)
        for name in (words_of(key), words, words[1:] if words[0] in _UNSAID else ()):
            yield from ((each, meaning) for each in _numbers_of(name))
        for phrase in ALSO_CALLED.get(plain(key), ()):
            yield words_of(phrase), meaning
        if field.values:
            yield from _all_but(words)
        if "boolean" in field.types:
            yield from _flags(field, words)


def _all_but(name: tuple[str, ...]) -> Iterator[Phrase]:
    """Every city but ...: what follows is taken away."""
    for said in (("every", *name), *(("all", *each) for each in _numbers_of(name))):
        for but in _BUT:
            yield (*said, *but), Meaning(Kind.EXCEPT, None)


def _flags(field: Field, name: tuple[str, ...]) -> Iterator[Phrase]:
    for words in _numbers_of(name):
        for phrase in said_of_flag(words):
            yield phrase, Meaning(Kind.ATTRIBUTE, field)
        for phrase in said_of_declined_flag(words):
            yield phrase, Meaning(Kind.DECLINED, field)


def _numbers_of(name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A name in the singular and in the plural."""
    if not name or len("".join(name)) < 2:
        return
    yield name
    *first, last = name
    if len(last) > 2 and last.endswith("y") and last[-2] not in "aeiou":
        yield (*first, f"{last[:-1]}ies")
        return
    yield (*first, last[:-1] if last.endswith("s") and len(last) > 3 else f"{last}s")


def _choices(attributes: Sequence[Field]) -> Iterator[Phrase]:
    """A text of several attributes stands for all of them."""
    found: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for field in attributes:
        for value in field.values:
            if any(character.isalpha() for character in value) and len(value) > 1:
                for said in (value, *VALUES_ALSO_CALLED.get(plain(value), ())):
                    found.setdefault(words_of(said), {}).setdefault(field.name, []).append(value)
    by_name = {field.name: field for field in attributes}
    for words, owners in found.items():
        choices = tuple(Choice(by_name[name], tuple(sorted(values))) for name, values in owners.items())
        yield words, Meaning(Kind.CHOICE, choices)
