"""`/messages`: what was sent to one customer, and what a person decides where nobody knows."""

from datetime import datetime

from msgspec import Struct, field

from xencrm.client.campaigns import Message
from xencrm.client.errors import Conflict
from xencrm.client.transport import Call, Transport

PATH = "/api/v1/messages"
FAILED = "FAILED"


class Receipt(Struct, kw_only=True):
    """A vendor's word on one attempt."""

    receipt_id: str
    attempt: int
    outcome: str
    reason: str | None = None
    vendor: str = ""
    vendor_ref: str | None = None
    occurred_at: datetime | None = None
    recorded_at: datetime | None = None


class Opens(Struct, frozen=True):
    """How often, first and last when."""

    count: int
    first_at: datetime
    last_at: datetime


class Clicks(Opens, frozen=True):
    """Of one link, as the template has it."""

    url: str


class OpenedMessage(Message, kw_only=True):
    """With its text and its receipts, as long as these are kept."""

    campaign_id: str = ""
    vendor: str = ""
    vendor_ref: str | None = None
    template_version: int | None = None
    subject: str | None = None
    body: str | None = None
    receipts: list[Receipt] = field(default_factory=list)
    opens: Opens | None = None
    clicks: list[Clicks] = field(default_factory=list)


class Messages:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self, message_id: str) -> OpenedMessage:
        return await self._transport.ask(Call("GET", f"{PATH}/{message_id}"), OpenedMessage)

    async def resend(self, message_id: str) -> OpenedMessage:
        """Send an UNCONFIRMED message once more; the customer may get it twice. Raises Conflict.

        It is asked once: what became of a call that was not answered is for a person to look at.
        """
        return await self._transport.ask(Call("POST", f"{PATH}/{message_id}/resend"), OpenedMessage)

    async def give_up(self, message_id: str) -> OpenedMessage:
        """Count an UNCONFIRMED message as failed. Raises Conflict.

        A repeat after a lost answer that finds the message FAILED met the effect of the first call.
        """
        call = Call("POST", f"{PATH}/{message_id}/give-up", repeatable=True)
        try:
            return await self._transport.ask(call, OpenedMessage)
        except Conflict as conflict:
            message = await self.get(message_id)
            if conflict.attempts == 1 or message.state != FAILED:
                raise
            return message
