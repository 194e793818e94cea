"""What a mail server's replies mean for one message (RFC 5321, RFC 3463)."""

import re
from enum import Enum
from typing import Final

from xencrm.campaigns.delivery.model import EMAIL_BOUNCED
from xencrm.campaigns.delivery.vendor import Accepted, Answer, Failed, Refused, Unanswered, Unsent

INVALID_EMAIL: Final = "INVALID_EMAIL"
REJECTED: Final = "REJECTED"
SPAM_DETECTED: Final = "SPAM_DETECTED"
QUOTA_EXCEEDED: Final = "QUOTA_EXCEEDED"
RATE_LIMITED: Final = "RATE_LIMITED"
TEMPORARY_FAILURE: Final = "TEMPORARY_FAILURE"

LONGEST_REF = 128
_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})(?!\d)")
GOING_AWAY: Final = 421
# Of us or of the server if it is said to everybody: unknown commands, sign in first.
_DUBIOUS: Final = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
# By class of the enhanced code, then its subject and detail, the longest that fits.
_FINAL: Final = {"1": INVALID_EMAIL, "2.2": QUOTA_EXCEEDED, "7": SPAM_DETECTED}
_RETRYABLE: Final = {"2.2": QUOTA_EXCEEDED, "7": RATE_LIMITED}
# Mailbox, its system or the address itself do not exist, it moved, or its domain takes no mail (RFC 7505).
_NO_SUCH_ADDRESS: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10"})
# Of servers that give no enhanced code.
_FINAL_RECIPIENT: Final = {501: INVALID_EMAIL, 550: INVALID_EMAIL, 551: INVALID_EMAIL, 553: INVALID_EMAIL}
_FINAL_ANYWHERE: Final = {552: QUOTA_EXCEEDED, 554: SPAM_DETECTED}


class Stage(Enum):
    """What was answered: the recipient's address, or the whole message."""

    RECIPIENT = "RCPT"
    CONTENT = "DATA"


def answer_to(stage: Stage, code: int, text: str, *, retry_after_s: float = 0.0) -> Answer:
    """`text` may begin with an enhanced status code."""
    if 200 <= code < 300:
        return Accepted(text.partition("\n")[0][:LONGEST_REF])
    said = f"{stage.value} is answered {code}"
    if code == GOING_AWAY:
        return Unsent(said)
    if code in _DUBIOUS:
        return Refused(REJECTED, retry_after_s, said)
    enhanced = _ENHANCED.match(text)
    if 400 <= code < 500:
        return Refused(_known(_RETRYABLE, enhanced) or TEMPORARY_FAILURE, retry_after_s)
    if 500 <= code < 600:
        reason = (_known(_FINAL, enhanced) or EMAIL_BOUNCED) if enhanced else _by_code(stage, code)
        return Failed(reason, bounced=enhanced is not None and enhanced[1] in _NO_SUCH_ADDRESS)
    return Unanswered(said)


def _known(reasons: dict[str, str], enhanced: re.Match[str] | None) -> str:
    detail = enhanced[1] if enhanced else ""
    return reasons.get(detail) or reasons.get(detail.partition(".")[0]) or ""


def _by_code(stage: Stage, code: int) -> str:
    of_recipient = _FINAL_RECIPIENT.get(code) if stage is Stage.RECIPIENT else None
    return of_recipient or _FINAL_ANYWHERE.get(code) or EMAIL_BOUNCED
