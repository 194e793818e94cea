"""What a campaign changed, by intention to treat: everybody written down for it against those held out.

Both arms are as they were when the audience was prepared, whatever became of their messages. What counts is
all COMPLETED orders from `prepared_at` to exactly seven times 24 hours later, both included.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec
from sqlalchemy import Row, text

from xencrm.campaigns.reporting.rollup import WINDOW
from xencrm.campaigns.reporting.schemas import Lift
from xencrm.campaigns.reporting.welch import Sample, difference
from xencrm.kernel.database import Tx

LEAST_ARM: Final = 2
_DIGITS: Final = Decimal("0.000001")
_NOBODY: Final = (Decimal(0), Decimal(0))

_BEGIN = text("""
    INSERT INTO campaign_results (campaign_id)
    SELECT campaign_id FROM campaigns
    WHERE holdout_percent > 0 AND prepared_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM campaign_results AS known WHERE known.campaign_id = campaigns.campaign_id)
    ON CONFLICT DO NOTHING
""")
_PICK = text("""
    SELECT campaign_id, campaign_month, prepared_at, stats.audience, stats.holdout
    FROM campaigns JOIN campaign_stats AS stats USING (campaign_id)
    JOIN campaign_results AS result USING (campaign_id)
    WHERE holdout_percent > 0 AND prepared_at IS NOT NULL AND lift_stale_since IS NOT NULL
    ORDER BY lift_stale_since, campaign_id LIMIT 1 FOR UPDATE OF result SKIP LOCKED
""")
# Only who bought adds to a sum.
_BUYERS = text("""
    SELECT held_out, sum(spent) AS total, sum(spent * spent) AS squares
    FROM (
        SELECT message.state = 'HOLDOUT' AS held_out, sum(order_amount) AS spent
        FROM orders_mv JOIN communication_log AS message USING (customer_id)
        WHERE order_status = 'COMPLETED' AND ordered_at >= :since AND ordered_at <= :until
          AND message.campaign_id = :campaign_id AND message.campaign_month = :month
        GROUP BY message.customer_id, message.state = 'HOLDOUT'
    ) AS buyers
    GROUP BY held_out
""")
_SAVE = text("""
    UPDATE campaign_results
    SET lift = CAST(CAST(:lift AS text) AS jsonb), lift_stale_since = NULL, computed_at = now()
    WHERE campaign_id = :campaign_id
""")


def lift_of(treated: Sample, control: Sample) -> Lift | None:
    """None where an arm is too small to say how much its members differ."""
    if min(treated.count, control.count) < LEAST_ARM:
        return None
    found = difference(treated, control)
    return Lift(
        treated_per_head=_rounded(treated.mean),
        control_per_head=_rounded(control.mean),
        difference=_rounded(found.value),
        low=_rounded(found.low),
        high=_rounded(found.high),
        treated=treated.count,
        control=control.count,
    )


async def compute_stale(tx: Tx) -> bool:
    """Computes the lift that has been stale for longest; False when none is."""
    await tx.execute(_BEGIN)
    campaign = (await tx.execute(_PICK)).one_or_none()
    if campaign is None:
        return False
    treated, control = await _arms(tx, campaign)
    lift = lift_of(treated, control)
    encoded = None if lift is None else msgspec.json.encode(lift).decode()
    await tx.execute(_SAVE, {"campaign_id": campaign.campaign_id, "lift": encoded})
    return True


async def _arms(tx: Tx, campaign: Row[Any]) -> tuple[Sample, Sample]:
    given = {
        "campaign_id": campaign.campaign_id,
        "month": campaign.campaign_month,
        "since": campaign.prepared_at,
        "until": campaign.prepared_at + WINDOW,
    }
    sums = {row.held_out: (row.total, row.squares) for row in await tx.execute(_BUYERS, given)}
    treated = Sample(campaign.audience, *sums.get(False, _NOBODY))
    return treated, Sample(campaign.holdout, *sums.get(True, _NOBODY))


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(_DIGITS)
