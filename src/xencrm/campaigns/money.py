"""Money as people write it."""

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

Number = Decimal | float | int

_SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_LARGEST = Decimal(10) ** 15


def money_format(currency: str) -> Callable[[Number], str]:
    """A formatter with two decimals: ₹1,23,456.50 for INR, $123,456.50, CHF 123,456.50."""
    return _signed(currency, _grouping(currency))


def exact_money(currency: str) -> Callable[[Decimal], str]:
    """A formatter that rounds nothing, and writes no decimals where there are none: ₹1,23,456, ₹0.125."""
    group = _grouping(currency)

    def exactly(amount: Decimal) -> str:
        whole, _, decimals = f"{amount:f}".partition(".")
        decimals = decimals.rstrip("0")
        grouped = group(Decimal(whole)).removesuffix(".00")
        return f"{grouped}.{decimals:0<2}" if decimals else grouped

    return _signed(currency, exactly)


def _grouping(currency: str) -> Callable[[Number], str]:
    return _indian if currency == "INR" else _thousands


def _signed(currency: str, unsigned: Callable[[Any], str]) -> Callable[[Any], str]:
    symbol = _SYMBOLS.get(currency, f"{currency} ")

    def formatted(amount: Number) -> str:
        text = unsigned(-amount if amount < 0 else amount)
        return f"-{symbol}{text}" if amount < 0 else symbol + text

    return formatted


def money_filter(currency: str) -> Callable[[object], object]:
    """The Liquid filter `money`; what is not a number passes as it is."""
    formatted = money_format(currency)

    def money(value: object) -> object:
        amount = _amount(value)
        return value if amount is None else formatted(amount)

    return money


def _amount(value: object) -> Number | None:
    if isinstance(value, str):
        return _within_reach(_decimal(value))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return _within_reach(value)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _within_reach(value: Number | None) -> Number | None:
    """None for what is no amount either: infinities, NaN, and the enormous."""
    if value is None or not math.isfinite(value):
        return None
    return value if -_LARGEST < value < _LARGEST else None


def _thousands(amount: Number) -> str:
    return f"{amount:,.2f}"


def _indian(amount: Number) -> str:
    """The last three digits, then groups of two."""
    text = f"{amount:.2f}"
    if len(text) <= 6:
        return text
    head, tail = text[:-6], text[-6:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(groups), tail])
