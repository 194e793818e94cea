"""Messages of one campaign under one lease, on their way from a claim to their calls."""

from collections import deque
from collections.abc import Iterable, Sequence
from uuid import UUID

from xencrm.campaigns.delivery.calling import Trouble, find_trouble, is_late
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.vendor import Answer

# A message that a vendor leaves unanswered may have itself to blame; several in a row speak of the vendor.
MOST_SILENT = 3


class Batch:
    """Several calls may take from it at once.

    `halted`: something speaks against further calls. `probing`: the vendor failed as a whole, and what comes
    of the first call decides on it.
    """

    def __init__(
        self, campaign: RunningCampaign, lease: UUID, messages: Iterable[Claimed], claimed_at: float
    ) -> None:
        self.campaign = campaign
        self.lease = lease
        self.rest = deque(messages)
        self.claimed_at = claimed_at
        self.size = len(self.rest)
        self.halted = False
        self.called = False
        self.probing = campaign.ailing
        self.answered = False
        self._under_way = 0
        self._silent = 0

    def take(self, most: int) -> list[Claimed]:
        return [self.rest.popleft() for _ in range(min(most, len(self.rest)))]

    def put_back(self, messages: Sequence[Claimed]) -> None:
        self.rest.extendleft(reversed(messages))

    def begin_call(self) -> None:
        self._under_way += 1

    def end_call(self, answers: Sequence[Answer]) -> Trouble | None:
        """Why the vendor is to be left alone, if it is; then no further call is made."""
        self._under_way -= 1
        if is_late(answers):
            return None
        self.called = True
        trouble = find_trouble(answers)
        if trouble is None:
            self.answered, self._silent = True, 0
        elif trouble.pause_s is None:
            self._silent += len(answers)
            is_meant = self._silent >= MOST_SILENT or (
                self._is_all and (self.probing or not trouble.suspected)
            )
            trouble = trouble if is_meant else None
        self.halted = self.halted or trouble is not None
        return trouble

    @property
    def _is_all(self) -> bool:
        """Nothing of the batch was answered, and nothing will be."""
        return not (self.answered or self.rest or self._under_way)
