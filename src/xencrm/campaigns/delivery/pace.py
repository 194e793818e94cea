"""How much a sender takes on at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

PROBE_MESSAGES = 10
CLAIM = 500


@dataclass(frozen=True)
class Pace:
    """`concurrency`: calls at once, for each vendor; `batch`: most messages of a call; `lease_s`: how long a
    claim lasts; `rates`: messages a second, by vendor, all senders together; `claim`: most messages of a
    claim, if more than of a call."""

    concurrency: int
    batch: int
    lease_s: float
    rates: Mapping[str, float] = field(default_factory=dict)
    claim: int = 0

    @property
    def most_sending(self) -> int:
        """Messages of a campaign that may be on their way or have receipts that are not recorded yet."""
        return max(self.batch * self.concurrency, self._claim) * 4

    @property
    def call_s(self) -> float:
        """A call ends well before its lease does."""
        return self.lease_s / 3

    def workers(self, calls: int, batch: int) -> int:
        """One claims and composes while those calls are kept busy from what others have claimed."""
        return ceil(calls * batch / self._claim) + 1

    def most_claimed(self, vendor: str, speed_per_s: float | None = None) -> int:
        """No more than passes in a third of a lease, by the vendor's rate and by how fast it was so far."""
        rate = self.rates.get(vendor)
        speeds = [] if rate is None else [rate / self.concurrency]
        if speed_per_s is not None:
            speeds.append(speed_per_s)
        return max(1, min([self._claim, *(int(speed * self.call_s) for speed in speeds)]))

    @property
    def _claim(self) -> int:
        return max(self.batch, self.claim)
