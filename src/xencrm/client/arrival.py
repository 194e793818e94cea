"""Waiting until what was posted shows in the profiles."""

import asyncio
import time
from collections.abc import Callable, Mapping

from xencrm.client.client import Client
from xencrm.client.profiles import Profile


async def profiles_of(client: Client, domain: str) -> dict[str, Profile]:
    """Every profile whose address is in the domain, by address."""
    found = {profile.email: profile async for profile in client.profiles.all(q=f"@{domain}")}
    return {email: profile for email, profile in found.items() if email.endswith(f"@{domain}")}


async def wait_for_orders(
    client: Client,
    domain: str,
    expected: Mapping[str, int],
    *,
    timeout_s: float,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Profile]:
    """The profiles, once each address has at least its number of orders. Raises TimeoutError."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        began = time.monotonic()
        profiles = await profiles_of(client, domain)
        arrived = sum(_arrived(profiles.get(email), orders) for email, orders in expected.items())
        if progress:
            progress(arrived)
        if arrived == len(expected):
            return profiles
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{arrived} of {len(expected)} customers are complete in the profiles")
        await asyncio.sleep(max(0.3, time.monotonic() - began))


def _arrived(profile: Profile | None, orders: int) -> bool:
    return profile is not None and profile.total_orders >= orders
