"""Routes of profiles."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from sqlalchemy import ColumnElement

from xencrm.campaigns.consent import service as consent
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.profiles import service
from xencrm.campaigns.profiles.model import KEY_KINDS, Position, Sort, SortField, read_sort
from xencrm.campaigns.profiles.schemas import (
    ProfileInFull,
    ShownProfile,
    profile_in_full,
    shown_profile,
)
from xencrm.campaigns.services import Provided, ReadRule
from xencrm.kernel.clock import utc_now
from xencrm.kernel.errors import FieldError, InvalidInput
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor

Search = Annotated[str, QueryParameter(max_length=255, description="words in name, e-mail or phone")]
Rules = Annotated[str | None, QueryParameter(description="a rule as JSON: only the profiles it matches")]
SortBy = Annotated[
    str,
    QueryParameter(
        description="a - before it: the greatest first",
        schema_extra={"enum": [f"{sign}{field}" for field in SortField for sign in ("", "-")]},
    ),
]


async def list_profiles(
    *,
    services: Provided,
    q: Search = "",
    sort: SortBy = "-created_at",
    rules: Rules = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Page[ShownProfile]:
    """Profiles by words, by rule, or all; the newest customers first unless sorted otherwise."""
    now, order = utc_now(), read_sort(sort)
    matching = _read_rules(services.read_rule, rules, now)
    after = _read_cursor(cursor, order)
    async with services.database.transaction() as tx:
        found = await service.search_profiles(
            tx,
            words=q.replace("\0", " ").split(),
            matching=matching,
            sort=order,
            after=after,
            limit=limit + 1,
        )
    more = len(found) > limit
    last = found[limit - 1] if more else None
    cursor = encode_cursor(str(order), order.key_of(last), last.customer_id) if last else None
    return Page([shown_profile(profile, now) for profile in found[:limit]], cursor)


async def get_profile(
    customer_id: FromPath[UUID], services: Provided, hashes: NamedDependency[AddressHashes]
) -> ProfileInFull:
    """One profile, and whether the customer may be written to."""
    async with services.database.transaction() as tx:
        profile = await service.get_profile(tx, customer_id)
        suppressions = await consent.list_of_person(tx, hashes, customer_id, profile.email)
    return profile_in_full(profile, utc_now(), suppressions)


def _read_rules(read_rule: ReadRule, rules: str | None, now: datetime) -> ColumnElement[bool] | None:
    if rules is None:
        return None
    try:
        body = msgspec.json.decode(rules)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidInput(errors=[FieldError("rules", "is not valid JSON")]) from error
    return read_rule(body, now)


def _read_cursor(cursor: str | None, sort: Sort) -> Position | None:
    """A cursor is good only for the order that it was made in. Raises InvalidInput."""
    position = decode_cursor(cursor, tuple[str, str | None, UUID])
    if position is None:
        return None
    order, key, customer_id = position
    try:
        if order != str(sort):
            raise ValueError(order)
        typed = None if key is None else msgspec.convert(key, KEY_KINDS[sort.field], strict=False)
    except ValueError as error:
        raise InvalidInput(errors=[FieldError("cursor", "is not a cursor of this list")]) from error
    return Position(typed, customer_id)
