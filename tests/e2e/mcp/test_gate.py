"""Who is let in by HTTP, and with which key."""

import aiohttp

from tests.support.mcp import OLD
from tests.support.product import Product
from tests.support.waiting import until

POST = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": OLD,
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}


async def answered(product: Product, path: str = "/mcp", method: str = "POST", **headers: str) -> int:
    given = {**POST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    body = HELLO if method == "POST" else None
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, product.url + path, headers=given, json=body) as answer,
    ):
        if answer.status == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        return answer.status


async def test_only_a_key_in_its_header_opens_it(product: Product) -> None:
    key = product.credentials["api_key"]
    bearer = f"Bearer {key}"
    assert await answered(product, Authorization=bearer) == 200
    assert await answered(product) == 401
    assert await answered(product, Authorization=f"Bearer xk_{'0' * 12}_{'x' * 40}") == 401
    assert await answered(product, Authorization=f"Basic {key}") == 401
    assert await answered(product, Cookie=f"xencrm_session={key}") == 401
    for query in (f"?api_key={key}", f"?ACCESS_TOKEN={key}", f"?a=b&k={key}", "?%74oken=other"):
        assert await answered(product, f"/mcp{query}") == 400
        assert await answered(product, f"/mcp{query}", Authorization=bearer) == 400
    assert await answered(product, method="GET", Authorization=bearer) == 405
    assert await answered(product, method="DELETE", Authorization=bearer) == 405


async def test_pages_of_elsewhere_and_names_of_elsewhere_are_refused(product: Product) -> None:
    bearer = f"Bearer {product.credentials['api_key']}"
    assert await answered(product, Authorization=bearer, Origin="https://evil.example") == 403
    assert await answered(product, Authorization=bearer, Origin=product.url) == 200
    assert await answered(product, Authorization=bearer, Host=f"evil.example:{product.port}") == 421
    assert await answered(product, Authorization=bearer, Host=f"localhost:{product.port}") == 200


async def test_a_key_that_was_revoked_is_refused_within_seconds(product: Product) -> None:
    made = await product.ask("POST", "/api-keys", json={"name": "short", "role": "viewer"})
    bearer = f"Bearer {made['key']}"
    assert await answered(product, Authorization=bearer) == 200
    await product.ask("DELETE", f"/api-keys/{made['key_id']}")
    await until(lambda: answered(product, Authorization=bearer), lambda status: status == 401)
