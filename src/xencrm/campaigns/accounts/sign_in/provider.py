"""The OpenID Connect issuer that people sign in with (https://openid.net/specs/openid-connect-core-1_0.html).

Authorization code with PKCE (S256), state and nonce; the ID token is checked against the issuer's keys.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from xencrm.campaigns.accounts.people.model import Identity
from xencrm.campaigns.accounts.sign_in.model import Failure, Flow, SignInFailed
from xencrm.kernel.http.memory import Memory
from xencrm.kernel.settings import Settings
from xencrm.kernel.validation import NAME_LENGTH, clean_email

SCOPE: Final = "openid email profile"
CALLBACK: Final = "/auth/callback"
DISCOVERY: Final = "/.well-known/openid-configuration"
METADATA_KNOWN_S: Final = 600.0
TIMEOUT_S: Final = 10.0
LEEWAY_S: Final = 60
VERIFIER_BYTES: Final = 48
# Signatures by a key that is not ours; a shared secret would make whoever has it the issuer.
ALGORITHMS: Final = frozenset({f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)})

Metadata = Mapping[str, Any]


class Provider:
    """What the issuer says of itself is asked again every ten minutes, its keys at each sign-in."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.google_client_id or ""
        self._secret = settings.google_client_secret
        self._callback = (settings.public_url or settings.local_url).rstrip("/") + CALLBACK
        self._metadata: Memory[str, Metadata] = Memory(
            self._discover, known_s=METADATA_KNOWN_S, ask_s=TIMEOUT_S
        )

    async def begin(self, path: str) -> tuple[str, Flow]:
        """The issuer's address to go to, and what to remember meanwhile. Raises SignInFailed."""
        metadata = await self._found()
        flow = Flow(_random(), _random(), secrets.token_urlsafe(VERIFIER_BYTES), path)
        async with self._client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        return str(url), flow

    async def identify(self, flow: Flow, code: str) -> Identity:
        """Who came back with a code. Raises SignInFailed."""
        metadata = await self._found()
        try:
            async with self._client(metadata) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=flow.verifier,
                )
                claims = self._checked(token, await _keys(client, metadata), metadata, flow)
                return _identity(await _with_address(client, metadata, claims), metadata)
        except (httpx2.HTTPError, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise SignInFailed(Failure.PROVIDER, repr(error)) from error

    async def _found(self) -> Metadata:
        try:
            metadata = await self._metadata.get(self._issuer)
        except (httpx2.HTTPError, TimeoutError, ValueError) as error:
            raise SignInFailed(Failure.PROVIDER, repr(error)) from error
        if metadata is None:
            raise SignInFailed(Failure.PROVIDER, f"{self._issuer}{DISCOVERY} is of another issuer")
        return metadata

    async def _discover(self, issuer: str) -> Metadata | None:
        """None when it is not this issuer's."""
        async with httpx2.AsyncClient(timeout=TIMEOUT_S) as client:
            answer = await client.get(issuer + DISCOVERY)
        metadata: dict[str, Any] = answer.raise_for_status().json()
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        is_whole = all(isinstance(metadata.get(name), str) for name in names)
        return metadata if is_whole and str(metadata.get("issuer")).rstrip("/") == issuer else None

    def _client(self, metadata: Metadata) -> Any:
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            scope=SCOPE,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            token_endpoint_auth_method=_way_of_secret(metadata) if self._secret else "none",
            timeout=TIMEOUT_S,
        )

    def _checked(self, token: Any, keys: KeySet, metadata: Metadata, flow: Flow) -> dict[str, Any]:
        """The claims of an ID token that is the answer to this flow."""
        registry = JWSRegistry(algorithms=_algorithms(metadata), strict_check_header=False)
        decoded = jwt.decode(token["id_token"], keys, registry=registry)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "values": [metadata["issuer"]]},
                "aud": {"essential": True, "value": self._client_id},
            },
            {"nonce": flow.nonce, "client_id": self._client_id, "access_token": token.get("access_token")},
        )
        try:
            claims.validate(leeway=LEEWAY_S)
        except (InvalidClaimError, MissingClaimError) as error:
            is_nonce = getattr(error, "claim", None) == "nonce"
            raise SignInFailed(Failure.NONCE if is_nonce else Failure.PROVIDER, repr(error)) from error
        return dict(claims)


def _algorithms(metadata: Metadata) -> list[str]:
    """Those of the issuer's that we take; none at all would mean any to who checks. Raises SignInFailed."""
    supported = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    if taken := [name for name in supported if name in ALGORITHMS]:
        return taken
    raise SignInFailed(Failure.PROVIDER, f"it signs by none of {sorted(ALGORITHMS)}")


def _way_of_secret(metadata: Metadata) -> str:
    """How the token endpoint wants to be told the client's secret."""
    supported = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"


async def _keys(client: Any, metadata: Metadata) -> KeySet:
    answer = await client.request("GET", metadata["jwks_uri"], withhold_token=True)
    return KeySet.import_key_set(answer.raise_for_status().json())


async def _with_address(client: Any, metadata: Metadata, claims: dict[str, Any]) -> dict[str, Any]:
    """Issuers may tell the address only when asked once more."""
    if "email" in claims or "userinfo_endpoint" not in metadata:
        return claims
    answer = await client.get(metadata["userinfo_endpoint"])
    more: dict[str, Any] = answer.raise_for_status().json()
    if more.get("sub") != claims["sub"]:
        raise SignInFailed(Failure.PROVIDER, "the user info is somebody else's")
    return {**more, **claims}


def _identity(claims: Mapping[str, Any], metadata: Metadata) -> Identity:
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise SignInFailed(Failure.UNVERIFIED, "the issuer does not vouch for an address")
    email = clean_email("email", claims["email"])
    name = "".join(char for char in str(claims.get("name") or "") if char.isprintable()).strip()
    domain = claims.get("hd")
    return Identity(
        issuer=str(metadata["issuer"]),
        subject=str(claims["sub"]),
        email=email,
        name=name[:NAME_LENGTH] or email,
        hosted_domain=domain.lower() if isinstance(domain, str) else None,
    )


def _random() -> str:
    return secrets.token_urlsafe(32)
