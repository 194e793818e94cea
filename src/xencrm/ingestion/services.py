"""What the API's handlers work with; built once in `__main__`."""

from dataclasses import dataclass

from litestar.di import NamedDependency

from xencrm.ingestion.customers.lookup import KnownCustomers
from xencrm.ingestion.customers.marks import Marks
from xencrm.ingestion.intake import Intake, customer_intake, order_intake
from xencrm.kernel.database import Database
from xencrm.kernel.ids import EventIds
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.settings import Settings


@dataclass(frozen=True)
class Services:
    database: Database
    broker: Broker
    ids: EventIds
    customers: Intake
    orders: Intake
    known: KnownCustomers
    marks: Marks
    rate_limit: float
    partitions: int
    https: bool
    time_zone: str


Provided = NamedDependency[Services]


def build_services(settings: Settings, database: Database, broker: Broker) -> Services:
    ids = EventIds(settings.require("secret"))
    customers = customer_intake(ids, broker)
    return Services(
        database=database,
        broker=broker,
        ids=ids,
        customers=customers,
        orders=order_intake(ids, broker),
        known=KnownCustomers(database, settings.customer_grace_s),
        marks=Marks(database, customers, settings.partitions),
        rate_limit=settings.rate_limit,
        partitions=settings.partitions,
        https=settings.https,
        time_zone=settings.time_zone,
    )
