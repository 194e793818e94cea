"""Why a rule matches a profile or doesn't: the verdict on each of its parts, as the compiler has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import array

from xencrm.campaigns.profiles.model import Profile, whole_days_since
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.compiler import compile_rule
from xencrm.campaigns.segments.fields import Kind, attribute_key, find_field
from xencrm.campaigns.segments.rules import Condition, Group


@dataclass(frozen=True, slots=True)
class Explained:
    """A part of a rule with its verdict. `actual`: what the profile has in the field of a condition."""

    part: Condition | Group
    verdict: bool
    actual: object = None
    parts: tuple["Explained", ...] = ()


def verdicts_of(rule: Condition | Group, customer_id: UUID, now: datetime) -> Select[list[bool]]:
    """One list for the profile: whether each part of the rule matches it, parents before children."""
    found = [compile_rule(part, now) for part in _walk(rule)]
    verdicts: Select[list[bool]] = select(array(found))
    return verdicts.select_from(customers_mv).where(customers_mv.c.customer_id == customer_id)


def explained(
    rule: Condition | Group, verdicts: Iterator[bool], profile: Profile, now: datetime
) -> Explained:
    """The rule with the verdicts of `verdicts_of`, which it takes one by one."""
    verdict = next(verdicts)
    if isinstance(rule, Condition):
        return Explained(rule, verdict, actual_value(profile, rule.field, now))
    parts = tuple(explained(child, verdicts, profile, now) for child in rule.rules)
    return Explained(rule, verdict, parts=parts)


def actual_value(profile: Profile, name: str, now: datetime) -> Any:
    """What a profile has in the field of that name; None where it has nothing."""
    field = find_field(name)
    if field is not None and field.kind is Kind.ATTRIBUTE:
        return profile.attributes.get(attribute_key(name))
    if field is not None and field.kind is Kind.DAYS:
        return whole_days_since(profile.last_order_at, now)
    return getattr(profile, name)


def _walk(rule: Condition | Group) -> Iterator[Condition | Group]:
    yield rule
    if isinstance(rule, Group):
        for child in rule.rules:
            yield from _walk(child)
