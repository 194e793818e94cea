"""Pieces -> a comparison with numbers: "over 5,000", "3 or more", "between 2 and 5", "1, 2 or 3"."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.plain.line import Line, condition, group
from xencrm.campaigns.segments.plain.numbers import Amount, Unclear
from xencrm.campaigns.segments.rules import Json, Operator

MOST_LISTED: Final = 50
_BOUNDS: Final = (Operator.GREATER_OR_EQUAL, Operator.LESS_OR_EQUAL)
OPPOSITES: Final = {
    one.value: other.value
    for pair in (
        (Operator.EQUAL, Operator.NOT_EQUAL),
        (Operator.LESS, Operator.GREATER_OR_EQUAL),
        (Operator.GREATER, Operator.LESS_OR_EQUAL),
        (Operator.BETWEEN, Operator.NOT_BETWEEN),
        (Operator.IN, Operator.NOT_IN),
        (Operator.CONTAINS, Operator.DOES_NOT_CONTAIN),
        (Operator.NULL, Operator.NOT_NULL),
    )
    for one, other in (pair, pair[::-1])
}


@dataclass(frozen=True, slots=True)
class Compared:
    """An operator with its numbers, up to the piece `end` (without it)."""

    operator: Operator
    amounts: tuple[Amount, ...]
    end: int

    @property
    def value(self) -> object:
        numbers = [json_number(amount.value) for amount in self.amounts]
        return numbers if self.operator in (Operator.BETWEEN, Operator.IN, Operator.NOT_IN) else numbers[0]

    @property
    def has_currency(self) -> bool:
        return any(amount.currency for amount in self.amounts)


def find_comparison(line: Line, at: int) -> Compared | None:
    """The comparison that begins there. Raises Unclear."""
    match line.kind(at):
        case Kind.COMPARISON:
            amount = _amount(line, line.skip(at + 1, Kind.DASH))
            return Compared(line.value(at), (amount[0],), amount[1]) if amount else None
        case Kind.BETWEEN:
            return _pair(line, at + 1)
        case Kind.PREPOSITION if line.value(at) == "from":
            return _pair(line, at + 1)
        case Kind.NUMBER | Kind.COUNTED:
            return _pair(line, at) or _listed(line, at)
    return None


def _amount(line: Line, at: int) -> tuple[Amount, int] | None:
    if line.is_at(at, Kind.NUMBER):
        return line.value(at), at + 1
    return (Amount(Decimal(line.value(at))), at + 1) if line.is_at(at, Kind.COUNTED) else None


def _pair(line: Line, at: int) -> Compared | None:
    low = _amount(line, at)
    if low is None:
        return None
    joins = line.is_at(low[1], Kind.DASH) or line.value(low[1]) == "to"
    joins = joins or (line.is_at(low[1], Kind.AND) and line.is_at(at - 1, Kind.BETWEEN))
    high = _amount(line, low[1] + 1) if joins else None
    if high is None:
        return None
    if high[0].scaled and not low[0].scaled and low[0].value < 1000:
        raise Unclear(
            f"whether {low[0].value:f} counts in the same thousands is not clear: write both in full"
        )
    amounts = sorted((low[0], high[0]), key=lambda amount: amount.value)
    return Compared(Operator.BETWEEN, tuple(amounts), high[1])


def _listed(line: Line, at: int) -> Compared | None:
    """A number, or several of which one is meant, or a number with "or more" behind it."""
    found = _amount(line, at)
    amounts: list[Amount] = []
    end = at
    while found and len(amounts) < MOST_LISTED:
        amounts.append(found[0])
        end = found[1]
        after = end if line.value(end) == "stop" else line.skip(end, Kind.COMMA)
        after = after + 1 if line.is_at(after, Kind.OR) else after
        found = _amount(line, after) if after > end else None
    if len(amounts) > 1:
        return Compared(Operator.IN, tuple(amounts), end)
    return bounded(line, Compared(Operator.EQUAL, tuple(amounts), end))


def bounded(line: Line, compared: Compared) -> Compared:
    """A number alone with a bound behind it: 5 or more, 5 at least, 5 max."""
    end = compared.end
    is_bound = line.is_at(end, Kind.COMPARISON) and line.value(end) in _BOUNDS
    is_bound = is_bound and not line.is_at(end + 1, Kind.NUMBER, Kind.COUNTED, Kind.DASH, Kind.UNIT)
    if compared.operator is Operator.EQUAL and (is_bound or line.is_at(end, Kind.AFTERWARDS)):
        return Compared(line.value(end), compared.amounts, end + 1)
    return compared


def find_second(line: Line, at: int) -> tuple[str, Compared] | None:
    """A second comparison behind "and", "but" or "or"."""
    joined = "or" if line.is_at(at, Kind.OR) else "and"
    if not line.is_at(at, Kind.AND, Kind.BUT, Kind.OR) or not line.is_at(at + 1, Kind.COMPARISON):
        return None
    second = find_comparison(line, at + 1)
    return (joined, second) if second else None


def asked(field: str, compared: Compared, second: tuple[str, Compared] | None) -> Json:
    """What is asked of a field by one comparison or two."""
    first = condition(field, compared.operator.value, compared.value)
    if second is None:
        return first
    joined, other = second
    return group(joined, [first, condition(field, other.operator.value, other.value)])


def opposite(rule: Json) -> Json:
    """What holds where `rule` does not; a missing value fulfils neither where it is one condition."""
    operator = OPPOSITES.get(str(rule.get("operator")))
    if operator:
        return rule | {"operator": operator}
    if "rules" not in rule:
        return group("or", [rule], negated=True)
    return {key: value for key, value in rule.items() if key != "not"} | (
        {} if rule.get("not") else {"not": True}
    )


def json_number(number: Decimal) -> int | float | str:
    if number == number.to_integral_value():
        return int(number)
    return float(number) if Decimal(repr(float(number))) == number else str(number)
