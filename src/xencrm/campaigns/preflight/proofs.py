"""What texts are rendered, signed for and tested with."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from xencrm.campaigns.delivery.templates import Templates
from xencrm.campaigns.delivery.vendor import Vendor
from xencrm.campaigns.planning.plan_token import PlanTokens
from xencrm.kernel.process import Role


@dataclass(frozen=True, slots=True)
class Proofs:
    """`vendors` are those of test messages alone."""

    templates: Templates
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
