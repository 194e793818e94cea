"""Text without its HTML tags, in time linear in the text.

Liquid's own filter parses anew from each tag that is not closed; thirty kilobytes keep it busy for half a
minute.
"""

import re
from typing import Final

from liquid import Environment, Markup
from liquid.filter import string_filter, with_environment

# What begins so ends there only; all else that begins with `<` ends at the next `>`.
_ENDS: Final = {"<!--": "-->", "<script": "</script>", "<style": "</style>"}
_OPENING: Final = re.compile(r"<(?:!--|script\b|style\b|(?=[a-z/!?]))", re.IGNORECASE)


@with_environment
@string_filter
def strip_html(val: str, *, environment: Environment) -> str:
    """What is marked as safe stays so."""
    stripped = without_tags(val)
    return Markup(stripped) if environment.autoescape and isinstance(val, Markup) else stripped


def without_tags(text: str) -> str:
    """Without tags, comments, scripts and styles; what is not closed stays."""
    lower = text.lower() if text.isascii() else text
    kept: list[str] = []
    position, missing = 0, set[str]()
    while opening := _OPENING.search(lower, position):
        end = _end(lower, opening, missing)
        if end < 0:
            break
        kept.append(text[position : opening.start()])
        position = end
    return "".join([*kept, text[position:]])


def _end(text: str, opening: re.Match[str], missing: set[str]) -> int:
    """`missing`: ends of which there are no more."""
    for sought in (_ENDS.get(opening[0].lower()), ">"):
        if sought is None or sought in missing:
            continue
        found = text.find(sought, opening.end())
        if found >= 0:
            return found + len(sought)
        missing.add(sought)
    return -1
