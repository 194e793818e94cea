"""Customers into the Master DB, a batch at a time."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from xencrm.contracts.customers import CustomerRecorded
from xencrm.ingestion.customers import snapshots, store
from xencrm.ingestion.customers.model import TotalsChange, folded
from xencrm.kernel.database import Tx


async def record_customers(tx: Tx, records: Sequence[CustomerRecorded], correlation_id: str) -> None:
    """Upserts by e-mail, in the records' order; a record that says nothing new changes nothing."""
    emails = sorted({recorded.email for recorded in records})
    changed = folded(await store.lock_by_email(tx, emails), records)
    if not changed:
        return
    rows = await store.upsert_customers(tx, [changed[email] for email in sorted(changed)])
    await snapshots.announce(tx, rows, correlation_id)
    await store.wake_waiting(tx, sorted(changed))


async def lock_owners(tx: Tx, emails: Sequence[str], ids: Sequence[UUID]) -> dict[str | UUID, UUID]:
    """Customer ids by e-mail and by id, of those that exist; locked until the end of the transaction."""
    owners = await store.lock_owners(tx, emails, ids)
    return {key: customer_id for customer_id, email in owners for key in (email, customer_id)}


async def change_totals(tx: Tx, changes: Mapping[UUID, TotalsChange], correlation_id: str) -> None:
    """Adds what orders changed and announces the customers."""
    if changes:
        rows = await store.add_totals(tx, sorted(changes.items()))
        await snapshots.announce(tx, rows, correlation_id)
