"""Which replies of a mail server are final, which are for now, and which are about the server itself."""

import pytest

from xencrm.campaigns.delivery.vendor import Accepted, Answer, Failed, Refused, Unanswered, Unsent
from xencrm.campaigns.vendors.smtp.replies import LONGEST_REF, Stage, answer_to

RCPT, DATA = Stage.RECIPIENT, Stage.CONTENT


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        (RCPT, 550, "5.1.1 <asha@x.example>: no such user", Failed("INVALID_EMAIL", bounced=True)),
        (RCPT, 550, "5.1.10 null MX", Failed("INVALID_EMAIL", bounced=True)),
        (RCPT, 550, "no such user here", Failed("INVALID_EMAIL")),
        (RCPT, 553, "mailbox name not allowed", Failed("INVALID_EMAIL")),
        (RCPT, 550, "5.2.1 mailbox disabled", Failed("EMAIL_BOUNCED")),
        (RCPT, 552, "5.2.2 mailbox full", Failed("QUOTA_EXCEEDED")),
        (RCPT, 552, "over quota", Failed("QUOTA_EXCEEDED")),
        (RCPT, 550, "5.7.1 blocked", Failed("SPAM_DETECTED")),
        (RCPT, 550, "5.4.1 no route", Failed("EMAIL_BOUNCED")),
        (DATA, 550, "5.7.26 unauthenticated", Failed("SPAM_DETECTED")),
        (DATA, 554, "content rejected", Failed("SPAM_DETECTED")),
        (DATA, 550, "not wanted", Failed("EMAIL_BOUNCED")),
        (DATA, 552, "5.3.4 message too big", Failed("EMAIL_BOUNCED")),
        (RCPT, 452, "4.2.2 mailbox full", Refused("QUOTA_EXCEEDED", 9)),
        (RCPT, 451, "4.7.1 greylisted, come back later", Refused("RATE_LIMITED", 9)),
        (RCPT, 450, "4.2.1 busy", Refused("TEMPORARY_FAILURE", 9)),
        (RCPT, 450, "4.2.20 odd", Refused("TEMPORARY_FAILURE", 9)),
        (DATA, 451, "try again", Refused("TEMPORARY_FAILURE", 9)),
        (DATA, 452, "4.3.1 storage", Refused("TEMPORARY_FAILURE", 9)),
        (DATA, 250, "2.0.0 Ok: queued as 4F2\nmore", Accepted("2.0.0 Ok: queued as 4F2")),
        (DATA, 250, "x" * 500, Accepted("x" * LONGEST_REF)),
    ],
)
def test_a_word_on_the_message(stage: Stage, code: int, text: str, expected: Answer) -> None:
    assert answer_to(stage, code, text, retry_after_s=9) == expected


@pytest.mark.parametrize("stage", [RCPT, DATA])
def test_a_server_that_goes_away_says_nothing_of_the_message(stage: Stage) -> None:
    answer = answer_to(stage, 421, "4.3.2 asha@x.example is not why")
    assert answer == Unsent(f"{stage.value} is answered 421")


@pytest.mark.parametrize("stage", [RCPT, DATA])
@pytest.mark.parametrize("code", [500, 502, 503, 504, 530, 535])
def test_what_may_be_about_the_server_or_the_message_costs_an_attempt(stage: Stage, code: int) -> None:
    answer = answer_to(stage, code, "5.7.0 asha@x.example is not why", retry_after_s=9)
    assert answer == Refused("REJECTED", 9, f"{stage.value} is answered {code}")


@pytest.mark.parametrize("code", [-1, 0, 354, 600])
def test_a_reply_that_makes_no_sense_leaves_a_doubt(code: int) -> None:
    assert isinstance(answer_to(DATA, code, "?"), Unanswered)
