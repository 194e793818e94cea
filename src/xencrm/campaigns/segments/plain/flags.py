"""What is said of attributes that are yes or no: "subscribed to the newsletter", "opted in to WhatsApp"."""

from collections.abc import Iterator
from typing import Final

# Words of names such as whatsapp_opt_in and accepts_marketing that only say that it is a consent.
_WORDS: Final = (
    "opt opted in optin consent consents consented subscribed subscriber accepts accept accepted agreed "
    "agrees allow allows allowed permission enabled"
)
_CONSENT: Final = frozenset(_WORDS.split())
# {} is what they are subscribed to, or have agreed to.
_SUBSCRIBED: Final = (
    *("subscribed to {}", "subscribe to {}", "subscribes to {}", "signed up for {}", "signed up to {}"),
    *("opted in to {}", "opted into {}", "opted in for {}", "opted for {}", "opt in to {}", "opted in {}"),
    *("{} subscriber", "{} subscribers", "subscriber of {}", "subscribers of {}", "subscribers to {}"),
)
_AGREED: Final = (
    *("accept {}", "accepts {}", "accepted {}", "accepting {}", "agree to {}", "agreed to {}", "allow {}"),
    *("allows {}", "allowed {}", "consent to {}", "consented to {}", "consent for {}", "{} consent"),
    *("{} opt in", "{} opt ins", "{} allowed", "{} permission"),
)
_DECLINED: Final = (
    *("unsubscribed from {}", "unsubscribe from {}", "opted out of {}", "opt out of {}", "opted out from {}"),
    *("declined {}", "refused {}"),
)
_ALONE: Final = "opted in|opt in|opted in customers|given consent|consented|subscribed|subscribers"


def said_of_flag(name: tuple[str, ...]) -> Iterator[str]:
    """Phrases for those of whom it is true, given the words of its name."""
    about = _about(name)
    if not about:
        yield from _ALONE.split("|")
        return
    for phrase in _SUBSCRIBED if about == " ".join(name) else (*_SUBSCRIBED, *_AGREED):
        yield phrase.format(about)


def said_of_declined_flag(name: tuple[str, ...]) -> Iterator[str]:
    """Phrases for those who said no."""
    about = _about(name)
    if about:
        yield from (phrase.format(about) for phrase in _DECLINED)


def _about(name: tuple[str, ...]) -> str:
    """The name without the words of consent: what it was given to."""
    return " ".join(word for word in name if word not in _CONSENT)
