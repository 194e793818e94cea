"""Reading the ledger."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text

from xencrm.campaigns.delivery.model import MessageUnknown, State
from xencrm.campaigns.profiles.texts import pattern_of
from xencrm.campaigns.receipts.schemas import MessageInFull, ShownMessage, ShownReceipt
from xencrm.campaigns.tracking.reads import find_opens, list_clicks
from xencrm.kernel.database import Tx
from xencrm.kernel.explain import plan_for_values

_COLUMNS = """
    message.message_id, message.campaign_id, message.customer_id, profile.name, profile.email, message.state,
    message.attempt, message.reason, message.address, message.template_version, message.created_at,
    message.sent_at, message.settled_at
"""
# By customer: the order that the ledger's unique index has.
_LISTED = """
    FROM communication_log AS message LEFT JOIN customers_mv AS profile USING (customer_id)
    WHERE message.campaign_id = :campaign_id AND message.campaign_month = :month
      AND message.state = ANY(CAST(:states AS text[]))
      AND (CAST(:after AS uuid) IS NULL OR message.customer_id > :after)
"""
_ORDERED = "ORDER BY message.customer_id LIMIT :most"
_LIST = text(f"SELECT {_COLUMNS} {_LISTED} {_ORDERED}")
_FIND = text(f"""
    SELECT {_COLUMNS}, campaign.vendor, message.vendor_ref, message.subject, message.body
    FROM communication_log AS message
    JOIN campaigns AS campaign USING (campaign_id)
    LEFT JOIN customers_mv AS profile USING (customer_id)
    WHERE message.message_id = :message_id
""")
_RECEIPTS = text("""
    SELECT receipt_id, attempt, outcome, reason, vendor, vendor_ref, occurred_at, recorded_at
    FROM delivery_receipts WHERE message_id = :message_id
    ORDER BY recorded_at, attempt, receipt_id
""")
_MESSAGES = tuple(state for state in State if state is not State.HOLDOUT)


@cache
def _searching(words: int) -> TextClause:
    """A condition for each word: the index of texts serves no array of them, and the planner weighs none."""
    told = " AND ".join(
        f'searched LIKE lower(CAST(:word_{place} AS text) COLLATE "pg_c_utf8")' for place in range(words)
    )
    whose = f"message.customer_id IN (SELECT customer_id FROM profile_texts WHERE {told})"
    return text(f"SELECT {_COLUMNS} {_LISTED} AND {whose} {_ORDERED}")


async def list_messages(
    tx: Tx,
    campaign_id: UUID,
    month: date,
    *,
    state: State | None,
    words: Sequence[str],
    after: UUID | None,
    most: int,
) -> list[ShownMessage]:
    """By customer id; with words those whose customer has each of them in name, e-mail or phone. Without a
    state: all messages, and not those held out, who get none."""
    values = {
        "campaign_id": campaign_id,
        "month": month,
        "states": [state.value] if state else [each.value for each in _MESSAGES],
        "after": after,
        "most": most,
    }
    patterns = {f"word_{place}": pattern_of(word) for place, word in enumerate(words)}
    if words:
        await plan_for_values(tx)
    query = _searching(len(words)) if words else _LIST
    rows = (await tx.execute(query, {**values, **patterns})).mappings()
    return [ShownMessage(**{**row, "state": State(row["state"])}) for row in rows]


async def find_message(tx: Tx, message_id: UUID) -> MessageInFull:
    """Raises MessageUnknown."""
    row = (await tx.execute(_FIND, {"message_id": message_id})).mappings().one_or_none()
    if row is None:
        raise MessageUnknown(f"There is no message {message_id}.")
    receipts = (await tx.execute(_RECEIPTS, {"message_id": message_id})).mappings()
    return MessageInFull(
        **{**row, "state": State(row["state"])},
        receipts=[ShownReceipt(**receipt) for receipt in receipts],
        opens=await find_opens(tx, message_id),
        clicks=await list_clicks(tx, message_id),
    )
