"""How many customers a day the launches of a key may write to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from xencrm.campaigns.accounts.keys import service as keys
from xencrm.campaigns.accounts.keys.model import Limits
from xencrm.campaigns.planning import allowance_store as store
from xencrm.campaigns.planning.model import Campaign, CapReached
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Tx

WESTERNMOST: Final = timedelta(hours=12)
WHAT_TO_DO: Final = "Narrow the segment, launch on another day, or ask a person to launch it."


@dataclass(frozen=True, slots=True)
class Allowance:
    """Of one key: `most` customers a day; days begin and end in `zone`."""

    principal_id: UUID
    most: int
    zone: str

    async def reserve(self, tx: Tx, campaign_id: UUID, recipients: int, advice: str = WHAT_TO_DO) -> None:
        """For today, in the transaction of the launch; of two at once the second waits for the first.

        A campaign that is resumed on the day of its launch is counted once. Raises CapReached.
        """
        await keys.lock_key_of(tx, self.principal_id)
        day = _today(self.zone)
        left = self.most - await store.sum_others(tx, self.principal_id, day, campaign_id)
        if recipients > left:
            raise self._reached(recipients, advice, f"; today {left:,} of them are left")
        await store.save_reservation(tx, self.principal_id, day, campaign_id, recipients)

    def check_alone(self, recipients: int) -> None:
        """What no day has room for. Raises CapReached."""
        if recipients > self.most:
            raise self._reached(recipients, WHAT_TO_DO)

    def _reached(self, recipients: int, advice: str, left: str = "") -> CapReached:
        return CapReached(
            f"This API key may write to {self.most:,} customers a day ({self.zone}){left}, and this campaign "
            f"has {recipients:,}. {advice}"
        )


async def give_back(tx: Tx, campaign: Campaign, zone: str) -> None:
    """What keys have reserved today for a campaign that is being cancelled, and was not sent.

    Until the transaction ends no message of it is claimed.
    """
    today = _today(zone)
    if not await store.is_reserved(tx, campaign.campaign_id, today):
        return
    if campaign.prepared_at is None:
        await store.drop_reservations(tx, campaign.campaign_id, today)
    else:
        unsent = await store.lock_unsent(tx, campaign.campaign_id, campaign.campaign_month)
        await store.lower_reservations(tx, campaign.campaign_id, today, unsent)


async def purge(tx: Tx, *, most: int) -> int:
    """What was reserved for days that are over in every time zone. Returns how many."""
    return await store.purge_reservations(tx, (utc_now() - WESTERNMOST).date(), most)


def _today(zone: str) -> date:
    return utc_now().astimezone(ZoneInfo(zone)).date()


def allowance_of(principal_id: UUID | str, limits: Limits, zone: str) -> Allowance | None:
    """None for a key without a cap, and for people."""
    most = limits.daily_recipients
    return None if most is None else Allowance(UUID(str(principal_id)), most, zone)
