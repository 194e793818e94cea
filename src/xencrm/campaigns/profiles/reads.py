"""Reading `customers_mv`."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from xencrm.campaigns.profiles.model import Position, Profile, Sort, SortField
from xencrm.campaigns.profiles.tables import customers_mv, profile_texts
from xencrm.campaigns.profiles.texts import EMAIL_LINE, NAME_LINE, in_lower_case
from xencrm.kernel.database import Tx
from xencrm.kernel.explain import cheapest

_c = customers_mv.c
_SHOWN: Final = select(
    _c.customer_id,
    _c.name,
    _c.email,
    _c.phone,
    _c.status,
    _c.total_spend,
    _c.total_orders,
    _c.total_visits,
    _c.last_order_at,
    _c.attributes,
    _c.created_at,
    _c.synced_at,
)
_SORTED: Final[dict[SortField, ColumnElement[Any]]] = {
    SortField.NAME: NAME_LINE,
    SortField.EMAIL: EMAIL_LINE,
    SortField.TOTAL_SPEND: _c.total_spend,
    SortField.LAST_ORDER_AT: _c.last_order_at,
    SortField.CREATED_AT: _c.created_at,
}


# These are sorted in `profile_texts`, whose indexes have them in order.
_BY_TEXT: Final = frozenset({SortField.NAME, SortField.EMAIL})


async def find_profile(tx: Tx, customer_id: UUID) -> Profile | None:
    found = await _fetch(tx, _SHOWN.where(_c.customer_id == customer_id))
    return found[0] if found else None


async def list_profiles(
    tx: Tx,
    conditions: Sequence[ColumnElement[bool]],
    sort: Sort,
    after: Position | None,
    limit: int,
) -> list[Profile]:
    query = _SHOWN.where(*conditions).order_by(*_order(sort)).limit(limit)
    if sort.field in _BY_TEXT:
        query = query.join(profile_texts, profile_texts.c.customer_id == _c.customer_id)
    return await _fetch(tx, query if after is None else query.where(_is_after(sort, after)))


async def count_profiles(tx: Tx, forms: Sequence[ColumnElement[bool]]) -> int:
    """`forms` are conditions that mean the same; the cheapest is asked."""
    queries = [select(func.count()).select_from(customers_mv).where(form) for form in forms]
    return int((await tx.execute(await cheapest(tx, queries))).scalar_one())


async def sample_profiles(tx: Tx, forms: Sequence[ColumnElement[bool]], most: int) -> list[Profile]:
    """Those that are found soonest; `forms` as above."""
    queries = [_SHOWN.where(form).limit(most) for form in forms]
    found = await _fetch(tx, await cheapest(tx, queries))
    return sorted(found, key=lambda profile: profile.customer_id)


async def find_highest_customer_id(tx: Tx) -> UUID | None:
    query = select(_c.customer_id).order_by(_c.customer_id.desc()).limit(1)
    return (await tx.execute(query)).scalar_one_or_none()


def _id_of(sort: Sort) -> ColumnElement[UUID]:
    return profile_texts.c.customer_id if sort.field in _BY_TEXT else _c.customer_id


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    column, customer_id = _SORTED[sort.field], _id_of(sort)
    nullable = sort.field is SortField.LAST_ORDER_AT
    if sort.descending:
        first = column.desc()
        return (first.nulls_last() if nullable else first), customer_id.desc()
    return column.asc(), customer_id.asc()


def _is_after(sort: Sort, place: Position) -> ColumnElement[bool]:
    column = _SORTED[sort.field]
    if place.key is None:
        return and_(column.is_(None), _passes(sort, _c.customer_id, literal(place.customer_id)))
    key = in_lower_case(str(place.key)) if sort.field in _BY_TEXT else literal(place.key)
    later = _passes(sort, tuple_(column, _id_of(sort)), tuple_(key, literal(place.customer_id)))
    return or_(later, column.is_(None)) if sort.field is SortField.LAST_ORDER_AT else later


def _passes(
    sort: Sort, left: ColumnElement[Any], right: ColumnExpressionArgument[Any]
) -> ColumnElement[bool]:
    return left < right if sort.descending else left > right


async def _fetch(tx: Tx, query: Select[Any]) -> list[Profile]:
    return [Profile(*row) for row in await tx.execute(query)]
