"""Routes of signing in: at the root, without a key."""

from urllib.parse import urlsplit

from litestar import Response
from litestar.params import JSONBody

from xencrm.campaigns.accounts.sessions.api import Cookies, shown_session
from xencrm.campaigns.accounts.sessions.schemas import ShownSession
from xencrm.campaigns.accounts.sign_in import link
from xencrm.campaigns.accounts.sign_in.schemas import LinkToken, Provider, Ways
from xencrm.campaigns.services import Provided
from xencrm.kernel.errors import Forbidden
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.principals import SITE_HEADER
from xencrm.kernel.settings import Settings, is_loopback

NAMES = {"accounts.google.com": "Google"}
NOT_KEPT = {"cache-control": "no-store"}


async def show_ways(services: Provided) -> Ways:
    """How one can sign in here."""
    settings = services.settings
    provider = Provider(_provider_name(settings)) if settings.signs_in_by_provider else None
    return Ways(oidc=provider, link=settings.signs_in_by_link)


async def sign_in_by_link(
    request: HttpRequest, data: JSONBody[LinkToken], services: Provided, sessions: Cookies
) -> Response[ShownSession]:
    """Sign in the owner by a one-time link; only from this machine."""
    settings = services.settings
    if not settings.signs_in_by_link:
        raise Forbidden("Nobody signs in by link here.")
    _check_is_local(request)
    async with services.database.transaction() as tx:
        owner = await link.take_link(tx, data.token)
        agent = request.headers.get("user-agent", "")
        cookie, principal = await sessions.begun(tx, owner.person_id, agent)
    shown = await shown_session(principal, sessions, settings)
    return Response(shown, headers={"set-cookie": cookie, **NOT_KEPT})


def _check_is_local(request: HttpRequest) -> None:
    """A name of some other site may lead to this machine too. Raises Forbidden."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if not is_loopback(host):
        raise Forbidden("A sign-in link works on the machine that it was made on.")
    if request.headers.get(SITE_HEADER) not in (None, "same-origin"):
        raise Forbidden("Requests from other sites are refused.")


def _provider_name(settings: Settings) -> str:
    host = urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    return NAMES.get(host, host)
