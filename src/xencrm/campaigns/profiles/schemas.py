"""Profiles over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from xencrm.campaigns.consent.model import Reason, Suppression
from xencrm.campaigns.profiles.model import Profile, whole_days_since
from xencrm.kernel.http.shapes import Money, Time


class ShownProfile(Struct, kw_only=True):
    """A customer as segments see it; `days_since_last_order` is counted when asked."""

    customer_id: UUID
    name: str
    email: str
    phone: str | None
    status: str
    total_spend: Money
    total_orders: int
    total_visits: int
    last_order_at: Time | None
    days_since_last_order: int | None
    attributes: dict[str, Any]
    created_at: Time
    synced_at: Time


class Suppressed(Struct):
    """Why a customer must not be written to, by id or by address."""

    suppression_id: UUID
    reason: Reason
    created_at: Time


class ProfileInFull(ShownProfile, kw_only=True):
    """With what the profiles of a list do not say."""

    suppressions: list[Suppressed]


def profile_in_full(profile: Profile, now: datetime, suppressions: Sequence[Suppression]) -> ProfileInFull:
    shown = [Suppressed(each.suppression_id, each.reason, each.created_at) for each in suppressions]
    return ProfileInFull(**structs.asdict(shown_profile(profile, now)), suppressions=shown)


def shown_profile(profile: Profile, now: datetime) -> ShownProfile:
    return ShownProfile(
        customer_id=profile.customer_id,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        status=profile.status,
        total_spend=profile.total_spend,
        total_orders=profile.total_orders,
        total_visits=profile.total_visits,
        last_order_at=profile.last_order_at,
        days_since_last_order=whole_days_since(profile.last_order_at, now),
        attributes=profile.attributes,
        created_at=profile.created_at,
        synced_at=profile.synced_at,
    )
