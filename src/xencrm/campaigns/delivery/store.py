"""Statements that move messages between the ledger and a sender. Each is compare-and-set on the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.campaigns.delivery.counters import apply_moves
from xencrm.kernel.database import Tx


def _months(cte: str) -> str:
    """Only the months of the messages in the CTE are looked at."""
    bounds = (f"(SELECT {end}(campaign_month) FROM {cte})" for end in ("min", "max"))
    return f"message.campaign_month BETWEEN {' AND '.join(bounds)}"


# Ids go into an array, so that the rows are always found by index, whatever the statistics say. What is asked
# of each campaign is a value rather than EXISTS, so that it looks at the campaign's month only.
_MOVED = "SELECT campaign_id, was, now, count(*) AS moved FROM moved GROUP BY campaign_id, was, now"
_RETURNING = "RETURNING message.campaign_id, old.state AS was, new.state AS now"

_RUNNING = text("""
    SELECT campaign_id, campaign_month, vendor, template_version, coalesce(limits.failures, 0) > 0,
           campaign_type
    FROM campaigns JOIN campaign_stats AS stats USING (campaign_id)
    LEFT JOIN vendor_limits AS limits USING (vendor)
    WHERE status = 'RUNNING' AND vendor = :vendor
      AND (limits.closed_until IS NULL OR limits.closed_until <= now())
      AND stats.sending < :most_sending
      AND (SELECT true FROM communication_log AS message
           WHERE message.campaign_id = campaigns.campaign_id
             AND message.campaign_month = campaigns.campaign_month AND state = 'PENDING'
             AND not_before <= now() LIMIT 1)
    ORDER BY launched_at
""")
# An attempt in doubt whose profile is gone is not sent again: a receipt or time decides on it.
_CLAIM = text("""
    WITH picked AS (
        SELECT message_id FROM communication_log
        WHERE campaign_id = :campaign_id AND campaign_month = :month AND state = 'PENDING'
          AND not_before <= now()
          AND (doubt_since IS NULL OR (SELECT true FROM customers_mv AS profile
                                       WHERE profile.customer_id = communication_log.customer_id))
        ORDER BY not_before, message_id LIMIT :most FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE communication_log AS message
        SET state = 'SENDING', lease = :lease, lease_until = now() + make_interval(secs => :lease_s),
            not_before = '-infinity', started = CASE WHEN :idempotent THEN NULL ELSE false END,
            template_version = CASE WHEN doubt_since IS NULL THEN :version
                                    ELSE coalesce(template_version, :version) END
        WHERE message.message_id = ANY(ARRAY(SELECT message_id FROM picked))
          AND message.campaign_month = :month
        RETURNING message.message_id, message.customer_id, message.attempt, message.template_version
    )
    SELECT claimed.message_id, claimed.attempt, claimed.template_version, profile.customer_id,
           profile.name, profile.email, profile.phone, profile.status, profile.total_spend,
           profile.total_orders, profile.total_visits, profile.last_order_at, profile.attributes,
           (SELECT true FROM tombstones
            WHERE tombstones.customer_id = claimed.customer_id) IS NOT NULL AS erased
    FROM claimed LEFT JOIN customers_mv AS profile USING (customer_id)
    ORDER BY claimed.message_id
""")
_COUNT_CLAIMED = text("""
    UPDATE campaign_stats SET pending = pending - :count, sending = sending + :count
    WHERE campaign_id = :campaign_id
""")
_RELEASE = text(f"""
    WITH moved AS (
        UPDATE communication_log AS message
        SET state = 'PENDING', lease = NULL, lease_until = NULL,
            not_before = now() + make_interval(secs => :pause_s),
            doubt_since = CASE WHEN :doubt THEN coalesce(doubt_since, now()) ELSE doubt_since END
        WHERE message_id = ANY(CAST(:ids AS uuid[])) AND campaign_month = :month
          AND state = 'SENDING' AND lease = :lease
        {_RETURNING}
    ) {_MOVED}
