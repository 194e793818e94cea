"""What texts are rendered, signed for and tested with."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.delivery.templates import Templates
from xencrm.campaigns.delivery.vendor import Vendor
from xencrm.campaigns.planning.plan_token import PlanTokens
from xencrm.kernel.process import Role


@dataclass(frozen=True, slots=True)
class Proofs:
    """`vendors` are those of test messages alone. `links`: for pages that say that it is a test."""

    templates: Templates
    links: Links
    hashes: AddressHashes
    tokens: PlanTokens
    vendors: Mapping[str, Vendor]

    def closed_after(self, role: Role) -> Role:
        """The role, at whose end the vendors are closed."""

        async def closing(stop: asyncio.Event) -> None:
            try:
                await role(stop)
            finally:
                for vendor in self.vendors.values():
                    await vendor.close()

        return closing
