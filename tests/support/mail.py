"""A real mail server that keeps what it is given, and fails where it is told to."""

import asyncio
import email
import email.policy
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.ports import free_port
from xencrm.campaigns.vendors.smtp.letter import letterhead
from xencrm.campaigns.vendors.smtp.sender import MailServer, SmtpVendor

SENDER = "Shop <news@shop.example>"
HANG_UP = "hang up"


@dataclass(frozen=True)
class Mail:
    """One accepted message: its envelope, its bytes, and the same read."""

    sender: str
    recipient: str
    options: list[str]
    content: bytes

    @property
    def read(self) -> EmailMessage:
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def message_id(self) -> str:
        """That of the ledger."""
        found = re.search(rb"^Message-ID: <(\S+)\.\d+@", self.content, re.MULTILINE)
        assert found is not None
        return found[1].decode()


@dataclass
class MailSink:
    """`replies`: by command (MAIL, RCPT, DATA, and TAKEN: once it took the message) and then by recipient's
    local part, or "" for all: a reply, or HANG_UP. `at_first`: the same, once for each recipient."""

    port: int = 0
    delay_s: float = 0.0
    mails: list[Mail] = field(default_factory=list)
    replies: dict[str, dict[str, str]] = field(default_factory=dict)
    at_first: dict[str, dict[str, str]] = field(default_factory=dict)
    connections: int = 0
    signed_in: list[str] = field(default_factory=list)
    _open: set[Any] = field(default_factory=set)

    @property
    def message_ids(self) -> Counter[str]:
        return Counter(mail.message_id for mail in self.mails)

    @property
    def still_open(self) -> int:
        return sum(1 for connection in self._open if connection.transport is not None)

    def opened(self, connection: Any) -> None:
        self.connections += 1
        self._open.add(connection)

    def hang_up(self) -> None:
        """On everybody."""
        for connection in list(self._open):
            if connection.transport is not None:
                connection.transport.abort()
        self._open.clear()

    def said(self, server: SMTP, command: str, address: str) -> str | None:
        local, of_command = address.partition("@")[0], self.replies.get(command, {})
        once = self.at_first.get(command, {}).pop(local, None)
        said = once or of_command.get(local) or of_command.get("")
        if said == HANG_UP:
            assert server.transport is not None
            server.transport.abort()
        return said


class _Hooks:
    """What the server library calls; it looks at every attribute of this for each connection."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._sink.said(server, "MAIL", "") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self._sink.said(server, "RCPT", address) or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        recipient = envelope.rcpt_tos[0]
        await asyncio.sleep(self._sink.delay_s)
        if said := self._sink.said(server, "DATA", recipient):
            return said
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        self._sink.mails.append(Mail(envelope.mail_from, recipient, envelope.mail_options, envelope.content))
        return self._sink.said(server, "TAKEN", recipient) or f"250 2.0.0 queued as {len(self._sink.mails)}"


class _Connection(SMTP):
    sink: MailSink

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.sink.opened(self)


@asynccontextmanager
async def mail_sink(
    *,
    port: int | None = None,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: str | None = None,
    **options: Any,
) -> AsyncIterator[MailSink]:
    """`tls` from the first byte, `starttls` demanded before mail; with a password only `shop` may send."""
    sink = MailSink(port or free_port())

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        sink.signed_in.append(given.login.decode())
        known = (given.login, given.password) == (b"shop", (password or "").encode())
        return AuthResult(success=known, handled=False)

    def connection() -> SMTP:
        made = _Connection(
            _Hooks(sink),
            hostname="mail.example",
            enable_SMTPUTF8=options.get("utf8", True),
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check if password else None,
            auth_required=password is not None,
            auth_require_tls=False,
        )
        made.sink = sink
        return made

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", sink.port, ssl=tls)
    try:
        yield sink
    finally:
        server.close()
        sink.hang_up()
        await server.wait_closed()


@asynccontextmanager
async def connected(sink: MailSink, **fields: Any) -> AsyncIterator[SmtpVendor]:
    """A vendor that sends to the sink, without TLS unless it is asked for."""
    given = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "retry_s": 7.0, **fields}
    vendor = SmtpVendor(MailServer(**given), letterhead(SENDER, "help@shop.example"))
    try:
        yield vendor
    finally:
        await vendor.close()
