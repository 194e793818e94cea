"""Numbers as people write them: 5,000, 1,00,000, 2 lakh, 1.5 crore, 5k, ₹500, twenty-five."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from xencrm.campaigns.segments.plain.tokens import Sort, Token

_ONES: Final = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TEENS: Final = "sixteen seventeen eighteen nineteen"
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS: Final = {
    **{word: number for number, word in enumerate(f"{_ONES} {_TEENS}".split())},
    **{word: number * 10 for number, word in enumerate(_TENS.split(), 2)},
}
_SCALES: Final = {
    **dict.fromkeys(("hundred", "hundreds"), 100),
    "dozen": 12,
    **dict.fromkeys(("k", "thousand", "thousands"), 1_000),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), 100_000),
    **dict.fromkeys(("million", "millions", "mn", "mio"), 1_000_000),
    **dict.fromkeys(("crore", "crores", "cr"), 10_000_000),
    **dict.fromkeys(("billion", "billions", "bn"), 1_000_000_000),
}
# Only right behind the digits.
_SHORT_SCALES: Final = {"m": 1_000_000, "l": 100_000, "b": 1_000_000_000}
_CURRENCIES: Final = {
    **dict.fromkeys(("₹", "rs", "inr", "rupee", "rupees"), "INR"),
    **dict.fromkeys(("$", "usd", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds"), "GBP"),
}
_ORDINALS: Final = ("st", "nd", "rd", "th")

_PLAIN: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_GROUPED: Final = re.compile(
    r"[+-]?(\d{1,3}([,'’\u00a0\u202f]\d{3})+|\d{1,2}(,\d{2})+,\d{3})(\.\d+)?", re.ASCII
)
_EUROPEAN: Final = re.compile(r"[+-]?(\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d{1,2})", re.ASCII)
_LONE_GROUP: Final = re.compile(r"[+-]?\d{1,3}\.\d{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number.

    `digits`: as it was written when it was nothing but digits; `ordinal`: such as 3rd; `scaled`: such as 5k.
    """

    value: Decimal
    currency: str | None = None
    digits: str | None = None
    ordinal: bool = False
    scaled: bool = False


class Unclear(ValueError):
    """A number that may mean one thing or another."""


def find_amount(tokens: Sequence[Token], at: int) -> tuple[Amount, int] | None:
    """The number that begins there, with its scale and currency, and where it ends. Raises Unclear."""
    currency, first = _currency_at(tokens, at)
    first = first + 1 if currency and first < len(tokens) and tokens[first].text == "." else first
    if first >= len(tokens):
        return None
    found = _digits(tokens, first) if tokens[first].sort is Sort.NUMBER else _worded(tokens, first)
    if found is None:
        return None
    amount, end = found
    behind, after = _currency_at(tokens, end)
    if behind and currency is None and not amount.ordinal:
        currency, end = behind, after
    return replace(amount, currency=currency, digits=None if currency else amount.digits), end


def _currency_at(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    currency = _CURRENCIES.get(tokens[at].plain) if at < len(tokens) else None
    return currency, at + 1 if currency else at


def _digits(tokens: Sequence[Token], at: int) -> tuple[Amount, int] | None:
    text, end = tokens[at].text.removesuffix("/-"), at + 1
    value = read_digits(text)
    if end < len(tokens) and tokens[end].touches(tokens[at]):
        if tokens[end].plain in _ORDINALS:
            return Amount(value, ordinal=True), end + 1
        short = _SHORT_SCALES.get(tokens[end].plain)
        if short and tokens[end].plain in _SHORT_SCALES:
            return Amount(value * short, scaled=True), end + 1
    whole, after = _scaled(value, tokens, end)
    is_plain = text.isdecimal() and after == end
    return Amount(whole, digits=text if is_plain else None, scaled=after > end), after


def _scaled(value: Decimal, tokens: Sequence[Token], at: int) -> tuple[Decimal, int]:
    while at < len(tokens) and tokens[at].plain in _SCALES:
        value *= _SCALES[tokens[at].plain]
        at += 1
    return value, at


def read_digits(text: str) -> Decimal:
    """Raises Unclear."""
    if _LONE_GROUP.fullmatch(text):
        raise Unclear(
            f"{text} may be {text.replace('.', '')} or {Decimal(text).normalize():f}: write one of them"
        )
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(re.sub(r"[,'’\u00a0\u202f]", "", text))
    if _EUROPEAN.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    raise Unclear(f"{text} is not clear as a number: write it without commas, with a point for decimals")


def _worded(tokens: Sequence[Token], at: int) -> tuple[Amount, int] | None:
    """Such as "twenty-five", "two hundred and fifty thousand"."""
    total, part, index = Decimal(0), Decimal(0), at
    while index < len(tokens):
        word = tokens[index].plain
        if word in _WORDS and _may_follow(part, _WORDS[word], index == at):
            part += _WORDS[word]
        elif word in _SCALES and len(word) > 2:
            part = (part or Decimal(1)) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, part = total + part, Decimal(0)
        elif not _goes_on(tokens, index, at):
            break
        index += 1
    return (Amount(total + part, scaled=total > 0), index) if index > at else None


def _may_follow(part: Decimal, number: int, is_first: bool) -> bool:
    """Five after twenty or a hundred, not after three."""
    return is_first or part % 100 == 0 or (part % 10 == 0 and part % 100 >= 20 and number < 10)


def _goes_on(tokens: Sequence[Token], index: int, first: int) -> bool:
    """Whether a hyphen or an "and" stands within one number."""
    if index == first or index + 1 >= len(tokens):
        return False
    before, after = tokens[index - 1].plain, tokens[index + 1].plain
    if tokens[index].text == "-":
        return before in _WORDS and after in _WORDS and _WORDS[before] >= 20 > _WORDS[after]
    return tokens[index].plain == "and" and before.startswith("hundred") and after in _WORDS