""")
_END_LEASES = text(f"""
    WITH late AS (
        SELECT message_id, campaign_month FROM communication_log
        WHERE state = 'SENDING' AND lease_until < now()
        ORDER BY lease_until LIMIT :most FOR UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE communication_log AS message
        SET state = CASE WHEN started THEN 'UNCONFIRMED' ELSE 'PENDING' END,
            reason = CASE WHEN started THEN 'IN_DOUBT' ELSE reason END,
            lease = NULL, lease_until = NULL, not_before = '-infinity',
            doubt_since = CASE WHEN started IS NULL THEN coalesce(doubt_since, now()) END
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM late)) AND {_months("late")}
        {_RETURNING}
    ) {_MOVED}
""")
_GIVE_UP_DOUBT = text(f"""
    WITH doubtful AS (
        SELECT message_id, campaign_month
        FROM communication_log JOIN campaigns USING (campaign_id, campaign_month)
        WHERE state = 'PENDING' AND doubt_since < now() - make_interval(secs => :budget_s)
          AND campaigns.status = 'RUNNING'
          AND campaigns.updated_at < now() - make_interval(secs => :budget_s)
        ORDER BY doubt_since LIMIT :most FOR UPDATE OF communication_log SKIP LOCKED
    ), moved AS (
        UPDATE communication_log AS message
        SET state = 'UNCONFIRMED', reason = 'IN_DOUBT', not_before = '-infinity'
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM doubtful)) AND {_months("doubtful")}
        {_RETURNING}
    ) {_MOVED}
""")
_CANCEL = text(f"""
    WITH cancelled AS (
        SELECT message_id, campaign_month
        FROM communication_log JOIN campaigns USING (campaign_id, campaign_month)
        WHERE campaigns.status = 'CANCELLED' AND state = 'PENDING'
        LIMIT :most FOR UPDATE OF communication_log SKIP LOCKED
    ), moved AS (
        UPDATE communication_log AS message
        SET state = CASE WHEN doubt_since IS NULL THEN 'CANCELLED' ELSE 'UNCONFIRMED' END,
            reason = CASE WHEN doubt_since IS NOT NULL THEN 'IN_DOUBT' END,
            not_before = '-infinity', settled_at = CASE WHEN doubt_since IS NULL THEN now() END
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM cancelled)) AND {_months("cancelled")}
        {_RETURNING}
    ) {_MOVED}
""")
_EXPIRE_SENT = text(f"""
    WITH late AS (
        SELECT message_id, campaign_month
        FROM communication_log JOIN campaigns USING (campaign_id, campaign_month)
        WHERE state = 'SENT' AND sent_at < now() - make_interval(secs => :wait_s)
          AND NOT campaigns.vendor = ANY(CAST(:silent AS text[]))
        ORDER BY sent_at LIMIT :most FOR UPDATE OF communication_log SKIP LOCKED
    ), moved AS (
        UPDATE communication_log AS message SET state = 'UNCONFIRMED', reason = 'NO_RECEIPT'
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM late)) AND {_months("late")}
        {_RETURNING}
    ) {_MOVED}
""")
# xmin: a campaign that was changed at the same moment, by a decision to send again, is looked at anew.
_COMPLETE = text("""
    WITH done AS (
        SELECT campaign_id, campaigns.xmin AS seen FROM campaigns
        WHERE status = 'RUNNING' AND prepared
          AND (SELECT true FROM communication_log AS message
               WHERE message.campaign_id = campaigns.campaign_id
                 AND message.campaign_month = campaigns.campaign_month AND state = 'PENDING' LIMIT 1) IS NULL
          AND (SELECT true FROM communication_log AS message
               WHERE message.campaign_id = campaigns.campaign_id
                 AND message.campaign_month = campaigns.campaign_month AND state IN ('SENDING', 'SENT')
                 AND (state = 'SENDING' OR NOT campaigns.vendor = ANY(CAST(:silent AS text[])))
               LIMIT 1) IS NULL
    )
    UPDATE campaigns SET status = 'COMPLETED', finished_at = now(), updated_at = now()
    FROM done WHERE campaigns.campaign_id = done.campaign_id AND campaigns.xmin = done.seen
    RETURNING campaigns.campaign_id
""")
_TEMPLATE = text("""
    SELECT message_template, subject, html_template FROM campaign_templates
    WHERE campaign_id = :campaign_id AND version = :version
