"""The table of vendors, and those of this installation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xencrm.campaigns.delivery.vendor import ReceiptMode, Vendor
from xencrm.campaigns.receipts.webhook import WebhookReader
from xencrm.campaigns.vendors.signed_receipts import SignedReceipts
from xencrm.campaigns.vendors.simulator.sender import SimulatorVendor
from xencrm.campaigns.vendors.smtp.letter import letterhead
from xencrm.campaigns.vendors.smtp.sender import MailServer, SmtpVendor
from xencrm.campaigns.vendors.webhook.sender import Receiver, WebhookVendor
from xencrm.kernel.secrets import derived_secret
from xencrm.kernel.settings import Settings

SIMULATOR_RECEIPTS = "simulator-receipts"


@dataclass(frozen=True)
class VendorKind:
    """A vendor, configured or not. `needs`: settings without which it is not configured; `reader`: of the
    receipts that it posts to us."""

    name: str
    needs: tuple[str, ...]
    idempotent: bool
    receipts: Callable[[Settings], ReceiptMode]
    build: Callable[[Settings], Vendor]
    reader: Callable[[Settings], WebhookReader] | None = None

    def missing(self, settings: Settings) -> list[str]:
        """Names of the variables that have to be set yet."""
        return [f"XENCRM_{name.upper()}" for name in self.needs if getattr(settings, name) is None]


def _simulator(settings: Settings) -> Vendor:
    return SimulatorVendor(settings.require("simulator_url"))


def _simulator_receipts(settings: Settings) -> WebhookReader:
    secret = derived_secret(settings.require("secret"), SIMULATOR_RECEIPTS)
    return SignedReceipts(SimulatorVendor.name, secret)


def _smtp(settings: Settings) -> Vendor:
    server = MailServer(
        host=settings.require("smtp_host"),
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        connections=settings.smtp_connections,
        retry_s=settings.smtp_retry_s,
    )
    head = letterhead(settings.require("smtp_from"), settings.smtp_reply_to)
    return SmtpVendor(server, head)


def _webhook(settings: Settings) -> Vendor:
    receiver = Receiver(
        url=settings.require("webhook_url"),
        secret=settings.require("webhook_secret"),
        private=settings.webhook_allow_private,
        connections=settings.webhook_connections,
    )
    return WebhookVendor(receiver, _of_webhook(settings))


def _of_webhook(settings: Settings) -> ReceiptMode:
    return ReceiptMode.WEBHOOK if settings.webhook_receipts else ReceiptMode.NONE


def _webhook_receipts(settings: Settings) -> WebhookReader:
    return SignedReceipts(WebhookVendor.name, settings.require("webhook_secret"))


KINDS: Final = (
    VendorKind(
        name=SimulatorVendor.name,
        needs=("simulator_url",),
        idempotent=SimulatorVendor.idempotent,
        receipts=lambda _: ReceiptMode.ANSWER,
        build=_simulator,
        reader=_simulator_receipts,
    ),
    VendorKind(
        name=SmtpVendor.name,
        needs=("smtp_host", "smtp_from"),
        idempotent=SmtpVendor.idempotent,
        receipts=lambda _: ReceiptMode.NONE,
        build=_smtp,
    ),
    VendorKind(
        name=WebhookVendor.name,
        needs=("webhook_url", "webhook_secret"),
        idempotent=WebhookVendor.idempotent,
        receipts=_of_webhook,
        build=_webhook,
        reader=_webhook_receipts,
    ),
)


def configured(settings: Settings) -> tuple[str, ...]:
    """The names that a campaign may be sent with."""
    return tuple(kind.name for kind in KINDS if not kind.missing(settings))


def silent(settings: Settings) -> Sequence[str]:
    """Vendors of which no receipts are awaited."""
    return [kind.name for kind in KINDS if kind.receipts(settings) is ReceiptMode.NONE]


def build_vendors(settings: Settings) -> Mapping[str, Vendor]:
    """Vendors that are configured, by name. Raises SystemExit for a setting that cannot be used."""
    names = {kind.name for kind in KINDS}
    if unknown := settings.rates_of_vendors().keys() - names:
        raise SystemExit(f"XENCRM_VENDOR_RATES: there is no vendor {', '.join(sorted(unknown))}")
    return {kind.name: _built(kind, settings) for kind in KINDS if not kind.missing(settings)}


def build_webhooks(settings: Settings) -> Mapping[str, WebhookReader]:
    """Readers of the vendors' own receipts."""
    return {kind.name: kind.reader(settings) for kind in KINDS if kind.reader and not kind.missing(settings)}


def _built(kind: VendorKind, settings: Settings) -> Vendor:
    try:
        return kind.build(settings)
    except ValueError as error:
        raise SystemExit(f"the vendor {kind.name} cannot be used: {error}") from error
