"""A rule on a card: as a sentence, and whole where the sentence leaves something out."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from xencrm.assistant.conversation import Fact
from xencrm.assistant.visible import is_seen

# What a sentence of ours has of a list and of a text.
MOST_LISTED: Final = 5
LONGEST_TEXT: Final = 60
WRITTEN_OUT: Final = "Written out below: a sentence could not say it without doubt."
# They end what a sentence quotes.
_QUOTES: Final = frozenset('“”„‟«»"')


def rule_shown(rules: Any, words: str) -> tuple[list[Fact], list[Fact]]:
    """Facts, and texts."""
    texts = [part for part in _parts(rules) if isinstance(part, str)]
    is_plain = all(is_seen(text) and not _QUOTES.intersection(text) and _is_single(text) for text in texts)
    is_short = is_plain and all(map(_is_short, _parts(rules)))
    fact = Fact("Rule", words if is_plain else WRITTEN_OUT)
    return [fact], [] if is_short else [Fact("The whole rule", whole(rules))]


def whole(rules: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(rules), indent=2).decode()


def _parts(value: Any) -> Iterator[Any]:
    """All that is in it, at any depth, and itself."""
    yield value
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    for each in inner:
        yield from _parts(each)


def _is_single(text: str) -> bool:
    """A sentence has one space where the text has several."""
    return " ".join(text.split()) == text


def _is_short(part: Any) -> bool:
    if isinstance(part, str):
        return len(part) <= LONGEST_TEXT
    return not isinstance(part, list) or len(part) <= MOST_LISTED or isinstance(part[0], dict)
