"""Profiles: kept up to date from snapshots, searched and read."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from xencrm.campaigns.profiles import reads, store, texts
from xencrm.campaigns.profiles.model import Buried, Position, Profile, ProfileUnknown, Sort
from xencrm.contracts.customers import CustomerChanged, CustomerErased
from xencrm.contracts.orders import OrderChanged
from xencrm.kernel.database import Tx
from xencrm.kernel.explain import plan_for_values


async def project_customers(tx: Tx, snapshots: Sequence[CustomerChanged]) -> None:
    """The highest version of each customer wins, here and over what is stored."""
    newest: dict[UUID, CustomerChanged] = {}
    for snapshot in snapshots:
        known = newest.get(snapshot.customer_id)
        if known is None or known.version < snapshot.version:
            newest[snapshot.customer_id] = snapshot
    await store.upsert_customers(tx, [newest[key] for key in sorted(newest)])


async def project_orders(tx: Tx, snapshots: Sequence[OrderChanged]) -> None:
    """The highest version of each order wins, here and over what is stored."""
    newest: dict[str, OrderChanged] = {}
    for snapshot in snapshots:
        known = newest.get(snapshot.order_id)
        if known is None or known.version < snapshot.version:
            newest[snapshot.order_id] = snapshot
    await store.upsert_orders(tx, [newest[key] for key in sorted(newest)])


async def bury(tx: Tx, customers: Sequence[CustomerErased]) -> list[Buried]:
    """Deletes the profiles, and takes nothing about these ids any more. Returns who they were of."""
    return await store.bury(tx, sorted(customers, key=lambda item: item.customer_id))


async def find_erased(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    """Those of the customers who were erased."""
    return await store.find_erased(tx, sorted(ids)) if ids else set()


async def get_profile(tx: Tx, customer_id: UUID) -> Profile:
    """Raises ProfileUnknown."""
    profile = await reads.find_profile(tx, customer_id)
    if profile is None:
        raise ProfileUnknown(f"There is no profile of a customer {customer_id}.")
    return profile


async def search_profiles(
    tx: Tx,
    *,
    words: Sequence[str],
    matching: ColumnElement[bool] | None,
    sort: Sort,
    after: Position | None,
    limit: int,
) -> list[Profile]:
    """Those with every word in name, e-mail or phone that `matching` holds for, from `after` on."""
    conditions = [texts.is_told(and_(*map(texts.has_text, words)))] if words else []
    if matching is not None:
        conditions.append(matching)
    if conditions:
        await plan_for_values(tx)
    return await reads.list_profiles(tx, conditions, sort, after, limit)


async def count_and_sample(
    tx: Tx, matching: ColumnElement[bool], sample: int, narrowing: ColumnElement[bool] | None
) -> tuple[int, list[Profile]]:
    """How many profiles `matching` holds for, and some of them.

    `narrowing`: what then holds for the profile's texts, to be used where that is cheaper.
    """
    forms = [matching] if narrowing is None else [matching, and_(matching, texts.is_told(narrowing))]
    count = await reads.count_profiles(tx, forms)
    return count, await reads.sample_profiles(tx, forms, sample) if sample else []


async def sample(tx: Tx, forms: Sequence[ColumnElement[bool]], most: int) -> list[Profile]:
    """Some profiles, those that are found soonest; `forms` are conditions that mean the same."""
    return await reads.sample_profiles(tx, forms, most)


async def find_highest_customer_id(tx: Tx) -> UUID | None:
    return await reads.find_highest_customer_id(tx)
