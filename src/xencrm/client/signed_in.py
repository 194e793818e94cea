"""The session of a person, as their browser carries it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_NAMES = frozenset({"xencrm_session", "__Host-xencrm_session"})


@dataclass
class SignedIn:
    """Asks as that person. `cookie` is what the browser sent; it follows when the session's token is renewed.

    `renewed` is what the browser should be told of that: the value of a header `Set-Cookie`.
    """

    cookie: str = field(repr=False)
    csrf_token: str = field(repr=False)
    renewed: str | None = field(default=None, repr=False)

    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-CSRF-Token": self.csrf_token}

    def take(self, given: Iterable[str]) -> None:
        """Values of `Set-Cookie` in an answer."""
        for each in given:
            pair = each.partition(";")[0].strip()
            if pair.partition("=")[0] in _NAMES:
                self.cookie, self.renewed = pair, each
