"""Sentences by another hand: what they become means what was meant, whichever form it has."""

import itertools
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.rule_oracle import matches
from tests.support.sentence_shop import attribute
from tests.unit.later_sentences import LATER_SENTENCES
from tests.unit.more_sentences import SENTENCES, Sentence
from tests.unit.more_sentences_shop import NOW, SHOPS
from xencrm.campaigns.segments.fields import FIELDS, Field
from xencrm.campaigns.segments.plain.reading import Reading, read_sentence
from xencrm.campaigns.segments.plain.tokens import Sort, tokens_of

MOST_PROFILES = 4_000
STEPS = (timedelta(days=-1), timedelta(0), timedelta(hours=11), timedelta(days=1))
Json = dict[str, Any]
Profile = dict[str, Any]


def fields_of(currency: str) -> tuple[Field, ...]:
    shop = SHOPS[currency].items()
    return (*FIELDS.values(), *(attribute(key, kind, *values) for key, (kind, values) in shop))


def read(sentence: Sentence) -> Reading:
    return read_sentence(sentence.text, fields_of(sentence.currency), NOW.date(), sentence.currency)


def readings(rule: Json) -> Iterator[Json]:
    """The rule in each way that it may be meant."""
    if "readings" in rule:
        for each in rule["readings"]:
            yield from readings(each)
    elif "rules" in rule:
        for children in itertools.product(*(list(readings(child)) for child in rule["rules"])):
            yield rule | {"rules": list(children)}
    else:
        yield rule


def conditions(rule: Json) -> Iterator[Json]:
    if "rules" not in rule:
        yield rule
    for child in rule.get("rules", ()):
        yield from conditions(child)


def values_to_try(*rules: Json) -> dict[str, list[Any]]:
    """Of each field that the rules ask of: values at both sides of what they compare with, and none."""
    found: dict[str, list[Any]] = {}
    for each in itertools.chain.from_iterable(conditions(rule) for rule in rules):
        field = "last_order_at" if each["field"] == "days_since_last_order" else each["field"]
        tried = found.setdefault(field, [])
        given = each["value"] if isinstance(each["value"], list) else [each["value"]]
        for value in given:
            tried += [other for other in near(each["field"], value) if other not in tried]
    for field in found:
        nullable = field.startswith("attributes.") or field == "email" or FIELDS[field].nullable
        found[field] += [None] if nullable else []
    return found


def near(field: str, value: Any) -> list[Any]:
    if field in ("last_order_at", "created_at"):
        moment = datetime.fromisoformat(value or "2026-01-01").replace(tzinfo=UTC)
        return [moment + step for step in STEPS if moment + step <= NOW]
    if field == "days_since_last_order":
        return [NOW - timedelta(days=int(value or 0) + step) for step in (-1, 0, 1)]
    if field in ("total_orders", "total_visits"):
        return [max(0, int(value) + step) for step in (-1, 0, 1)]
    if isinstance(value, bool):
        return [True, False]
    if isinstance(value, int | float) or field == "total_spend":
        return [Decimal(str(value)) + Decimal(step) for step in ("-1", "-0.01", "0", "0.01", "1")]
    return [value, f"{value}z", f"z{value}", f"a {value} b", "other"] if value else ["other"]


def profiles_for(*rules: Json) -> Iterator[Profile]:
    """All that those values can make up, or some of it."""
    tried = values_to_try(*rules)
    every = math.prod(len(values) for values in tried.values())
    drawn = random.Random(6)
    several = (
        itertools.product(*tried.values())
        if every <= MOST_PROFILES
        else ([drawn.choice(values) for values in tried.values()] for _ in range(MOST_PROFILES))
    )
    for values in several:
        profile = profile_of(dict(zip(tried, values, strict=True)))
        if (profile["total_orders"] == 0) == (profile["last_order_at"] is None):
            yield profile


def profile_of(told: Profile) -> Profile:
    """Who never ordered has no last order."""
    has_ordered = bool(told.get("last_order_at", told.get("total_orders", 1)))
    profile: Profile = {"total_spend": 1, "total_visits": 1, "created_at": NOW, "status": "other"}
    profile |= {"name": "other", "email": None, "phone": None, "attributes": {}}
    profile |= {"total_orders": int(has_ordered), "last_order_at": NOW if has_ordered else None}
    for field, value in told.items():
        if field.startswith("attributes."):
            profile["attributes"][field.partition(".")[2]] = value
        else:
            profile[field] = value
    return profile


def means(found: Json | None, meant: Json | None) -> bool:
    """Whether the rule that was found selects whom one of the rules that were meant does."""
    if found is None or meant is None:
        return found is meant
    return any(is_same(found, each) for each in readings(meant))


def is_same(one: Json, other: Json) -> bool:
    return all(matches(one, each, NOW) == matches(other, each, NOW) for each in profiles_for(one, other))


def words_of(text: str) -> set[str]:
    return {token.plain for token in tokens_of(text) if token.sort is not Sort.MARK}


def tells(reading: Reading, sentence: Sentence) -> bool:
    told = {word for each in reading.left_out for word in words_of(each.text)}
    expected = words_of(sentence.left_out)
    return expected <= told <= expected | words_of(sentence.beside)


def is_right(sentence: Sentence) -> bool:
    reading = read(sentence)
    return means(reading.rules, sentence.rule) and tells(reading, sentence)


@pytest.mark.parametrize(("sentences", "most_wrong"), [(SENTENCES, 1), (LATER_SENTENCES, 0)])
def test_sentences_by_another_hand_mean_what_was_meant(
    sentences: tuple[Sentence, ...], most_wrong: int
) -> None:
    wrong = [sentence.text for sentence in sentences if not is_right(sentence)]
    assert len(wrong) <= most_wrong, wrong


def test_rules_that_differ_in_one_value_or_one_missing_value_do_not_mean_the_same() -> None:
    over = {"field": "total_spend", "operator": ">", "value": 5000}
    assert not is_same(over, over | {"operator": ">="})
    assert is_same(over, {"combinator": "or", "not": True, "rules": [over | {"operator": "<="}]})
    pune = {"field": "attributes.city", "operator": "!=", "value": "Pune"}
    assert not is_same(pune, {"combinator": "or", "not": True, "rules": [pune | {"operator": "="}]})
