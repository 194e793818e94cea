"""`customer_mv_queue` into the Business DB: what profiles take, and erasures."""

from collections.abc import Sequence

from xencrm.campaigns.erasure import service
from xencrm.campaigns.profiles import consumer as profiles
from xencrm.contracts.customers import CustomerErased
from xencrm.kernel.database import Tx
from xencrm.kernel.messaging.subscription import Received, Rejection


async def project_customers(tx: Tx, received: Sequence[Received]) -> Sequence[Rejection]:
    """The erasures come last: nothing of theirs is left, wherever in the batch they stand."""
    erased = [item.body for item in received if isinstance(item.body, CustomerErased)]
    others = [item for item in received if not isinstance(item.body, CustomerErased)]
    rejected = await profiles.project_customers(tx, others)
    if erased:
        await service.erase_customers(tx, erased)
    return rejected
