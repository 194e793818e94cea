"""`python -m tests.support.stand_in_up HOME PART=PORT...`: the real supervisor over tiny parts."""

import asyncio
import sys
from pathlib import Path

from xencrm.local.errors import LocalRunError
from xencrm.local.home import Home
from xencrm.local.parts import ServicePart
from xencrm.local.supervisor import Supervisor, supervise

# Answers every GET with 200; notes in order.txt when it is told to stop.
PART = """
import http.server, pathlib, signal, sys
name, port, notes = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
def stop(*_):
    with notes.open("a") as file: file.write(name + "\\n")
    sys.exit(0)
if name != "stubborn": signal.signal(signal.SIGTERM, stop)
else: signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""


def stand_in(home: Home, name: str, port: str) -> ServicePart:
    return ServicePart(
        name=name,
        command=[sys.executable, "-c", PART, name, port, str(home.path / "order.txt")],
        ready_url=f"http://127.0.0.1:{port}/readyz",
        environment=home.marked({}),
        log=home.log(name),
        folder=home.path,
    )


async def main(home: Home, table: list[tuple[str, str]]) -> int:
    async def start(supervisor: Supervisor) -> None:
        for name, port in table:
            await supervisor.start(stand_in(home, name, port))
        await supervisor.until_ready()
        home.write_credentials(url="http://front", api_key="xk_1_2", simulator_url="http://simulator")

    try:
        await supervise(home, start, lambda line: print(line, flush=True))
    except LocalRunError as error:
        print(f"refused: {error}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    parts = [(name, port) for name, _, port in (argument.partition("=") for argument in sys.argv[2:])]
    sys.exit(asyncio.run(main(Home(Path(sys.argv[1])), parts)))