""")


@dataclass(frozen=True, slots=True)
class RunningCampaign:
    """`ailing`: its vendor failed as a whole and awaits a probe."""

    campaign_id: UUID
    campaign_month: date
    vendor: str
    template_version: int
    ailing: bool = False
    campaign_type: str = "PROMOTIONAL"


class Claimed(Struct, frozen=True):
    """A claimed message with its customer's present profile; `customer_id` is None when that is gone.

    An attempt that is in doubt keeps the texts that the vendor may have.
    """

    message_id: UUID
    attempt: int
    template_version: int
    customer_id: UUID | None
    name: str
    email: str
    phone: str | None
    status: str
    total_spend: Decimal
    total_orders: int
    total_visits: int
    last_order_at: datetime | None
    attributes: Mapping[str, Any]
    erased: bool


async def list_running(tx: Tx, vendor: str, *, most_sending: int) -> list[RunningCampaign]:
    """Campaigns with messages to send now; none while the vendor is left alone.

    One with `most_sending` messages on their way waits until their receipts are recorded.
    """
    given = {"vendor": vendor, "most_sending": most_sending}
    return [RunningCampaign(*row) for row in await tx.execute(_RUNNING, given)]


async def claim_messages(
    tx: Tx, campaign: RunningCampaign, *, lease: UUID, lease_s: float, most: int, idempotent: bool = True
) -> list[Claimed]:
    """Messages of a vendor that is not idempotent have to be started before they are handed over."""
    given = {
        "campaign_id": campaign.campaign_id,
        "month": campaign.campaign_month,
        "version": campaign.template_version,
        "lease": lease,
        "lease_s": lease_s,
        "most": most,
        "idempotent": idempotent,
    }
    claimed = [Claimed(*row) for row in await tx.execute(_CLAIM, given)]
    if claimed:
        await tx.execute(_COUNT_CLAIMED, {"campaign_id": campaign.campaign_id, "count": len(claimed)})
    return claimed


async def release_messages(
    tx: Tx, ids: Sequence[UUID], *, month: date, lease: UUID, pause_s: float = 0, doubt: bool = False
) -> int:
    """Back to PENDING with the same attempt, not to be claimed before the pause is over."""
    given = {"ids": list(ids), "month": month, "lease": lease, "pause_s": pause_s, "doubt": doubt}
    return await apply_moves(tx, await tx.execute(_RELEASE, given))


async def end_leases(tx: Tx, *, most: int) -> int:
    """What a dead sender held goes back with the same attempt: in doubt, as it may have been handed over.

    Where the vendor is not idempotent, what was started is UNCONFIRMED; the rest goes back without a doubt.
    """
    return await apply_moves(tx, await tx.execute(_END_LEASES, {"most": most}))


async def give_up_doubt(tx: Tx, *, budget_s: float, most: int) -> int:
    """A pause stops the clock: the budget begins anew when the campaign goes on."""
    return await apply_moves(tx, await tx.execute(_GIVE_UP_DOUBT, {"budget_s": budget_s, "most": most}))


async def cancel_messages(tx: Tx, *, most: int) -> int:
    return await apply_moves(tx, await tx.execute(_CANCEL, {"most": most}))


async def expire_sent(tx: Tx, *, wait_s: float, silent: Sequence[str], most: int) -> int:
    """SENT without a receipt for too long; `silent` are vendors that give none."""
    given = {"wait_s": wait_s, "silent": list(silent), "most": most}
    return await apply_moves(tx, await tx.execute(_EXPIRE_SENT, given))


async def complete_campaigns(tx: Tx, *, silent: Sequence[str]) -> list[UUID]:
    """Those of which nothing is on its way any more."""
    return list((await tx.execute(_COMPLETE, {"silent": list(silent)})).scalars())


async def find_template(tx: Tx, campaign_id: UUID, version: int) -> tuple[str, str | None, str | None]:
    """Text, subject and HTML templates of one version."""
    row = (await tx.execute(_TEMPLATE, {"campaign_id": campaign_id, "version": version})).one()
    return row.message_template, row.subject, row.html_template
