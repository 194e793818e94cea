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
_PENDING = text("SELECT pending FROM campaign_stats WHERE campaign_id = :campaign_id")


async def sum_others(tx: Tx, principal_id: UUID, day: date, campaign_id: UUID) -> int:
    """What a key's other campaigns have of the day."""
    given = {"principal_id": principal_id, "day": day, "campaign_id": campaign_id}
    return int((await tx.execute(_OTHERS, given)).scalar_one())


async def save_reservation(tx: Tx, principal_id: UUID, day: date, campaign_id: UUID, recipients: int) -> None:
    given = {"principal_id": principal_id, "day": day, "campaign_id": campaign_id}
    await tx.execute(_SAVE, {**given, "recipients": recipients})


async def count_pending(tx: Tx, campaign_id: UUID) -> int:
    """What a campaign has not sent yet."""
    return int((await tx.execute(_PENDING, {"campaign_id": campaign_id})).scalar_one())
