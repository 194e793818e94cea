"""The vendors of this installation, built once."""

from collections.abc import Mapping

from xencrm.campaigns.delivery.vendor import Vendor
from xencrm.campaigns.receipts.webhook import WebhookReader
from xencrm.campaigns.vendors.simulator.sender import SimulatorVendor
from xencrm.campaigns.vendors.simulator.webhook import SimulatorWebhook
from xencrm.kernel.secrets import derived_secret
from xencrm.kernel.settings import Settings

SIMULATOR_RECEIPTS = "simulator-receipts"


def build_vendors(settings: Settings) -> Mapping[str, Vendor]:
    """Vendors that are configured, by name."""
    if settings.simulator_url is None:
        return {}
    return {SimulatorVendor.name: SimulatorVendor(settings.simulator_url)}


def build_webhooks(settings: Settings) -> Mapping[str, WebhookReader]:
    secret = derived_secret(settings.require("secret"), SIMULATOR_RECEIPTS)
    return {SimulatorVendor.name: SimulatorWebhook(secret)}
