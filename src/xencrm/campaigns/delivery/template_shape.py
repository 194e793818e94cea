"""What is looked at before Liquid's own parser: that every `{{` and `{%` is closed, and soon.

The parser's regular expressions look through the whole rest of the source for a missing end, at each
beginning again; a hundred kilobytes of `{{` would keep it busy for minutes.
"""

import re

MAX_EXPRESSION = 2_000

_OPENING = re.compile(r"\{\{|\{%-?\s*(?P<verbatim>raw|doc)\s*-?%\}|\{%")
_VERBATIM_ENDS = {word: re.compile(rf"\{{%-?\s*end{word}\s*-?%\}}") for word in ("raw", "doc")}


def find_misshapen(source: str) -> str | None:
    """The first part that is not closed or too long, with its line. Takes time linear in the source."""
    position = 0
    while opening := _OPENING.search(source, position):
        end = _end_of(source, opening)
        if end is None:
            return f"{at_line(source, opening.start())}'{opening[0]}' is not closed"
        if not opening["verbatim"] and end - opening.end() > MAX_EXPRESSION:
            return f"{at_line(source, opening.start())}what is in '{opening[0]}' is too long"
        position = end
    return None


def _end_of(source: str, opening: re.Match[str]) -> int | None:
    if opening["verbatim"]:
        closing = _VERBATIM_ENDS[opening["verbatim"]].search(source, opening.end())
        return closing.end() if closing else None
    found = source.find("}}" if opening[0] == "{{" else "%}", opening.end())
    return found + 2 if found >= 0 else None


def at_line(source: str, index: int) -> str:
    """`line 3: ` for a place in the source, nothing for an unknown one."""
    return f"line {source.count(chr(10), 0, index) + 1}: " if index >= 0 else ""
