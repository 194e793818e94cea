"""Plain words become the rule that they mean, and nothing of them is lost silently."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.sentence_shop import CURRENCY, FIELDS, NOW, asks, attribute
from tests.unit.sentences import SENTENCES, Sentence
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.plain.kinds import SOFT
from xencrm.campaigns.segments.plain.lexicon import phrases
from xencrm.campaigns.segments.plain.reading import LONGEST_TEXT, Reading, read_sentence
from xencrm.campaigns.segments.plain.tokens import tokens_of
from xencrm.campaigns.segments.rules import Combinator, Condition, Group
from xencrm.campaigns.segments.words import in_words

Rule = dict[str, Any]


def read(text: str) -> Reading:
    return read_sentence(text, FIELDS, NOW.date(), CURRENCY)


def tree(rule: Rule | None) -> Condition | Group | None:
    """The rule without groups that hold a single thing."""
    if rule is None:
        return None
    return unwrapped(parse_rule(rule if "rules" in rule else {"combinator": "and", "rules": [rule]}))


def unwrapped(node: Condition | Group) -> Condition | Group:
    if isinstance(node, Condition):
        return node
    children = tuple(unwrapped(child) for child in node.rules)
    if len(children) == 1 and not node.negated:
        return children[0]
    combinator = Combinator.AND if len(children) < 2 else node.combinator
    return Group(combinator, children, node.negated)


def is_right(sentence: Sentence) -> bool:
    reading = read(sentence.text)
    left = " / ".join(each.text for each in reading.left_out)
    return tree(reading.rules) == tree(sentence.rule) and all(words in left for words in sentence.left_out)


def test_there_are_sentences_enough_and_each_is_another() -> None:
    assert len(SENTENCES) >= 120
    assert len({sentence.text for sentence in SENTENCES}) == len(SENTENCES)


def test_sentences_become_the_rule_that_they_mean() -> None:
    assert [sentence.text for sentence in SENTENCES if not is_right(sentence)] == []


SAID_OF_NOTHING = frozenset(
    token.plain for phrase, kind, _ in phrases() if kind in SOFT for token in tokens_of(phrase)
)
SAID = [phrase for phrase, _, _ in phrases()]
ASKED = "Pune|New York|gold|VIPs|tier|Camden|Pro Plus|loyalty points|pin code|app"
ODD = (
    "5k|1,00,000|5.000|2 lakh|₹500|05/06/2025|31.12.2025|2024-02-30|@x.example|a@x.example|'|\"|“quoted”|((|)"
    "|[|-|%|*|+|spendt|custmers|monhts|Mumbay|99999999999999999|3 months|10|2024|2 orders|-5|1e9|\0|ünïcödé"
    "|मुंबई|🎉|attributes.x"
)
sentences = st.lists(
    st.sampled_from([*SAID, *ASKED.split("|"), *ODD.split("|")]) | st.text(max_size=6), max_size=24
).map(" ".join)
mixed = st.tuples(st.sampled_from(SENTENCES), st.sampled_from(["", " and ", " or ", " "]), sentences).map(
    lambda drawn: drawn[0].text + drawn[1] + drawn[2]
)
texts = (sentences | mixed | st.text(max_size=200)).map(lambda text: text[:LONGEST_TEXT])


def counted(*said: str) -> Counter[str]:
    return Counter(token.plain for text in said for token in tokens_of(text))


def told(reading: Reading) -> Iterator[str]:
    """What was understood, each word once: of a negated group what is before the first thing in it."""
    for each in reading.understood:
        within = [other for other in reading.understood if other is not each and is_in(other.path, each.path)]
        yield before(within[0].text, each.text) if within else each.text


def before(inner: str, text: str) -> str:
    return text.partition(inner)[0] or text.rpartition(inner)[0]


def is_in(path: str, group: str) -> bool:
    return group == "" or path.startswith(f"{group}.")


@given(texts)
@settings(max_examples=400, deadline=None)
@example("never ordered or visited")
@example("not (in Pune or VIP) except not VIPs and not")
@example("spent over 5000 on shoes")
@example("(" * 500 + "active" + ")" * 499)
@example("not " * 250)
@example("in Pune or " * 90)
@example("except VIPs " * 83)
@example("no neither with either")
@example("not not either VIP")
@example("either vip or " * 70)
@example("'" * 1000)
@example("“" * 1000)
@example("a.b+c@" * 166)
@example("1,1,1," * 166)
@example("1.1/1-1" * 142)
@example("(in Pune or (vip and " * 45)
def test_no_input_loses_words_silently_and_every_rule_is_valid(text: str) -> None:
    reading = read(text)
    lost = counted(text) - counted(*told(reading), *(each.text for each in reading.left_out))
    assert set(lost) <= SAID_OF_NOTHING
    assert all(each.why for each in reading.left_out)
    if reading.rules is None:
        assert (reading.words, reading.understood) == (None, ())
        assert reading.hint
        return
    assert reading.words == in_words(parse_rule(reading.rules), CURRENCY)
    for each in reading.understood:
        assert each.text in text
        assert said_at(reading.rules, each.path) == each.words


def said_at(rules: Rule, path: str) -> str:
    node = rules
    for index in re.findall(r"\[(\d+)]", path):
        node = node["rules"][int(index)]
    said = in_words(parse_rule({"combinator": "and", "rules": [node]}), CURRENCY)
    return said.removeprefix("Customers ").removesuffix(".")


@given(st.sampled_from(SENTENCES), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_does_not_matter_but_in_texts(sentence: Sentence, changed: Any) -> None:
    same, other = read(sentence.text), read(changed(sentence.text))
    assert len(same.understood) == len(other.understood)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("customers who spendt over 5000", "took “spendt” as “spent”"),
        ("cutsomers and oders over 3", "took “oders” as “orders”"),
        ("spent over $100", "amounts are in INR: USD was not converted"),
        ("in Pune and Mumbai", 'one customer has one of these: "and" is taken as "or"'),
        ("haven't ordered for 3 months", "a month is taken as 30 days, a year as 365"),
        ("ordered in January", "of orders only the time of the last one can be asked"),
        ("city is Atlantis", "no customer seen has the city Atlantis"),
        (
            "inactive for 60 days",
            "being active or inactive in a time is taken as having ordered in it or not",
        ),
    ],
)
def test_what_was_not_said_exactly_so_is_told(text: str, note: str) -> None:
    assert note in [said for each in read(text).understood for said in each.notes]


@pytest.mark.parametrize(
    ("text", "left", "why"),
    [
        (
            "customers in Camden",
            "in Camden",
            "it may be city or preferred_store: say which, such as city is ...",
        ),
        ("spent over 5.000", "spent over 5.000", "5.000 may be 5000 or 5: write one of them"),
        ("joined after 05/06/2025", "joined after 05/06/2025", "05/06/2025 may be a day of two months"),
        ("joined on 31/02/2025", "joined on 31/02/2025", "31/02/2025 is not a date of the calendar"),
        ("top customers", "top", "how much that is has to be said"),
        ("didn't order in January", "didn't order in January", "only the time of the last one can be asked"),
        ("visited this month", "visited this month", "only how often"),
        ("spent over 99999999999999999", "spent over 99999999999999999", "too large a number"),
        ("over ₹500 orders", "over ₹500 orders", "leave out the currency"),
        ("attributes.colour is red", "attributes.colour", "no customer seen has attributes.colour"),
        ("wearing hats", "wearing hats", "not understood"),
        ("custmers", "custmers", "taken as “customers”, which asks nothing"),
    ],
)
def test_what_is_left_out_is_told_with_the_reason(text: str, left: str, why: str) -> None:
    reading = read(text)
    assert reading.rules is None
    assert any(each.text.startswith(left) and why in each.why for each in reading.left_out), reading.left_out


def test_every_spelling_that_the_data_have_of_a_value_is_asked_for() -> None:
    fields = (attribute("city", "string", "Pune", "pune", "Delhi"),)
    reading = read_sentence("in PUNE", fields, NOW.date(), CURRENCY)
    assert tree(reading.rules) == tree(asks("attributes.city", "in", ["Pune", "pune"]))


def test_the_hint_names_attributes_that_exist() -> None:
    assert "city, country" in (read("hello there").hint or "")


def test_attributes_that_are_named_like_something_else_are_reached_by_their_full_name() -> None:
    fields = (attribute("orders", "number"), attribute("and", "string", "or", "with"))
    for text, field in (("attributes.orders over 3", "attributes.orders"), ("orders over 3", "total_orders")):
        reading = read_sentence(text, fields, NOW.date(), CURRENCY)
        assert tree(reading.rules) == tree(asks(field, ">", 3))


def test_time_is_told_from_the_day_that_it_is() -> None:
    text = "joined this month"
    for today, since in ((date(2024, 2, 29), "2024-02-01"), (date(2026, 1, 1), "2026-01-01")):
        assert tree(read_sentence(text, FIELDS, today, CURRENCY).rules) == tree(
            asks("created_at", ">=", since)
        )
    reading = read_sentence("joined in the last month", FIELDS, date(2026, 3, 31), CURRENCY)
    assert tree(reading.rules) == tree(asks("created_at", ">=", "2026-02-28"))


def test_what_the_guide_says_is_understood_wholly() -> None:
    guide = Path(__file__).parents[2] / "docs/howto/write-rules-in-plain-words.md"
    lines = guide.read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0].splitlines()
    assert len(lines) > 20
    readings = {line: read(line) for line in lines}
    assert [line for line, reading in readings.items() if reading.left_out or not reading.rules] == []
