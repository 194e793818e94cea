"""Signing in with a provider, over real redirects, and what ends it."""

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.axe import check_accessible
from tests.support.browser import Visitor
from tests.support.furnished import LIKELY, Office
from tests.support.ledger import open_ledger
from tests.support.product import Product, running_product
from tests.support.provider import Account, running_provider
from tests.support.waiting import until

ASHA = Account("asha", "asha@shop.example", "Asha Rao")
MIRA = Account("mira", "mira@shop.example", "Mira Iyer")
DEV = Account("dev", "dev@shop.example", "Dev Shah")
UNSURE = Account("unsure", "unsure@shop.example", "Not Verified", verified=False)
STRANGER = Account("stranger", "stranger@elsewhere.example", "A Stranger")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running_provider(ASHA, MIRA, DEV, UNSURE, STRANGER) as issuer:
        yield issuer


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory, issuer: str) -> AsyncIterator[Product]:
    """Asha is its admin, Mira an invited marketer; whoever else is of the shop looks on."""
    environment = {
        "XENCRM_OIDC_ISSUER": issuer,
        "XENCRM_OIDC_CLIENT_ID": "xencrm",
        "XENCRM_OIDC_CLIENT_SECRET": "not-checked-there",
        "XENCRM_ADMINS": ASHA.email,
        "XENCRM_SIGN_IN_ALLOW": "shop.example",
    }
    async with running_product(tmp_path_factory.mktemp("oidc"), **environment) as product:
        await product.ask("POST", "/people", json={"email": MIRA.email, "role": "marketer"})
        office = Office(product)
        segment = await office.segment("Big spenders", LIKELY)
        await office.draft("Welcome back", segment)
        yield product


@pytest.fixture
async def newcomer(visit: Visit, product: Product, issuer: str) -> Visitor:
    return await visit(product.url, issuer)


async def at_the_provider(visitor: Visitor, path: str = "/dashboard") -> Page:
    """Asked to sign in, and gone where it is done."""
    page = visitor.page
    with visitor.watch.expecting(401):
        await visitor.open(path)
        await page.get_by_role("link", name=re.compile("Continue with|Sign in with")).click()
    await expect(page.get_by_role("heading", name="Authorize Client")).to_be_visible()
    return page


async def pick(page: Page, account: Account) -> None:
    await page.get_by_role("button", name=account.subject, exact=True).click()


async def signed_in(visitor: Visitor, account: Account, path: str = "/dashboard") -> Page:
    page = await at_the_provider(visitor, path)
    await pick(page, account)
    await expect(page.get_by_role("button", name=f"Account of {account.name}")).to_be_visible()
    return page


async def is_refused(visitor: Visitor, why: str) -> None:
    """Back at the door, with the reason in words, and still nobody."""
    page = visitor.page
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    await expect(page.get_by_role("alert")).to_contain_text(re.compile(why, re.IGNORECASE))
    await check_accessible(page)
    assert (await visitor.context.request.get(f"{visitor.url}/api/v1/session")).status == 401


async def with_another(page: Page, parameter: str) -> None:
    """The address at the provider, as somebody who wants to slip something in would change it."""
    parts = urlsplit(page.url)
    query = {**dict(parse_qsl(parts.query)), parameter: "made-up-by-somebody-else"}
    await page.goto(parts._replace(query=urlencode(query)).geturl())


async def is_asked_to_sign_in(visitor: Visitor) -> None:
    session = f"{visitor.url}/api/v1/session"
    await until(lambda: visitor.context.request.get(session), lambda answer: answer.status == 401)
    with visitor.watch.expecting(401):
        await visitor.open("/segments")
        await expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    assert "next=" in visitor.page.url


async def test_who_is_asked_to_sign_in_is_led_back_to_where_they_wanted_to_go(newcomer: Visitor) -> None:
    page = await signed_in(newcomer, ASHA, "/segments?q=big")
    await expect(page).to_have_url(f"{newcomer.url}/segments?q=big")


@pytest.mark.parametrize(
    ("parameter", "why"), [("state", "did not begin here"), ("nonce", "not meant for this sign-in")]
)
async def test_an_answer_to_another_question_is_refused(newcomer: Visitor, parameter: str, why: str) -> None:
    page = await at_the_provider(newcomer)
    with newcomer.watch.expecting(401):
        await with_another(page, parameter)
        await pick(page, ASHA)
        await is_refused(newcomer, why)


async def test_an_answer_without_a_question_is_refused(newcomer: Visitor) -> None:
    page = await at_the_provider(newcomer)
    await newcomer.context.clear_cookies()
    with newcomer.watch.expecting(401):
        await pick(page, ASHA)
        await is_refused(newcomer, "did not begin here|took too long")


