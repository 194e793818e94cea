"""`/session`: who asks, and what programs need to know of the installation."""

from msgspec import Struct

from xencrm.client.transport import Call, Transport

PATH = "/api/v1/session"


class Asker(Struct, kw_only=True):
    """`kind` is person or key; a key has no address."""

    person_id: str
    name: str
    role: str
    email: str | None = None
    kind: str = "key"


class Installation(Struct, kw_only=True):
    """`currency` is an ISO 4217 code, `time_zone` an IANA zone."""

    name: str
    currency: str
    time_zone: str
    version: str = ""
    launch_needs_plan: bool = False
    assistant: bool = False


class Session(Struct, kw_only=True):
    """`csrf_token` is of a person's session; None for a key."""

    person: Asker
    installation: Installation
    csrf_token: str | None = None


async def fetch_session(transport: Transport) -> Session:
    return await transport.ask(Call("GET", PATH), Session)
