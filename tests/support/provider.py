"""Somebody else's sign-in: an OpenID provider at an origin of its own, where one picks who one is."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from oidc_provider_mock import User, run_server_in_thread

logging.getLogger("werkzeug").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Account:
    """At the provider it is picked by its subject."""

    subject: str
    email: str
    name: str
    verified: bool = True

    @property
    def user(self) -> User:
        claims = {"email": self.email, "email_verified": self.verified, "name": self.name}
        return User(sub=self.subject, claims=claims)


@contextmanager
def running_provider(*accounts: Account) -> Iterator[str]:
    """Its issuer."""
    with run_server_in_thread(user_claims=[account.user for account in accounts]) as server:
        yield f"http://localhost:{server.server_port}"
