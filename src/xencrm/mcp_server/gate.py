"""The way in by HTTP: who may knock, and with which key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from xencrm.client.errors import ClientError, Unauthenticated
from xencrm.kernel.asgi import (
    HEALTH,
    Application,
    Header,
    Receive,
    Scope,
    Send,
    answer,
    bearer,
    headers_of,
    refuse,
)
from xencrm.mcp_server.desk import Desks
from xencrm.mcp_server.hosts import Hosts

PATH: Final = "/mcp"
KEYS_IN_QUERY: Final = frozenset({"key", "api_key", "apikey", "token", "access_token", "authorization"})
BEARER: Final = "Send an API key in the header: Authorization: Bearer <key>."


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    detail: str
    headers: Sequence[Header] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets posts with a good key pass on to `protocol`; cookies are left out."""

    protocol: Application
    desks: Desks
    hosts: Hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] in HEALTH:
            return await answer(send, 200, {"status": "ok"})
        refusal = await self._refusal(scope)
        if refusal is None:
            kept = [header for header in scope["headers"] if header[0] != b"cookie"]
            return await self.protocol({**scope, "headers": kept}, receive, send)
        await refuse(send, refusal.status, refusal.detail, refusal.headers)

    async def _refusal(self, scope: Scope) -> Refusal | None:
        headers = headers_of(scope)
        return (
            self._misdirected(scope, headers)
            or await self._unauthenticated(headers)
            or _wrong_method(scope["method"])
        )

    def _misdirected(self, scope: Scope, headers: Mapping[str, str]) -> Refusal | None:
        if scope["path"].rstrip("/") != PATH:
            return Refusal(404, f"There is nothing here; the MCP server is at {PATH}.")
        if not self.hosts.knows(headers.get("host", "")):
            return Refusal(421, "This host is not answered; XENCRM_PUBLIC_URL says which one is.")
        if "origin" in headers and not self.hosts.trusts(headers["origin"]):
            return Refusal(403, "Requests from pages of this origin are refused.")
        if _has_key(scope["query_string"]):
            return Refusal(400, f"A key in the address would be logged. {BEARER}")
        return None

    async def _unauthenticated(self, headers: Mapping[str, str]) -> Refusal | None:
        """While Campaigns is away nobody can tell; the tools say so then."""
        key = bearer(headers)
        if key is None:
            return Refusal(401, BEARER, [(b"www-authenticate", b'Bearer realm="XenCRM"')])
        try:
            await self.desks.session(key)
        except Unauthenticated:
            challenge = b'Bearer realm="XenCRM", error="invalid_token"'
            return Refusal(
                401, "The API key is not known or was revoked.", [(b"www-authenticate", challenge)]
            )
        except ClientError:
            return None
        return None


def _has_key(query: bytes) -> bool:
    """By its name, or by how ours begin."""
    given = parse_qsl(query.decode("latin-1"))
    return any(name.lower() in KEYS_IN_QUERY or value.startswith("xk_") for name, value in given)


def _wrong_method(method: str) -> Refusal | None:
    """There is no stream of our own to listen to, and no session to end."""
    return None if method == "POST" else Refusal(405, "Send a POST.", [(b"allow", b"POST")])
