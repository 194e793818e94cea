"""What a vendor says of a message is kept in a form that every later reader can take."""

import msgspec
import pytest

from xencrm.campaigns.delivery.composing import Composed
from xencrm.campaigns.delivery.reporting import LONGEST_WORD, printable, receipt_event, receipt_of
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.campaigns.delivery.vendor import Accepted, Answer, Delivered, Failed, Refused
from xencrm.contracts.receipts import ReceiptReceived
from xencrm.kernel.clock import utc_now
from xencrm.kernel.ids import uuid7

HOSTILE = "2.0.0 gr\udcfc\udcdfe \x00\x1b[31m as\nQ1 "
KEPT = "2.0.0 gr??e ??[31m as?Q1"


def received(answer: Answer) -> ReceiptReceived:
    """As it comes out of the queue."""
    now = utc_now()
    campaign = RunningCampaign(uuid7(), now.date().replace(day=1), "smtp", 1)
    event = receipt_event(receipt_of(campaign, Composed(uuid7(), 1, 1, None), answer, now))
    return msgspec.json.decode(event.data, type=ReceiptReceived)


@pytest.mark.parametrize("answer", [Accepted(HOSTILE), Delivered(HOSTILE), Failed("NO", HOSTILE)], ids=repr)
def test_a_reference_is_printable_whatever_the_server_replies(answer: Answer) -> None:
    assert received(answer).vendor_ref == KEPT


@pytest.mark.parametrize("answer", [Failed(HOSTILE), Refused(HOSTILE)], ids=repr)
def test_a_reason_is_printable_whatever_the_server_replies(answer: Answer) -> None:
    assert received(answer).reason == KEPT


def test_words_have_an_end_and_keep_their_letters() -> None:
    assert received(Accepted("ü" * 70_000)).vendor_ref == "ü" * LONGEST_WORD
    assert printable("आशा €") == "आशा €"
