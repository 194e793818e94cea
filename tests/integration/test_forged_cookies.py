"""Cookies that this installation did not give out, or takes back, are refused by both services."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.people import SECRET, Both, Browser, known_in_both, running_both, signed_in
from tests.support.postgres import PostgresServer
from tests.support.waiting import until
from xencrm.campaigns.accounts.sessions import signing
from xencrm.kernel.clock import utc_now
from xencrm.kernel.http.session_tokens import Claims, key_id_of, sign

Forge = Callable[[str, Ed25519PrivateKey], str]


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(part: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def claims_of(token: str) -> Claims:
    return msgspec.convert(decoded(token.split(".")[1]), Claims)


def promoted(token: str, _: Ed25519PrivateKey) -> str:
    header, claims, signature = token.split(".")
    return f"{header}.{encoded({**decoded(claims), 'role': 'admin'})}.{signature}"


def by_another_key(token: str, _: Ed25519PrivateKey) -> str:
    """Signed by a key of the forger's, under the name of ours."""
    header, claims, _ = token.split(".")
    return f"{header}.{claims}.{encoded(Ed25519PrivateKey.generate().sign(f'{header}.{claims}'.encode()))}"


def of_another_installation(token: str, _: Ed25519PrivateKey) -> str:
    return sign(claims_of(token), Ed25519PrivateKey.generate())


def without_signature(token: str, key: Ed25519PrivateKey) -> str:
    header = encoded({"alg": "none", "kid": key_id_of(key.public_key())})
    return f"{header}.{token.split('.')[1]}."


def by_the_public_key(token: str, key: Ed25519PrivateKey) -> str:
    """The public key used as the secret of an HMAC."""
    header = encoded({"alg": "HS256", "kid": key_id_of(key.public_key())})
    signed = f"{header}.{token.split('.')[1]}"
    mac = hmac.digest(key.public_key().public_bytes_raw(), signed.encode(), hashlib.sha256)
    return f"{signed}.{encoded(mac)}"


def with_a_word_more(token: str, key: Ed25519PrivateKey) -> str:
    """Truly signed, with a header that says more than which key."""
    header = encoded({"kid": key_id_of(key.public_key()), "alg": "none"})
    signed = f"{header}.{token.split('.')[1]}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


FORGERIES: dict[str, Forge] = {
    "nothing": lambda token, key: "",
    "no token": lambda token, key: "admin",
    "dots": lambda token, key: "..",
    "cut": lambda token, key: token[:-2],
    "padded": lambda token, key: token + "==",
    "longer": lambda token, key: token + "." + token,
    "very long": lambda token, key: token + "A" * 10_000,
    "odd characters": lambda token, key: token.replace(".", "\xe9", 1),
    "promoted": promoted,
    "by another key": by_another_key,
    "of another installation": of_another_installation,
    "without signature": without_signature,
    "by the public key": by_the_public_key,
    "with a word more": with_a_word_more,
    "for longer than ours": lambda token, key: sign(
        msgspec.structs.replace(claims_of(token), exp=claims_of(token).exp + timedelta(seconds=1)), key
    ),
    "of another person": lambda token, key: sign(
        msgspec.structs.replace(claims_of(token), pid=uuid4(), exp=utc_now()), key
    ),
}


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[Both]:
    async with running_both(postgres) as services:
        yield services


async def key_of(both: Both) -> Ed25519PrivateKey:
    async with both.campaigns.database.transaction() as tx:
        return await signing.signing_key(tx, SECRET)


async def statuses(both: Both, browser: Browser) -> tuple[int, int]:
    """Of Campaigns and of Ingestion; what they set is not taken over."""
    other = Browser(browser.token, browser.csrf)
    here, _ = await other.ask(both.campaigns, "GET", "/segments")
    other = Browser(browser.token, browser.csrf)
    there, _ = await other.ask(both.ingestion, "GET", "/customers")
    lean, _ = await other.ask(both.ingestion, "POST", "/customers", json={})
    assert (lean == 401) is (there == 401), "both ways in say the same"
    return here, there


@pytest.mark.parametrize("kind", FORGERIES)
async def test_what_was_not_given_out_here_is_refused(both: Both, kind: str) -> None:
    browser = await signed_in(both.campaigns, "marketer")
    await known_in_both(both, browser)
    forged = FORGERIES[kind](browser.token, await key_of(both))
    assert await statuses(both, Browser(forged, browser.csrf)) == (401, 401)
    assert await statuses(both, browser) == (200, 200)


