"""What the calls of a batch say of the vendor."""

from datetime import date
from decimal import Decimal

import pytest

from xencrm.campaigns.delivery.batch import MOST_SILENT, Batch
from xencrm.campaigns.delivery.calling import TOO_LATE
from xencrm.campaigns.delivery.pace import Pace
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.vendor import Accepted, Refused, Unanswered, Unsent
from xencrm.kernel.ids import uuid7

MESSAGES = 10
SILENCE = Unanswered("reset")
DUBIOUS = Refused("REJECTED", 60, "404")
LATE = Unsent(TOO_LATE)


def message() -> Claimed:
    return Claimed(
        uuid7(), 1, 1, uuid7(), "Asha", "a@x.example", None, "ACTIVE", Decimal(0), 0, 0, None, {}, False
    )


def batch(messages: int = MESSAGES, *, ailing: bool = False) -> Batch:
    campaign = RunningCampaign(uuid7(), date(2026, 11, 1), "smtp", 1, ailing)
    return Batch(campaign, uuid7(), [message() for _ in range(messages)], claimed_at=0.0)


def called(batch: Batch, *answers: Accepted | Refused | Unanswered | Unsent) -> str | None:
    """What a call that is answered so says of the vendor."""
    batch.take(len(answers))
    batch.begin_call()
    trouble = batch.end_call(answers)
    assert batch.halted == (trouble is not None)
    return trouble.reason if trouble else None


def test_messages_that_are_put_back_are_the_next_in_their_order() -> None:
    made = batch()
    first = made.take(4)
    made.put_back(first)
    assert made.take(4) == first


def test_a_message_without_an_answer_says_nothing_of_the_vendor() -> None:
    made = batch()
    for _ in range(MESSAGES // 2):
        assert called(made, SILENCE) is None
        assert called(made, Accepted()) is None


def test_several_in_a_row_without_an_answer_speak_of_the_vendor() -> None:
    made = batch()
    assert [called(made, SILENCE) for _ in range(MOST_SILENT)] == [None] * (MOST_SILENT - 1) + ["reset"]


def test_a_larger_call_without_an_answer_speaks_of_the_vendor() -> None:
    assert called(batch(), *[SILENCE] * MOST_SILENT) == "reset"


def test_if_nothing_of_a_batch_is_answered_that_speaks_of_the_vendor() -> None:
    assert called(batch(1), SILENCE) == "reset"


def test_as_long_as_another_call_is_under_way_it_may_be_answered() -> None:
    made = batch(2)
    made.take(2)
    made.begin_call()
    made.begin_call()
    assert made.end_call([SILENCE]) is None
    assert made.end_call([Accepted()]) is None


def test_a_pause_that_the_vendor_asks_for_is_granted_at_once() -> None:
    assert called(batch(), Unsent("429", pause_s=5)) == "429"


def test_a_message_that_is_refused_by_itself_says_nothing_of_the_vendor() -> None:
    assert called(batch(1), DUBIOUS) is None
    assert called(batch(1), Refused("TEMPORARY_FAILURE")) is None


def test_several_in_a_row_that_are_refused_so_speak_of_the_vendor() -> None:
    made = batch()
    assert [called(made, DUBIOUS) for _ in range(MOST_SILENT)] == [None] * (MOST_SILENT - 1) + ["404"]
    assert called(batch(), *[DUBIOUS] * MOST_SILENT) == "404"
    assert called(batch(), *[DUBIOUS] * MOST_SILENT, Accepted()) is None


def test_a_probe_that_is_refused_so_is_none_that_passed() -> None:
    assert called(batch(1, ailing=True), DUBIOUS) == "404"


def test_our_own_lateness_says_nothing_of_the_vendor() -> None:
    made = batch(ailing=True)
    assert called(made, *[LATE] * MESSAGES) is None
    assert (made.called, made.answered, made.probing) == (False, False, True)
    assert called(batch(1), LATE) is None


@pytest.mark.parametrize(
    ("concurrency", "of_a_call", "calls", "workers"), [(3, 500, 3, 4), (200, 1, 200, 2), (3, 500, 10, 11)]
)
def test_one_worker_more_than_the_calls_need(
    concurrency: int, of_a_call: int, calls: int, workers: int
) -> None:
    pace = Pace(concurrency, of_a_call, lease_s=30, claim=500)
    assert pace.workers(calls, of_a_call) == workers


@pytest.mark.parametrize(("speed", "claimed"), [(None, 500), (10_000.0, 500), (2.0, 20), (0.01, 1)])
def test_of_a_slow_vendor_no_more_is_claimed_than_it_takes_in_a_third_of_a_lease(
    speed: float | None, claimed: int
) -> None:
    pace = Pace(concurrency=1, batch=1, lease_s=30, claim=500)
    assert pace.most_claimed("smtp", speed) == claimed
