"""What becomes of a profile that a campaign's rule matches: one meaning for pre-flights and audiences."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from xencrm.campaigns.consent.model import binding
from xencrm.campaigns.consent.tables import suppressions
from xencrm.campaigns.planning.model import Campaign, CampaignType
from xencrm.campaigns.profiles.tables import customers_mv, profile_texts
from xencrm.campaigns.profiles.texts import EMAIL_LINE
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import Condition, Group, mentions

HASH_STEPS: Final = 10_000


class Fate(StrEnum):
    """HELD_OUT profiles get nothing and are counted apart; SUPPRESSED and INACTIVE ones are skipped."""

    ADDRESSED = "ADDRESSED"
    HELD_OUT = "HELD_OUT"
    SUPPRESSED = "SUPPRESSED"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True)
class Admission:
    """What decides on the fate of a profile, beside the profile."""

    campaign_id: UUID
    campaign_type: CampaignType
    holdout_percent: int
    rule: Condition | Group

    def fate(self) -> ColumnElement[str]:
        """One of Fate, for a row of `customers_mv`. Never NULL."""
        return self._fate((suppressed(self.campaign_type), Fate.SUPPRESSED))

    def fate_otherwise(self) -> ColumnElement[str]:
        """What it would be if nobody were suppressed."""
        return self._fate()

    def _fate(self, *between: tuple[ColumnElement[bool], Fate]) -> ColumnElement[str]:
        return case(
            (_held_out(self.campaign_id, self.holdout_percent), Fate.HELD_OUT),
            *between,
            (_inactive(self.rule), Fate.INACTIVE),
            else_=Fate.ADDRESSED,
        )


def admission_of(campaign: Campaign, rules: str) -> Admission:
    """Who of the profiles that the rule matches gets what."""
    plan, rule = campaign.plan, parse_rule(msgspec.json.decode(rules))
    return Admission(campaign.campaign_id, plan.campaign_type, plan.holdout_percent, rule)


def suppressed(campaign_type: str) -> ColumnElement[bool]:
    """Whether a profile must not be written to by a campaign of this type, of what is known by text.

    What is left of erased persons is known by hash only; senders look for that.
    """
    kept, reasons = suppressions.c, binding(campaign_type)
    return or_(
        exists().where(kept.customer_id == customers_mv.c.customer_id, kept.reason.in_(reasons.of_customer)),
        exists().where(kept.email == customers_mv.c.email, kept.reason.in_(reasons.of_address)),
    )


def among_suppressed(campaign_type: str) -> ColumnElement[bool]:
    """The same for a statement about nobody else: found from the side of the suppressions, which are few."""
    kept, reasons = suppressions.c, binding(campaign_type)
    ids = union_all(
        select(kept.customer_id).where(kept.customer_id.is_not(None), kept.reason.in_(reasons.of_customer)),
        select(profile_texts.c.customer_id)
        .select_from(profile_texts.join(suppressions, kept.email == EMAIL_LINE))
        .where(kept.reason.in_(reasons.of_address)),
    )
    return and_(customers_mv.c.customer_id.in_(ids), suppressed(campaign_type))


def _inactive(rule: Condition | Group) -> ColumnElement[bool]:
    """INACTIVE customers are written to only if the rule says something about the status."""
    return false() if mentions(rule, "status") else customers_mv.c.status == "INACTIVE"


def _held_out(campaign_id: UUID, percent: int) -> ColumnElement[bool]:
    return _hash(campaign_id) < percent * HASH_STEPS // 100 if percent else false()


def _hash(campaign_id: UUID) -> Any:
    """0 .. HASH_STEPS - 1, the same for the same campaign and customer."""
    seed = campaign_id.int & 0x7FFFFFFFFFFFFFFF
    hashed = func.hashtextextended(cast(customers_mv.c.customer_id, Text), literal(seed, BigInteger))
    return func.abs(hashed % HASH_STEPS)
