"""A load generator in a process of its own: keep-alive connections that post as fast as answers come."""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

import uvloop

WARM_UP_S = 1.0


@dataclass(frozen=True)
class Load:
    """Posts a second, and latencies in milliseconds; `refused` are answers other than 202."""

    rate: float
    p50_ms: float
    p99_ms: float
    refused: int


class _Poster(asyncio.Protocol):
    """One connection: writes the next request when an answer's end has come."""

    def __init__(self, requests: list[bytes], latencies: list[float], refusals: list[bytes]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._refusals = refusals
        self._next = 0
        self._buffer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._latencies.append(time.perf_counter() - self._began)
        if b" 202 " not in head[:16]:
            self._refusals.append(head[:16])
        self._buffer = b""
        self._send()


def request(path: str, key: str, body: dict[str, object]) -> bytes:
    encoded = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(encoded)}\r\n\r\n"
    )
    return head.encode() + encoded


def requests_of(connection: int, key: str) -> list[bytes]:
    """A hundred customers for each connection, posted in turn."""
    return [
        request(
            "/api/v1/customers",
            key,
            {"name": f"Person {number}", "email": f"c{connection}n{number}@bench.example"},
        )
        for number in range(100)
    ]


async def measure(port: int, key: str, connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    refusals: list[bytes] = []
    loop = asyncio.get_running_loop()
    transports = [
        (
            await loop.create_connection(
                lambda n=number: _Poster(requests_of(n, key), latencies, refusals), "127.0.0.1", port
            )
        )[0]
        for number in range(connections)
    ]
    await asyncio.sleep(WARM_UP_S)
    latencies.clear()
    refusals.clear()
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - began
    ordered = sorted(latencies)
    for transport in transports:
        transport.abort()
    return Load(
        rate=len(ordered) / elapsed,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
        refused=len(refusals),
    )


if __name__ == "__main__":
    port_, key_, connections_, seconds_ = sys.argv[1:5]
    print(json.dumps(asdict(uvloop.run(measure(int(port_), key_, int(connections_), float(seconds_))))))