@pytest.mark.parametrize(
    ("account", "why"),
    [(UNSURE, "address is not verified"), (STRANGER, "has no access here")],
    ids=lambda value: value.subject if isinstance(value, Account) else "",
)
async def test_not_everybody_is_let_in(newcomer: Visitor, account: Account, why: str) -> None:
    page = await at_the_provider(newcomer)
    with newcomer.watch.expecting(401):
        await pick(page, account)
        await is_refused(newcomer, why)


async def test_who_changes_their_mind_at_the_provider_may_try_again(newcomer: Visitor) -> None:
    page = await at_the_provider(newcomer)
    with newcomer.watch.expecting(401):
        await page.get_by_role("button", name="Deny").click()
        await is_refused(newcomer, "was cancelled")
    await signed_in(newcomer, ASHA)


async def test_a_session_that_is_over_asks_to_sign_in_and_goes_on_from_there(
    newcomer: Visitor, product: Product
) -> None:
    page = await signed_in(newcomer, DEV)
    async with open_ledger(product) as ledger:
        await ledger.rows("UPDATE sessions SET expires_at = now() - interval '1 second'")
    await is_asked_to_sign_in(newcomer)
    await page.get_by_role("link", name=re.compile("Continue with|Sign in with")).click()
    await pick(page, DEV)
    await expect(page).to_have_url(f"{newcomer.url}/segments")


async def test_signing_out_everywhere_ends_the_sessions_of_other_browsers(
    visit: Visit, product: Product, issuer: str
) -> None:
    here, there = await visit(product.url, issuer), await visit(product.url, issuer)
    page = await signed_in(here, DEV)
    await signed_in(there, DEV)
    with here.watch.expecting(401), there.watch.expecting(401):
        await page.get_by_role("button", name=f"Account of {DEV.name}").click()
        await page.get_by_role("menuitem", name="Sign out everywhere").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")
        await expect(there.page.get_by_role("heading", level=1)).to_contain_text("Sign in")
        await is_asked_to_sign_in(there)
        await is_asked_to_sign_in(here)


async def test_signing_out_ends_this_browsers_session_alone(
    visit: Visit, product: Product, issuer: str
) -> None:
    here, there = await visit(product.url, issuer), await visit(product.url, issuer)
    page = await signed_in(here, ASHA)
    await signed_in(there, ASHA)
    with here.watch.expecting(401):
        await page.get_by_role("button", name=f"Account of {ASHA.name}").click()
        await page.get_by_role("menuitem", name="Sign out", exact=True).click()
        await is_asked_to_sign_in(here)
    await there.page.reload()
    await expect(there.page.get_by_role("button", name=f"Account of {ASHA.name}")).to_be_visible()


LAUNCHING = re.compile(r"^(New campaign|New segment|Launch|Schedule|Send)", re.IGNORECASE)
FOR_ADMINS = ("People", "API keys", "Audit log")


async def offered(page: Page, path: str) -> set[str]:
    """What one could press on a page, once it has its data."""
    await page.goto(path)
    await expect(page.get_by_role("table")).to_have_attribute("aria-busy", "false")
    main = page.get_by_role("main")
    controls = main.get_by_role("button", disabled=False).or_(main.get_by_role("link"))
    return {text.strip() for text in await controls.all_inner_texts()}


async def pages_in_the_menu(page: Page) -> list[str]:
    return await page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()


async def test_a_viewer_sees_no_means_to_send(newcomer: Visitor) -> None:
    page = await signed_in(newcomer, DEV)
    for path in ("/campaigns", "/segments"):
        controls = await offered(page, newcomer.url + path)
        assert not [control for control in controls if LAUNCHING.match(control)], path
    await page.get_by_role("link", name="Big spenders").click()
    await expect(page.get_by_role("heading", name="Big spenders")).to_be_visible()
    await newcomer.open("/campaigns")
    await page.get_by_role("link", name="Welcome back").click()
    await expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    await expect(page.get_by_role("main").get_by_role("button", name=LAUNCHING)).to_have_count(0)
    await expect(page.get_by_role("main").get_by_role("link", name=LAUNCHING)).to_have_count(0)


async def test_a_marketer_sends_and_does_not_let_people_in(newcomer: Visitor) -> None:
    page = await signed_in(newcomer, MIRA)
    controls = await offered(page, f"{newcomer.url}/campaigns")
    assert any(LAUNCHING.match(control) for control in controls)
    assert not set(FOR_ADMINS) & set(await pages_in_the_menu(page))
    with newcomer.watch.expecting(403):
        await newcomer.open("/people")
        await expect(page.get_by_role("main")).to_contain_text(re.compile("role|admin"))


async def test_an_admin_sees_all_pages(newcomer: Visitor) -> None:
    page = await signed_in(newcomer, ASHA)
    assert set(FOR_ADMINS) < set(await pages_in_the_menu(page))
    for name in FOR_ADMINS:
        await page.get_by_role("link", name=name).click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
