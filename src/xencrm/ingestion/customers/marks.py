"""Marks in the queue of customers: once one is applied, so is all that was accepted before it.

What a broker counts as waiting does not tell that: not what a consumer holds, and not right after a restart.
"""

import asyncio

from xencrm.contracts.customers import CUSTOMER_AWAITED, CustomerAwaited
from xencrm.ingestion.intake import Asked, Intake, Word
from xencrm.ingestion.outcomes.service import await_outcome
from xencrm.ingestion.outcomes.store import QUEUED
from xencrm.kernel.database import Database
from xencrm.kernel.messaging.broker import BrokerUnavailable
from xencrm.kernel.messaging.link import leavable
from xencrm.kernel.messaging.partitions import number_of

PUBLISH_S = 1.0
PASS_S = 1.0
ANSWER_S = 1.0  # what a look-up may take


class Marks:
    """Who asks for one that was begun late enough already shares it."""

    def __init__(self, database: Database, customers: Intake, partitions: int) -> None:
        self._database = database
        self._customers = customers
        self._partitions = partitions
        self._newest: dict[int, tuple[float, asyncio.Task[bool]]] = {}

    async def has_passed(self, asked: Asked, email: str, since: float) -> bool:
        """Whether everything of an address that was accepted before `since` (time of the loop) is applied;
        False when the queue lags. Raises BrokerUnavailable, TimeoutError."""
        number = number_of(email, self._partitions)
        begun, mark = self._newest.get(number, (0.0, None))
        if mark is None or begun < since:
            begun, mark = asyncio.get_running_loop().time(), leavable(self._send(asked, email))
            self._newest[number] = (begun, mark)
        return await asyncio.shield(mark)

    async def _send(self, asked: Asked, email: str) -> bool:
        try:
            async with asyncio.timeout(PUBLISH_S):
                event_id = await self._customers.accept(
                    Asked(asked.principal, None, asked.correlation_id),
                    Word(CUSTOMER_AWAITED, email, CustomerAwaited()),
                )
        except TimeoutError as error:
            raise BrokerUnavailable("no answer in time") from error
        async with asyncio.timeout(PASS_S + ANSWER_S):
            return (await await_outcome(self._database, event_id, PASS_S)).status != QUEUED
