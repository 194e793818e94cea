"""Where a conversation is kept: in Campaigns, for whoever has it, where erasures reach it."""

from typing import Final

import msgspec

from xencrm.assistant.caller import Caller
from xencrm.assistant.conversation import Conversation
from xencrm.client.errors import BadRequest, ClientError, Conflict, TooLarge

INTERRUPTED: Final = "It is not known whether this was done: look before you do it again."
OVERTAKEN: Final = (
    "This conversation is over: it was started anew elsewhere, or somebody whom it named was erased. "
    "Close the assistant and open it again."
)
TOO_LONG: Final = "This conversation has become too long to be kept. Start over."
UNREACHED: Final = "What was said cannot be kept now. Try again in a moment."


class NotKept(Exception):
    """The text says why."""


async def load(caller: Caller, *, goes_on: bool) -> Conversation:
    """An empty one where there is none, or none that can be read. Raises ClientError.

    `goes_on`: whether somebody is at work on it. Otherwise whoever was in the middle of a deed is gone.
    """
    kept = await caller.desk().client.conversation.get()
    try:
        conversation = msgspec.json.decode(kept.content, type=Conversation)
    except msgspec.DecodeError:
        conversation = Conversation()
    conversation.version = kept.version
    if not goes_on:
        _close_interrupted(conversation)
    return conversation


async def save(caller: Caller, conversation: Conversation) -> None:
    """Raises NotKept."""
    following = conversation.version + 1
    try:
        client = caller.desk().client
        await client.conversation.keep(following, msgspec.json.encode(conversation).decode())
    except Conflict as overtaken:
        raise NotKept(OVERTAKEN) from overtaken
    except (BadRequest, TooLarge) as error:
        raise NotKept(TOO_LONG) from error
    except ClientError as error:
        raise NotKept(UNREACHED) from error
    conversation.version = following


async def drop(caller: Caller) -> None:
    """Raises ClientError."""
    await caller.desk().client.conversation.drop()


def _close_interrupted(conversation: Conversation) -> None:
    for item_id, proposal in conversation.proposals.items():
        found = conversation.find_card(item_id)
        if found is not None and found[1].state == "doing":
            found[1].state, found[1].outcome, proposal.answer = "failed", INTERRUPTED, INTERRUPTED
