"""The limit of single posts: the product's lean handler with authentication, and no broker behind it."""

import asyncio
import sys

import uvloop

from xencrm.ingestion.customers.api import lean_post_customer
from xencrm.ingestion.intake import Intake
from xencrm.kernel.http.keys import KeyAuthenticator, StoredKey
from xencrm.kernel.http.lean import LeanPosts, Receive, Scope, Send
from xencrm.kernel.http.principals import INGESTING, Access, Principal, Role, split_key
from xencrm.kernel.http.routes import API
from xencrm.kernel.http.server import serve
from xencrm.kernel.ids import EventIds
from xencrm.kernel.telemetry.requests import RequestTimes

KEY = f"xk_{'0' * 12}_{'k' * 40}"


class NoPublisher:
    async def publish(self, encoded: bytes) -> None:
        return None


class OnlyCustomers:
    """As much of Ingestion's services as the handler asks for."""

    customers = Intake(EventIds("bench"), NoPublisher(), route="/customers")


async def find_key(key_id: str) -> StoredKey:
    _, secret_hash = split_key(KEY) or ("", b"")
    return StoredKey(Principal("bench", "bench", Role.INGEST), secret_hash)


async def nothing_behind(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body"})


async def main(port: int) -> None:
    handlers = {f"{API}/customers": lean_post_customer(OnlyCustomers())}
    app = LeanPosts(
        nothing_behind, handlers, Access(KeyAuthenticator(find_key)), INGESTING, RequestTimes("bench")
    )
    await serve(app, port=port)(asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
