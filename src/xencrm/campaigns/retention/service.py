"""How long messages and receipts keep what they say. Rows of the ledger stay, and all counts with them."""

from datetime import date

from xencrm.campaigns.retention import store
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.monthly import MonthlyTable, drop_before, make_ahead, month_after, purge_default

LEDGER = MonthlyTable("communication_log", "campaign_month", storage="fillfactor = 70")
RECEIPTS = MonthlyTable("delivery_receipts", "campaign_month")
ENGAGEMENTS = MonthlyTable("engagements", "campaign_month")
LINK_CLICKS = MonthlyTable("link_clicks", "campaign_month")


def oldest_kept(today: date, months: int) -> date:
    """The first month whose texts and receipts are kept when they are for so many months after their own."""
    return month_after(today, -months)


async def keep_months(database: Database, *, months: int) -> None:
    """Makes the partitions of the coming months, and drops the receipts of those that are over."""
    today = utc_now().date()
    for table in (LEDGER, RECEIPTS, ENGAGEMENTS, LINK_CLICKS):
        await make_ahead(database, table, today)
    await drop_before(database, RECEIPTS, oldest_kept(today, months))


async def purge_receipts(tx: Tx, *, months: int, most: int) -> int:
    """Receipts of months that never had a partition."""
    return await purge_default(tx, RECEIPTS, oldest_kept(utc_now().date(), months), most=most)


async def clear_texts(tx: Tx, *, months: int, most: int) -> int:
    """Takes addresses and texts out of the messages of months that are over; looks at up to `most` of them.

    Returns how many it looked at; fewer than `most` when there is nothing left to do.
    """
    before = oldest_kept(utc_now().date(), months)
    await store.note_months(tx, before)
    seen = 0
    while seen < most and (clearing := await store.find_due(tx, before)):
        seen += await store.clear_page(tx, clearing, most=most - seen)
    return seen
