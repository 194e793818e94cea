"""Whom a text speaks of: the e-mail addresses and ids in it, whatever else it is."""

import re
from collections.abc import Iterator

LONGEST = 254  # of an e-mail address
NESTED = 3  # JSON in a text in JSON in a text

_BREAKS = r"\s\x00-\x1f@\"(),:;<>\[\\\]"
_EMAIL = re.compile(rf"(?<![^{_BREAKS}])([^{_BREAKS}]++)@(?=([^{_BREAKS}]++))")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|.)", re.DOTALL)
_ODD_IN_LOCAL = re.compile(r"[^a-z0-9._%+-]")
_ODD_IN_DOMAIN = re.compile(r"[^a-z0-9.-]")
_ODD_START = re.compile(r"^[\W_]+")


def mentioned(text: str) -> set[str]:
    """In lower case. Of an address with something odd around it, with and without that."""
    found: set[str] = set()
    text = text.lower()
    for _ in range(NESTED):
        found.update(_ID.findall(text))
        found.update(_emails(text))
        if "\\" not in text:
            break
        text = _ESCAPE.sub(_unescaped, text)
    return found


def _emails(text: str) -> Iterator[str]:
    for match in _EMAIL.finditer(text):
        local, domain = match[1][-LONGEST:], match[2][:LONGEST]
        for name in {local, _ODD_START.sub("", local), _ODD_IN_LOCAL.split(local)[-1]}:
            for host in {domain, _ODD_IN_DOMAIN.split(domain)[0].rstrip(".-")}:
                if name and "." in host and len(name) + len(host) < LONGEST:
                    yield f"{name}@{host}"


def _unescaped(match: re.Match[str]) -> str:
    """White space ends an address; so does what PostgreSQL cannot keep."""
    if match[1] is None:
        return "\\" if match[0] == "\\\\" else " "
    char = chr(int(match[1], 16))
    return " " if char == "\0" or "\ud800" <= char <= "\udfff" else char.lower()
