"""How much of texts is at hand at once."""

import asyncio

from xencrm.campaigns.delivery.room import Room


async def test_nobody_begins_while_it_is_full_and_who_is_done_lets_the_next_begin() -> None:
    room = Room(most=10)
    order: list[str] = []

    async def next_call() -> None:
        with room.share() as share:
            await share.wait()
            order.append("begun")
            share.take(4)
            assert not share.is_full

    with room.share() as share:
        await share.wait()
        share.take(9)
        assert not share.is_full
        share.take(9)
        assert share.is_full
        waiting = asyncio.create_task(next_call())
        await asyncio.sleep(0)
        order.append("ended")
    await waiting
    assert order == ["ended", "begun"]
    assert not room.is_full


async def test_what_a_call_that_failed_took_is_given_back() -> None:
    room = Room(most=10)
    try:
        with room.share() as share:
            share.take(10)
            raise ValueError
    except ValueError:
        assert not room.is_full
