"""How much a sender takes on at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PROBE_MESSAGES = 10


@dataclass(frozen=True)
class Pace:
    """`concurrency`: calls at once, for each vendor; `batch`: most messages of a claim; `lease_s`: how long a
    claim lasts; `rates`: messages a second, by vendor, all senders together."""

    concurrency: int
    batch: int
    lease_s: float
    rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def most_sending(self) -> int:
        """Messages of a campaign that may be on their way or have receipts that are not recorded yet."""
        return self.batch * self.concurrency * 4

    @property
    def call_s(self) -> float:
        """A call ends well before its lease does."""
        return self.lease_s / 3

    def most_claimed(self, vendor: str) -> int:
        """No more than passes in a third of a lease."""
        rate = self.rates.get(vendor)
        if rate is None:
            return self.batch
        return max(1, min(self.batch, int(rate * self.lease_s / 3 / self.concurrency)))
