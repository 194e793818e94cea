"""Random rules as JSON, drawn so that conditions often meet the hostile profiles."""

from typing import Any

from hypothesis import strategies as st

from tests.support.hostile_profiles import COUNTS, KEYS, PHONES, SCALARS, SPENDS, TEXTS, TIMES

Json = dict[str, Any]

ORDERED = ("=", "!=", "<", "<=", ">", ">=", "between", "notBetween", "in", "notIn", "null", "notNull")
SEARCHES = (
    *("contains", "doesNotContain", "beginsWith", "endsWith"),
    *("not_contains", "starts_with", "ends_with"),
)
NUMBER_FIELDS = ("total_spend", "total_visits", "total_orders", "days_since_last_order")
TIME_FIELDS = ("last_order_at", "created_at")
TEXT_FIELDS = ("status", "name", "email", "phone")


def _storable() -> st.SearchStrategy[str]:
    # Characters that this Python knows: PostgreSQL may know newer ones, with a lower case.
    return st.text(st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0"), max_size=8)


def _pieces(text: str) -> st.SearchStrategy[str]:
    length = len(text)
    bounds = st.tuples(st.integers(0, length), st.integers(0, min(length, 12)))
    cut = bounds.map(lambda b: text[b[0] : b[0] + b[1]])
    return cut | cut.map(str.swapcase)


_known_texts = st.sampled_from([*TEXTS, *(p for p in PHONES if p), "ACTIVE", "INACTIVE", "@EXAMPLE.com"])
texts = _known_texts | _known_texts.flatmap(_pieces) | _storable()

_numbers = st.sampled_from([*COUNTS, *SPENDS, 0.5, 1.5, 99.99, -1, "7.0", " 30 ", "1e2", "-0", 29.999, 8])
numbers = _numbers | st.integers(-3, 400) | st.decimals(-10, 2000, places=2).map(str)

_instants = st.sampled_from(TIMES).map(lambda moment: moment.isoformat())
times = st.one_of(
    _instants,
    _instants.map(lambda text: text.replace("+00:00", "Z")),
    _instants.map(lambda text: text.replace("+00:00", "")),
    _instants.map(lambda text: text.replace("+00:00", "+05:30")),
    _instants.map(lambda text: text[:10]),
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from(["0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999Z"]),
)
attribute_numbers = st.sampled_from([n for n in SCALARS if not isinstance(n, bool)]) | st.integers(-2, 40)
attribute_values = texts | attribute_numbers | st.booleans()


def _with_value(field: str, operator: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return values.map(lambda value: {"field": field, "operator": operator, "value": value})


def _operand(operator: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if operator in ("between", "notBetween"):
        return st.lists(values, min_size=2, max_size=2)
    if operator in ("in", "notIn"):
        return st.lists(values, max_size=5)
    return st.none() | values if operator in ("null", "notNull") else values


def _joined(values: list[Any]) -> str:
    return ",".join(str(value).replace(",", "\\,") for value in values)


def _listed(operator: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Also as text with commas, the way react-querybuilder sends it."""
    operand = _operand(operator, values)
    if operator in ("in", "notIn", "between", "notBetween"):
        return operand | operand.map(_joined)
    return operand


def _plain(
    fields: tuple[str, ...], operators: tuple[str, ...], values: st.SearchStrategy[Any]
) -> st.SearchStrategy[Json]:
    pairs = st.tuples(st.sampled_from(fields), st.sampled_from(operators))
    return pairs.flatmap(lambda pair: _with_value(*pair, _listed(pair[1], values)))


def _text(fields: tuple[str, ...]) -> st.SearchStrategy[Json]:
    pairs = st.tuples(st.sampled_from(fields), st.sampled_from(ORDERED + SEARCHES))
    return pairs.flatmap(lambda pair: _with_value(*pair, _operand(pair[1], texts)))


def _attribute_operand(operator: str) -> st.SearchStrategy[Any]:
    if operator in SEARCHES:
        return texts
    if operator in ("=", "!=", "in", "notIn", "null", "notNull"):
        return _operand(operator, attribute_values)
    return _operand(operator, texts) | _operand(operator, attribute_numbers)


_attribute_fields = st.sampled_from(KEYS).map(lambda key: f"attributes.{key}")
_attributes = st.tuples(_attribute_fields, st.sampled_from(ORDERED + SEARCHES)).flatmap(
    lambda pair: _with_value(*pair, _attribute_operand(pair[1]))
)

number_conditions = _plain(NUMBER_FIELDS, ORDERED, numbers)
time_conditions = _plain(TIME_FIELDS, ORDERED, times)
conditions = st.one_of(number_conditions, time_conditions, _text(TEXT_FIELDS), _attributes)


def _group(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"combinator": st.sampled_from(["and", "or"]), "rules": st.lists(children, max_size=4)},
        optional={"not": st.booleans()},
    )


_trees = st.recursive(conditions, _group, max_leaves=8)


def _older_group(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    words = st.sampled_from(["AND", "OR"])
    return st.fixed_dictionaries({"operator": words, "rules": st.lists(children, max_size=3)})


rules = _group(_trees) | _group(_trees) | st.lists(_older_group(conditions), max_size=3)

_narrowable = _text(TEXT_FIELDS) | _attributes
_narrowing_trees = st.recursive(_narrowable | conditions, _group, max_leaves=4)


def _beside(pair: tuple[Json, list[Json]]) -> Json:
    first, others = pair
    return {"combinator": "and", "rules": [first, *others]}


# With a condition on a text or an attribute that all profiles have to meet, as a rule.
narrowable_rules = st.tuples(_narrowable, st.lists(_narrowing_trees, max_size=2)).map(_beside)
