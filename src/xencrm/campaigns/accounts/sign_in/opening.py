"""The door, as the settings say."""

from xencrm.campaigns.accounts.people.entering import Guests
from xencrm.campaigns.accounts.sign_in.flows import Flows
from xencrm.campaigns.accounts.sign_in.model import Issuer
from xencrm.campaigns.accounts.sign_in.service import Door
from xencrm.kernel.settings import Settings


def open_door(settings: Settings) -> Door:
    return Door(_issuer(settings), Flows(settings), Guests.of(settings))


def _issuer(settings: Settings) -> Issuer | None:
    """Its libraries take a second to load: only where they are needed."""
    if not settings.signs_in_by_provider:
        return None
    from xencrm.campaigns.accounts.sign_in.provider import Provider  # noqa: PLC0415

    return Provider(settings)
