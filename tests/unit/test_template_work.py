"""How much a template may do for one message, whatever it says and whatever a customer's data says."""

from typing import Any

import pytest

from xencrm.campaigns.delivery.liquid_environment import MAX_OUTPUT_BYTES, TextEnvironment
from xencrm.campaigns.delivery.stripping import without_tags
from xencrm.campaigns.delivery.template_check import RENDER_ERRORS
from xencrm.campaigns.delivery.template_work import MAX_RANGE, MAX_STEPS, CountingContext, weigh
from xencrm.campaigns.delivery.templates import NotRendered, Templates, check_texts
from xencrm.kernel.errors import InvalidInput

TEMPLATES = Templates("INR")
TEXT = TextEnvironment("INR")
WORK = f"is more work than {MAX_STEPS:,} steps"
RANGE = f"has a range of more than {MAX_RANGE:,}"
LARGE = "{% capture a %}{% for i in (1..900) %}" + "x" * 200 + "{% endfor %}{% endcapture %}"
HALF = "{% capture a %}{% for i in (1..450) %}" + "x" * 200 + "{% endfor %}{% endcapture %}"


def refused(source: str) -> str:
    """Why it cannot be saved."""
    with pytest.raises(InvalidInput) as caught:
        check_texts("Hi", "Hi", source)
    assert [error.field for error in caught.value.errors] == ["html_template"]
    return caught.value.errors[0].message


def render(source: str, **attributes: Any) -> str:
    return TEMPLATES.text(source).render({"name": "Asha", "attributes": attributes})


def steps(source: str, **attributes: Any) -> int:
    template = TEXT.from_string(source)
    context = CountingContext(template, globals={"name": "Asha", "attributes": attributes})
    template.render_with_context(context, context.get_buffer())
    return context.steps


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..10000) %}" + "{% if name == 'x' %}{% endif %}" * 30 + "{% endfor %}",
        "{% for i in (1..10000) %}" + "{% if name == 'x' %}{% endif %}" * 3000 + "{% endfor %}",
        "{% for i in (1..10000) %}{% if 1==2 %}" + "{%elsif 1==2%}" * 6000 + "{% endif %}{% endfor %}",
        "{% for i in (1..10000) %}{% if " + " or ".join(["1==2"] * 200) + " %}{% endif %}{% endfor %}",
        ("{% case 1 %}{% when " + ",".join(["1"] * 400) + " %}") * 15 + "{% endcase %}" * 15,
        "{% assign r = (1..10000) %}" + "{% if r contains 'a' %}{% endif %}" * 2000,
        "{% for i in (1..900) %}{% if (1..10000) contains 'a' %}{% endif %}{% endfor %}",
        "{{ (1..10000) | uniq | size }}",
        "{{ (1..10000) " + "| sort " * 200 + "}}",
        LARGE + "{{ a " + "| append: a" * 150 + " | size }}",
        LARGE + "{{ a | split: '' | join: 'xxxxxxxxxx' | size }}",
        HALF + "{% for i in (1..900) %}{% capture b %}{{ a }}{% endcapture %}{% endfor %}",
        "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a | append: a | append: a %}" * 9,
    ],
)
def test_more_work_than_is_allowed_is_refused_when_it_is_saved(source: str) -> None:
    assert refused(source).endswith(WORK)


@pytest.mark.parametrize(
    "source",
    [
        "{% assign r=(1..200000000) %}{% if r contains 'a' %}{% endif %}",
        "{{ (1..30000000) | reverse | size }}",
        "{{ (1..300000000) | sort | first }}",
        "{% for i in (1..9000000) limit: 1 %}x{% endfor %}",
        "{% if name contains (-20000..20000) %}{% endif %}",
        "{% case (1..20000) %}{% when 1 %}{% endcase %}",
        "{{ name | default: (1..20000) }}",
        "{% cycle (1..20000) %}",
    ],
)
def test_a_long_range_is_refused_wherever_it_stands(source: str) -> None:
    assert refused(source) == f"line 1: {RANGE}"