async def test_an_expired_token_is_renewed_by_campaigns_and_refused_by_ingestion(both: Both) -> None:
    browser = await signed_in(both.campaigns, "viewer")
    await known_in_both(both, browser)
    former = claims_of(browser.token)
    hour = timedelta(hours=1)
    old = msgspec.structs.replace(former, iat=former.iat - hour, exp=former.exp - hour)
    browser.token = sign(old, await key_of(both))
    assert (await browser.ask(both.ingestion, "GET", "/customers"))[0] == 401
    expired = browser.token
    assert (await browser.ask(both.campaigns, "GET", "/session"))[0] == 200
    assert browser.token != expired
    renewed = claims_of(browser.token)
    assert (renewed.sid, renewed.csrf) == (former.sid, former.csrf)
    assert renewed.exp > utc_now()
    assert (await browser.ask(both.ingestion, "GET", "/customers"))[0] == 200


async def test_a_fresh_token_is_not_replaced(both: Both) -> None:
    browser = await signed_in(both.campaigns, "viewer")
    given = browser.token
    await browser.ask(both.campaigns, "GET", "/segments")
    assert browser.token == given


@pytest.mark.parametrize(
    "ended",
    [
        "expires_at = now() - interval '1 second'",
        "seen_at = now() - interval '13 hours'",
        "revoked_at = now()",
    ],
)
async def test_a_session_that_is_over_is_refused_within_seconds(both: Both, ended: str) -> None:
    browser = await signed_in(both.campaigns, "viewer")
    assert (await browser.ask(both.campaigns, "GET", "/session"))[0] == 200
    session_id = claims_of(browser.token).sid
    await both.campaigns.rows(
        f"UPDATE sessions SET {ended} WHERE session_id = :id RETURNING 1", id=session_id
    )

    async def status() -> int:
        return (await browser.ask(both.campaigns, "GET", "/segments"))[0]

    await until(status, lambda seen: seen == 401)


async def test_a_token_that_was_issued_before_a_cutoff_is_refused_and_a_later_one_is_not(both: Both) -> None:
    browser = await signed_in(both.campaigns, "viewer")
    await known_in_both(both, browser)
    person = UUID(str(browser.principal.principal_id)) if browser.principal else UUID(int=0)
    assert (await browser.ask(both.campaigns, "DELETE", "/session?everywhere=true"))[0] == 204
    again = await signed_in(both.campaigns, "viewer")
    assert claims_of(again.token).pid == person
    await until(lambda: statuses(both, again), lambda seen: seen == (200, 200))
    await both.ingestion.until("SELECT count(*) FROM session_cutoffs WHERE subject_id = :id", 1, id=person)
    assert await statuses(both, again) == (200, 200)


async def test_changes_by_cookie_need_the_token_of_the_session_and_our_own_pages(both: Both) -> None:
    browser, other = await signed_in(both.campaigns, "admin"), await signed_in(both.campaigns, "admin")
    await known_in_both(both, browser)
    lacking: list[dict[str, str | None]] = [
        {"X-CSRF-Token": None},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": other.csrf},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ]
    for headers in lacking:
        for running, path in ((both.campaigns, "/segments"), (both.ingestion, "/customers")):
            status, problem = await browser.ask(running, "POST", path, json={}, headers=headers)
            assert status == 403, (headers, path, problem)
            status, _ = await browser.ask(running, "GET", path, headers=headers)
            assert (status == 403) is (headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"))
            assert status in (200, 403)
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert (await browser.ask(both.campaigns, "POST", "/segments", json={}, headers=ours))[0] == 400
    assert (await browser.ask(both.ingestion, "POST", "/customers", json={}, headers=ours))[0] == 400


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("none", 404), ("same-origin", 404)]
)
async def test_a_link_on_another_site_exports_nobody(both: Both, site: str, status: int) -> None:
    browser = await signed_in(both.campaigns, "admin")
    await known_in_both(both, browser)
    path = f"/customers/{uuid4()}/export"
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
    assert (await browser.ask(both.ingestion, "GET", path, headers=headers))[0] == status
