"""What the front refuses by itself protects browsers like everything else."""

import asyncio
from pathlib import Path

import pytest

from tests.support.front import running_front
from tests.support.ports import free_port

REFUSED = {
    404: b"GET /nothing HTTP/1.1\r\nHost: shop.example\r\n\r\n",
    405: b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n",
    400: b"GET / HTTP/1.1\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: shop.example\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    503: b"GET /api/v1/orders HTTP/1.1\r\nHost: shop.example\r\n\r\n",
}
PROTECTING = {
    "x-content-type-options": ["nosniff"],
    "referrer-policy": ["no-referrer"],
    "content-security-policy": ["default-src 'none'; frame-ancestors 'none'"],
}
BY_HTTPS = {"strict-transport-security": ["max-age=31536000"]}


async def head_of(port: int, request: bytes) -> tuple[int, dict[str, list[str]]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    status, *lines = head.decode().strip().split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers.setdefault(name.lower(), []).append(value)
    return int(status.split()[1]), headers


@pytest.mark.parametrize("https", [False, True], ids=["by http", "by https"])
@pytest.mark.parametrize("status", REFUSED)
async def test_a_refusal_of_the_front_protects_browsers(tmp_path: Path, status: int, https: bool) -> None:
    services = {"ingestion": f"http://127.0.0.1:{free_port()}"}
    async with running_front(services, tmp_path / "credentials.json", https=https) as port:
        seen, headers = await head_of(port, REFUSED[status])
    assert seen == status
    expected = PROTECTING | (BY_HTTPS if https else {})
    assert {name: headers.get(name) for name in PROTECTING | BY_HTTPS} == dict.fromkeys(BY_HTTPS) | expected
