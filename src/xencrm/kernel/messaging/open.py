"""Which broker: by the scheme of its URL."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from xencrm.kernel.messaging.broker import Broker, Queue
from xencrm.kernel.messaging.postgres import PostgresBroker
from xencrm.kernel.messaging.rabbitmq import RabbitBroker


async def open_broker(url: str, queues: Sequence[Queue], *, max_bytes: int) -> Broker:
    """RabbitMQ for amqp:// and amqps://, the embedded one for postgresql://. Never waits for the server:
    a broker connects when it is first used. Raises ValueError for another scheme."""
    scheme = urlsplit(url).scheme
    if scheme in ("amqp", "amqps"):
        return RabbitBroker(url, queues)
    if scheme == "postgresql":
        return PostgresBroker(url, queues, max_bytes)
    raise ValueError(f"a broker URL begins with amqp://, amqps:// or postgresql://, not {scheme}://")
