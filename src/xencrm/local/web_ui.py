"""The web UI as it was built into the package: read once, kept in memory, packed when first asked for."""

import asyncio
import gzip
import hashlib
import mimetypes
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

from xencrm.local.proxy.downstream import Handler
from xencrm.local.proxy.heads import Answer, Header, RequestHead

# First parts of the paths that are pages; the router in frontend/src/app/router.tsx has the rest.
PAGES: Final = frozenset(
    {
        "",
        "sign-in",
        "dashboard",
        "customers",
        "segments",
        "campaigns",
        "campaignStats",
        "people",
        "keys",
        "audit",
        "operations",
    }
)
INDEX: Final = "index.html"
PACKED: Final = frozenset({".html", ".js", ".css", ".svg", ".json"})
# Names in assets/ change with what is in them.
FOR_EVER: Final = b"public, max-age=31536000, immutable"
ASK_FIRST: Final = b"no-cache"
# Previews of messages are in sandboxed frames without an address, which a policy for frames would not bind.
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TYPES: Final = {".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class File:
    """A file that is answered whole, packed for those who take it so."""

    def __init__(self, name: str, body: bytes) -> None:
        suffix = Path(name).suffix
        kind = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._body = body
        self._is_text = suffix in PACKED
        self._content_type = f"{kind}; charset=utf-8" if self._is_text else kind
        self._keep = FOR_EVER if name.startswith("assets/") else ASK_FIRST
        self._tag = hashlib.sha256(body).hexdigest()[:32]

    @cached_property
    def _packed(self) -> bytes:
        return gzip.compress(self._body, 9, mtime=0)

    async def answer(self, head: RequestHead, headers: Sequence[Header], status: int = 200) -> Answer:
        packed = self._is_text and takes_gzip(head)
        tag = f'"{self._tag}{"-gzip" if packed else ""}"'.encode()
        shown = (*headers, (b"ETag", tag), (b"Cache-Control", self._keep), (b"Vary", b"Accept-Encoding"))
        if status == 200 and is_unchanged(head, tag):
            return Answer(304, b"", self._content_type, shown)
        if not packed:
            return Answer(status, self._body, self._content_type, shown)
        body = await asyncio.to_thread(lambda: self._packed) if "_packed" not in vars(self) else self._packed
        return Answer(status, body, self._content_type, (*shown, (b"Content-Encoding", b"gzip")))


class WebUi:
    """What is in `folder`; `headers` go with every answer. Without an index it is not built."""

    def __init__(self, folder: Path, *, https: bool = False) -> None:
        self._files = read_files(folder)
        self._headers = secured(POLICY, https=https)

    @property
    def is_built(self) -> bool:
        return INDEX in self._files

    def handler(self, path: str) -> Handler | None:
        """Of a file, or of a page; None for anything else."""
        name = path.removeprefix("/")
        if name != INDEX and (file := self._files.get(name)):
            return self._file(file)
        if self.is_built and is_page(path):
            return self._file(self._files[INDEX])
        return None

    def not_found(self) -> Handler | None:
        """For people who mistyped an address: the page that says so."""
        return self._file(self._files[INDEX], 404) if self.is_built else None

    def _file(self, file: File, status: int = 200) -> Handler:
        async def answer(head: RequestHead) -> Answer:
            return await file.answer(head, self._headers, status)

        return answer


def built_into_package() -> Path:
    return Path(str(files("xencrm"))) / "webui"


def is_page(path: str) -> bool:
    return path.removeprefix("/").partition("/")[0] in PAGES


def read_files(folder: Path) -> dict[str, File]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: File(name, path.read_bytes()) for name, path in names.items() if not name.startswith(".")}


def secured(policy: bytes, *, https: bool) -> tuple[Header, ...]:
    headers = (
        (b"Content-Security-Policy", policy),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Referrer-Policy", b"no-referrer"),
    )
    forced = ((b"Strict-Transport-Security", b"max-age=31536000"),) if https else ()
    return (*headers, *forced)


def takes_gzip(head: RequestHead) -> bool:
    """RFC 9110, 12.5.3: `gzip` is named, and not with a weight of 0."""
    for offer in b",".join(head.all(b"accept-encoding")).lower().split(b","):
        name, *parameters = (part.strip() for part in offer.split(b";"))
        if name in (b"gzip", b"*"):
            return not any(part.replace(b" ", b"").rstrip(b"0.") == b"q=" for part in parameters)
    return False


def is_unchanged(head: RequestHead, tag: bytes) -> bool:
    known = {each.strip().removeprefix(b"W/") for each in b",".join(head.all(b"if-none-match")).split(b",")}
    return tag in known or b"*" in known
