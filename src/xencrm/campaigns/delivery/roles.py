"""Delivery's roles: preparing audiences, sending, and what time does to messages."""

from collections.abc import Mapping

from xencrm.campaigns.delivery import tending
from xencrm.campaigns.delivery.composing import Composer
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.sender import Pace, Sender
from xencrm.campaigns.delivery.vendor import ReceiptMode, Vendor
from xencrm.contracts.topology import RECEIPT_QUEUE
from xencrm.kernel.database import Database
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.process import Role
from xencrm.kernel.settings import Settings


def preparing(database: Database) -> Mapping[str, Role]:
    return {"prepare": tending.preparing(database)}


def sending(
    settings: Settings, database: Database, broker: Broker, vendors: Mapping[str, Vendor]
) -> Mapping[str, Role]:
    pace = Pace(settings.send_concurrency, settings.send_batch, settings.send_lease_s)
    reporter = Reporter(Publisher(broker, RECEIPT_QUEUE.topic))
    sender = Sender(database, vendors, Composer(database, settings.currency), reporter, pace)
    patience = tending.Patience(settings.doubt_budget_s, settings.receipt_wait_s)
    silent = [name for name, vendor in vendors.items() if vendor.receipts is ReceiptMode.NONE]
    return {"send": sender.run, "tend": tending.tending(database, broker, patience, silent=silent)}
