"""The client of both services behind the one port."""

from types import TracebackType
from typing import Self

from xencrm.client.batches import Batches
from xencrm.client.campaigns import Campaigns
from xencrm.client.conversation import Conversation
from xencrm.client.customers import Customers
from xencrm.client.dead_letters import DeadLetters
from xencrm.client.events import Events
from xencrm.client.messages import Messages
from xencrm.client.orders import Orders
from xencrm.client.profiles import Profiles
from xencrm.client.reporting import (
    Dashboard,
    IngestionOperations,
    Operations,
    Readiness,
    fetch_dashboard,
    fetch_ingestion_operations,
    fetch_operations,
    fetch_readiness,
)
from xencrm.client.retry import RetryPolicy
from xencrm.client.samples import SampleQueued, add_sample_data
from xencrm.client.segments import Segments
from xencrm.client.session import Session, fetch_session
from xencrm.client.signed_in import SignedIn
from xencrm.client.suppressions import Suppressions
from xencrm.client.templates import Templates
from xencrm.client.transport import Transport
from xencrm.client.vendors import Vendor, fetch_vendors

DEFAULT_RETRIES = RetryPolicy()


class Client:
    """`async with Client(url, key) as client: await client.orders.post(...)`; calls raise ClientError.

    Instead of an API key it may be given the session of a person who is signed in.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | SignedIn,
        *,
        retries: RetryPolicy = DEFAULT_RETRIES,
        timeout_s: float = 60.0,
    ) -> None:
        self._transport = Transport(base_url, api_key, retries, timeout_s)
        self.customers = Customers(self._transport)
        self.orders = Orders(self._transport)
        self.batches = Batches(self._transport)
        self.events = Events(self._transport)
        self.profiles = Profiles(self._transport)
        self.segments = Segments(self._transport)
        self.campaigns = Campaigns(self._transport)
        self.templates = Templates(self._transport)
        self.messages = Messages(self._transport)
        self.suppressions = Suppressions(self._transport)
        self.dead_letters = DeadLetters(self._transport)
        self.conversation = Conversation(self._transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def session(self) -> Session:
        """Who asks, and where."""
        return await fetch_session(self._transport)

    async def add_sample_data(self) -> SampleQueued:
        """Queue a made-up shop; twice on a day changes nothing."""
        return await add_sample_data(self._transport)

    async def dashboard(self, days: int | None = None) -> Dashboard:
        return await fetch_dashboard(self._transport, days)

    async def operations(self) -> Operations:
        return await fetch_operations(self._transport)

    async def ingestion_operations(self) -> IngestionOperations:
        return await fetch_ingestion_operations(self._transport)

    async def vendors(self) -> list[Vendor]:
        """What can carry messages."""
        return await fetch_vendors(self._transport)

    async def readyz(self) -> Readiness:
        """Whether every part is ready; a 503 is an answer here, not an error."""
        return await fetch_readiness(self._transport)
