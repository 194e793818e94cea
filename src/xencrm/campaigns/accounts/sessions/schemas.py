"""The session over HTTP."""

from typing import Annotated

from msgspec import Struct

from xencrm.kernel.http.principals import Kind, Role
from xencrm.kernel.http.shapes import Time, said_as


class ShownSelf(Struct, kw_only=True):
    """Who asks; an API key has no address."""

    person_id: str
    name: str
    email: str | None
    role: Role
    kind: Kind


class Installation(Struct, kw_only=True):
    """What pages need to know of the whole; `can_track`: links in messages lead to where customers can go.
    `assistant`: there is one to talk to."""

    name: str
    version: str
    currency: Annotated[str, said_as({"type": "string", "examples": ["INR"]})]
    time_zone: Annotated[str, said_as({"type": "string", "examples": ["Asia/Kolkata"]})]
    can_track: bool
    launch_needs_plan: bool
    assistant: bool


class ShownSession(Struct, kw_only=True):
    """Who asks and where. Requests by cookie that change something carry `csrf_token` as `X-CSRF-Token`;
    the session is over at `expires_at`, earlier when it is left alone for 12 hours. Null for a key."""

    person: ShownSelf
    csrf_token: str | None
    expires_at: Time | None
    installation: Installation
