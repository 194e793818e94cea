"""What becomes of a profile that a campaign's rule matches: one meaning for pre-flights and audiences."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, case, cast, false, func, literal

from xencrm.campaigns.planning.model import CampaignType
from xencrm.campaigns.profiles.tables import customers_mv
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
        return case(
            (_held_out(self.campaign_id, self.holdout_percent), Fate.HELD_OUT),
            (suppressed(self.campaign_type), Fate.SUPPRESSED),
            (_inactive(self.rule), Fate.INACTIVE),
            else_=Fate.ADDRESSED,
        )


def suppressed(campaign_type: CampaignType) -> ColumnElement[bool]:
    """Whether a profile must not be written to by a campaign of this type. Nobody has said so yet."""
    return false()


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
