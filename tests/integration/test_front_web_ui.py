"""The web UI as the one port in front serves it."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.front import running_front
from xencrm.local.web_ui import PAGES, WebUi

INDEX = "<!doctype html><title>XenCRM</title>"
SCRIPT = "console.log(1);" * 1000
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9"}
PLAIN = ("Accept", "Accept-Encoding")
SCRIPT_PATH = "/assets/index-a1b2.js"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "webui"
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / "index.html").write_text(INDEX)
    (folder / "assets" / "index-a1b2.js").write_text(SCRIPT)
    (folder / "assets" / "font.woff2").write_bytes(b"wOF2")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / ".vite" / "manifest.json").write_text("{}")
    return folder


async def served(web_ui: WebUi, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    behind = {"ingestion": "http://127.0.0.1:9", "campaigns": "http://127.0.0.1:9"}
    async with running_front(behind, tmp_path / "credentials.json", web_ui) as port:
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(url, auto_decompress=False, skip_auto_headers=PLAIN) as http:
            yield http


@pytest.fixture
async def http(built: Path, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in served(WebUi(built), tmp_path):
        yield session


@pytest.fixture
async def secure(built: Path, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in served(WebUi(built, https=True), tmp_path):
        yield session


@pytest.fixture
async def unbuilt(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async for session in served(WebUi(tmp_path / "nothing"), tmp_path):
        yield session


@pytest.mark.parametrize("path", ["/", "/dashboard", "/customers/0199?tab=orders", "/segments/new"])
async def test_pages_are_the_same_document_and_asked_for_anew(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert (answer.status, await answer.text()) == (200, INDEX)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"


async def test_assets_are_kept_for_ever(http: aiohttp.ClientSession) -> None:
    async with http.get(SCRIPT_PATH) as answer:
        assert (answer.status, await answer.text()) == (200, SCRIPT)
        assert answer.content_type == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
    async with http.get("/icon.svg") as answer:
        assert answer.content_type == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5", "*"])
async def test_who_takes_packed_files_gets_them(http: aiohttp.ClientSession, accepted: str) -> None:
    async with http.get(SCRIPT_PATH, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        packed = await answer.read()
    assert gzip.decompress(packed).decode() == SCRIPT
    assert len(packed) < len(SCRIPT) / 10


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.000"])
async def test_who_does_not_take_packed_files_gets_them_plain(
    http: aiohttp.ClientSession, accepted: str
) -> None:
    async with http.get(SCRIPT_PATH, headers={"Accept-Encoding": accepted}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert await answer.text() == SCRIPT


async def test_what_is_packed_already_is_sent_as_it_is(http: aiohttp.ClientSession) -> None:
    async with http.get("/assets/font.woff2", headers={"Accept-Encoding": "gzip"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert (answer.content_type, await answer.read()) == ("font/woff2", b"wOF2")


@pytest.mark.parametrize("path", ["/dashboard", SCRIPT_PATH])
async def test_what_is_unchanged_is_not_sent_again(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        tag = answer.headers["ETag"]
    async with http.get(path, headers={"If-None-Match": f'"other", {tag}'}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
        assert answer.headers["ETag"] == tag
    async with http.get(path, headers={"If-None-Match": '"other"'}) as answer:
        assert answer.status == 200
    async with http.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": tag}) as answer:
        assert answer.status == 200
        assert answer.headers["ETag"] != tag


async def test_head_tells_the_length_and_sends_nothing(http: aiohttp.ClientSession) -> None:
    async with http.head(SCRIPT_PATH, headers={"Accept-Encoding": "identity"}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(len(SCRIPT))
        assert await answer.read() == b""


async def test_unknown_paths_are_a_page_for_people_and_a_problem_for_programs(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/nowhere", headers=BROWSER) as answer:
        assert (answer.status, await answer.text()) == (404, INDEX)
    async with http.get("/nowhere") as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/v2/customers", "/index.html", "/.vite/manifest.json", "/../pyproject.toml"]
)
async def test_these_are_no_pages(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
    async with http.get("/api/nothing", headers=BROWSER) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_pages_run_only_our_own_scripts_and_stay_in_no_frame(
    http: aiohttp.ClientSession, secure: aiohttp.ClientSession
) -> None:
    async with http.get("/dashboard") as answer:
        headers = answer.headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers
    async with secure.get("/dashboard") as answer:
        assert "max-age=" in answer.headers["Strict-Transport-Security"]


async def test_without_the_pages_it_says_how_to_build_them(unbuilt: aiohttp.ClientSession) -> None:
    for path in ("/", "/dashboard"):
        async with unbuilt.get(path) as answer:
            assert answer.status == 200
            assert "make up" in await answer.text()
    async with unbuilt.get("/nowhere", headers=BROWSER) as answer:
        assert answer.status == 404


def test_every_page_of_the_router_is_served() -> None:
    source = Path(__file__).parents[2] / "frontend" / "src" / "pages"
    routes = "".join(file.read_text() for file in source.glob("*/routes.tsx"))
    paths = [line.split('"')[1] for line in routes.splitlines() if line.strip().startswith("path: ")]
    assert {path.split("/")[1] for path in paths} | {""} == PAGES
