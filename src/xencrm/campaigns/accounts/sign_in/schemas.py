"""Signing in over HTTP."""

from msgspec import Struct


class Provider(Struct):
    """Who people sign in with; `name` is for a button."""

    name: str


class Ways(Struct, kw_only=True):
    """How one can sign in here: with a provider, or by a link that was printed."""

    oidc: Provider | None
    link: bool


class LinkToken(Struct, forbid_unknown_fields=True):
    """What stands behind `#link=` in the address that was printed."""

    token: str
