"""Work that goes on whatever fails: with a pause that grows, and a line in the log each time."""

import asyncio
from collections.abc import Awaitable, Callable

from xencrm.kernel.database import described, is_transient
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging.broker import BrokerUnavailable
from xencrm.kernel.process import pause

FIRST_PAUSE_S = 0.1
MOST_PAUSE_S = 5.0
log = get_logger(__name__)


async def keep_going(stop: asyncio.Event, name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Calls `work` again and again until the stop; trouble of the moment is expected, the rest is not."""
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            await work()
            pause_s = FIRST_PAUSE_S
        except Exception as error:
            if isinstance(error, BrokerUnavailable) or is_transient(error):
                log.warning("work.waiting", work=name, reason=described(error))
            else:
                log.exception("work.failed", work=name)
            await pause(stop, pause_s)
            pause_s = min(pause_s * 2, MOST_PAUSE_S)
