"""A rule reads as one English sentence."""

from typing import Any

import pytest
from hypothesis import given, settings

from tests.support.rule_trees import rules
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.words import in_words


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def group(combinator: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"combinator": combinator, "rules": list(children), **more}


SPENT = condition("total_spend", ">", 10000)
NAMED = condition("name", "beginsWith", "A")
NO_PHONE = condition("phone", "null")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SPENT, "who have spent more than ₹10,000"),
        (condition("total_spend", "between", [10.5, 2000]), "who have spent between ₹10.50 and ₹2,000"),
        (condition("total_orders", ">=", 1), "who have placed at least 1 order"),
        (condition("total_orders", "!=", 3), "who have not placed exactly 3 orders"),
        (condition("total_visits", "in", [1, 2]), "who have visited exactly 1 or 2 times"),
        (condition("days_since_last_order", ">=", 90), "whose last order was at least 90 days ago"),
        (condition("days_since_last_order", "=", 1), "whose last order was exactly 1 day ago"),
        (condition("days_since_last_order", "null"), "who have never ordered"),
        (condition("last_order_at", "notNull"), "who have ordered"),
        (condition("last_order_at", "<", "2024-05-01"), "whose last order was before 1 May 2024"),
        (
            condition("last_order_at", ">", "2024-05-01T10:00:00+05:30"),
            "whose last order was after 1 May 2024, 04:30:00 UTC",
        ),
        (condition("created_at", ">=", "2024-05-01"), "who became customers on or after 1 May 2024"),
        (condition("created_at", "null"), "whose day of joining is not known"),
        (condition("status", "=", "ACTIVE"), "who are active"),
        (condition("status", "!=", "INACTIVE"), "who are not inactive"),
        (condition("status", "=", "gone"), "whose status is “gone”"),
        (condition("email", "endsWith", "@x.example"), "whose e-mail address ends with “@x.example”"),
        (NO_PHONE, "whose phone number is not known"),
        (condition("attributes.loyalty_tier", "notIn", ["a", "b"]), "whose loyalty tier is not “a” or “b”"),
        (condition("attributes.app", "=", True), "whose app is yes"),
        (condition("attributes.n", "in", [*range(8)]), "whose n is 0, 1, 2, 3, 4 or 3 others"),
        (condition("name", "in", []), "whose name is nothing"),
        (condition("name", "=", "{}\n%"), "whose name is “{} %”"),
        (condition("name", "=", "a" * 99), f"whose name is “{'a' * 59}…”"),
    ],
)
def test_a_condition_is_said_in_plain_words(asked: dict[str, Any], words: str) -> None:
    assert in_words(parse_rule(group("and", asked)), "INR") == f"Customers {words}."


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (group("and"), "All customers."),
        (group("or", **{"not": True}), "No customers."),
        (
            group("and", SPENT, NAMED, NO_PHONE),
            "Customers who have spent more than ₹10,000, whose name begins with “A” and whose phone number "
            "is not known.",
        ),
        (
            group("and", SPENT, group("or", NAMED, NO_PHONE)),
            "Customers who have spent more than ₹10,000 and (whose name begins with “A” or whose phone "
            "number is not known).",
        ),
        (
            group("or", group("and", NAMED, NO_PHONE), **{"not": True}),
            "Customers who are not among those (whose name begins with “A” and whose phone number is not "
            "known).",
        ),
        (
            group("and", SPENT, group("or", NAMED, **{"not": True}), group("and")),
            "Customers who have spent more than ₹10,000 and (who are not among those whose name begins with "
            "“A”).",
        ),
        (
            group("and", group("or", NAMED, **{"not": True}), NO_PHONE),
            "Customers (who are not among those whose name begins with “A”) and whose phone number is not "
            "known.",
        ),
    ],
)
def test_groups_are_put_together_so_that_they_cannot_be_misread(asked: dict[str, Any], words: str) -> None:
    assert in_words(parse_rule(asked), "INR") == words


@pytest.mark.parametrize(
    ("currency", "amount", "said"),
    [
        ("INR", 1234567, "₹12,34,567"),
        ("USD", 1234567, "$1,234,567"),
        ("CHF", 99.5, "CHF 99.50"),
        ("EUR", 0.125, "€0.125"),
        ("GBP", -1000, "-£1,000"),
        ("INR", 9999999999, "₹9,99,99,99,999"),
    ],
)
def test_amounts_are_in_the_currency_and_exact(currency: str, amount: float, said: str) -> None:
    rule = parse_rule(group("and", condition("total_spend", ">=", amount)))
    assert in_words(rule, currency) == f"Customers who have spent at least {said}."


@settings(max_examples=300, deadline=None, database=None)
@given(rule=rules)
def test_every_rule_is_a_sentence_on_one_line(rule: Any) -> None:
    words = in_words(parse_rule(rule), "INR")
    assert words.startswith(("Customers who", "Customers (", "All customers", "No customers"))
    assert words.endswith(".")
    assert len(words.splitlines()) == 1
