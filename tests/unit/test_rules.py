"""Reading rules: what is understood, what is refused and where, and what a tree says about itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.rule_trees import rules
from xencrm.campaigns.segments.fields import FIELDS, find_field
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import (
    Combinator,
    Condition,
    Group,
    Operator,
    is_match_all,
    mentions,
    to_json,
)
from xencrm.kernel.errors import FieldError, InvalidInput

EVERYONE: dict[str, Any] = {"combinator": "and", "rules": []}


def rule_of(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    condition = {"field": field, "operator": operator, "value": value} | more
    return {"combinator": "and", "rules": [condition]}


def nested(levels: int) -> dict[str, Any]:
    return EVERYONE if levels == 1 else {"combinator": "or", "rules": [nested(levels - 1)]}


def errors_of(body: Any, path: str = "") -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse_rule(body, path)
    return {error.field: error.message for error in caught.value.errors}


def refusals(body: Any) -> list[FieldError]:
    try:
        parse_rule(body)
    except InvalidInput as refusal:
        return refusal.errors
    return []


def only_condition(body: Any) -> Condition:
    (condition,) = parse_rule(body).rules
    assert isinstance(condition, Condition)
    return condition


@settings(max_examples=200, deadline=None)
@given(rules)
def test_a_rule_written_as_json_reads_as_the_same_rule(tree: Any) -> None:
    rule = parse_rule(tree)
    assert parse_rule(to_json(rule)) == rule


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
near_conditions = st.fixed_dictionaries(
    {},
    optional={
        "field": st.sampled_from([*FIELDS, "attributes.x"]) | json_values,
        "operator": st.sampled_from([operator.value for operator in Operator]) | json_values,
        "value": json_values,
    },
)
near_rules = st.recursive(
    near_conditions | json_values,
    lambda children: st.fixed_dictionaries(
        {"combinator": st.sampled_from(["and", "or"]) | json_values, "rules": st.lists(children, max_size=3)}
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(near_rules)
def test_whatever_comes_is_read_or_refused_with_words_that_can_be_shown(body: Any) -> None:
    for error in refusals(body):
        assert error.field.encode()
        assert error.message.encode()


def test_the_older_form_is_groups_that_are_or_ed_together() -> None:
    first = {"operator": "AND", "rules": [{"field": "total_spend", "operator": ">", "value": "100"}]}
    second = {"operator": "OR", "rules": [{"field": "name", "operator": "starts_with", "value": "A"}]}
    assert to_json(parse_rule([first, second])) == {
        "combinator": "or",
        "rules": [
            {
                "combinator": "and",
                "rules": [{"field": "total_spend", "operator": ">", "value": 100}],
            },
            {
                "combinator": "or",
                "rules": [{"field": "name", "operator": "beginsWith", "value": "A"}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("older", "operator"),
    [
        ("contains", Operator.CONTAINS),
        ("not_contains", Operator.DOES_NOT_CONTAIN),
        ("starts_with", Operator.BEGINS_WITH),
        ("ends_with", Operator.ENDS_WITH),
    ],
)
def test_older_operators_are_understood(older: str, operator: Operator) -> None:
    assert only_condition(rule_of("name", older, "x")).operator is operator


def test_everything_that_is_wrong_is_reported_at_once_by_its_path() -> None:
    body = {
        "combinator": "xor",
        "not": "yes",
        "rules": [
            {"field": "total_spend", "operator": ">", "value": "much"},
            {"combinator": "and", "rules": [{"field": "name", "operator": "~", "value": 1}]},
            {"field": "shoe_size", "operator": "=", "value": 1},
            {"field": "last_order_at", "operator": "between", "value": ["2026-01-01", "soon"]},
            {"field": "total_orders", "operator": "in", "value": [1, "x", None]},
            "and",
            7,
        ],
    }
    assert errors_of(body) == {
        "combinator": "must be 'and' or 'or'",
        "not": "must be true or false",
        "rules[0].value": "must be a number",
        "rules[1].rules[0].operator": "unknown operator '~'",
        "rules[2].field": "unknown field 'shoe_size'",
        "rules[3].value[1]": "must be a date (YYYY-MM-DD) or a time (RFC 3339)",
        "rules[4].value[1]": "must be a number",
        "rules[4].value[2]": "is missing",
        "rules[5]": "combinators between conditions are not supported: use groups",
        "rules[6]": "must be a condition or a group",
    }


def test_paths_begin_where_the_caller_says() -> None:
    assert list(errors_of(rule_of("name", "=", 5), "rules")) == ["rules.rules[0].value"]
    assert list(errors_of([{"operator": "AND", "rules": [{}]}], "rules")) == [
        "rules[0].rules[0].field",
        "rules[0].rules[0].operator",
    ]


@pytest.mark.parametrize("body", [None, 1, "x", {}, {"field": "name", "operator": "=", "value": "x"}])
def test_a_rule_is_a_group(body: Any) -> None:
    assert errors_of(body) == {"rules": "must be a group: {combinator, rules}"}


def test_groups_nest_eight_deep_and_no_deeper() -> None:
    parse_rule(nested(8))
    assert "nested too deep" in errors_of(nested(9))[".".join(["rules[0]"] * 8)]


def test_two_hundred_conditions_are_allowed_and_no_more() -> None:
    condition = {"field": "name", "operator": "=", "value": "x"}
    parse_rule({"combinator": "or", "rules": [condition] * 200})
    half = {"combinator": "or", "rules": [condition] * 101}
    errors = errors_of({"combinator": "or", "rules": [half, half, condition]})
    assert list(errors.values()) == ["the rule has more than 200 conditions"]


def test_groups_and_listed_values_are_limited() -> None:
    assert "more than 1,000 groups" in str(errors_of({"combinator": "or", "rules": [EVERYONE] * 1_001}))
    assert "more than 10,000 values" in str(errors_of(rule_of("total_orders", "in", [1] * 10_001)))
    lists = [{"field": "total_orders", "operator": "in", "value": [1] * 6_000}] * 2
    assert "more than 10,000 values" in str(errors_of({"combinator": "or", "rules": lists}))


def test_what_the_builder_keeps_for_its_screen_is_ignored() -> None:
    body = rule_of("name", "=", "x", id="1", path=[0], valueSource="value", disabled=True, muted=False)
    assert parse_rule(body | {"id": "root", "path": []}) == parse_rule(rule_of("name", "=", "x"))


def test_what_would_change_the_meaning_is_refused() -> None:
    assert list(errors_of(rule_of("name", "=", "email", valueSource="field"))) == ["rules[0].valueSource"]
    assert list(errors_of(rule_of("name", "=", "x", muted=True))) == ["rules[0].muted"]
    assert list(errors_of(rule_of("name", "=", "x", match={"mode": "all"}))) == ["rules[0].match"]
    assert list(errors_of(EVERYONE | {"limit": 5})) == ["limit"]


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("total_spend", "=", True),
        ("total_spend", "=", "NaN"),
        ("total_spend", "=", float("nan")),
        ("total_spend", "=", float("inf")),
        ("total_spend", "=", "1e400"),
        ("total_spend", "=", -(10**400)),
        ("total_spend", "=", "1e-300"),
        ("total_spend", "=", "1,5"),
        ("total_spend", "=", "٣"),
        ("total_spend", "=", [1]),
        ("total_spend", "=", None),
        ("total_spend", "in", 5),
        ("total_spend", "between", [1]),
        ("total_spend", "between", "1,2,3"),
        ("days_since_last_order", ">", "soon"),
        ("last_order_at", "=", 20260101),
        ("last_order_at", "=", "2026-02-30"),
        ("last_order_at", "=", "20260101"),
        ("last_order_at", "=", "2026-W01-1"),
        ("last_order_at", "=", "0001-01-01T00:00:00+14:00"),
        ("name", "=", 5),
        ("name", "=", "a\0b"),
        ("name", "contains", "\ud800"),
        ("name", "in", ["ok", "\udfff"]),
        ("attributes.x", "=", {"a": 1}),
        ("attributes.x", "<", True),
        ("attributes.x", "contains", 5),
        ("attributes.x", "between", [1, "2"]),
        ("attributes.x", "=", float("inf")),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_where_it_stands(field: str, operator: str, value: Any) -> None:
    (path,) = errors_of(rule_of(field, operator, value))
    assert path.startswith("rules[0].value")


@pytest.mark.parametrize("field", ["", "~", "Name", "attributes", "attributes.", "attributes.\0", "\ud800"])
def test_an_unknown_field_is_named(field: str) -> None:
    assert errors_of(rule_of(field, "null"))["rules[0].field"].startswith("unknown field")


def test_searches_are_not_asked_of_numbers_and_dates() -> None:
    assert errors_of(rule_of("total_spend", "contains", "5")) == {
        "rules[0].operator": "contains cannot be asked of total_spend"
    }
    assert "rules[0].operator" in errors_of(rule_of("created_at", "beginsWith", "2026"))


def test_lists_and_pairs_come_as_text_with_commas_too() -> None:
    assert only_condition(rule_of("total_orders", "between", "1, 5")) == only_condition(
        rule_of("total_orders", "between", [1, 5])
    )
    assert only_condition(rule_of("name", "in", "a, b\\, c,,")).value == ("a", "b, c")


def test_an_attribute_given_as_text_stays_text_and_a_key_may_have_dots() -> None:
    condition = only_condition(rule_of("attributes.size.eu", "=", "42"))
    assert (condition.field, condition.value) == ("attributes.size.eu", "42")


def test_null_and_not_null_ignore_their_value() -> None:
    assert only_condition(rule_of("phone", "null", {"what": "ever"})).value is None


@pytest.mark.parametrize(
    ("rule", "matches_all"),
    [
        (EVERYONE, True),
        ([], True),
        (EVERYONE | {"not": True}, False),
        ({"combinator": "and", "rules": [EVERYONE, EVERYONE]}, True),
        ({"combinator": "or", "rules": [EVERYONE, *rule_of("name", "=", "x")["rules"]]}, True),
        ({"combinator": "and", "rules": [EVERYONE, *rule_of("name", "=", "x")["rules"]]}, False),
        ({"combinator": "or", "rules": [EVERYONE | {"not": True}], "not": True}, True),
        (rule_of("name", "notNull"), False),
    ],
)
def test_a_rule_that_matches_everyone_by_its_empty_groups_says_so(rule: Any, matches_all: bool) -> None:
    assert is_match_all(parse_rule(rule)) is matches_all


def test_a_rule_knows_the_fields_it_asks_about() -> None:
    inner = Group(Combinator.OR, (Condition("status", Operator.EQUAL, "INACTIVE"),))
    rule = Group(Combinator.AND, (Condition("name", Operator.NOT_NULL), inner))
    assert mentions(rule, "status")
    assert not mentions(rule, "email")


def test_every_field_of_the_contract_is_in_the_table() -> None:
    assert set(FIELDS) == {
        *("total_spend", "total_visits", "total_orders", "last_order_at", "days_since_last_order"),
        *("status", "name", "email", "phone", "created_at"),
    }
    attribute = find_field("attributes.city")
    assert attribute is not None
    assert attribute.operators == tuple(Operator)
