"""A consumer of one RabbitMQ queue, on a channel of its own."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from xencrm.kernel.messaging.broker import BrokerUnavailable, Frame, Queue
from xencrm.kernel.messaging.rabbitmq_wire import CLOSE_TIMEOUT_S, declare, lost_is_unavailable

COUNT_HEADER = "x-delivery-count"  # of quorum queues: failed deliveries before this one


class RabbitSubscription:
    """Frames arrive by themselves, at most `prefetch` of them unacknowledged, and wait here."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._waiting: deque[AbstractIncomingMessage] = deque()
        self._under_way: dict[int, AbstractIncomingMessage] = {}  # by delivery tag, oldest first
        self._changed = asyncio.Event()
        self._is_lost = False

    @classmethod
    async def open(cls, connection: AbstractConnection, queue: Queue, prefetch: int) -> "RabbitSubscription":
        channel = connection.channel(publisher_confirms=False)
        await channel.initialize()
        subscription = cls(channel)
        try:
            await subscription._start(queue, prefetch)
        except BaseException:
            await subscription.close()
            raise
        return subscription

    async def receive(self, *, max_frames: int, wait_s: float | None) -> list[Frame]:
        self._check()
        if not self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            self._check()
        frames = [self._hand_out() for _ in range(min(max_frames, len(self._waiting)))]
        if not self._waiting:
            self._changed.clear()
        return frames

    async def ack(self, frames: Sequence[Frame]) -> None:
        self._check()
        messages = {frame.tag.delivery_tag: frame.tag for frame in frames}
        if any(self._under_way.get(number) is not message for number, message in messages.items()):
            raise BrokerUnavailable("frames that are not under way here")
        prefix = self._prefix(messages)
        with lost_is_unavailable():
            if prefix:
                await messages[prefix[-1]].ack(multiple=True)
            for number in sorted(messages.keys() - set(prefix)):
                await messages[number].ack()
        for number in messages:
            del self._under_way[number]

    async def close(self) -> None:
        """Everything unacknowledged goes back to the queue, in order."""
        self._is_lost = True
        with suppress(BrokerUnavailable), lost_is_unavailable():
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._channel.close()

    async def _start(self, queue: Queue, prefetch: int) -> None:
        self._channel.close_callbacks.add(self._on_lost)
        underlay = await self._channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._on_lost)
        await declare(self._channel, [queue])
        await self._channel.set_qos(prefetch_count=prefetch)
        source = await self._channel.get_queue(queue.name, ensure=False)
        await source.consume(self._on_message)

    def _prefix(self, messages: dict[int, AbstractIncomingMessage]) -> list[int]:
        """The oldest ones under way, as far as all of them are among the messages."""
        prefix: list[int] = []
        for number in self._under_way:
            if number not in messages:
                break
            prefix.append(number)
        return prefix

    def _hand_out(self) -> Frame:
        message = self._waiting.popleft()
        self._under_way[message.delivery_tag or 0] = message
        failed = message.headers.get(COUNT_HEADER, 0)
        return Frame(message.body, (failed if isinstance(failed, int) else 0) + 1, message)

    def _check(self) -> None:
        if self._is_lost:
            raise BrokerUnavailable("the subscription was lost")

    async def _on_message(self, message: AbstractIncomingMessage) -> None:
        self._waiting.append(message)
        self._changed.set()

    def _on_lost(self, *_: Any) -> None:
        self._is_lost = True
        self._changed.set()
