"""Where links stand in HTML: the values of `href` of `<a>`, and the end of the body. Pure.

It reads tags as browsers do, so that what is in a comment, a style or another attribute is no link, and takes
time linear in the text.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import Final

_FLAGS: Final = re.IGNORECASE | re.ASCII
_TAG: Final = re.compile(r"<(?:(?P<comment>!--)|(?P<name>[a-z][^\s/>]*))", _FLAGS)
_ATTRIBUTE: Final = re.compile(r"[\s/]*(?P<name>[^\s/>=]+)(?:\s*=\s*(?P<value>[\"']|[^\s>\"']+)?)?", _FLAGS)
_WITHOUT_MARKUP: Final = frozenset({"script", "style", "textarea", "title"})
_BODY_END: Final = re.compile(r"</body\b", _FLAGS)
_REFERENCE: Final = re.compile(r"&(?P<name>#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*)(?:;|(?![=a-z0-9]))", _FLAGS)

# Scheme and host, ended by what ends a host in a URL or by the end of the value. Not by space alone: browsers
# leave tabs and line ends out of a URL, so that what follows them would go on with the host.
_LITERAL_HOST: Final = re.compile(r"\s*https?://[a-z0-9][a-z0-9._-]*(?::\d{1,5})?(?=[/?#]|\s*\Z)", _FLAGS)


def find_hrefs(html: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the quoted values, in order."""
    position = 0
    while tag := _TAG.search(html, position):
        if tag["comment"]:
            position = _after(html, "-->", tag.end())
            continue
        name, position = tag["name"].lower(), tag.end()
        while attribute := _ATTRIBUTE.match(html, position):
            position = attribute.end()
            if (quote := attribute["value"]) in ("'", '"'):
                start, position = position, _after(html, quote, position)
                is_closed = position > start and html[position - 1] == quote
                if is_closed and name == "a" and attribute["name"].lower() == "href":
                    yield start, position - 1
        if name in _WITHOUT_MARKUP:
            position = _end_tag(html, name, position)


def has_literal_host(html: str, start: int, end: int) -> bool:
    """Whether the value there begins with scheme and host, each of its letters in the text itself."""
    return _LITERAL_HOST.match(html, start, end) is not None


def end_of_body(html: str) -> int:
    """Where something may be added to what is shown."""
    return max((found.start() for found in _BODY_END.finditer(html)), default=len(html))


def attribute_text(value: str) -> str:
    """What an attribute's value says. `&copy=1` stays as it is: in attributes browsers leave it so."""
    return _REFERENCE.sub(_referred, value) if "&" in value else value


def _referred(found: re.Match[str]) -> str:
    name = found["name"]
    is_known = name.startswith("#") or name in html5 or (f"{name};" in html5 and found[0].endswith(";"))
    return unescape(found[0]) if is_known else found[0]


def _after(html: str, end: str, position: int) -> int:
    found = html.find(end, position)
    return found + len(end) if found >= 0 else len(html)


def _end_tag(html: str, name: str, position: int) -> int:
    found = re.compile(rf"</{name}\b", _FLAGS).search(html, position)
    return found.start() if found else len(html)
