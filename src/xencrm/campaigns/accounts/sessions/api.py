"""Routes of one's own session."""

from importlib.metadata import version
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from xencrm import __name__ as package
from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.sessions import service
from xencrm.campaigns.accounts.sessions.cookies import PeopleSessions
from xencrm.campaigns.accounts.sessions.schemas import Installation, ShownSelf, ShownSession
from xencrm.campaigns.services import Provided
from xencrm.kernel.errors import Conflict
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.principals import Principal
from xencrm.kernel.http.secured import give_cookies
from xencrm.kernel.settings import Settings, is_loopback

Cookies = NamedDependency[PeopleSessions]
Everywhere = Annotated[bool, QueryParameter(description="all sessions of this person")]


async def get_session(principal: Caller, services: Provided, sessions: Cookies) -> ShownSession:
    """Who asks, what the session needs to go on, and what pages need to know of this installation."""
    return await shown_session(principal, sessions, services.settings)


async def end_session(
    request: HttpRequest,
    principal: Caller,
    services: Provided,
    sessions: Cookies,
    everywhere: Everywhere = False,
) -> None:
    """Sign out, here or everywhere. An API key has no session."""
    session = principal.session
    if session is None:
        raise Conflict("An API key has no session; it is revoked with DELETE /api-keys.")
    async with services.database.transaction() as tx:
        person_id = UUID(principal.principal_id)
        if everywhere:
            await service.end_all(tx, person_id)
        else:
            await service.end(tx, session.session_id)
        await audit.note(tx, "session.ended", "person", person_id, everywhere=everywhere)
    sessions.forget(session.session_id)
    give_cookies(request.scope, sessions.gone())


async def shown_session(principal: Principal, sessions: PeopleSessions, settings: Settings) -> ShownSession:
    session = principal.session
    live = await sessions.find(session.session_id) if session is not None else None
    return ShownSession(
        person=ShownSelf(
            person_id=principal.principal_id,
            name=principal.name,
            email=live.email if live is not None else None,
            role=principal.role,
            kind=principal.kind,
        ),
        csrf_token=session.csrf if session is not None else None,
        expires_at=live.expires_at if live is not None else None,
        installation=_installation(settings),
    )


def _installation(settings: Settings) -> Installation:
    host = urlsplit(settings.public_url or settings.local_url).hostname or ""
    return Installation(
        name=settings.name,
        version=version(package),
        currency=settings.currency,
        time_zone=settings.time_zone,
        can_track=not is_loopback(host),
        launch_needs_plan=settings.launch_needs_plan,
        assistant=settings.assistant_model is not None,
    )
