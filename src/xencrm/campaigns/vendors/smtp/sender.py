"""Hands messages to a mail server. The same message twice is two e-mails, so none is handed over twice."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import aiosmtplib
from msgspec import Struct

from xencrm.campaigns.delivery.calling import find_trouble
from xencrm.campaigns.delivery.vendor import Answer, Failed, Outgoing, ReceiptMode, Unanswered, Unsent
from xencrm.campaigns.vendors.smtp.letter import Letter, Letterhead, NoAddress, write
from xencrm.campaigns.vendors.smtp.pool import Connection, Pool
from xencrm.campaigns.vendors.smtp.replies import INVALID_EMAIL, Stage, answer_to
from xencrm.kernel.clock import utc_now
from xencrm.kernel.logging import get_logger

log = get_logger(__name__)


class MailServer(Struct, frozen=True):
    """Where letters go. `retry_s`: least pause after it refuses one for now."""

    host: str
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: str | None = None
    connections: int = 10
    retry_s: float = 300.0


class Progress:
    """How far a message has come; from `left` on the server may have it."""

    step = "connecting"
    left = False


class SmtpVendor:
    """Nothing is heard of what becomes of a message that the server took."""

    name = "smtp"
    idempotent = False
    receipts = ReceiptMode.NONE
    max_batch = 1

    def __init__(self, server: MailServer, head: Letterhead) -> None:
        """A call for each connection: what waited for one would count as handed over if the sender died."""
        self.calls_at_once = server.connections
        self._server = server
        self._head = head
        self._pool = Pool(self._new_client, server.connections)

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        """See Vendor. Never raises its exceptions: each message has its own answer."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        return list(await asyncio.gather(*(self._send_one(message, deadline) for message in messages)))

    async def close(self) -> None:
        await self._pool.close()

    async def _send_one(self, outgoing: Outgoing, deadline: float) -> Answer:
        try:
            letter = write(outgoing, self._head, utc_now())
        except NoAddress:
            return Failed(INVALID_EMAIL)
        progress = Progress()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._deliver(letter, progress)
        except (aiosmtplib.SMTPException, OSError) as error:
            return (Unanswered if progress.left else Unsent)(f"{progress.step}: {error!r}")

    async def _deliver(self, letter: Letter, progress: Progress) -> Answer:
        """A connection that was left open may be gone when it is used again; then another is made."""
        reused = False
        try:
            async with self._pool.connection() as connection:
                reused = connection.reused
                return await self._talk(connection, letter, progress)
        except aiosmtplib.SMTPServerDisconnected:
            if progress.left or not reused:
                raise
        async with self._pool.connection(new=True) as connection:
            return await self._talk(connection, letter, progress)

    async def _talk(self, connection: Connection, letter: Letter, progress: Progress) -> Answer:
        """Raises SMTPException for what is no word on the message."""
        client = await connection.ready()
        if letter.utf8 and not await _knows_utf8(client):
            return Failed(INVALID_EMAIL)
        encoding, options = ("utf-8", ["SMTPUTF8"]) if letter.utf8 else ("ascii", [])
        progress.step = "MAIL"
        await client.mail(letter.sender, options=options, encoding=encoding)
        try:
            progress.step = "RCPT"
            await client.rcpt(letter.recipient, encoding=encoding)
            progress.step, progress.left = "DATA", True
            reply = await client.data(letter.content)
        except aiosmtplib.SMTPRecipientRefused as refused:
            return self._refused(connection, Stage.RECIPIENT, refused)
        except aiosmtplib.SMTPDataError as refused:
            return self._refused(connection, Stage.CONTENT, refused)
        return answer_to(Stage.CONTENT, reply.code, reply.message)

    def _refused(
        self, connection: Connection, stage: Stage, refused: aiosmtplib.SMTPResponseException
    ) -> Answer:
        answer = answer_to(stage, refused.code, refused.message, retry_after_s=self._server.retry_s)
        connection.in_mid_message = True
        connection.reliable = find_trouble([answer]) is None
        return answer

    def _new_client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            local_hostname=self._head.sender.domain,
        )


async def _knows_utf8(client: aiosmtplib.SMTP) -> bool:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    return client.supports_extension("SMTPUTF8")
