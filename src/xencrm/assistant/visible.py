"""Text on a card as it is: what is not seen, or turns around what is, is written out."""

import unicodedata
from typing import Final

# Kept where a text has lines.
_LINES: Final = "\n\t"
# Emojis and several scripts need them between their signs; Latin letters don't.
_JOINERS: Final = "\u200c\u200d"
_LATIN_END: Final = "\u02ff"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def visible(text: str, *, lines: bool = False) -> str:
    """⟨U+202E⟩ for what controls or turns; `lines`: the text may have several."""
    if text.isprintable() and not _BLANK.intersection(text):
        return text
    pairs = zip(" " + text, text, strict=False)
    return "".join(_shown(char, before, lines=lines) for before, char in pairs)


def is_seen(text: str) -> bool:
    """Whether nothing in it had to be written out."""
    return visible(text) == text


def _shown(char: str, before: str, *, lines: bool) -> str:
    if (lines and char in _LINES) or (char in _JOINERS and before > _LATIN_END):
        return char
    hidden = char in _BLANK or unicodedata.category(char) in _UNSEEN
    return f"⟨U+{ord(char):04X}⟩" if hidden else char
