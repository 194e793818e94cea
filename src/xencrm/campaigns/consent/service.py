"""Who must not be written to: by their own word, by a vendor's, by ours."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec.structs import replace

from xencrm.campaigns.consent import store
from xencrm.campaigns.consent.links import Link, LinkUnknown, Purpose
from xencrm.campaigns.consent.model import (
    OF_CUSTOMERS,
    RECIPIENT,
    AddressHashes,
    CustomerNotThere,
    NewSuppression,
    Reason,
    Suppression,
    SuppressionUnknown,
    Word,
    Written,
    binding,
)
from xencrm.kernel.database import Tx


async def unsubscribe(tx: Tx, hashes: AddressHashes, link: Link) -> None:
    """Of a trial's link nothing comes. Raises LinkUnknown."""
    if link.purpose is Purpose.TRIAL:
        return
    if not await store.lock_message(tx, link.message_id, link.campaign_month):
        raise LinkUnknown("The message of this link is not known any more.")
    await keep_words(tx, hashes, [Word(link.message_id, Reason.UNSUBSCRIBED, RECIPIENT)])


async def keep_words(tx: Tx, hashes: AddressHashes, words: Sequence[Word]) -> None:
    """What was said of messages, which are locked: their recipients are suppressed."""
    if not words:
        return
    written = {item.message_id: item for item in await store.find_written(tx, [w.message_id for w in words])}
    known = [(word, written[word.message_id]) for word in words if word.message_id in written]
    new = [item for word, recipient in known for item in _suppressions(hashes, word, recipient)]
    await _insert(tx, new)


def _suppressions(hashes: AddressHashes, word: Word, recipient: Written) -> Iterable[NewSuppression]:
    """Of who was erased, the hashes of all addresses."""
    if recipient.former:
        for email_hash in recipient.former:
            yield NewSuppression(
                email_hash=email_hash,
                reason=word.reason,
                created_by=word.said_by,
                campaign_id=recipient.campaign_id,
            )
    elif recipient.email is not None:
        yield NewSuppression(
            email_hash=hashes(recipient.email),
            reason=word.reason,
            created_by=word.said_by,
            email=recipient.email,
            customer_id=recipient.customer_id,
            campaign_id=recipient.campaign_id,
            message_id=recipient.message_id,
        )


async def suppress(
    tx: Tx,
    hashes: AddressHashes,
    *,
    email: str | None,
    customer_id: UUID | None,
    note: str | None,
    created_by: str,
) -> Suppression:
    """By address, or by customer with the present address. Said twice, it is one. Raises CustomerNotThere."""
    if customer_id is not None:
        found = await store.find_customer(tx, customer_id)
        if found is None:
            raise CustomerNotThere(customer_id)
        email = found[1]
    emails = [email or ""]
    (new,) = await _manual(tx, hashes, emails, reason=Reason.MANUAL, note=note, created_by=created_by)
    await store.insert_suppressions(tx, [new])
    return await store.find_same(tx, new)


async def suppress_all(
    tx: Tx, hashes: AddressHashes, emails: Sequence[str], *, reason: Reason, note: str | None, created_by: str
) -> int:
    """How many of the addresses were not suppressed for this reason yet."""
    return await _insert(
        tx, await _manual(tx, hashes, emails, reason=reason, note=note, created_by=created_by)
    )


async def _manual(
    tx: Tx, hashes: AddressHashes, emails: Sequence[str], *, reason: Reason, note: str | None, created_by: str
) -> list[NewSuppression]:
    owners = await store.find_customers(tx, emails)
    return [
        NewSuppression(
            email_hash=hashes(email),
            reason=reason,
            created_by=created_by,
            email=email,
            customer_id=owners.get(email),
            note=note,
        )
        for email in emails
    ]


async def lift(tx: Tx, suppression_id: UUID) -> Suppression:
    """Raises SuppressionUnknown."""
    suppression = await store.delete_suppression(tx, suppression_id)
    if suppression is None:
        raise SuppressionUnknown(f"There is no suppression {suppression_id}.")
    return suppression


async def search(
    tx: Tx, hashes: AddressHashes, *, q: str, reason: Reason | None, before: UUID | None, most: int
) -> list[Suppression]:
    """The newest first. A whole address finds what is left of an erased person too."""
    part = q.strip().lower() or None
    email_hash = hashes(part) if part else None
    return await store.list_suppressions(
        tx, part=part, email_hash=email_hash, reason=reason, before=before, most=most
    )


async def list_of_person(tx: Tx, hashes: AddressHashes, customer_id: UUID, email: str) -> list[Suppression]:
    """Those that bind a customer, by id or by address."""
    return await store.list_of_person(tx, customer_id, hashes(email))


async def is_suppressed(
    tx: Tx, hashes: AddressHashes, customer_id: UUID, email: str, campaign_type: str
) -> bool:
    """Whether a customer must not be written to by a campaign of this type."""
    reasons = binding(campaign_type).of_address
    return any(each.reason in reasons for each in await list_of_person(tx, hashes, customer_id, email))


async def forget(
    tx: Tx, hashes: AddressHashes, ids: Sequence[UUID], addresses: Iterable[tuple[UUID, str]]
) -> None:
    """Of customers who are erased: what binds them goes on to bind all their addresses, as hashes alone.

    `addresses`: every known one, with whose it was. Their messages are locked.
    """
    pairs = sorted({(customer_id, hashes(address)) for customer_id, address in addresses})
    if pairs:
        await store.keep_former(tx, pairs)
    taken = await store.take_out(tx, ids, [email_hash for _, email_hash in pairs])
    await _insert(tx, [kept for item in taken for kept in _nameless(item, pairs)])


def _nameless(taken: NewSuppression, pairs: Sequence[tuple[UUID, bytes]]) -> Iterable[NewSuppression]:
    kept = replace(taken, customer_id=None)
    yield kept
    if taken.customer_id is not None and taken.reason in OF_CUSTOMERS:
        for customer_id, email_hash in pairs:
            if customer_id == taken.customer_id:
                yield replace(kept, email_hash=email_hash)


async def _insert(tx: Tx, new: Sequence[NewSuppression]) -> int:
    """In one order, so that none waits for another in a circle."""
    once = {(item.email_hash, item.reason, item.customer_id): item for item in new}
    ordered = sorted(once.values(), key=lambda item: (item.email_hash, item.reason, str(item.customer_id)))
    return await store.insert_suppressions(tx, ordered) if ordered else 0
