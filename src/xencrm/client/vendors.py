"""`/vendors`: what can carry messages."""

from datetime import datetime

from msgspec import Struct, field

from xencrm.client.transport import Call, Transport

PATH = "/api/v1/vendors"


class Breaker(Struct, kw_only=True):
    """`open`: the vendor is left alone until then; `half_open`: a few messages will show whether it works."""

    state: str = "closed"
    failures: int = 0
    until: datetime | None = None


class Vendor(Struct, kw_only=True):
    """`missing`: the variables that have to be set yet. `rate_per_s`: None for no limit."""

    name: str
    configured: bool = True
    missing: list[str] = []
    idempotent: bool = True
    receipts: str = ""
    rate_per_s: float | None = None
    breaker: Breaker = field(default_factory=Breaker)


class Vendors(Struct):
    items: list[Vendor]


async def fetch_vendors(transport: Transport) -> list[Vendor]:
    return (await transport.ask(Call("GET", PATH), Vendors)).items
