"""Templates: what they may say, what they become, and that the quick way says what Liquid says."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xencrm.campaigns.delivery.liquid_environment import TextEnvironment, html_environment
from xencrm.campaigns.delivery.quick_template import compile_quick
from xencrm.campaigns.delivery.template_check import MAX_TEMPLATE_BYTES
from xencrm.campaigns.delivery.templates import NotRendered, Templates, check_texts
from xencrm.campaigns.delivery.variables import VARIABLES, profile_variables
from xencrm.campaigns.money import money_format
from xencrm.campaigns.profiles.model import Profile
from xencrm.kernel.errors import InvalidInput
from xencrm.kernel.ids import uuid7

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = TextEnvironment("INR")
HTML = html_environment("INR")
TEMPLATES = Templates("INR")


def profile(**changes: Any) -> Profile:
    fields: dict[str, Any] = {
        "customer_id": uuid7(),
        "name": "Asha Rao",
        "email": "asha@example.com",
        "phone": None,
        "status": "ACTIVE",
        "total_spend": Decimal("123456.50"),
        "total_orders": 7,
        "total_visits": 9,
        "last_order_at": NOW - timedelta(days=3, hours=5),
        "attributes": {"city": "Pune", "size": 42, "vip": True},
        "created_at": NOW,
        "synced_at": NOW,
    }
    return Profile(**(fields | changes))


def variables(**changes: Any) -> dict[str, object]:
    one = profile(**changes)
    return profile_variables(one, one.attributes, now=NOW, unsubscribe_url="https://x.example/u?a=1&b=2")


def text(source: str, **changes: Any) -> str:
    return TEMPLATES.text(source).render(variables(**changes))


def html(source: str, **changes: Any) -> str:
    return TEMPLATES.html(source).render(variables(**changes))


def problems(source: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        check_texts(source, None, None)
    assert {error.field for error in caught.value.errors} == {"message_template"}
    return [error.message for error in caught.value.errors]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ name }}", "Asha Rao"),
        ("{{ first_name }}", "Asha"),
        ("{{ email }}|{{ phone }}|{{ status }}", "asha@example.com||ACTIVE"),
        ("{{ total_spend }}", "123456.50"),
        ("{{ total_spend | money }}", "₹1,23,456.50"),
        ("{{ total_spend | times: 2 | money }}", "₹2,46,913.00"),
        ("{% if total_spend > 1000 %}big{% endif %}", "big"),
        ("{{ total_orders }}/{{ total_visits }}", "7/9"),
        ("{{ days_since_last_order }}", "3"),
        ("{{ last_order_at | date: '%d %b %Y' }}", "20 Nov 2026"),
        ("{{ attributes.city }} {{ attributes['size'] }} {{ attributes.vip }}", "Pune 42 true"),
        ("{{ attributes.none }}{{ attributes.none.at.all }}", ""),
        ("{{ phone | default: 'no phone' }}", "no phone"),
        ("{{ unsubscribe_url }}", "https://x.example/u?a=1&b=2"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{% assign n = name | upcase %}{{ n }}", "ASHA RAO"),
        ("{{ name | split: ' ' | join: '-' | replace: 'a', 'A' }}", "AshA-RAo"),
        ("a\r\nb{% if name %}\r\n{{ name }}{% endif %}", "a\r\nb\r\nAsha Rao"),
        ("{% raw %}{{ {% endraw %}{% comment %} {{ x }} {% endcomment %}", "{{ "),
    ],
)
def test_a_template_renders_what_marketers_expect(source: str, expected: str) -> None:
    check_texts(source, None, None)
    assert text(source) == expected


def test_the_first_name_is_the_first_word_and_default_steps_in_for_none() -> None:
    source = 'Hi {{ first_name | default: "there" }}'
    assert text(source, name="  Zoé  Ann ") == "Hi Zoé"
    assert text(source, name=" ") == "Hi there"


def test_no_order_leaves_its_variables_blank() -> None:
    assert text("[{{ last_order_at }}{{ days_since_last_order }}]", last_order_at=None) == "[]"


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("INR", "0", "₹0.00"),
        ("INR", "999.9", "₹999.90"),
        ("INR", "1000", "₹1,000.00"),
        ("INR", "99999", "₹99,999.00"),
        ("INR", "100000", "₹1,00,000.00"),
        ("INR", "9999999999.99", "₹9,99,99,99,999.99"),
        ("INR", "-123456.5", "-₹1,23,456.50"),
        ("USD", "1234567.5", "$1,234,567.50"),
        ("CHF", "1234", "CHF 1,234.00"),
    ],
)
def test_money_is_grouped_as_its_country_does(currency: str, amount: str, expected: str) -> None:
    assert money_format(currency)(Decimal(amount)) == expected
    assert Templates(currency).text(f"{{{{ {amount} | money }}}}").render({}) == expected


def test_what_is_no_amount_passes_the_money_filter() -> None:
    assert text("{{ name | money }}{{ phone | money }}{{ attributes.vip | money }}") == "Asha Raotrue"
    assert text("{{ 'NaN' | money }} {{ 'Infinity' | money }}") == "NaN Infinity"


def test_unknown_variables_and_filters_are_refused_by_name_and_line() -> None:
    assert problems("Hi {{ nmae }}\n{{ name | shout }}\n{% if custmer.x %}{% endif %}{{ name.foo }}") == [
        "line 1: unknown variable 'nmae'",
        "line 2: unknown filter 'shout'",
        "line 3: unknown variable 'custmer.x'",
        "line 3: unknown variable 'name.foo'",
    ]


def test_any_attribute_is_allowed() -> None:
    check_texts(
        "{{ attributes.whatever }}{{ attributes['a b'].c }}{{ attributes.n | divided_by: 2 }}", "", ""
    )


@pytest.mark.parametrize("tag", ["include 'x'", "render 'x'", "extends 'x'", "block x", "import 'x'"])
def test_a_template_cannot_reach_another(tag: str) -> None:
    assert problems(f"a\n{{% {tag} %}}") == [f"line 2: unexpected tag '{tag.split(maxsplit=1)[0]}'"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ name", "line 1: '{{' is not closed"),
        ("\n{% if name ", "line 2: '{%' is not closed"),
        ("{% raw %}{{ name }}", "line 1: '{% raw %}' is not closed"),
        ("{% if name %}", "expected tag endif"),
        ("{{ name | }}", "expected word"),
        ("\n\n{{ name | upcase downcase }}", "line 3:"),
        ("{{ name | upcase: 1 }}", "line 1:"),
        ("{{ name | safe }}", "line 1: unknown filter 'safe'"),
        ("{{ name | default: '" + "x" * 3_000 + "' }}", "line 1: what is in '{{' is too long"),
        ("x" * (MAX_TEMPLATE_BYTES + 1), "must be at most 100,000 bytes"),
        ("{% for i in (1..9000000) %}x{% endfor %}", "line 1: has a range of more than 10,000"),
        ("{% for i in (1..999) %}{% for j in (1..999) %}{% endfor %}{% endfor %}", "line 1: loops more than"),
        ("{% if name %}" * 30 + "{% endif %}" * 30, "line 1: block nesting limit"),
        ("{% assign n = 9 %}" + "{% assign n = n | times: n %}" * 30, "line 1: makes too large a number"),
        ("{% assign n = 'a' %}" + "{% assign n = n | append: n %}" * 18, "line 1: local namespace limit"),
        ("{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | replace: 'a', x %}" * 6, "line 1: makes more"),
        ("{% for i in (1..9000) %}" + "x" * 200 + "{% endfor %}", "line 1: output stream limit"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(source: str, message: str) -> None:
    assert problems(source)[0].startswith(message)


@pytest.mark.parametrize(
    "source",
    [
        *("{{" * 50_000, "{%" * 50_000, "{{ '" * 24_000, "{% comment %}" + "{% raw %}" * 10_000),
        *(("{{ " + "(" * 1_990 + "}}") * 50, ("{{ " + "['a'" * 490 + "}}") * 50),
        "{{ x" + " " * 99_000,
    ],
)
@pytest.mark.timeout(10)
def test_a_hostile_template_is_refused_in_no_time(source: str) -> None:
    assert problems(source)


def test_each_text_is_checked_under_its_own_name() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_texts("{{ a }}", "{{ b }}", "{{ c }}")
    assert [(error.field, error.message[-3:]) for error in caught.value.errors] == [
        ("message_template", "'a'"),
        ("subject", "'b'"),
        ("html_template", "'c'"),
    ]


def test_a_template_that_fails_for_one_customer_says_why() -> None:
    template = TEMPLATES.text("{{ 10 | divided_by: attributes.n }}")
    assert template.render(variables(attributes={"n": 5})) == "2"
    with pytest.raises(NotRendered, match="divided_by: can't divide by 0"):
        template.render(variables(attributes={"n": 0}))


def test_text_is_not_escaped_and_html_is() -> None:
    assert text("<p>{{ name }}</p>", name="<b> & 'co'") == "<p><b> & 'co'</p>"
    assert html("<p>{{ name }}</p>", name="<b> & 'co'") == "<p>&lt;b&gt; &amp; &#39;co&#39;</p>"
    assert html('{{ phone | default: "<i>none</i>" }}') == "<i>none</i>"


ATTACKS = ["<script>", "%3Cscript%3E", "&lt;script&gt;", "PHNjcmlwdD4=", "<scr<script>ipt>"]


@pytest.mark.parametrize("name", sorted(HTML.filters))
@pytest.mark.parametrize("arguments", ["", ": ''", ": name", ": 'a', name", ": name, '<i>'", ": 1, 50"])
def test_no_filter_lets_a_customers_value_into_html_as_markup(name: str, arguments: str) -> None:
    source = (
        "{{ name | FILTER }}{% assign l = name | split: ',' %}{{ l | FILTER }}{{ 'a%3Cb' | FILTER }}"
        "{% capture c %}{{ name }}{% endcapture %}{{ c | FILTER }}"
    ).replace("FILTER", name + arguments)
    for piece in source.replace("}}", "}}\n").split("\n"):
        for attack in ATTACKS:
            try:
                assert "<script" not in html(piece, name=attack)
            except NotRendered:
                continue


def test_a_subject_is_one_line_whatever_is_in_it() -> None:
    subject = TEMPLATES.subject(" Hi {{ attributes.x }}\n{{ name }} ")
    hostile = "a\r\nBcc: eve@example.com\u2028b\x85c\x00d\x0be"
    assert subject.render(variables(attributes={"x": hostile})) == (
        "Hi a Bcc: eve@example.com b c d e Asha Rao"
    )


def test_no_text_contains_what_the_database_cannot_keep() -> None:
    assert text("a{{ '%00' | url_decode }}b") == "ab"


def test_blank_variables_are_named() -> None:
    template = TEMPLATES.text(
        "{{ phone }}{{ name.size }}{{ attributes.city }}{{ attributes.none | default: 1 }}"
        "{% if last_order_at %}{% endif %}{% assign phone2 = 1 %}{{ phone2 }}"
    )
    assert template.names == ("attributes.city", "attributes.none", "last_order_at", "name", "phone")
    assert template.blank_names(variables()) == ["attributes.none", "phone"]
    assert template.blank_names(variables(phone="1", name=" ")) == ["attributes.none", "name"]


def test_every_variable_has_a_value() -> None:
    assert tuple(variables()) == VARIABLES


def test_a_parsed_template_is_kept() -> None:
    assert TEMPLATES.text("{{ name }}") is TEMPLATES.text("{{ name }}")
    assert TEMPLATES.html("{{ name }}") is not TEMPLATES.text("{{ name }}")


quick_names = st.sampled_from(
    [*(n for n in VARIABLES if n != "attributes"), "attributes.a", "attributes['b c']"]
)
literals = st.sampled_from(['"there"', "'<i>&'", "''", "0", "1.50", "-3", '"ß İ"'])
quick_filters = st.one_of(
    st.sampled_from(["money", "upcase", "downcase", "capitalize", "default"]),
    literals.map(lambda literal: f"default: {literal}"),
)
outputs = st.tuples(quick_names, st.lists(quick_filters, max_size=3)).map(
    lambda parts: "{{" + " | ".join([parts[0], *parts[1]]) + "}}"
)
characters = st.characters(codec="utf-8")
literal_text = st.text(characters, max_size=10).map(lambda text: re.sub("[{}]", "", text))
sources = st.lists(outputs | literal_text, max_size=6).map("".join)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.text(characters, max_size=12),
    st.sampled_from(["", " ", "<b>&\"'", "ǆ", "ß", "İ", "1e5", "-0", "12.345"]),
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.just(NOW),
)
roots = [name for name in VARIABLES if name != "attributes"]
given_variables = st.tuples(
    st.dictionaries(st.sampled_from(roots), values), st.dictionaries(st.sampled_from(["a", "b c"]), values)
).map(lambda parts: {**parts[0], "attributes": parts[1]})


@settings(max_examples=400, deadline=None)
@given(source=sources, given=given_variables)
def test_the_quick_way_renders_what_liquid_renders(source: str, given: dict[str, object]) -> None:
    for environment in (TEXT, HTML):
        liquid = environment.from_string(source)
        quick = compile_quick(liquid)
        assert quick is not None
        assert quick(given) == liquid.render(given)


@pytest.mark.parametrize(
    "source",
    [
        *("{{ name.size }}", "{{ attributes.size }}", "{{ attributes }}", "{{ attributes.a.b }}"),
        *("{{ name | append: 'x' }}", "{{ name | default: phone }}", "{{ x }}", "{{ 'x' }}"),
        *("{% if name %}{% endif %}", "{{ name | default: 'x', allow_false: true }}"),
    ],
)
def test_what_is_more_than_plain_is_left_to_liquid(source: str) -> None:
    assert compile_quick(TEXT.from_string(source)) is None


def test_the_quick_way_keeps_to_the_same_size() -> None:
    template = TEMPLATES.text("{{ attributes.a }}" * 5)
    assert len(template.render(variables(attributes={"a": "é" * 100_000}))) == 500_000
    with pytest.raises(NotRendered, match="output stream limit"):
        template.render(variables(attributes={"a": "é" * 100_001}))
