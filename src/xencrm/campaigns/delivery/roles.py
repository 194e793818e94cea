"""Delivery's roles: preparing audiences, sending, and what time does to messages."""

from collections.abc import Mapping, Sequence

from xencrm.campaigns.consent.links import links_of
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.delivery import tending
from xencrm.campaigns.delivery.composing import Composer
from xencrm.campaigns.delivery.lane import Lane
from xencrm.campaigns.delivery.pace import CLAIM, Pace
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.sender import Sender
from xencrm.campaigns.delivery.vendor import Vendor
from xencrm.contracts.topology import RECEIPT_QUEUE
from xencrm.kernel.database import Database
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.process import Role
from xencrm.kernel.settings import Settings


def preparing(database: Database, *, zone: str) -> Mapping[str, Role]:
    """`zone`: in which a day begins and ends."""
    return {"prepare": tending.preparing(database, zone=zone)}


def sending(
    settings: Settings,
    database: Database,
    broker: Broker,
    vendors: Mapping[str, Vendor],
    *,
    silent: Sequence[str],
) -> Mapping[str, Role]:
    """`silent`: vendors that give no receipts."""
    rates = settings.rates_of_vendors()
    pace = Pace(settings.send_concurrency, settings.send_batch, settings.send_lease_s, rates, CLAIM)
    reporter = Reporter(Publisher(broker, RECEIPT_QUEUE.topic))
    hashes = AddressHashes(settings.require("secret"))
    composer = Composer(database, settings.currency, links_of(settings), hashes)
    lanes = [Lane(database, vendor, composer, reporter, pace) for vendor in vendors.values()]
    sender = Sender(database, lanes)
    patience = tending.Patience(settings.doubt_budget_s, settings.receipt_wait_s)
    return {"send": sender.run, "tend": tending.tending(database, broker, patience, silent=silent)}
