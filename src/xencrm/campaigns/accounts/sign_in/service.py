"""The way to the provider and back."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.accounts.people.entering import Guests, enter
from xencrm.campaigns.accounts.people.model import NotAllowed
from xencrm.campaigns.accounts.sessions.cookies import PeopleSessions
from xencrm.campaigns.accounts.sign_in.flows import Flows
from xencrm.campaigns.accounts.sign_in.model import Failure, Flow, Issuer, SignInFailed
from xencrm.kernel.database import Database


@dataclass(frozen=True)
class Door:
    """What is needed to let people in with a provider; without one nobody can begin."""

    issuer: Issuer | None
    flows: Flows
    guests: Guests


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session's cookie, and where its person wanted to go."""

    cookie: str
    next: str


async def begin(door: Door, path: str) -> tuple[str, str]:
    """Where to go, and the cookie to come back with. Raises SignInFailed."""
    url, flow = await _issuer(door).begin(path)
    return url, door.flows.begun(flow)


async def finish(
    database: Database,
    sessions: PeopleSessions,
    door: Door,
    *,
    answer: Mapping[str, str],
    flow_cookie: str | None,
    user_agent: str,
) -> Entered:
    """Who comes back with the issuer's answer, a session for them. Raises SignInFailed."""
    flow = door.flows.read(flow_cookie)
    code = _code(answer, flow)
    identity = await _issuer(door).identify(flow, code)
    try:
        async with database.transaction() as tx:
            person = await enter(tx, identity, door.guests)
            cookie, _ = await sessions.begun(tx, person.person_id, user_agent)
            await audit.note_entry(tx, person.person_id, person.name, identity.issuer)
    except NotAllowed as error:
        raise SignInFailed(Failure.NOT_ALLOWED, error.detail) from error
    return Entered(cookie, flow.next)


def _code(answer: Mapping[str, str], flow: Flow) -> str:
    """What the issuer gives in exchange for an identity. An error may be anybody's: it opens nothing.

    Raises SignInFailed.
    """
    if "error" in answer:
        is_denied = answer["error"] == "access_denied"
        raise SignInFailed(Failure.DENIED if is_denied else Failure.PROVIDER, answer["error"][:100])
    if not hmac.compare_digest(answer.get("state", "").encode(), flow.state.encode()):
        raise SignInFailed(Failure.STATE, "the answer is to another question")
    if not answer.get("code"):
        raise SignInFailed(Failure.PROVIDER, "neither a code nor an error")
    return answer["code"]


def _issuer(door: Door) -> Issuer:
    if door.issuer is None:
        raise SignInFailed(Failure.PROVIDER, "no provider is configured")
    return door.issuer
