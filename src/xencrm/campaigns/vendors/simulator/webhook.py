"""The simulator's webhook as receipts of ours."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from xencrm.campaigns.vendors.simulator import receipts
from xencrm.contracts.receipts import Outcome, ReceiptReceived

_OUTCOMES: Final = {"delivered": Outcome.DELIVERED, "failed": Outcome.FAILED}


class SimulatorWebhook:
    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(
        self, headers: Mapping[str, str], body: bytes, now_s: float
    ) -> Sequence[tuple[str, ReceiptReceived]]:
        receipts.verify(headers, body, self._secret, now_s)
        now = datetime.fromtimestamp(now_s, UTC)
        return [
            (
                word.vendor_receipt_id,
                ReceiptReceived(
                    message_id=word.message_id,
                    attempt=word.attempt,
                    outcome=_OUTCOMES[word.outcome],
                    vendor="simulator",
                    occurred_at=now,
                    reason=word.reason or "",
                ),
            )
            for word in receipts.parse(body)
        ]