def test_a_customers_data_cannot_make_a_range_long() -> None:
    source = "{{ (1..attributes.n) | reverse | size }}"
    check_texts(source, None, None)
    assert render(source, n=20) == "20"
    with pytest.raises(NotRendered, match=RANGE):
        render(source, n=30_000_000)


@pytest.mark.parametrize(
    "source",
    [
        "{{ attributes.x | FILTER | size }}".replace("FILTER", name)
        for name in ("sort", "split: ''", "url_encode")
    ],
)
@pytest.mark.parametrize("value", ["x" * 2_000_000, [list(range(300))] * 300])
def test_a_customers_data_cannot_make_a_filter_long(source: str, value: object) -> None:
    check_texts(source, None, None)
    with pytest.raises(NotRendered):
        render(source, x=value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for i in (1..1000) %}{{ i }},{% endfor %}", "".join(f"{i}," for i in range(1, 1001))),
        ("{% for i in (3..1) %}x{% else %}none{% endfor %}", "none"),
        ("{% for i in (1..'3') %}{{ i }}{% endfor %}{{ (1..3) }}", "1231..3"),
        ("{% if (1..5) contains 3 %}yes{% endif %}", "yes"),
        ("{{ (1..1000) | reverse | first }}", "1000"),
        ("{% liquid\nassign n = 2\nif n == 2\necho n\nendif %}", "2"),
        ("{% for i in (1..4) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "12"),
    ],
)
def test_what_messages_need_is_within_the_bounds(source: str, expected: str) -> None:
    check_texts(source, None, None)
    assert render(source) == expected


def test_the_same_message_costs_the_same_whenever_it_is_rendered() -> None:
    source = "{% for i in (1..10) %}{% if i == attributes.n %}{{ name | upcase }}{% endif %}{% endfor %}"
    assert steps(source, n=3) == steps(source, n=3) == steps(source, n=4) > steps(source, n=11)


def test_what_stands_in_no_block_costs_nothing() -> None:
    assert steps("Hi {{ name }}, {{ attributes.city }}" * 100, city="Pune") == 0


def test_what_is_assigned_is_counted_once() -> None:
    source = "{% assign a = name | append: name %}" * 2000 + "{{ a }}"
    check_texts(source, None, None)
    assert render(source) == "AshaAsha"


def test_a_large_value_is_weighed_with_what_is_in_it() -> None:
    assert weigh([[1] * 10, {"a": "x" * 640}]) == 2 + 10 + 1 + 10
    shared: list[Any] = [1] * 1000
    for _ in range(40):
        shared = [shared, shared]
    assert weigh(shared) > MAX_STEPS


def test_numbers_stay_within_reason() -> None:
    source = "{{ attributes.n " + "| times: attributes.n" * 100 + " }}"
    assert render(source, n=1) == "1"
    with pytest.raises(NotRendered, match="too large a number"):
        render(source, n=10**40)


def test_out_of_memory_is_a_message_that_is_not_rendered() -> None:
    assert issubclass(MemoryError, RENDER_ERRORS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a<b>c</b>d", "acd"),
        ("<p class='a'>b &amp; c</p>", "b &amp; c"),
        ("<script>alert(1)</script>hi<STYLE>x > y</STYLE>!", "hi!"),
        ("x<!-- a > b -->y<br/>z", "xyz"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a<b", "a<b"),
        ("<!-- open > left", " left"),
    ],
)
def test_tags_are_stripped(source: str, expected: str) -> None:
    assert without_tags(source) == expected


@pytest.mark.parametrize("part", ["<a ", "<!--", "<!-->", "<a b='", "</", "<script>", "<", "<![", "<?"])
@pytest.mark.timeout(10)
def test_hostile_html_is_stripped_in_no_time(part: str) -> None:
    source = part * (MAX_OUTPUT_BYTES // len(part))
    assert len(without_tags(">" + source)) <= len(source) + 1
