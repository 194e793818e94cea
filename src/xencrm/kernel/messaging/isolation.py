"""Handling a batch so that a poison event ends alone."""

from collections.abc import Sequence

from xencrm.kernel.database import Tx, is_transient
from xencrm.kernel.messaging import dead_letters, rejections
from xencrm.kernel.messaging.subscription import Binding, Received
from xencrm.kernel.messaging.tally import Aside


async def handle(tx: Tx, binding: Binding, received: Sequence[Received]) -> Aside:
    """Applies the events and notes those that the handler refuses. Raises what it raises."""
    if not received:
        return Aside()
    rejected = await binding.handler(tx, received)
    await rejections.insert(tx, rejected)
    return Aside(rejected)


async def handle_isolating(tx: Tx, binding: Binding, received: Sequence[Received]) -> Aside:
    """Halves the batch by savepoints until what cannot be applied stands alone. Raises transient trouble."""
    try:
        async with tx.begin_nested():
            return await handle(tx, binding, received)
    except Exception as error:
        if is_transient(error):
            raise
        if len(received) == 1:
            return Aside(letters=[dead_letters.of_event(binding.queue, received[0].event, _reason(error))])
    middle = len(received) // 2
    first = await handle_isolating(tx, binding, received[:middle])
    return first + await handle_isolating(tx, binding, received[middle:])


def _reason(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return f"{type(origin).__name__}: {origin}"
