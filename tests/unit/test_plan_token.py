"""Plan tokens: signed here, about one campaign, for a quarter of an hour."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xencrm.campaigns.planning.model import PlanRefused
from xencrm.campaigns.planning.plan_token import Fingerprint, PlanToken, PlanTokens, check_audience

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CAMPAIGN = UUID(int=1)
TOKEN = PlanToken(CAMPAIGN, Fingerprint("r", "t", "m"), 200, NOW + timedelta(minutes=15))
TOKENS = PlanTokens("a secret")


def test_a_token_says_what_was_signed() -> None:
    assert TOKENS.read(TOKENS.sign(TOKEN), CAMPAIGN, NOW) == TOKEN


def test_a_token_is_for_its_campaign_and_its_time() -> None:
    signed = TOKENS.sign(TOKEN)
    with pytest.raises(PlanRefused, match="another campaign"):
        TOKENS.read(signed, UUID(int=2), NOW)
    assert TOKENS.read(signed, CAMPAIGN, NOW + timedelta(minutes=14, seconds=59))
    with pytest.raises(PlanRefused, match="15 minutes"):
        TOKENS.read(signed, CAMPAIGN, NOW + timedelta(minutes=15))


def test_another_installation_s_token_is_refused() -> None:
    with pytest.raises(PlanRefused, match="none that"):
        TOKENS.read(PlanTokens("another secret").sign(TOKEN), CAMPAIGN, NOW)


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    signed = TOKENS.sign(TOKEN)
    place = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.characters().filter(lambda char: char != signed[place]))
    changed = signed[:place] + other + signed[place + 1 :]
    try:
        assert TOKENS.read(changed, CAMPAIGN, NOW) == TOKEN  # the last bits of base64 say nothing
    except PlanRefused:
        return
    assert place in (signed.index(".") - 1, len(signed) - 1)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    with pytest.raises(PlanRefused):
        TOKENS.read(text, CAMPAIGN, NOW)


@pytest.mark.parametrize(("planned", "most"), [(0, 0), (1, 1), (99, 99), (100, 101), (199, 200), (200, 202)])
def test_an_audience_may_grow_by_a_hundredth(planned: int, most: int) -> None:
    check_audience(planned, most)
    with pytest.raises(PlanRefused):
        check_audience(planned, most + 1)
