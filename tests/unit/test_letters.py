"""E-mails: what is written can be read back, and nothing in a name or a subject becomes syntax."""

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xencrm.campaigns.delivery.vendor import Outgoing
from xencrm.campaigns.vendors.smtp.letter import NoAddress, letterhead, mailbox, one_line, write

ID = UUID("0190a8f0-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
HEAD = letterhead('"Shöp, the" <news@shop.example>', "help@shop.example")
NAMES = ["From", "To", "Reply-To", "Date", "Message-ID", "MIME-Version", "Content-Type"]
HOSTILE = [
    "a\r\nBcc: evil@x.example",
    "a\nBcc: evil@x.example\n\nbody",
    "=?utf-8?q?a=0D=0ABcc:_evil@x.example?=",
    "=?utf-8?b?" + "DQpCY2M6IGV2aWxAeC5leGFtcGxl" + "?= x",
    'é", evil@x.example, "',
    "é <evil@x.example>, ",
    "\u2028Bcc: evil@x.example",
    "\\",
    "(",
    "a" * 3000,
    " ".join("ü" * 700),
    "\udc80",
]


def outgoing(**fields: Any) -> Outgoing:
    values = {"to": "asha@example.com", "name": "Asha", "subject": "Hello", "text": "Hello Asha"}
    return Outgoing(message_id=ID, attempt=2, **{**values, **fields})


def read(message: Outgoing) -> EmailMessage:
    parsed = email.message_from_bytes(write(message, HEAD, NOW).content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def raw(message: Outgoing) -> Message:
    return email.message_from_bytes(write(message, HEAD, NOW).content)


def decoded(header: str) -> str:
    return str(make_header(decode_header(header)))


def body_of(part: EmailMessage | None) -> str:
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def test_a_letter_says_who_writes_to_whom_when_and_what() -> None:
    letter = read(outgoing(html="<p>Hello <b>Asha</b></p>"))
    assert sorted(letter.keys()) == sorted([*NAMES, "Subject"])
    assert str(letter["From"].addresses[0]) == '"Shöp, the" <news@shop.example>'
    assert (str(letter["To"]), str(letter["Reply-To"])) == ("Asha <asha@example.com>", "help@shop.example")
    assert (letter["Subject"], letter["Date"].datetime) == ("Hello", NOW)
    assert letter["Message-ID"] == f"<{ID}.2@shop.example>"
    assert letter.get_content_type() == "multipart/alternative"
    assert body_of(letter.get_body(("plain",))).strip() == "Hello Asha"
    assert body_of(letter.get_body(("html",))).strip() == "<p>Hello <b>Asha</b></p>"


def test_without_html_a_letter_is_its_text() -> None:
    letter = read(outgoing(subject=None))
    assert (letter.get_content_type(), letter["Subject"]) == ("text/plain", None)
    assert letter.get_content().strip() == "Hello Asha"


def test_a_letter_says_what_else_it_is_told_to() -> None:
    unsubscribe = ("List-Unsubscribe", "<https://shop.example/u/1>\r\nBcc: evil@x.example")
    letter = raw(outgoing(headers=(unsubscribe, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))))
    assert letter["List-Unsubscribe"] == "<https://shop.example/u/1> Bcc: evil@x.example"
    assert (letter["List-Unsubscribe-Post"], letter["Bcc"]) == ("List-Unsubscribe=One-Click", None)


@settings(max_examples=400, deadline=None)
@given(name=st.text() | st.sampled_from(HOSTILE), subject=st.text() | st.sampled_from(HOSTILE))
@example(name="Asha Rao", subject="A plain one")
def test_no_name_and_no_subject_can_add_a_header_or_a_recipient(name: str, subject: str) -> None:
    message = outgoing(name=name, subject=subject)
    letter = write(message, HEAD, NOW)
    head, _, body = letter.content.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 320
    written = raw(message)
    expected = [*NAMES, "Content-Transfer-Encoding", *(["Subject"] if one_line(subject) else [])]
    assert sorted(written.keys()) == sorted(expected)
    assert decoded(written["Subject"] or "") == one_line(subject)
    (address,) = read(message)["To"].addresses
    assert address.addr_spec == "asha@example.com"
    shown, _, addr_spec = written["To"].rpartition("<")
    assert addr_spec in ("asha@example.com>", "asha@example.com")
    assert decoded(shown.strip()).split() == one_line(name).split()
    assert body.strip() == b"Hello Asha"


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), html=st.booleans())
@example(text="--=_xencrm--\r\n.\r\n\r\nFrom me: to you \t\n", html=True)
@example(text="नमस्ते आशा, " * 300, html=True)
@example(text="x" * 5000, html=False)
def test_a_text_arrives_as_it_was_written(text: str, html: bool) -> None:
    message = outgoing(text=text, html=f"<p>{text}</p>" if html else None)
    letter = write(message, HEAD, NOW)
    assert letter.content.isascii()
    assert max(map(len, letter.content.split(b"\r\n"))) <= 320
    found = body_of(read(message).get_body(("plain",)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert found.replace("\r\n", "\n").split("\n")[: len(lines)] == lines
    if html:
        assert body_of(read(message).get_body(("html",))).rstrip().endswith("</p>")


def test_a_foreign_domain_is_written_in_ascii_and_a_foreign_name_needs_smtputf8() -> None:
    letter = write(outgoing(to="asha@bücher.example"), HEAD, NOW)
    assert (letter.recipient, letter.utf8) == ("asha@xn--bcher-kva.example", False)
    letter = write(outgoing(to="आशा@bücher.example"), HEAD, NOW)
    assert (letter.recipient, letter.utf8) == ("आशा@xn--bcher-kva.example", True)
    assert "To: Asha\r\n <आशा@xn--bcher-kva.example>\r\n" in letter.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "asha", "@x.example", "a@", "a@b@", "a..b@x.example", ".a@x.example", "a b@x.example"),
        *("a\r\nb@x.example", "a@x.example\r\nBcc: b@x.example", "<a@x.example>", "a,b@x.example"),
        *("a@-x.example", "a@x..example", f"a@{'x' * 64}.example", f"{'a' * 65}@x.example"),
    ],
)
def test_what_is_no_address_is_not_written_to(wrong: str) -> None:
    with pytest.raises(NoAddress):
        mailbox(wrong)
