"""Routes of signing in: at the root, without a key."""

from typing import Annotated
from urllib.parse import urlsplit

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.sessions.api import Cookies, shown_session
from xencrm.campaigns.accounts.sessions.schemas import ShownSession
from xencrm.campaigns.accounts.sign_in import link, service
from xencrm.campaigns.accounts.sign_in.model import SignInFailed, local_path
from xencrm.campaigns.accounts.sign_in.schemas import LinkToken, Provider, Ways
from xencrm.campaigns.services import Provided
from xencrm.kernel.errors import Forbidden
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.principals import SITE_HEADER, cookie_value
from xencrm.kernel.http.secured import give_cookies
from xencrm.kernel.logging import get_logger
from xencrm.kernel.settings import Settings, is_loopback

NAMES = {"accounts.google.com": "Google"}
NOT_KEPT = {"cache-control": "no-store"}
PAGE = "/sign-in"

Doorway = NamedDependency[service.Door]
Next = Annotated[str | None, QueryParameter(name="next", description="the page to go to afterwards")]
log = get_logger(__name__)


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
        await audit.note_entry(tx, owner.person_id, owner.name, link.WAY)
    give_cookies(request.scope, cookie)
    return Response(await shown_session(principal, sessions, settings), headers=NOT_KEPT)


async def begin_sign_in(request: HttpRequest, door: Doorway, next_: Next = None) -> Response[None]:
    """Off to the provider."""
    try:
        url, cookie = await service.begin(door, local_path(next_))
    except SignInFailed as error:
        return _failed(error)
    give_cookies(request.scope, cookie)
    return _to(url)


async def finish_sign_in(
    request: HttpRequest, services: Provided, sessions: Cookies, door: Doorway
) -> Response[None]:
    """Back from the provider: a session begins, or the page of signing in says why not."""
    flow = cookie_value(request.headers.get("cookie", ""), door.flows.cookie)
    agent = request.headers.get("user-agent", "")
    give_cookies(request.scope, door.flows.gone())
    answer = dict(request.query_params.items())
    try:
        entered = await service.finish(
            services.database, sessions, door, answer=answer, flow_cookie=flow, user_agent=agent
        )
    except SignInFailed as error:
        return _failed(error)
    give_cookies(request.scope, door.flows.gone(), entered.cookie)
    return _to(entered.next)


def _failed(error: SignInFailed) -> Response[None]:
    log.warning("sign_in.failed", reason=error.failure.value, detail=error.detail)
    return _to(f"{PAGE}?error={error.failure.value}")


def _to(url: str) -> Response[None]:
    return Response(None, status_code=302, headers={"location": url, **NOT_KEPT})


def _check_is_local(request: HttpRequest) -> None:
    """A name of some other site may lead to this machine too. Raises Forbidden."""
    if not is_loopback(_host(request)):
        raise Forbidden("A sign-in link works on the machine that it was made on.")
    if request.headers.get(SITE_HEADER) not in (None, "same-origin"):
        raise Forbidden("Requests from other sites are refused.")


def _host(request: HttpRequest) -> str:
    """Without the port; empty for what is no name and no address."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _provider_name(settings: Settings) -> str:
    host = urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    return NAMES.get(host, host)
