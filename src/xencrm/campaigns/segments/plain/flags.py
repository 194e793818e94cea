"""What is said of attributes that are yes or no: "subscribed to the newsletter", "opted in to WhatsApp"."""

from collections.abc import Iterator
from functools import cache
from typing import Final

# Words of names such as whatsapp_opt_in and accepts_marketing that only say that it is a consent.
_WORDS: Final = (
    "opt opted in optin consent consents consented subscribed subscriber accepts accept accepted agreed "
    "agrees allow allows allowed permission enabled"
)
_CONSENT: Final = frozenset(_WORDS.split())
# What stands before and behind what they are subscribed to, or have agreed to.
_SUBSCRIBED: Final = (
    "subscribed to _|subscribe to _|subscribes to _|signed up for _|signed up to _|opted in to _|opted into _"
    "|opted in for _|opted for _|opt in to _|opted in _|_ subscriber|_ subscribers|subscriber of _"
    "|subscribers of _|subscribers to _"
)
_AGREED: Final = (
    "accept _|accepts _|accepted _|accepting _|agree to _|agreed to _|allow _|allows _|allowed _|consent to _"
    "|consented to _|consent for _|_ consent|_ opt in|_ opt ins|_ allowed|_ permission"
)
_DECLINED: Final = (
    "unsubscribed from _|unsubscribe from _|opted out of _|opt out of _|opted out from _|declined _|refused _"
)
_ALONE: Final = "opted in|opt in|given consent|consented|subscribed|subscribers"

Words = tuple[str, ...]


def said_of_flag(name: Words) -> Iterator[Words]:
    """Phrases for those of whom it is true, given the words of its name."""
    about = _about(name)
    if not about:
        yield from (tuple(phrase.split()) for phrase in _ALONE.split("|"))
        return
    yield from _around(about, _SUBSCRIBED)
    if about != name:
        yield from _around(about, _AGREED)


def said_of_declined_flag(name: Words) -> Iterator[Words]:
    """Phrases for those who said no."""
    about = _about(name)
    return _around(about, _DECLINED) if about else iter(())


def _about(name: Words) -> Words:
    """The name without the words of consent: what it was given to."""
    return tuple(word for word in name if word not in _CONSENT)


def _around(about: Words, phrases: str) -> Iterator[Words]:
    for before, behind in _parts(phrases):
        yield (*before, *about, *behind)


@cache
def _parts(phrases: str) -> tuple[tuple[Words, Words], ...]:
    pairs = (phrase.split("_") for phrase in phrases.split("|"))
    return tuple((tuple(before.split()), tuple(behind.split())) for before, behind in pairs)
