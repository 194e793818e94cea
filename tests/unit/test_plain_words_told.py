"""Every word that says something is either in what was understood or told as left out, wherever it stands."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import sentence_shop
from tests.unit.later_sentences import LATER_SENTENCES
from tests.unit.more_sentences import SENTENCES as MORE_SENTENCES
from tests.unit.more_sentences_shop import NOW
from tests.unit.sentences import SENTENCES
from tests.unit.test_more_sentences import fields_of
from tests.unit.test_plain_words import counted, told
from xencrm.campaigns.segments.plain.reading import Reading, read_sentence

# (text, fields, day, currency) of every sentence that there is.
Typed = tuple[str, Any, date, str]
TYPED: Final[tuple[Typed, ...]] = (
    *((each.text, fields_of(each.currency), NOW.date(), each.currency) for each in MORE_SENTENCES),
    *((each.text, fields_of(each.currency), NOW.date(), each.currency) for each in LATER_SENTENCES),
    *((each.text, sentence_shop.FIELDS, sentence_shop.NOW.date(), "INR") for each in SENTENCES),
)
# What may go unsaid, by hand and not by the lexicon: words that only hold a sentence together.
_UNSAID: Final = (
    "a all also among amount an and any anybody anyone are as at be been being but buyer buyers by can "
    "client clients consumers contacts customer customers did do does everybody everyone find folks for "
    "from get got had has have having her his i i'd in is it its let like list live lived lives living "
    "made make me member members my need now of on ones only or our people person place placed please s "
    "search see show shopper shoppers so speak speakers speaking still that the their them then there "
    "they those to total us user users ve want was we were which who who's who've whoever whose with "
    "would yet you your both either every just send - : ; , . ? ! & ( ) [ ] / ' \" too ’"
)
UNSAID: Final = frozenset(_UNSAID.split())
# Words that change what is meant or that nobody knows; none of them may vanish.
INTRUDERS: Final = (
    *("zorbly", "not", "never", "except", "without", "almost", "average", "maybe", "twice", "yesterday"),
    *("over", "7", "per", "unlike", "previously", "refunded", "Atlantis", "@", "%", "₹", "nobody", "unless"),
)


def read(typed: Typed, text: str) -> Reading:
    return read_sentence(text, *typed[1:])


def typed_as(text: str) -> Typed:
    return (text, sentence_shop.FIELDS, sentence_shop.NOW.date(), "INR")


def lost(text: str, reading: Reading) -> set[str]:
    said = counted(*told(reading), *(each.text for each in reading.left_out))
    return set(counted(text) - said) - UNSAID


def with_word(text: str, word: str, at: int) -> str:
    words = text.split()
    at = min(at, len(words))
    return " ".join([*words[:at], word, *words[at:]])


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: typed[0])
def test_no_word_of_a_sentence_is_lost(typed: Typed) -> None:
    assert lost(typed[0], read(typed, typed[0])) == set()


@given(st.sampled_from(TYPED), st.sampled_from(INTRUDERS), st.integers(0, 20))
@settings(max_examples=600, deadline=None)
@example(typed_as("customers without a city"), "twice", 4)
@example(typed_as("name has x"), "7", 3)
def test_a_word_put_anywhere_into_a_sentence_is_not_lost(typed: Typed, word: str, at: int) -> None:
    text = with_word(typed[0], word, at)
    assert lost(text, read(typed, text)) == set()


@given(st.sampled_from(TYPED), st.integers(0, 20), st.integers(0, 20))
@settings(max_examples=600, deadline=None)
def test_no_word_is_lost_where_others_are_missing(typed: Typed, first: int, second: int) -> None:
    words = [word for at, word in enumerate(typed[0].split()) if at not in (first, second)]
    text = " ".join(words) or "customers"
    assert lost(text, read(typed, text)) == set()


@given(st.sampled_from(TYPED), st.integers(0, 20))
@settings(max_examples=400, deadline=None)
def test_an_unknown_word_is_told_as_left_out_or_is_part_of_a_text(typed: Typed, at: int) -> None:
    reading = read(typed, with_word(typed[0], "zorbly", at))
    left_out = any("zorbly" in each.text for each in reading.left_out)
    assert left_out or "zorbly" in (reading.words or "").casefold()


@given(st.sampled_from(TYPED), st.integers(0, 20), st.sampled_from(["not", "never"]))
@settings(max_examples=400, deadline=None)
@example(TYPED[0], 0, "not")
def test_a_not_changes_the_rule_or_is_told(typed: Typed, at: int, word: str) -> None:
    text = with_word(typed[0], word, at)
    plain, reading = read(typed, typed[0]), read(typed, text)
    is_told = any(set(counted(each.text)) & {"not", "never"} for each in reading.left_out)
    more_is_told = len(reading.left_out) > len(plain.left_out)
    assert reading.rules is None or reading.rules != plain.rules or is_told or more_is_told
