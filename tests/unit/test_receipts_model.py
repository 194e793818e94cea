"""What receipts do to a message, whatever their order."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xencrm.campaigns.delivery.model import FINAL, State
from xencrm.campaigns.receipts.model import RetryPolicy, Standing, after
from xencrm.contracts.receipts import Outcome

POLICY = RetryPolicy(max_attempts=3, base_s=2)


def receive(
    standing: Standing, outcome: Outcome, attempt: int, *, campaign_status: str = "RUNNING"
) -> Standing:
    return after(standing, outcome, attempt, "WHY", campaign_status=campaign_status, policy=POLICY)


@pytest.mark.parametrize(
    ("state", "outcome", "expected"),
    [
        (State.SENDING, Outcome.ACCEPTED, State.SENT),
        (State.SENDING, Outcome.DELIVERED, State.DELIVERED),
        (State.SENDING, Outcome.FAILED, State.FAILED),
        (State.SENDING, Outcome.SKIPPED, State.SKIPPED),
        (State.SENDING, Outcome.REFUSED, State.PENDING),
        (State.PENDING, Outcome.ACCEPTED, State.SENT),
        (State.PENDING, Outcome.REFUSED, State.PENDING),
        (State.SENT, Outcome.DELIVERED, State.DELIVERED),
        (State.SENT, Outcome.FAILED, State.FAILED),
        (State.SENT, Outcome.REFUSED, State.SENT),
        (State.SENT, Outcome.SKIPPED, State.SENT),
        (State.UNCONFIRMED, Outcome.ACCEPTED, State.SENT),
        (State.UNCONFIRMED, Outcome.REFUSED, State.PENDING),
        (State.UNCONFIRMED, Outcome.DELIVERED, State.DELIVERED),
    ],
)
def test_a_receipt_of_the_present_attempt_moves_the_state(
    state: State, outcome: Outcome, expected: State
) -> None:
    assert receive(Standing(state, 1), outcome, 1).state is expected


def test_a_refusal_opens_the_next_attempt_after_a_growing_pause() -> None:
    first = receive(Standing(State.SENDING, 1), Outcome.REFUSED, 1)
    second = receive(Standing(State.SENDING, 2), Outcome.REFUSED, 2)
    assert (first.attempt, second.attempt) == (2, 3)
    assert first.retry_after_s is not None
    assert second.retry_after_s is not None
    assert 1 <= first.retry_after_s <= 2 <= second.retry_after_s <= 4


def test_the_last_refusal_fails_the_message_with_its_reason() -> None:
    assert receive(Standing(State.SENDING, 3), Outcome.REFUSED, 3) == Standing(State.FAILED, 3, "WHY")


def test_a_refusal_after_a_cancel_cancels() -> None:
    refused = receive(Standing(State.SENDING, 1), Outcome.REFUSED, 1, campaign_status="CANCELLED")
    assert refused.state is State.CANCELLED


def test_a_refusal_that_resolves_a_doubt_after_completion_fails_the_message() -> None:
    refused = receive(Standing(State.UNCONFIRMED, 1), Outcome.REFUSED, 1, campaign_status="COMPLETED")
    assert refused.state is State.FAILED


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.ACCEPTED])
def test_a_receipt_of_another_attempt_moves_nothing(outcome: Outcome) -> None:
    standing = Standing(State.SENDING, 2)
    assert receive(standing, outcome, 1) is standing


def test_a_delivery_of_an_earlier_attempt_counts() -> None:
    assert receive(Standing(State.PENDING, 2), Outcome.DELIVERED, 1).state is State.DELIVERED


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_final_state_stays(state: State, outcome: Outcome) -> None:
    standing = Standing(state, 2)
    assert receive(standing, outcome, 2) is standing


@pytest.mark.parametrize("outcome", list(Outcome))
def test_nothing_is_heard_of_who_was_held_out(outcome: Outcome) -> None:
    standing = Standing(State.HOLDOUT, 1)
    assert receive(standing, outcome, 1) is standing


@dataclass
class Vendor:
    """What an honest vendor says of one message, attempt by attempt; at most one attempt is taken."""

    refusals: int
    webhook: bool
    delivered: bool
    words: list[tuple[Outcome, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = [(Outcome.REFUSED, attempt) for attempt in range(1, self.refusals + 1)]
        if self.refusals < POLICY.max_attempts:
            taken = self.refusals + 1
            if self.webhook:
                self.words.append((Outcome.ACCEPTED, taken))
            self.words.append((Outcome.DELIVERED if self.delivered else Outcome.FAILED, taken))


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_late_repeated_and_reordered_receipts_end_where_ordered_ones_do(data: st.DataObject) -> None:
    vendor = Vendor(data.draw(st.integers(0, 3)), data.draw(st.booleans()), data.draw(st.booleans()))
    expected = Standing(State.SENDING, 1)
    for outcome, attempt in vendor.words:
        expected = receive(expected, outcome, attempt)
    standing = Standing(State.SENDING, 1)
    heard = 0
    while heard < len(vendor.words):
        heard += 1
        # each word is first heard in order; between them, any that were heard before come again
        for outcome, attempt in [
            *data.draw(st.lists(st.sampled_from(vendor.words[:heard]), max_size=4)),
            vendor.words[heard - 1],
            *data.draw(st.lists(st.sampled_from(vendor.words[:heard]), max_size=4)),
        ]:
            standing = receive(standing, outcome, attempt)
    assert (standing.state, standing.attempt) == (expected.state, expected.attempt)


@settings(max_examples=300, deadline=None)
@given(st.permutations([(Outcome.ACCEPTED, 1), (Outcome.DELIVERED, 1), (Outcome.DELIVERED, 1)]))
def test_a_delivery_heard_before_the_acceptance_stays_delivered(words: list[tuple[Outcome, int]]) -> None:
    standing = Standing(State.SENDING, 1)
    for outcome, attempt in words:
        standing = receive(standing, outcome, attempt)
    assert standing.state is State.DELIVERED
