"""A model's rule is held against what the rules for plain words understand of the same text."""

from typing import Any

import msgspec
import pytest

from tests.support import sentence_shop
from xencrm.assistant.unsaid import unsaid
from xencrm.campaigns.segments.plain.reading import read_sentence
from xencrm.campaigns.segments.plain.schemas import shown_reading
from xencrm.client.segments import Reading

SPENT = {"field": "total_spend", "operator": ">", "value": 500}
TEXT = "active customers in Pune who spent over 500, not ordered for 90 days, who love tea"


def reading_of(text: str) -> Reading:
    read = shown_reading(read_sentence(text, sentence_shop.FIELDS, sentence_shop.NOW.date(), "INR"))
    return msgspec.convert(msgspec.to_builtins(read), Reading)


def group(*rules: Any) -> dict[str, Any]:
    return {"combinator": "and", "rules": list(rules)}


@pytest.mark.parametrize(
    ("rule", "left_out"),
    [
        (group(SPENT), ["active", "in Pune", "not ordered for 90 days"]),
        (group(group(SPENT, {"field": "status"}), {"field": "attributes.city"}), ["not ordered for 90 days"]),
        (group({"field": "last_order_at"}), ["active", "in Pune", "spent over 500"]),
        (group(SPENT, {"field": "status"}, {"field": "attributes.city"}, {"field": "last_order_at"}), []),
    ],
)
def test_what_the_rule_does_not_ask_about_is_told(rule: dict[str, Any], left_out: list[str]) -> None:
    assert unsaid(reading_of(TEXT), rule) == left_out


def test_of_what_is_not_understood_nothing_can_be_held_against_it() -> None:
    assert unsaid(reading_of("who love tea"), group(SPENT)) == []
