"""How many profiles the next chunk of an audience looks at."""

import pytest

from xencrm.campaigns.delivery.stride import FEWEST, FIRST, MOST, QUICK_S, SLOW_S, STEP, Stride
from xencrm.kernel.ids import uuid7

MIDDLING_S = (QUICK_S + SLOW_S) / 2


@pytest.mark.parametrize(
    ("took_s", "full", "then"),
    [
        (0.0, False, FIRST * STEP),
        (0.0, True, FIRST),
        (MIDDLING_S, False, FIRST),
        (SLOW_S + 1, False, FIRST // STEP),
        (SLOW_S + 1, True, FIRST // STEP),
    ],
)
def test_quick_chunks_that_do_not_fill_up_grow_and_slow_ones_shrink(
    took_s: float, full: bool, then: int
) -> None:
    stride = Stride()
    stride.went(took_s, full=full)
    assert stride.profiles == then


def test_it_stays_within_its_bounds() -> None:
    stride = Stride()
    for _ in range(20):
        stride.went(0, full=False)
    assert stride.profiles == MOST
    for _ in range(20):
        assert stride.limit_ms > 0 or stride.profiles == FEWEST
        stride.cut()
    assert (stride.profiles, stride.limit_ms) == (FEWEST, 0)


def test_what_is_being_looked_at_is_kept_until_it_is_gone_through_or_was_too_much() -> None:
    before, edge, beyond = uuid7(), uuid7(), uuid7()
    stride = Stride(edge=edge)
    assert stride.reaches_beyond(None)
    assert stride.reaches_beyond(before)
    assert not stride.reaches_beyond(edge)
    assert not stride.reaches_beyond(beyond)
    stride.cut()
    assert not stride.reaches_beyond(before)
