"""Small HTTP questions to our own parts."""

import asyncio
import http.client
from urllib.parse import urlsplit


async def fetch(url: str, timeout_s: float = 2.0, *, key: str | None = None) -> tuple[int, bytes]:
    """GET: status and body, asked with an API key or without. Raises OSError when nobody answers."""
    return await asyncio.to_thread(_fetch, url, timeout_s, key)


async def is_ok(url: str, timeout_s: float = 2.0, *, key: str | None = None) -> bool:
    try:
        status, _ = await fetch(url, timeout_s, key=key)
    except OSError:
        return False
    return status == 200


def _fetch(url: str, timeout_s: float, key: str | None) -> tuple[int, bytes]:
    headers = {"Connection": "close"} | ({"Authorization": f"Bearer {key}"} if key else {})
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout_s)
    try:
        connection.request("GET", where.path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"no sound answer from {url}") from error
    finally:
        connection.close()
