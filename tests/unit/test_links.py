"""Links in messages: who can make one, and what it says."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xencrm.campaigns.consent.links import MOST_DETAIL, Link, Links, LinkUnknown, Purpose

MONTH = date(2026, 11, 1)
MESSAGE = UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
links = Links("a secret of the installation", "https://shop.example/")

months = st.dates(date(2000, 1, 1), date(2999, 12, 31)).map(lambda day: day.replace(day=1))
any_link = st.builds(Link, st.sampled_from(Purpose), st.uuids(), months, st.binary(max_size=MOST_DETAIL))


@given(any_link)
def test_what_was_signed_is_read_again(link: Link) -> None:
    assert links.read(links.token(link), *Purpose) == link


@given(any_link, st.data())
def test_no_character_of_a_token_can_be_changed(link: Link, data: st.DataObject) -> None:
    token = links.token(link)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABab01-_=%é").filter(lambda char: char != token[place]))
    with pytest.raises(LinkUnknown):
        links.read(token[:place] + other + token[place + 1 :], *Purpose)


@given(st.text(max_size=200) | st.text("ABCDabcd0123-_", max_size=200))
def test_nonsense_is_no_link(token: str) -> None:
    with pytest.raises(LinkUnknown):
        links.read(token, *Purpose)


def test_a_link_is_good_for_its_purpose_only() -> None:
    token = links.token(Link(Purpose.OPEN, MESSAGE, MONTH))
    with pytest.raises(LinkUnknown):
        links.read(token, Purpose.UNSUBSCRIBE, Purpose.TRIAL)


def test_another_installations_links_are_none_of_ours() -> None:
    theirs = Links("another secret", "https://shop.example").token(Link(Purpose.UNSUBSCRIBE, MESSAGE, MONTH))
    with pytest.raises(LinkUnknown):
        links.read(theirs, Purpose.UNSUBSCRIBE)


def test_an_unsubscribe_link_is_short_and_always_the_same() -> None:
    url = links.unsubscribe_url(MESSAGE, MONTH)
    assert url == links.unsubscribe_url(MESSAGE, MONTH)
    assert url.startswith("https://shop.example/u/")
    assert len(url) - len("https://shop.example/u/") == 47
    assert url != links.unsubscribe_url(MESSAGE, MONTH, trial=True)
