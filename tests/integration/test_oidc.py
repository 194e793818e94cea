"""Signing in with an OpenID provider, over real redirects."""

import base64
import hashlib
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from oidc_provider_mock import User, app, run_server_in_thread
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as Answer

from tests.support.campaigns import running_campaigns
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.accounts.sign_in.model import local_path

ACCOUNTS = {
    "asha": {"email": "asha@shop.example", "email_verified": True, "name": "Asha Rao"},
    "dev": {"email": "Dev@Shop.example", "email_verified": True, "name": "Dev Shah"},
    "mira": {"email": "mira@elsewhere.example", "email_verified": True},
    "lee": {"email": "lee@elsewhere.example", "email_verified": True, "name": "Lee"},
    "unsure": {"email": "unsure@shop.example", "email_verified": False},
    "silent": {"email": "silent@shop.example"},
    "nobody": {"name": "No Address"},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    users = [User(sub=sub, claims=claims) for sub, claims in ACCOUNTS.items()]
    with run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer, issuer: str) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, **provided(issuer)) as running:
        yield running


def provided(issuer: str, **more: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer,
        "google_client_id": "xencrm",
        "google_client_secret": "secret",
        "admins": "asha@shop.example",
        "sign_in_allow": "@shop.example, lee@elsewhere.example",
        **more,
    }


