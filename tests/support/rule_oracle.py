"""What a rule means, written a second time: the JSON of a rule and a profile -> a verdict."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

NUMBERS = {"total_spend", "total_visits", "total_orders", "days_since_last_order"}
TIMES = {"last_order_at", "created_at"}
EXACT = {"=", "!=", "in", "notIn"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def matches(rule: Any, profile: dict[str, Any], now: datetime) -> bool:
    if isinstance(rule, list):
        return not rule or any(matches(group, profile, now) for group in rule)
    if "rules" not in rule:
        return condition_holds(rule, profile, now)
    word = (rule.get("combinator") or rule["operator"]).lower()
    verdicts = [matches(child, profile, now) for child in rule["rules"]]
    holds = not verdicts or (all(verdicts) if word == "and" else any(verdicts))
    return not holds if rule.get("not") else holds


def condition_holds(condition: dict[str, Any], profile: dict[str, Any], now: datetime) -> bool:
    field, operator = condition["field"], condition["operator"]
    operator = {
        "not_contains": "doesNotContain",
        "starts_with": "beginsWith",
        "ends_with": "endsWith",
    }.get(operator, operator)
    stored = stored_value(field, profile, now)
    if operator in ("null", "notNull"):
        return bool((stored is None) == (operator == "null"))
    if stored is None:
        return False
    wanted = condition["value"]
    if operator in ("in", "notIn", "between", "notBetween") and isinstance(wanted, str):
        wanted = split_at_commas(wanted)
    if field.startswith("attributes."):
        return attribute_holds(stored, operator, wanted)
    if field in NUMBERS:
        return compare(Fraction(stored), operator, mapped(number, wanted))
    if field in TIMES:
        return time_holds(microseconds(stored), operator, mapped(day_or_instant, wanted))
    return text_holds(stored, operator, wanted)


def stored_value(field: str, profile: dict[str, Any], now: datetime) -> Any:
    if field.startswith("attributes."):
        return profile["attributes"].get(field.split(".", 1)[1])
    if field != "days_since_last_order":
        return profile[field]
    last = profile["last_order_at"]
    return None if last is None else max(0, (microseconds(now) - microseconds(last)) // 86_400_000_000)


def mapped(function: Any, wanted: Any) -> Any:
    return [function(item) for item in wanted] if isinstance(wanted, list) else function(wanted)


def split_at_commas(text: str) -> list[str]:
    pieces, piece, previous = [], "", ""
    for char in text:
        if char == "," and previous == "\\":
            piece = piece[:-1] + ","
        elif char == ",":
            pieces.append(piece)
            piece = ""
        else:
            piece += char
        previous = char
    return [p.strip() for p in [*pieces, piece] if p.strip()]


def number(wanted: Any) -> Fraction:
    return Fraction(str(wanted).strip())


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def day_or_instant(text: str) -> tuple[int, int]:
    """First and last microsecond of what the text names."""
    if len(text) == 10:
        start = microseconds(datetime.strptime(text + "+0000", "%Y-%m-%d%z"))
        return start, start + 86_400_000_000 - 1
    moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    instant = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return instant, instant


COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda stored, wanted: stored == wanted,
    "!=": lambda stored, wanted: stored != wanted,
    "<": lambda stored, wanted: stored < wanted,
    "<=": lambda stored, wanted: stored <= wanted,
    ">": lambda stored, wanted: stored > wanted,
    ">=": lambda stored, wanted: stored >= wanted,
    "in": lambda stored, wanted: stored in wanted,
    "notIn": lambda stored, wanted: stored not in wanted,
    "between": lambda stored, wanted: wanted[0] <= stored <= wanted[1],
    "notBetween": lambda stored, wanted: not wanted[0] <= stored <= wanted[1],
    "contains": lambda stored, wanted: wanted in stored,
    "doesNotContain": lambda stored, wanted: wanted not in stored,
    "beginsWith": str.startswith,
    "endsWith": str.endswith,
}


def compare(stored: Any, operator: str, wanted: Any) -> bool:
    return bool(COMPARISONS[operator](stored, wanted))


def time_holds(stored: int, operator: str, wanted: Any) -> bool:
    if operator in ("in", "notIn"):
        return any(first <= stored <= last for first, last in wanted) == (operator == "in")
    if operator in ("between", "notBetween"):
        return bool(wanted[0][0] <= stored <= wanted[1][1]) == (operator == "between")
    first, last = wanted
    if operator in ("=", "!="):
        return bool(first <= stored <= last) == (operator == "=")
    return compare(stored, operator, first if operator in ("<", ">=") else last)


def lowered(text: str) -> str:
    """Each code point by itself, and one for one: İ has no other one-letter lower case than i."""
    return "".join("i" if char == "İ" else char.lower() for char in text)


def text_holds(stored: str, operator: str, wanted: Any) -> bool:
    if operator in EXACT:
        return compare(stored, operator, wanted)
    return compare(lowered(stored), operator, mapped(lowered, wanted))


def json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "nested"


def attribute_holds(stored: Any, operator: str, wanted: Any) -> bool:
    if wanted == []:
        return operator == "notIn"
    kind = json_type(stored)
    if isinstance(wanted, list) and operator in ("in", "notIn"):
        same = [value for value in wanted if json_type(value) == kind]
        if not same:
            return False
    else:
        same = wanted
        if kind not in {json_type(value) for value in (wanted if isinstance(wanted, list) else [wanted])}:
            return False
    if kind == "number":
        return compare(number(stored), operator, mapped(number, same))
    return text_holds(stored, operator, same) if kind == "text" else compare(stored, operator, same)
