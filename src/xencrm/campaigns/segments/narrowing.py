"""What a rule says of texts and attributes, as a condition on `profile_texts` that its index serves.

It holds for the texts of every profile that the rule matches, and of others: it goes beside the rule's own
condition, never in its place.
"""

from sqlalchemy import ColumnElement, and_, or_

from xencrm.campaigns.profiles.tables import profile_texts
from xencrm.campaigns.profiles.texts import has_text
from xencrm.campaigns.segments.attributes import has_pair
from xencrm.campaigns.segments.fields import Kind, attribute_key, find_field
from xencrm.campaigns.segments.rules import Combinator, Condition, Group, Operator

Narrowing = ColumnElement[bool] | None

MOST_VALUES = 20
_SEARCHED = ("name", "email", "phone")
_PARTS = (Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH)
_WHOLE = (Operator.EQUAL, Operator.IN)


def find_narrowing(rule: Condition | Group) -> Narrowing:
    """None where a rule says nothing of the kind, or says it of some of its profiles only."""
    if isinstance(rule, Condition):
        return _of_condition(rule)
    if rule.negated:
        return None
    parts = [find_narrowing(child) for child in rule.rules]
    found = [part for part in parts if part is not None]
    if rule.combinator is Combinator.AND:
        return and_(*found) if found else None
    return or_(*found) if found and len(found) == len(parts) else None


def _of_condition(condition: Condition) -> Narrowing:
    field, operator = find_field(condition.field), condition.operator
    given = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    values = [value for value in given if value is not None]
    if field is None or not 0 < len(values) <= MOST_VALUES:
        return None
    if field.kind is Kind.ATTRIBUTE and operator in _WHOLE:
        key = attribute_key(field.name)
        return or_(*(has_pair(profile_texts.c.attributes, key, value) for value in values))
    if field.name in _SEARCHED and operator in (*_PARTS, *_WHOLE):
        return or_(*(has_text(str(value)) for value in values))
    return None
