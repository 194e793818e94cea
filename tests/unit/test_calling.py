"""A call to a vendor and its deadline."""

import asyncio
from functools import partial
from uuid import uuid4

from tests.support.sending import StandInVendor
from xencrm.campaigns.delivery.calling import TOO_LATE, call
from xencrm.campaigns.delivery.vendor import Outgoing, Unanswered, Unsent

MESSAGES = [Outgoing(uuid4(), 1, "asha@example.com", "Asha", "Hello", "Hello Asha") for _ in range(3)]


async def test_who_is_held_up_until_the_deadline_does_not_call() -> None:
    vendor = StandInVendor()
    answers = await call(vendor, MESSAGES, asyncio.get_running_loop().time())
    assert answers == [Unsent(TOO_LATE)] * 3
    assert vendor.calls == []


async def test_a_call_that_lasts_beyond_the_deadline_leaves_a_doubt() -> None:
    vendor = StandInVendor(partial(asyncio.sleep, 10))
    answers = await call(vendor, MESSAGES, asyncio.get_running_loop().time() + 1)
    assert [type(answer) for answer in answers] == [Unanswered] * 3
    assert len(vendor.calls) == 1
