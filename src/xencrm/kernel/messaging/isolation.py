"""Handling a batch so that a poison event ends alone."""

from collections.abc import Sequence

from xencrm.kernel.database import Tx, is_transient
from xencrm.kernel.messaging import dead_letters, rejections
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.subscription import Binding, Received


async def handle(tx: Tx, binding: Binding, received: Sequence[Received]) -> None:
    """Applies the events and notes those that the handler refuses. Raises what it raises."""
    if received:
        await rejections.insert(tx, await binding.handler(tx, received))


async def handle_isolating(tx: Tx, binding: Binding, received: Sequence[Received]) -> list[DeadLetter]:
    """Halves the batch by savepoints until what cannot be applied stands alone. Raises transient trouble."""
    try:
        async with tx.begin_nested():
            await handle(tx, binding, received)
            return []
    except Exception as error:
        if is_transient(error):
            raise
        if len(received) == 1:
            return [dead_letters.of_event(binding.queue, received[0].event, _reason(error))]
    middle = len(received) // 2
    first = await handle_isolating(tx, binding, received[:middle])
    return first + await handle_isolating(tx, binding, received[middle:])


def _reason(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return f"{type(origin).__name__}: {origin}"