@dataclass
class Traveller:
    """A browser that follows redirects one by one."""

    http: aiohttp.ClientSession
    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> str:
        """Where the answer leads."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        async with self.http.get(self.url + path, headers=sent, allow_redirects=False) as answer:
            assert answer.status == 302
            for line in answer.headers.getall("Set-Cookie", []):
                for name, morsel in SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return str(answer.headers["Location"])

    async def start(self, path: str = "/dashboard") -> str:
        """The address at the provider."""
        return await self.get("/auth/start?" + urlencode({"next": path}))

    async def agree(self, there: str, account: str, **changed: str) -> str:
        """Says who one is at the provider; the path back, with parameters changed on the way."""
        async with self.http.post(there, data={"sub": account}, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            back = urlsplit(answer.headers["Location"])
        query = {**dict(parse_qsl(back.query)), **changed}
        return f"{back.path}?{urlencode(query)}"

    async def sign_in(self, account: str) -> str:
        return await self.get(await self.agree(await self.start(), account))

    async def session(self) -> tuple[int, Any]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        async with self.http.get(f"{self.url}/api/v1/session", headers=sent) as answer:
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
def traveller(campaigns: RunningService) -> Traveller:
    return Traveller(campaigns.http, campaigns.url)


def with_query(url: str, **changed: str) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})).geturl()


async def assert_refused(traveller: Traveller, led_to: str, failure: str) -> None:
    assert led_to == f"/sign-in?error={failure}"
    assert (await traveller.session())[0] == 401


async def test_an_admin_of_the_settings_signs_in(traveller: Traveller) -> None:
    assert await traveller.sign_in("asha") == "/dashboard"
    status, session = await traveller.session()
    assert status == 200
    person = session["person"]
    assert (person["name"], person["email"], person["role"]) == ("Asha Rao", "asha@shop.example", "admin")
    assert traveller.cookies["xencrm_sign_in"] == ""


async def test_others_of_an_allowed_domain_or_address_get_the_default_role(campaigns: RunningService) -> None:
    for account, email in (("dev", "dev@shop.example"), ("lee", "lee@elsewhere.example")):
        traveller = Traveller(campaigns.http, campaigns.url)
        assert await traveller.sign_in(account) == "/dashboard"
        person = (await traveller.session())[1]["person"]
        assert (person["email"], person["role"]) == (email, "viewer")


async def test_who_comes_again_is_the_same_person(campaigns: RunningService) -> None:
    seen = set()
    for _ in range(2):
        traveller = Traveller(campaigns.http, campaigns.url)
        await traveller.sign_in("dev")
        seen.add((await traveller.session())[1]["person"]["person_id"])
    assert len(seen) == 1


async def test_the_provider_gets_state_nonce_and_a_challenge(traveller: Traveller, issuer: str) -> None:
    there = await traveller.start()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert there.startswith(issuer)
    assert asked["code_challenge_method"] == "S256"
    assert len(base64.urlsafe_b64decode(asked["code_challenge"] + "=")) == hashlib.sha256().digest_size
    assert asked["response_type"] == "code"
    assert "openid" in asked["scope"].split()
    another = parse_qs(urlsplit(await traveller.start()).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43
        assert another[name] != [asked[name]]


@pytest.mark.parametrize("account", ["unsure", "silent", "nobody"])
async def test_an_address_that_is_not_verified_is_refused(traveller: Traveller, account: str) -> None:
    await assert_refused(traveller, await traveller.sign_in(account), "unverified")


async def test_an_address_that_is_not_allowed_is_refused(traveller: Traveller) -> None:
    await assert_refused(traveller, await traveller.sign_in("mira"), "not-allowed")


async def test_an_answer_with_another_state_is_refused(traveller: Traveller) -> None:
    back = await traveller.agree(await traveller.start(), "asha", state="another")
    await assert_refused(traveller, await traveller.get(back), "state")


async def test_an_answer_to_somebody_elses_start_is_refused(campaigns: RunningService) -> None:
    attacker, victim = (Traveller(campaigns.http, campaigns.url) for _ in range(2))
    back = await attacker.agree(await attacker.start(), "dev")
    await victim.start()
    await assert_refused(victim, await victim.get(back), "state")


async def test_an_answer_with_another_nonce_is_refused(traveller: Traveller) -> None:
    back = await traveller.agree(with_query(await traveller.start(), nonce="another"), "asha")
    await assert_refused(traveller, await traveller.get(back), "nonce")


async def test_who_declines_at_the_provider_is_told_so(traveller: Traveller) -> None:
    async with traveller.http.post(
        await traveller.start(), data={"action": "deny"}, allow_redirects=False
    ) as answer:
        back = urlsplit(answer.headers["Location"])
    await assert_refused(traveller, await traveller.get(f"{back.path}?{back.query}"), "denied")
    state = parse_qs(urlsplit(await traveller.start()).query)["state"][0]
    back = f"/auth/callback?error=temporarily_unavailable&state={state}"
    await assert_refused(traveller, await traveller.get(back), "provider")


async def test_a_made_up_code_is_refused(traveller: Traveller) -> None:
    back = await traveller.agree(await traveller.start(), "asha", code="made-up")
    await assert_refused(traveller, await traveller.get(back), "provider")


async def test_a_code_works_once(campaigns: RunningService) -> None:
    traveller = Traveller(campaigns.http, campaigns.url)
    back = await traveller.agree(await traveller.start(), "asha")
    flow = dict(traveller.cookies)
    assert await traveller.get(back) == "/dashboard"
    again = Traveller(campaigns.http, campaigns.url, flow)
    await assert_refused(again, await again.get(back), "provider")


@pytest.mark.parametrize("kind", ["none", "garbage", "odd characters", "forged", "expired"])
async def test_only_a_flow_that_was_begun_here_and_lately_comes_back(traveller: Traveller, kind: str) -> None:
    back = await traveller.agree(await traveller.start(), "asha")
    flow = traveller.cookies["xencrm_sign_in"]
    traveller.cookies["xencrm_sign_in"] = {
        "none": "",
        "garbage": "x" * 80,
        "odd characters": "caf\xe9",
        "forged": Fernet(Fernet.generate_key()).encrypt(b"{}").decode(),
        "expired": flow[:-4] + "AAAA",
    }[kind]
    await assert_refused(traveller, await traveller.get(back), "expired")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%5c" + "x" * 2000,
        "",
    ],
)
async def test_one_is_never_led_elsewhere_afterwards(campaigns: RunningService, elsewhere: str) -> None:
    traveller = Traveller(campaigns.http, campaigns.url)
    assert await traveller.get(await traveller.agree(await traveller.start(elsewhere), "asha")) == "/"
    assert local_path(elsewhere) == "/"


async def test_a_page_with_a_filter_is_led_back_to(traveller: Traveller) -> None:
    wanted = "/segments?q=big%20spenders"
    assert await traveller.get(await traveller.agree(await traveller.start(wanted), "asha")) == wanted


async def test_the_ways_are_told(campaigns: RunningService, issuer: str) -> None:
    async with campaigns.http.get(f"{campaigns.url}/auth/ways") as answer:
        assert await answer.json() == {"oidc": {"name": "localhost"}, "link": False}
    async with campaigns.http.post(f"{campaigns.url}/auth/link", json={"token": "x"}) as answer:
        assert answer.status == 403


async def test_a_provider_that_is_away_is_told_so_and_may_come_back(postgres: PostgresServer) -> None:
    port = free_port()
    async with running_campaigns(postgres, **provided(f"http://localhost:{port}")) as campaigns:
        traveller = Traveller(campaigns.http, campaigns.url)
        await assert_refused(traveller, await traveller.start(), "provider")
        asha = User(sub="asha", claims=ACCOUNTS["asha"])
        with run_server_in_thread(port, user_claims=[asha]):
            back = await traveller.agree(await traveller.start(), "asha")
        await assert_refused(traveller, await traveller.get(back), "provider")
        with run_server_in_thread(port, user_claims=[asha]):
            assert await traveller.sign_in("asha") == "/dashboard"


async def test_an_issuer_that_says_it_is_another_is_refused(postgres: PostgresServer, issuer: str) -> None:
    async def of_another(request: web.Request) -> web.Response:
        async with aiohttp.ClientSession() as http, http.get(issuer + request.path) as answer:
            return web.json_response(await answer.json())

    impostor = web.Application()
    impostor.router.add_get("/.well-known/openid-configuration", of_another)
    async with (
        TestServer(impostor) as server,
        running_campaigns(postgres, **provided(str(server.make_url("")))) as campaigns,
    ):
        traveller = Traveller(campaigns.http, campaigns.url)
        await assert_refused(traveller, await traveller.start(), "provider")


@contextmanager
def recording(told: list[dict[str, str]]) -> Iterator[str]:
    """An issuer that notes what its token endpoint is told."""
    provider = app(user_claims=[User(sub="asha", claims=ACCOUNTS["asha"])])

    def noted(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            told.append(dict(parse_qsl(body.decode())))
            environ["wsgi.input"] = io.BytesIO(body)
        return provider(environ, start_response)

    with serving(noted) as issuer:
        yield issuer


@contextmanager
def serving(provider: Any) -> Iterator[str]:
    """A provider of the test's own making."""
    server = make_server("localhost", 0, provider, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_the_code_is_given_back_with_the_secret_behind_the_challenge(postgres: PostgresServer) -> None:
    told: list[dict[str, str]] = []
    with recording(told) as issuer:
        async with running_campaigns(postgres, **provided(issuer)) as campaigns:
            traveller = Traveller(campaigns.http, campaigns.url)
            there = await traveller.start()
            challenge = parse_qs(urlsplit(there).query)["code_challenge"][0]
            assert await traveller.get(await traveller.agree(there, "asha")) == "/dashboard"
    [exchange] = told
    hashed = hashlib.sha256(exchange["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(hashed).decode().rstrip("=") == challenge


@pytest.mark.parametrize("algorithms", [["HS256"], ["none"], ["EdDSA", "HS512"]], ids=str)
async def test_an_issuer_that_signs_in_no_way_that_we_take_is_refused(
    postgres: PostgresServer, algorithms: list[str]
) -> None:
    """Whatever way its tokens are signed by in the end."""
    provider = app(user_claims=[User(sub="asha", claims=ACCOUNTS["asha"])])

    def changed(environ: dict[str, Any], start_response: Any) -> Any:
        answer = Answer.from_app(provider, environ)
        if environ["PATH_INFO"] == "/.well-known/openid-configuration":
            metadata = json.loads(answer.get_data())
            answer.set_data(json.dumps({**metadata, "id_token_signing_alg_values_supported": algorithms}))
        return answer(environ, start_response)

    with serving(changed) as issuer:
        async with running_campaigns(postgres, **provided(issuer)) as campaigns:
            traveller = Traveller(campaigns.http, campaigns.url)
            await assert_refused(traveller, await traveller.sign_in("asha"), "provider")


async def rename(campaigns: RunningService, issuer: str, account: str, email: str) -> None:
    """From now on the provider knows the account by this address."""
    claims = {**ACCOUNTS[account], "email": email}
    async with campaigns.http.put(f"{issuer}/users/{account}", json=claims) as answer:
        assert answer.status == 204


async def test_a_new_address_is_still_the_same_person_and_nobody_elses(
    campaigns: RunningService, issuer: str
) -> None:
    lee, dev = (Traveller(campaigns.http, campaigns.url) for _ in range(2))
    await lee.sign_in("lee")
    await dev.sign_in("dev")
    before = (await lee.session())[1]["person"]
    try:
        await rename(campaigns, issuer, "lee", "lee@shop.example")
        assert await lee.sign_in("lee") == "/dashboard"
        after = (await lee.session())[1]["person"]
        assert after == {**before, "email": "lee@shop.example"}
        await rename(campaigns, issuer, "lee", "dev@shop.example")
        assert await lee.sign_in("lee") == "/sign-in?error=not-allowed"
        await rename(campaigns, issuer, "mira", "dev@shop.example")
        mira = Traveller(campaigns.http, campaigns.url)
        await assert_refused(mira, await mira.sign_in("mira"), "not-allowed")
    finally:
        for account in ("lee", "mira"):
            await rename(campaigns, issuer, account, str(ACCOUNTS[account]["email"]))


async def test_a_session_and_its_cookie_are_for_https_alone_where_the_product_is(
    postgres: PostgresServer, issuer: str
) -> None:
    settings = provided(issuer, public_url="https://crm.shop.example")
    async with running_campaigns(postgres, **settings) as campaigns:
        traveller = Traveller(campaigns.http, campaigns.url)
        there = await traveller.start()
        assert parse_qs(urlsplit(there).query)["redirect_uri"] == ["https://crm.shop.example/auth/callback"]
        await traveller.get(await traveller.agree(there, "asha"))
        assert traveller.cookies.keys() == {"__Host-xencrm_sign_in", "__Host-xencrm_session"}
        async with campaigns.http.get(f"{campaigns.url}/auth/ways") as answer:
            assert answer.headers["Strict-Transport-Security"]
