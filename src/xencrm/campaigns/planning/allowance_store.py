"""The table `recipient_reservations`."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from xencrm.kernel.database import Tx

_OTHERS = text("""
    SELECT coalesce(sum(recipients), 0) FROM recipient_reservations
    WHERE principal_id = :principal_id AND day = :day AND campaign_id <> :campaign_id
""")
_SAVE = text("""
    INSERT INTO recipient_reservations AS kept (principal_id, day, campaign_id, recipients)
    VALUES (:principal_id, :day, :campaign_id, :recipients)
    ON CONFLICT (principal_id, day, campaign_id) DO UPDATE
    SET recipients = greatest(kept.recipients, excluded.recipients)
""")
_IS_RESERVED = text("""
    SELECT EXISTS (SELECT FROM recipient_reservations WHERE campaign_id = :campaign_id AND day >= :today)
""")
_DROP = text("DELETE FROM recipient_reservations WHERE campaign_id = :campaign_id AND day >= :today")
_LOWER = text("""
    UPDATE recipient_reservations SET recipients = greatest(0, recipients - :unsent)
    WHERE campaign_id = :campaign_id AND day >= :today
""")
# Who claims messages changes the counters in the same transaction, and so waits for this one.
_LOCK_PENDING = text("""
    SELECT pending FROM campaign_stats WHERE campaign_id = :campaign_id FOR NO KEY UPDATE
""")
_IN_DOUBT = text("""
    SELECT count(*) FROM communication_log
    WHERE campaign_id = :campaign_id AND campaign_month = :month
      AND state = 'PENDING' AND doubt_since IS NOT NULL
""")
_PURGE = text("""
    DELETE FROM recipient_reservations
    WHERE ctid = ANY(ARRAY(SELECT ctid FROM recipient_reservations WHERE day < :before LIMIT :most))
""")
_PENDING = text("SELECT pending FROM campaign_stats WHERE campaign_id = :campaign_id")


async def sum_others(tx: Tx, principal_id: UUID, day: date, campaign_id: UUID) -> int:
    """What a key's other campaigns have of the day."""
    given = {"principal_id": principal_id, "day": day, "campaign_id": campaign_id}
    return int((await tx.execute(_OTHERS, given)).scalar_one())


async def save_reservation(tx: Tx, principal_id: UUID, day: date, campaign_id: UUID, recipients: int) -> None:
    given = {"principal_id": principal_id, "day": day, "campaign_id": campaign_id}
    await tx.execute(_SAVE, {**given, "recipients": recipients})


async def is_reserved(tx: Tx, campaign_id: UUID, today: date) -> bool:
    return bool((await tx.execute(_IS_RESERVED, {"campaign_id": campaign_id, "today": today})).scalar_one())


async def drop_reservations(tx: Tx, campaign_id: UUID, today: date) -> None:
    await tx.execute(_DROP, {"campaign_id": campaign_id, "today": today})


async def lower_reservations(tx: Tx, campaign_id: UUID, today: date, unsent: int) -> None:
    await tx.execute(_LOWER, {"campaign_id": campaign_id, "today": today, "unsent": unsent})


async def lock_unsent(tx: Tx, campaign_id: UUID, month: date) -> int:
    """What surely reached nobody; it stays so until the transaction ends."""
    given = {"campaign_id": campaign_id}
    pending = int((await tx.execute(_LOCK_PENDING, given)).scalar_one())
    return pending - int((await tx.execute(_IN_DOUBT, {**given, "month": month})).scalar_one())


async def purge_reservations(tx: Tx, before: date, most: int) -> int:
    """Returns how many."""
    return (await tx.execute(_PURGE, {"before": before, "most": most})).rowcount


async def count_pending(tx: Tx, campaign_id: UUID) -> int:
    """What a campaign has not sent yet."""
    return int((await tx.execute(_PENDING, {"campaign_id": campaign_id})).scalar_one())
