"""Text -> tokens. Each character that is not a blank is in one of them, so that nothing gets lost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MARKS: Final = r"""\s"“”„‘()\[\]{}<>=≤≥≠!?,;:.…&+%/|*~^\\₹$€£–—\-"""

# Every repetition is bounded or over characters that cannot begin what follows: time is linear.
_TOKEN: Final = re.compile(
    rf"""
    (?P<quoted>"[^"]{{0,200}}"|“[^”]{{0,200}}”|„[^“”]{{0,200}}[“”]|‘[^’]{{0,200}}’|(?<!\w)'[^']{{0,200}}'(?!\w))
    |(?P<email>[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}})
    |(?P<domain>@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}})
    |(?P<site>(?<![\w.])[a-zA-Z][\w-]{{0,40}}(?:\.[\w-]{{1,40}}){{0,2}}
        \.(?:com|net|org|edu|co\.in|co\.uk|in|io|de)(?![\w@-]|\.\w))
    |(?P<key>[aA]ttributes\.[\w.-]*\w)
    |(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?![0-9])|[0-9]{{4}}/[0-9]{{1,2}}/[0-9]{{1,2}}(?![0-9])
        |[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}(?![0-9])|[0-9]{{1,2}}\.[0-9]{{1,2}}\.[0-9]{{4}}(?![0-9]))
    |(?P<number>(?:(?<![\w).,])[+-])?[0-9]+(?:[.,'’\u00a0\u202f][0-9]+)*(?:/-)?)
    |(?P<ending>(?<!\S)\.\w{{2,20}})
    |(?P<sign><=|>=|!=|<>|==|\.{{2,3}}|…)
    |(?P<word>[^{_MARKS}0-9'’](?:[^{_MARKS}'’]|['’](?=\w))*)
    |(?P<mark>\S)
    """,
    re.VERBOSE,
)


class Sort(StrEnum):
    QUOTED = "quoted"
    EMAIL = "email"
    DOMAIN = "domain"
    SITE = "site"
    KEY = "key"
    DATE = "date"
    NUMBER = "number"
    ENDING = "ending"
    SIGN = "sign"
    WORD = "word"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """`plain` is how it is compared. `took`: it was read as this word, which is not quite the same."""

    sort: Sort
    text: str
    start: int
    end: int
    plain: str
    took: str | None = None

    def touches(self, before: "Token") -> bool:
        return self.start == before.end


def tokens_of(text: str) -> list[Token]:
    return list(_tokens(text))


def plain(text: str) -> str:
    """As texts are compared: without case and kinds of apostrophes."""
    return text.casefold().replace("’", "'")


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        sort, found = Sort(match.lastgroup or Sort.MARK), match.group()
        yield Token(sort, found, match.start(), match.end(), plain(found))
