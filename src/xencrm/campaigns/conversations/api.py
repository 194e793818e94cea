"""Routes of one's own conversation with the assistant."""

from uuid import UUID

from litestar.params import JSONBody

from xencrm.campaigns.conversations import service
from xencrm.campaigns.conversations.model import Conversation
from xencrm.campaigns.conversations.schemas import ConversationInput, ShownConversation
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller


async def get_conversation(principal: Caller, services: Provided) -> ShownConversation:
    """What the assistant keeps of its conversation with whoever asks."""
    async with services.database.transaction() as tx:
        found = await service.find(tx, UUID(principal.principal_id))
    return ShownConversation(0, "") if found is None else ShownConversation(found.version, found.content)


async def keep_conversation(data: JSONBody[ConversationInput], principal: Caller, services: Provided) -> None:
    """Keep the next version. It goes when a customer whom it names is erased, or after 30 days."""
    async with services.database.transaction() as tx:
        kept = Conversation(data.version, data.content)
        await service.keep(tx, UUID(principal.principal_id), kept)


async def drop_conversation(principal: Caller, services: Provided) -> None:
    """Begin anew: what was said is gone."""
    async with services.database.transaction() as tx:
        await service.drop(tx, UUID(principal.principal_id))
