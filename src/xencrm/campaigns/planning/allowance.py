"""How many customers a day the launches of a key may write to."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from xencrm.campaigns.accounts.keys import service as keys
from xencrm.campaigns.accounts.keys.model import Limits
from xencrm.campaigns.planning import allowance_store as store
from xencrm.campaigns.planning.model import CapReached
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx

WHAT_TO_DO: Final = "Narrow the segment, launch on another day, or ask a person to launch it."


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one key: `most` customers a day; days begin and end in `zone`."""

    principal_id: UUID
    most: int
    zone: str

    async def reserve(self, tx: Tx, campaign_id: UUID, recipients: int) -> None:
        """For today, in the transaction of the launch; of two at once the second waits for the first.

        A campaign that is resumed on the day of its launch is counted once. Raises CapReached.
        """
        await keys.lock_key_of(tx, self.principal_id)
        day = utc_now().astimezone(ZoneInfo(self.zone)).date()
        left = self.most - await store.sum_others(tx, self.principal_id, day, campaign_id)
        if recipients > left:
            raise self._reached(recipients, f"; today {left:,} of them are left")
        await store.save_reservation(tx, self.principal_id, day, campaign_id, recipients)

    def check_alone(self, recipients: int) -> None:
        """What no day has room for. Raises CapReached."""
        if recipients > self.most:
            raise self._reached(recipients)

    def _reached(self, recipients: int, left: str = "") -> CapReached:
        return CapReached(
            f"This API key may write to {self.most:,} customers a day ({self.zone}){left}, and this campaign "
            f"has {recipients:,}. {WHAT_TO_DO}"
        )


def allowance_of(principal_id: UUID | str, limits: Limits, zone: str) -> Allowance | None:
    """None for a key without a cap, and for people."""
    most = limits.daily_recipients
    return None if most is None else Allowance(UUID(str(principal_id)), most, zone)
