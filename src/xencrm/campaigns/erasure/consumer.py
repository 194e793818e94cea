"""`customer_mv_queue` into the Business DB: what profiles take, and erasures."""

from collections.abc import Sequence

from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.erasure import service
from xencrm.campaigns.profiles import consumer as profiles
from xencrm.contracts.customers import CustomerErased
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Handler, Received, Rejection


def projecting_customers(hashes: AddressHashes) -> Handler:
    """The erasures come last: nothing of theirs is left, wherever in the batch they stand."""

    async def project(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
        erased = [item.body for item in received if isinstance(item.body, CustomerErased)]
        others = [item for item in received if not isinstance(item.body, CustomerErased)]
        rejected = await profiles.project_customers(tx, others)
        if erased:
            await service.erase_customers(tx, erased, hashes)
        return rejected

    return project
