"""Conversations with the assistant: kept for whoever has them, until they name somebody who is erased."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from xencrm.campaigns.conversations import store
from xencrm.campaigns.conversations.model import Conversation, Overtaken
from xencrm.campaigns.profiles import service as profiles
from xencrm.kernel.database import Tx

OVERTAKEN: Final = "The conversation has changed since it was read, or is not kept any more; read it again."
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def find(tx: Tx, principal_id: UUID) -> Conversation | None:
    return await store.find(tx, principal_id)


async def keep(tx: Tx, principal_id: UUID, conversation: Conversation) -> None:
    """Raises Overtaken, also when it names a customer who was erased meanwhile."""
    if not await store.keep(tx, principal_id, conversation):
        raise Overtaken(OVERTAKEN)
    named = {UUID(each) for each in _ID.findall(conversation.content)}
    if await profiles.find_erased(tx, named):
        raise Overtaken(OVERTAKEN)


async def drop(tx: Tx, principal_id: UUID) -> None:
    await store.drop(tx, principal_id)


async def forget(tx: Tx, customer_ids: Iterable[UUID], texts: Iterable[str]) -> None:
    """Drops each conversation that names one of the customers, by id, address, name or number."""
    await store.forget(tx, sorted({*map(str, customer_ids), *texts}))
