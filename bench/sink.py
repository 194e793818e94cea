"""A mail server that takes everything and keeps nothing: `python -m bench.sink PORT`, or its own rate.

It speaks as much SMTP as a client needs, at the least cost, so that the sender is what is measured.
"""

import asyncio
import sys
import time
from typing import Final

import uvloop

END: Final = b"\r\n.\r\n"
CONNECTIONS: Final = 10
LETTER: Final = b"From: a@bench.example\r\nTo: b@bench.example\r\nSubject: Hi\r\n\r\n" + b"x" * 400 + END
DIALOGUE: Final = (b"MAIL FROM:<a@bench.example>\r\n", b"RCPT TO:<b@bench.example>\r\n", b"DATA\r\n", LETTER)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    try:
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(END)
                writer.write(b"250 2.0.0 taken\r\n")
            else:
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port)
    await server.serve_forever()


async def letters_per_s(port: int, letters: int) -> float:
    """What a client gets through that does nothing but talk, over as many connections as a sender has."""
    began = time.perf_counter()
    await asyncio.gather(*(_talk(port, letters // CONNECTIONS) for _ in range(CONNECTIONS)))
    return letters / (time.perf_counter() - began)


async def _talk(port: int, letters: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for _ in range(letters):
        for said in DIALOGUE:
            writer.write(said)
            await reader.readline()
    writer.close()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
