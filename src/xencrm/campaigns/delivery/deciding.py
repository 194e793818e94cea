"""What a person decides on a message of which nobody knows whether it was handed over."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from xencrm.campaigns.delivery.counters import Moves
from xencrm.campaigns.delivery.model import GIVEN_UP, MessageUnknown, NotUnconfirmed, State
from xencrm.kernel.database import Tx

_FIND = text("""
    SELECT message.campaign_id, message.campaign_month, message.state, campaigns.status,
           campaigns.archived_at IS NOT NULL AS archived,
           EXISTS (SELECT FROM tombstones WHERE tombstones.customer_id = message.customer_id) AS erased
    FROM communication_log AS message JOIN campaigns USING (campaign_id)
    WHERE message.message_id = :message_id AND message.state <> 'HOLDOUT'
    FOR NO KEY UPDATE OF message
""")
# The campaign's row is written: nobody completes the campaign at the same moment. Its messages are locked
# before it, here as where receipts are recorded.
_REOPEN = text("""
    UPDATE campaigns
    SET status = CASE WHEN status = 'PAUSED' THEN status ELSE 'RUNNING' END, finished_at = NULL,
        updated_at = CASE WHEN status = 'COMPLETED' THEN now() ELSE updated_at END
    WHERE campaign_id = :campaign_id AND status IN ('RUNNING', 'PAUSED', 'COMPLETED')
      AND archived_at IS NULL
""")
_RESEND = text("""
    UPDATE communication_log
    SET state = 'PENDING', attempt = attempt + 1, reason = NULL, not_before = '-infinity',
        lease = NULL, lease_until = NULL, started = NULL, doubt_since = NULL, sent_at = NULL,
        vendor_ref = NULL
    WHERE message_id = :message_id AND campaign_month = :month AND state = 'UNCONFIRMED'
    RETURNING settled_at
""")
_GIVE_UP = text("""
    UPDATE communication_log SET state = 'FAILED', reason = :reason, settled_at = now()
    WHERE message_id = :message_id AND campaign_month = :month AND state = 'UNCONFIRMED'
    RETURNING settled_at
""")
_WAKE = text("SELECT pg_notify('campaigns', '')")


async def resend(tx: Tx, message_id: UUID) -> None:
    """A new attempt, which may be a second message to the customer; a completed campaign runs again for it.

    Raises MessageUnknown, NotUnconfirmed.
    """
    message = await _find(tx, message_id)
    if message.erased:
        raise NotUnconfirmed("The customer was erased; the message can only be given up.")
    if (await tx.execute(_REOPEN, {"campaign_id": message.campaign_id})).rowcount == 0:
        status = "archived" if message.archived else message.status
        raise NotUnconfirmed(f"The campaign is {status}; the message can only be given up.")
    moved = await tx.execute(_RESEND, {"message_id": message_id, "month": message.campaign_month})
    await _count(tx, message, moved.one_or_none(), State.PENDING)
    await tx.execute(_WAKE)


async def give_up(tx: Tx, message_id: UUID) -> None:
    """Counts as failed for good. Raises MessageUnknown, NotUnconfirmed."""
    message = await _find(tx, message_id)
    given = {"message_id": message_id, "month": message.campaign_month, "reason": GIVEN_UP}
    moved = await tx.execute(_GIVE_UP, given)
    await _count(tx, message, moved.one_or_none(), State.FAILED)


async def _find(tx: Tx, message_id: UUID) -> Row[Any]:
    message = (await tx.execute(_FIND, {"message_id": message_id})).one_or_none()
    if message is None:
        raise MessageUnknown(f"There is no message {message_id}.")
    return message


async def _count(tx: Tx, message: Row[Any], moved: Row[Any] | None, now: State) -> None:
    if moved is None:
        raise NotUnconfirmed(f"The message is {message.state}, not UNCONFIRMED.")
    moves = Moves()
    moves.add(message.campaign_id, State.UNCONFIRMED, now, reason=GIVEN_UP, at=moved.settled_at)
    await moves.apply(tx)
