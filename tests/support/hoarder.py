"""A consumer that takes what is there, acknowledges nothing, says how much it has, and waits for its end.

`python -m tests.support.hoarder URL QUEUE EXCHANGE KEY FRAMES`
"""

import asyncio
import sys

from xencrm.kernel.messaging.broker import Queue, Topic
from xencrm.kernel.messaging.open import open_broker


async def hoard(url: str, queue: Queue, enough: int) -> None:
    broker = await open_broker(url, [queue], max_bytes=10**9)
    async with broker.subscribe(queue) as subscription:
        frames = 0
        while frames < enough:
            frames += len(await subscription.receive(max_frames=enough, wait_s=None))
        print(frames, flush=True)
        await asyncio.sleep(3600)


if __name__ == "__main__":
    url, name, exchange, key, enough = sys.argv[1:]
    asyncio.run(hoard(url, Queue(name, Topic(exchange, key)), int(enough)))
