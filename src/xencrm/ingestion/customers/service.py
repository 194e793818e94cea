"""Customers into the Master DB, a batch at a time."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from xencrm.contracts.customers import CustomerErasureRequested, CustomerRecorded, CustomerRevised
from xencrm.ingestion.access import audit
from xencrm.ingestion.customers import former_store, snapshots, store
from xencrm.ingestion.customers.addresses import FormerHolders, Owners
from xencrm.ingestion.customers.erasure import erase
from xencrm.ingestion.customers.folding import Folding
from xencrm.ingestion.customers.former_store import EmailHash
from xencrm.ingestion.customers.model import TotalsChange
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.cause import Cause, cause_of
from xencrm.kernel.messaging.subscription import Received, Rejection

OF_CORRECTIONS = tuple(name for name in CustomerRevised.__struct_fields__ if name != "customer_id")


async def record_customers(
    tx: Tx, received: Sequence[Received], email_hash: EmailHash
) -> Sequence[Rejection]:
    """Records, corrections and erasures in their order; a word that says nothing new changes nothing."""
    folding = await _load(tx, received, email_hash)
    folding.apply(received)
    if folding.former:
        await former_store.insert_former(tx, folding.former)
    if folding.erasures:
        await erase(tx, folding.erasures, email_hash)
    if folding.moved:
        await store.move_emails(tx, folding.moved)
    await _write_changed(tx, folding)
    await _note_deeds(tx, received, folding.rejections)
    return folding.rejections


async def _note_deeds(tx: Tx, received: Sequence[Received], rejections: Sequence[Rejection]) -> None:
    """Corrections and erasures that were carried out are told to the audit log."""
    deeds = [item for item in received if not isinstance(item.body, CustomerRecorded)]
    if not deeds:
        return
    refused = {rejection.event_id for rejection in rejections}
    await audit.note_all(tx, [_deed(item) for item in deeds if item.event.id not in refused])


def _deed(item: Received) -> audit.Deed:
    body: CustomerRevised | CustomerErasureRequested = item.body
    event, customer_id, detail = item.event, str(body.customer_id), dict[str, object]()
    action = "customer.erased"
    if isinstance(body, CustomerRevised):
        action = "customer.corrected"
        detail["fields"] = [name for name in OF_CORRECTIONS if getattr(body, name) is not UNSET]
    return audit.Deed(event.principal, action, "customer", customer_id, detail, cause_of(event))


async def _load(tx: Tx, received: Sequence[Received], email_hash: EmailHash) -> Folding:
    """Locks first and looks for earlier holders then: whoever moved or was erased meanwhile is among them."""
    emails, ids = _named(received)
    known = await store.lock_by_email(tx, sorted(emails)) if emails else {}
    former, _ = await former_store.find_former(tx, sorted(emails), (), email_hash)
    ids |= {item.customer_id for item in former if item.customer_id is not None}
    if missing := sorted(ids - known.keys()):
        known |= await store.lock_by_id(tx, missing)
    return Folding(known.items(), FormerHolders(former))


def _named(received: Sequence[Received]) -> tuple[set[str], set[UUID]]:
    """All e-mails and customer ids in the words."""
    emails: set[str] = set()
    ids: set[UUID] = set()
    for item in received:
        if isinstance(item.body, CustomerRecorded):
            emails.add(item.body.email)
        else:
            ids.add(item.body.customer_id)
            if isinstance(item.body, CustomerRevised) and item.body.email is not UNSET:
                emails.add(item.body.email)
    return emails, ids


async def _write_changed(tx: Tx, folding: Folding) -> None:
    changed = {person.values.email: person for person in folding.changed}
    rows = await store.upsert_customers(tx, list(changed.values())) if changed else ()
    causes = [(row, changed[row.email].cause) for row in rows]
    if causes or folding.erasures:
        await snapshots.announce(tx, causes, folding.erasures)
    if changed:
        await store.wake_waiting(tx, list(changed))


async def find_owners(tx: Tx, emails: Sequence[str], ids: Sequence[UUID], email_hash: EmailHash) -> Owners:
    """Whose the e-mails and ids are and were; all of them are locked until the end.

    Who had an address before and is not there to be locked any more was erased this moment.
    """
    present = await store.lock_owners(tx, emails, ids)
    former, erased = await former_store.find_former(tx, emails, ids, email_hash)
    there = {customer_id for customer_id, _ in present}
    unlocked = {item.customer_id for item in former if item.customer_id is not None} - there
    if unlocked:
        there |= {customer_id for customer_id, _ in await store.lock_owners(tx, (), sorted(unlocked))}
    holders = [item if item.customer_id in there else replace(item, customer_id=None) for item in former]
    by_email = {email: customer_id for customer_id, email in present}
    return Owners(by_email, FormerHolders(holders), ids=frozenset(there), erased=erased)


async def lock(tx: Tx, ids: Sequence[UUID]) -> None:
    await store.lock_owners(tx, (), ids)


async def change_totals(tx: Tx, changes: Mapping[UUID, TotalsChange], causes: Mapping[UUID, Cause]) -> None:
    """Adds what orders changed and announces the customers."""
    if changes:
        rows = await store.add_totals(tx, sorted(changes.items()))
        await snapshots.announce(tx, [(row, causes[row.customer_id]) for row in rows])
