"""`POST /vendors/{vendor}/receipts`: a vendor's receipts, verified first, join the receipt queue."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from xencrm.campaigns.delivery.reporting import receipt_event
from xencrm.contracts.receipts import ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.errors import NotFound
from xencrm.kernel.messaging.envelope import encode_event
from xencrm.kernel.messaging.publisher import Publisher


class WebhookReader(Protocol):
    """A vendor's wire format. Returns receipts, each with the vendor's own id of it."""

    def read(
        self, headers: Mapping[str, str], body: bytes, now_s: float
    ) -> Sequence[tuple[str, ReceiptReceived]]:
        """Raises Unauthenticated for a body that the vendor did not sign, InvalidInput for nonsense."""
        ...


class ReceiptsTaken(Struct):
    """The answer to a vendor: how many receipts were put on the queue."""

    accepted: int


class Webhooks:
    """The vendors that call us."""

    def __init__(self, readers: Mapping[str, WebhookReader], publisher: Publisher) -> None:
        self._readers = readers
        self._publisher = publisher

    async def take(self, vendor: str, headers: Mapping[str, str], body: bytes) -> ReceiptsTaken:
        """Returns when the receipts are durable. Raises NotFound, Unauthenticated, BrokerUnavailable."""
        reader = self._readers.get(vendor)
        if reader is None:
            raise NotFound(f"There is no vendor {vendor} that sends receipts.")
        receipts = reader.read(headers, body, utc_now().timestamp())
        await self._publisher.publish_many(
            [encode_event(receipt_event(receipt, vendor_receipt=own_id)) for own_id, receipt in receipts]
        )
        return ReceiptsTaken(len(receipts))
