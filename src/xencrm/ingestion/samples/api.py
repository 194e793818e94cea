"""Routes of sample data."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from xencrm.contracts.customers import CUSTOMER_RECORDED
from xencrm.contracts.orders import ORDER_RECORDED
from xencrm.ingestion.access import audit
from xencrm.ingestion.customers.api import asked_by
from xencrm.ingestion.intake import Word
from xencrm.ingestion.samples.shop import Shop, make_shop
from xencrm.ingestion.services import Provided
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.shapes import one_of

_ORIGIN: Final = "sample-data"


class SampleBatch(Struct):
    """A batch that was queued; `GET /batches/{batch_id}` says how far it is."""

    batch_id: UUID
    kind: Annotated[str, one_of("customers", "orders")]
    rows: int


class SampleQueued(Struct):
    """The batches of the sample data, in the order in which they are applied."""

    batches: list[SampleBatch]


async def post_sample_data(request: HttpRequest, principal: Caller, services: Provided) -> SampleQueued:
    """Queue a made-up shop: 2,000 customers and 7,000 orders of the last 18 months.

    Whoever asks again on the same day changes nothing; on a later day the same orders move up to that day.
    """
    now = utc_now().astimezone(ZoneInfo(services.time_zone))
    shop = await asyncio.to_thread(make_shop, now)
    asked, day = asked_by(request, principal), now.date().isoformat()
    batches = []
    for kind, intake, words in (
        ("customers", services.customers, _customers(shop)),
        ("orders", services.orders, _orders(shop)),
    ):
        batch_id = services.ids.derive(_ORIGIN, kind, day)
        await intake.accept_batch(asked, list(enumerate(words)), [], batch_id=batch_id)
        batches.append(SampleBatch(batch_id, kind, len(words)))
    async with services.database.transaction() as tx:
        await audit.note(tx, "sample_data.added", "sample_data", day)
    return SampleQueued(batches)


def _customers(shop: Shop) -> Sequence[Word]:
    return [Word(CUSTOMER_RECORDED, customer.email, customer) for customer in shop.customers]


def _orders(shop: Shop) -> Sequence[Word]:
    return [Word(ORDER_RECORDED, str(order.customer_email), order) for order in shop.orders]
