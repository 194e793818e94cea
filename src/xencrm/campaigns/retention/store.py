"""Taking the texts out of old messages, a page at a time, and noting how far that is."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from xencrm.kernel.database import Tx

_NOTE_MONTHS = text("""
    INSERT INTO cleared_months (campaign_month)
    SELECT DISTINCT campaign_month FROM campaigns
    WHERE campaign_month < CAST(:before AS date) AND launched_at IS NOT NULL
    ON CONFLICT DO NOTHING
""")
# Once in each calendar month: a receipt may bring a text to an old message.
_DUE = text("""
    SELECT campaign_month, position FROM cleared_months
    WHERE campaign_month < CAST(:before AS date)
      AND (cleared_at IS NULL OR cleared_at < date_trunc('month', now()))
    ORDER BY campaign_month LIMIT 1 FOR UPDATE
""")
_LAST = text("""
    SELECT count(*), (array_agg(message_id ORDER BY message_id DESC))[1] FROM (
        SELECT message_id FROM communication_log
        WHERE campaign_month = :month AND (CAST(:after AS uuid) IS NULL OR message_id > :after)
        ORDER BY message_id LIMIT :most
    ) AS page
""")
_CLEAR = text("""
    UPDATE communication_log SET address = NULL, subject = NULL, body = NULL, vendor_ref = NULL
    WHERE campaign_month = :month AND (CAST(:after AS uuid) IS NULL OR message_id > :after)
      AND message_id <= :last AND num_nonnulls(address, subject, body, vendor_ref) > 0
""")
_ADVANCE = text("UPDATE cleared_months SET position = :position WHERE campaign_month = :month")
_FINISH = text("""
    UPDATE cleared_months SET position = NULL, cleared_at = now() WHERE campaign_month = :month
""")


@dataclass(frozen=True, slots=True)
class Clearing:
    """A month whose texts are being cleared, up to the message `position`."""

    month: date
    position: UUID | None


async def note_months(tx: Tx, before: date) -> None:
    """The months in which campaigns were launched, so that none is forgotten."""
    await tx.execute(_NOTE_MONTHS, {"before": before})


async def find_due(tx: Tx, before: date) -> Clearing | None:
    """The first month with something to look through; its note is locked."""
    row = (await tx.execute(_DUE, {"before": before})).one_or_none()
    return Clearing(*row) if row else None


async def clear_page(tx: Tx, clearing: Clearing, *, most: int) -> int:
    """Clears the texts of the next messages of the month. Returns how many messages it looked at."""
    given = {"month": clearing.month, "after": clearing.position}
    seen, last = (await tx.execute(_LAST, {**given, "most": most})).one()
    if seen:
        await tx.execute(_CLEAR, {**given, "last": last})
    if seen == most:
        await tx.execute(_ADVANCE, {"month": clearing.month, "position": last})
    else:
        await tx.execute(_FINISH, {"month": clearing.month})
    return int(seen)
