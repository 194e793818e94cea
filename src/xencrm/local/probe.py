"""Small HTTP questions to our own parts."""

import asyncio
import http.client
from urllib.parse import urlsplit


async def fetch(url: str, timeout_s: float = 2.0) -> tuple[int, bytes]:
    """GET: status and body. Raises OSError when nobody answers."""
    return await asyncio.to_thread(_fetch, url, timeout_s)


async def is_ok(url: str, timeout_s: float = 2.0) -> bool:
    try:
        status, _ = await fetch(url, timeout_s)
    except OSError:
        return False
    return status == 200


def _fetch(url: str, timeout_s: float) -> tuple[int, bytes]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout_s)
    try:
        connection.request("GET", where.path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"no sound answer from {url}") from error
    finally:
        connection.close()
