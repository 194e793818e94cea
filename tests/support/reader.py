"""Someone who follows a page: saves its files, types its commands, compares what comes with what it shows."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path

from tests.support.pages import SHELL, Block, Section
from tests.support.waiting import until

ANSWER_S = 120.0
SETTLES_S = 15.0
END = "end of the block"
_ASKS_ONLY = re.compile(r"^curl (?!.*(--json|--data|-X ))", re.DOTALL)
_VARIES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z")


class Reader:
    """Works in a folder with one shell. What names a place on the page is replaced by where it is here; what
    is left running in a second terminal listens on `port`."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], places: Mapping[str, str], port: int
    ) -> None:
        self.folder = folder
        self._environment = {**os.environ, **environment, "CURL_HOME": str(folder)}
        self._environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._places = places
        self._port = port
        self._shell: Process | None = None
        (folder / ".curlrc").write_text("silent\nshow-error\n")

    async def follow(self, section: Section) -> str:
        """Everything that the commands of a section printed. Fails where it is not what the page shows."""
        self.save(section)
        said = [await self._type(block, shown) for block, shown in section.typed]
        return "\n".join(said)

    def save(self, section: Section) -> None:
        for name, text in section.files.items():
            (self.folder / name).write_text(self._here(text))

    async def type(self, text: str) -> str:
        """Types something of one's own."""
        return await self._type(Block(SHELL, "", frozenset(), text), "")

    async def leave(self) -> None:
        """Ends the shell and what runs in the background."""
        if self._shell is not None:
            os.killpg(self._shell.pid, signal.SIGKILL)
            await self._shell.wait()

    async def _type(self, block: Block, shown: str) -> str:
        if "background" in block.flags:
            await self._run(f"({self._here(block.text).strip()}) > background.log 2>&1 &")
            await until(self._listens, bool)
            return ""
        deadline = asyncio.get_running_loop().time() + SETTLES_S
        while True:
            said = await self._run(self._here(block.text))
            if not shown or _as_shown(said) == _as_shown(shown):
                return said
            again = _ASKS_ONLY.match(block.text) and asyncio.get_running_loop().time() < deadline
            assert again, f"{block.text}\nprints\n{said}\nand the page shows\n{shown}"
            await asyncio.sleep(0.1)

    async def _run(self, text: str) -> str:
        """Output and errors of a block in the one shell. Fails when a command of it fails."""
        if self._shell is None:
            self._shell = await self._open_shell()
            await self._run("exec 2>&1; set -o pipefail; trap 'echo \"failed: $BASH_COMMAND\"' ERR")
        stdin, stdout = self._shell.stdin, self._shell.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{text}\necho; echo {END}\n".encode())
        async with asyncio.timeout(ANSWER_S):
            said = (await stdout.readuntil(f"{END}\n".encode())).decode().removesuffix(f"\n{END}\n")
        assert "failed: " not in said, said
        return said

    async def _open_shell(self) -> Process:
        return await asyncio.create_subprocess_exec(
            "bash",
            stdin=PIPE,
            stdout=PIPE,
            limit=10_000_000,
            cwd=self.folder,
            env=self._environment,
            start_new_session=True,
        )

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.close()
        return True

    def _here(self, text: str) -> str:
        for place, here in self._places.items():
            text = text.replace(place, here)
        return text


def _as_shown(text: str) -> object:
    """Ids and times aside; JSON whatever its spaces."""
    text = _VARIES.sub("...", text.strip())
    try:
        return json.loads(text)
    except ValueError:
        return text
