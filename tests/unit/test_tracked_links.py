"""Which links of a template are tracked, and what stands in a message in their place."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xencrm.campaigns.consent.links import MOST_DETAIL, Link, Links, LinkUnknown, Purpose
from xencrm.campaigns.delivery.liquid_environment import html_environment
from xencrm.campaigns.delivery.templates import Templates
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.preflight.trial import MadeUp
from xencrm.campaigns.tracking.addresses import MessageTracker, read_click, read_open
from xencrm.campaigns.tracking.html_links import attribute_text
from xencrm.campaigns.tracking.template_links import TRACKER, TrackedNode, track

MONTH = date(2026, 11, 1)
MESSAGE = UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
BASE = "https://crm.example"
LINKS = Links("a secret of the installation", BASE)
UNSUBSCRIBE = f"{BASE}/u/token"
TEMPLATES = Templates("INR")
HTML = html_environment("INR")
EVIL = (
    "evil.example",
    ".evil.example",
    "@evil.example/",
    "//evil.example/",
    "\\\\evil.example",
    "https://evil.example/",
    'x" href="https://evil.example/',
    "x' href='https://evil.example/",
    "%2F..%2F&#47;&#47;evil.example",
    "\t\n\r//evil.example",
    "?#@evil.example",
    "<a href='https://evil.example/'>",
)


def rendered(source: str, attributes: dict[str, object] | None = None, *, trial: bool = False) -> str:
    values = profile_variables(
        MadeUp("asha@shop.example"), attributes or {}, now=datetime.now(UTC), unsubscribe_url=UNSUBSCRIBE
    )
    tracker = MessageTracker(LINKS, MESSAGE, MONTH, trial=trial)
    return TEMPLATES.html(source, tracked=True).render({**values, TRACKER: tracker})


def hrefs(html: str) -> list[str | None]:
    """As a program that reads HTML sees them."""
    found: list[str | None] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "a":
                found.append(dict(reversed(attrs)).get("href"))

    Reader().feed(html)
    return found


def tokens(html: str) -> list[str]:
    return [href.removeprefix(f"{BASE}/c/") for href in hrefs(html) if href and href.startswith(f"{BASE}/c/")]


def locations(html: str) -> list[str]:
    return [read_click(LINKS, token).location for token in tokens(html)]


def without_pixel(html: str) -> str:
    start = html.index(f'<img src="{BASE}/o/')
    return html[:start] + html[html.index(">", start) + 1 :]


@pytest.mark.parametrize(
    ("source", "location"),
    [
        ('<a href="https://shop.example/sale">', "https://shop.example/sale"),
        ("<A class=x HREF = 'HTTPS://Shop.Example'>", "HTTPS://Shop.Example"),
        ('<a\nhref=" http://shop.example:8080?a=1&amp;b=2 ">', "http://shop.example:8080?a=1&b=2"),
        ('<a href="https://shop.example/{{ attributes.city }}/x">', "https://shop.example/Pune/x"),
        ('<a href="https://shop.example?n={{ name }}">', "https://shop.example?n=Asha%20Rao"),
        ('<a href="https://shop.example/?q={{ attributes.q }}">', "https://shop.example/?q=%22a%22%20&%20b"),
        (
            '<a title="{{ name }}>" href="https://shop.example/#{{ total_orders }}">',
            "https://shop.example/#3",
        ),
        ('<a href="https://shop.example/{% if true %}a{% else %}b{% endif %}">', "https://shop.example/a"),
        ('{% if true %}<a href="https://shop.example/a">{% endif %}', "https://shop.example/a"),
        (
            '{% case status %}{% when "ACTIVE" %}<a href="https://a.example/">{% endcase %}',
            "https://a.example/",
        ),
        (
            '<a href="https://shop.example/?copy=1&copy=2&currency=3">',
            "https://shop.example/?copy=1&copy=2&currency=3",
        ),
        ('<a href="https://shop.example/straße">', "https://shop.example/stra%C3%9Fe"),
        (
            "<style>a > b</style><script>'<a href=\"'</script><a href='https://shop.example/'>",
            "https://shop.example/",
        ),
        ("<!-- <a href='https://no.example/'> --><a href='https://shop.example/'>", "https://shop.example/"),
    ],
)
def test_a_link_whose_host_stands_in_the_template_leads_there_through_us(source: str, location: str) -> None:
    html = rendered(source, {"city": "Pune", "q": '"a" & b'})
    assert locations(html) == [location]


@pytest.mark.parametrize(
    "source",
    [
        '<a href="{{ attributes.url }}">',
        '<a href="https://{{ attributes.host }}/">',
        '<a href="https://{{ attributes.host }}.shop.example/">',
        '<a href="https://shop.example{{ attributes.url }}">',
        '<a href="https://shop.example{{- attributes.url }}/x">',
        '<a href="https://shop.example\n{{ attributes.url }}">',
        '<a href="https://shop.example:{{ attributes.port }}/">',
        '<a href="{{ attributes.scheme }}://shop.example/">',
        '<a href="{% if true %}https://shop.example/{% endif %}">',
        '{% assign url = "https://shop.example/" %}<a href="{{ url }}">',
        '{% capture x %}<a href="https://shop.example/">{% endcapture %}{{ x }}',
        '<a href="https://user@shop.example/">',
        '<a href="https://user:1@shop.example/">',
        '<a href="https://shop.example\\x">',
        '<a href="https://shop.example&#46;x/">',
        '<a href="https://ſhop.example/">',
        '<a href="//shop.example/">',
        '<a href="/shop">',
        '<a href="#top">',
        '<a href="mailto:help@shop.example">',
        '<a href="tel:+911234">',
        '<a href="javascript:https://shop.example/">',
        "<a href=https://shop.example/>",
        '<a data-href="https://shop.example/">',
        "<a title=\"href='https://shop.example/'\">",
        '<link href="https://shop.example/x.css">',
        '<img src="https://shop.example/x.png">',
        "<!-- <a href='https://shop.example/'> -->",
        "<textarea><a href='https://shop.example/'></textarea>",
        '<a href="https://shop.example/',
        '<a href="{{ unsubscribe_url }}">',
        '<a href="https://shop.example/bye?to={{ unsubscribe_url }}">',
        '<a href="https://shop.example/' + "x" * 2_000 + '">',
        "https://shop.example/",
    ],
)
def test_other_links_stay_as_they_are(source: str) -> None:
    attributes = {"url": "https://x.example/", "host": "x.example", "port": "1", "scheme": "https"}
    values = profile_variables(
        MadeUp("asha@shop.example"), attributes, now=datetime.now(UTC), unsubscribe_url=UNSUBSCRIBE
    )
    assert TEMPLATES.html(source, tracked=True).links == ()
    assert without_pixel(rendered(source, attributes)) == TEMPLATES.html(source).render(values)


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize(
    "source",
    [
        '<a href="https://shop.example/{{ attributes.x }}">',
        "<a href='https://shop.example?{{ attributes.x }}'>",
        '<a href="https://shop.example/#{{ attributes.x }}">',
        '<a href="https://shop.example{{ attributes.x }}">',
        '<a href="{{ attributes.x }}">',
        '<a href="https://{{ attributes.x }}/">',
        '<a title="{{ attributes.x }}" href="https://shop.example/">',
        '{{ attributes.x }}<a href="https://shop.example/">',
    ],
)
def test_what_a_customer_is_called_never_says_where_we_send_anybody(source: str, value: str) -> None:
    for location in locations(rendered(source, {"x": value})):
        assert urlsplit(location).hostname == "shop.example"
        assert location.startswith("https://shop.example")
        assert location.isascii()
        assert not set(location) & set(' \t\r\n\\"<>')


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_a_variable_says_comes_after_the_host(value: str) -> None:
    html = rendered('<a href="https://shop.example/{{ attributes.x }}">', {"x": value})
    (location,) = locations(html)
    assert location.startswith("https://shop.example/")
    assert urlsplit(location).hostname == "shop.example"


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ name }}</p><a href="https://shop.example/{{ attributes.x }}">x</a> </body> end',
        '<a href="https://shop.example/">1</a><a href="https://shop.example/?{{ name }}">2</a>',
        "{{ attributes.x }}",
        "plain",
    ],
)
@pytest.mark.parametrize("value", ["Pune", "<b>", "", None])
def test_the_quick_way_says_of_tracked_links_what_liquid_says(source: str, value: str | None) -> None:
    liquid = HTML.from_string(source)
    track(liquid)
    values = profile_variables(MadeUp("asha@shop.example"), {"x": value}, now=datetime.now(UTC))
    variables = {**values, TRACKER: MessageTracker(LINKS, MESSAGE, MONTH)}
    quick = TEMPLATES.html(source, tracked=True).render(variables)
    assert quick == liquid.render(variables)
    assert f'<img src="{BASE}/o/' in quick


def test_a_loop_tracks_the_link_of_each_round() -> None:
    source = '{% for n in (1..3) %}<a href="https://shop.example/{{ n }}">{{ n }}</a>{% endfor %}'
    assert locations(rendered(source)) == [f"https://shop.example/{n}" for n in (1, 2, 3)]
    assert [link.url for link in TEMPLATES.html(source, tracked=True).links] == [
        "https://shop.example/{{ n }}"
    ]


def test_a_link_is_known_by_what_the_template_says() -> None:
    source = (
        '<a href="https://shop.example/?to={{ email }}&amp;n=1"><img></a>'
        '<a href="https://shop.example/?to={{ email }}&amp;n=1">Shop</a>'
    )
    (link,) = TEMPLATES.html(source, tracked=True).links
    assert link.url == "https://shop.example/?to={{ email }}&n=1"
    seen = [read_click(LINKS, token).seen for token in tokens(rendered(source))]
    assert [item.link for item in seen if item] == [link.key, link.key]


@pytest.mark.parametrize(
    ("source", "before"),
    [
        ("<body><p>Hi</p></body></html>", "</body></html>"),
        ("<BODY>İ</body >", "</body >"),
        ("<p>Hi</p>", ""),
        ("<p>{{ name }}</p>{% if true %}x{% endif %}", ""),
    ],
)
def test_the_pixel_stands_at_the_end_of_the_body(source: str, before: str) -> None:
    html = rendered(source)
    pixel = html[html.index("<img") : len(html) - len(before)]
    assert pixel.endswith(">")
    assert html.endswith(before)
    name = pixel.partition(f'src="{BASE}/o/')[2].partition('"')[0]
    seen = read_open(LINKS, name)
    assert seen is not None
    assert (seen.message_id, seen.campaign_month, seen.link) == (MESSAGE, MONTH, None)


def test_a_message_has_the_same_addresses_each_time() -> None:
    source = '<a href="https://shop.example/{{ name }}">'
    assert rendered(source) == rendered(source)


def test_links_of_a_trial_lead_there_and_say_of_no_message_that_it_was_seen() -> None:
    html = rendered('<a href="https://shop.example/">', trial=True)
    click = read_click(LINKS, tokens(html)[0])
    assert (click.location, click.seen) == ("https://shop.example/", None)
    assert read_open(LINKS, html.partition("/o/")[2].partition('"')[0]) is None


def test_an_address_that_would_be_too_long_stays_as_it_is() -> None:
    source = '<a href="https://shop.example/{{ attributes.x }}">'
    (location,) = locations(rendered(source, {"x": "x" * (MOST_DETAIL - 29)}))
    assert len(location) == MOST_DETAIL - 8
    long = "x" * (MOST_DETAIL - 28)
    assert hrefs(rendered(source, {"x": long})) == [f"https://shop.example/{long}"]


@pytest.mark.parametrize("purpose", [Purpose.UNSUBSCRIBE, Purpose.TRIAL, Purpose.OPEN])
def test_a_token_for_something_else_leads_nowhere(purpose: Purpose) -> None:
    with pytest.raises(LinkUnknown):
        read_click(LINKS, LINKS.token(Link(purpose, MESSAGE, MONTH)))
    click = LINKS.token(Link(Purpose.CLICK, MESSAGE, MONTH, bytes(8) + b"https://shop.example/"))
    for name in (f"{click}.gif", click, LINKS.token(Link(Purpose.OPEN, MESSAGE, MONTH))):
        with pytest.raises(LinkUnknown):
            read_open(LINKS, name)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a&amp;b&#38;c&#x26;d", "a&b&c&d"),
        ("&copy=1&currency=2&copy;", "&copy=1&currency=2©"),
        ("&copy", "©"),
        ("&#39;&#34;&lt;&gt;", "'\"<>"),
        ("&nosuch;&", "&nosuch;&"),
    ],
)
def test_what_an_attribute_says_is_read_as_browsers_read_it(value: str, said: str) -> None:
    assert attribute_text(value) == said


@pytest.mark.parametrize(
    "piece",
    [
        *("<a ", '<a href="', "<a href='x' ", '"', "<!--", "<title>", "<a = ", "</body", "&", "<a\n\n"),
        '<a href="https://a.example/{{name}}">',
        '{% if name %}<a href="https://a.example/">{% endif %}',
    ],
)
@pytest.mark.timeout(20)
def test_a_template_of_the_same_again_and_again_is_read_in_linear_time(piece: str) -> None:
    template = HTML.from_string(piece * (100_000 // len(piece)))
    assert len(track(template)) <= 1
    assert sum(isinstance(node, TrackedNode) for node in template.nodes) >= 1
