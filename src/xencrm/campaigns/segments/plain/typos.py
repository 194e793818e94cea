"""Words that are one slip away from one that is understood. What they were taken as is always said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from xencrm.campaigns.segments.plain.lexicon import MONTHS
from xencrm.campaigns.segments.plain.tokens import Sort, Token
from xencrm.campaigns.segments.plain.vocabulary import Vocabulary

SHORTEST: Final = 5
LONGEST: Final = 14

# Words that nothing common resembles; negations and comparisons are not guessed.
_WORDS: Final = (
    "customer customers people spent spend spending order orders ordered bought purchase purchases purchased "
    "visits visited active inactive phone email joined registered signed between months weeks years thousand "
    "million crore lakhs rupees dollars contains starts begins"
)
_CORRECTED: Final = (*_WORDS.split(), *(month for month in MONTHS if len(month) >= SHORTEST))


def corrected(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    return [
        _corrected(token, vocabulary)
        if token.sort is Sort.WORD and token.plain not in vocabulary.words
        else token
        for token in tokens
    ]


def _corrected(token: Token, vocabulary: Vocabulary) -> Token:
    """Where all words that it may be mean the same, it is the one that ends alike."""
    word = token.plain
    if not SHORTEST <= len(word) <= LONGEST:
        return token
    close = [each for each in _CORRECTED if is_one_slip(word, each)]
    if not close or any(vocabulary.meaning_of(each) != vocabulary.meaning_of(close[0]) for each in close):
        return token
    taken = max(close, key=lambda each: each[-1] == word[-1])
    return replace(token, plain=taken, took=taken)


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter too many, too few or wrong, or two that changed places, is the whole difference.

    The first letter has to be right.
    """
    if one[0] != other[0] or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < SHORTEST - 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None:
        return len(one) != len(other)
    a, b = one[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
