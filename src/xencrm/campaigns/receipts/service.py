"""Receipts into the ledger, a batch at a time."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from xencrm.campaigns.consent import service as consent
from xencrm.campaigns.consent.model import AddressHashes, Reason, Word
from xencrm.campaigns.delivery.counters import Moves
from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.receipts import store
from xencrm.campaigns.receipts.model import RetryPolicy, after
from xencrm.campaigns.receipts.store import LedgerRow, Move
from xencrm.contracts.receipts import Outcome, ReceiptReceived
from xencrm.kernel.database import Tx

_SUPPRESSING: Final = {Outcome.BOUNCED: Reason.BOUNCED, Outcome.COMPLAINED: Reason.COMPLAINED}


async def record_receipts(
    tx: Tx, receipts: Sequence[tuple[UUID, ReceiptReceived]], policy: RetryPolicy, hashes: AddressHashes
) -> None:
    """Keeps every receipt once, moves the messages that it concerns, and their campaigns' counters.

    Whoever's mail bounced, or who complained, is suppressed, whether or not the message moves.
    """
    ledger = await store.lock_messages(tx, list({receipt.message_id for _, receipt in receipts}))
    receipts = await _without_erased(tx, receipts, ledger)
    await store.insert_receipts(tx, receipts, ledger)
    heard = [receipt for _, receipt in receipts if _concerns(ledger.get(receipt.message_id), receipt)]
    moves = await _moves(tx, ledger, heard, policy)
    if moves:
        await store.move_messages(tx, moves)
    if texts := unmoved_texts(ledger, heard, moves):
        await store.keep_texts(tx, texts)
    await consent.keep_words(tx, hashes, words_of(ledger, heard))
    await _count(moves).apply(tx)


def _concerns(row: LedgerRow | None, receipt: ReceiptReceived) -> bool:
    """Nothing else does more than being kept: an unknown message, another vendor's, one never sent."""
    return row is not None and row.vendor == receipt.vendor and row.standing.state is not State.HOLDOUT


async def _moves(
    tx: Tx, ledger: dict[UUID, LedgerRow], heard: Sequence[ReceiptReceived], policy: RetryPolicy
) -> list[Move]:
    """A doubtful message holds up no completion; it is pending again only where none can come in between."""
    moves = folded(ledger, heard, policy)
    revived = {
        move.row.campaign_id
        for move in moves
        if move.row.standing.state is State.UNCONFIRMED and move.standing.state is State.PENDING
    }
    if not revived:
        return moves
    statuses = await store.keep_open(tx, revived)
    present = {
        message_id: replace(row, campaign_status=statuses.get(row.campaign_id, row.campaign_status))
        for message_id, row in ledger.items()
    }
    return folded(present, heard, policy)


def words_of(ledger: dict[UUID, LedgerRow], receipts: Sequence[ReceiptReceived]) -> list[Word]:
    """What the receipts say of recipients."""
    return [
        Word(receipt.message_id, _SUPPRESSING[receipt.outcome], f"vendor {receipt.vendor}")
        for receipt in receipts
        if receipt.outcome in _SUPPRESSING and receipt.message_id in ledger
    ]


async def erase_receipts(tx: Tx, customer_ids: Sequence[UUID]) -> None:
    """What vendors said of customers' messages goes; what became of them stays. The messages are locked."""
    await store.clear_receipts(tx, customer_ids)


async def _without_erased(
    tx: Tx, receipts: Sequence[tuple[UUID, ReceiptReceived]], ledger: dict[UUID, LedgerRow]
) -> Sequence[tuple[UUID, ReceiptReceived]]:
    """Asked for once the messages are locked, so that an erasure at the same time comes before or after."""
    erased = await profiles.find_erased(tx, {row.customer_id for row in ledger.values()})
    if not erased:
        return receipts
    theirs = {row.message_id for row in ledger.values() if row.customer_id in erased}
    return [
        (receipt_id, redacted(receipt) if receipt.message_id in theirs else receipt)
        for receipt_id, receipt in receipts
    ]


def redacted(receipt: ReceiptReceived) -> ReceiptReceived:
    """What became of the attempt, without a word on whose it was. A reason that we give ourselves stays."""
    return replace(
        receipt,
        reason=receipt.reason if receipt.outcome is Outcome.SKIPPED else "",
        vendor_ref="",
        address=None,
        subject=None,
        body=None,
    )


def folded(
    ledger: dict[UUID, LedgerRow], receipts: Sequence[ReceiptReceived], policy: RetryPolicy
) -> list[Move]:
    """One move a message, after all its receipts in their order."""
    moves: dict[UUID, Move] = {}
    for receipt in receipts:
        row = ledger.get(receipt.message_id)
        if row is None:
            continue
        earlier = moves.get(row.message_id)
        standing = earlier.standing if earlier else row.standing
        new = after(
            standing,
            receipt.outcome,
            receipt.attempt,
            receipt.reason,
            campaign_status=row.campaign_status,
            policy=policy,
            retry_after_s=receipt.retry_after_s,
        )
        if new is not standing:
            moves[row.message_id] = Move(row, new, receipt)
    return [moves[message_id] for message_id in sorted(moves)]


def unmoved_texts(
    ledger: dict[UUID, LedgerRow], receipts: Sequence[ReceiptReceived], moves: Sequence[Move]
) -> list[tuple[LedgerRow, ReceiptReceived]]:
    """Of the sender's receipts that others have overtaken: their texts still have to be kept."""
    movers = {move.row.message_id: move.receipt for move in moves}
    texts = {
        receipt.message_id: (ledger[receipt.message_id], receipt)
        for receipt in receipts
        if receipt.body is not None
        and receipt.message_id in ledger
        and receipt is not movers.get(receipt.message_id)
    }
    return [texts[message_id] for message_id in sorted(texts)]


def _count(moves: Sequence[Move]) -> Moves:
    counted = Moves()
    for move in moves:
        counted.add(
            move.row.campaign_id,
            move.row.standing.state,
            move.standing.state,
            reason=move.standing.reason,
            at=move.receipt.occurred_at,
        )
    return counted
