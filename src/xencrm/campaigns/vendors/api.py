"""Routes of vendors."""

from xencrm.campaigns.delivery import limits
from xencrm.campaigns.delivery.limits import Breaker
from xencrm.campaigns.services import Provided
from xencrm.campaigns.vendors.registry import KINDS, VendorKind
from xencrm.campaigns.vendors.schemas import ShownBreaker, ShownVendor, Vendors
from xencrm.kernel.clock import utc_now
from xencrm.kernel.settings import Settings


async def list_vendors(services: Provided) -> Vendors:
    """What carries messages: which vendors are set up, their rates, and which are left alone now."""
    async with services.database.transaction() as tx:
        breakers = {breaker.vendor: breaker for breaker in await limits.list_breakers(tx)}
    return Vendors([_shown(kind, services.settings, breakers.get(kind.name)) for kind in KINDS])


def _shown(kind: VendorKind, settings: Settings, breaker: Breaker | None) -> ShownVendor:
    missing = kind.missing(settings)
    return ShownVendor(
        name=kind.name,
        configured=not missing,
        missing=missing,
        idempotent=kind.idempotent,
        receipts=kind.receipts(settings),
        rate_per_s=settings.rates_of_vendors().get(kind.name),
        breaker=_shown_breaker(breaker) if breaker else ShownBreaker(),
    )


def _shown_breaker(breaker: Breaker) -> ShownBreaker:
    is_open = breaker.closed_until > utc_now()
    return ShownBreaker("open" if is_open else "half_open", breaker.failures, breaker.closed_until)
