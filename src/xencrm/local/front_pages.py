"""What the front answers itself: health, the merged API document, its browsable form, the web UI."""

import asyncio
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from xencrm.local.openapi import Document, as_3_0, merged
from xencrm.local.probe import fetch, is_ok
from xencrm.local.proxy.downstream import Handler
from xencrm.local.proxy.heads import Answer, RequestHead, problem
from xencrm.local.web_ui import WebUi, is_page, secured

JSON = "application/json"
SERVICES = ("ingestion", "campaigns")
ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
# Nothing is loaded from elsewhere; Swagger UI sets styles in attributes.
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""
DOCS = PAGE.format(
    title="XenCRM API",
    head='<link rel="stylesheet" href="/api/docs/swagger-ui.css">\n'
    '<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">',
    body='<div id="api"></div>\n<script src="/api/docs/swagger-ui-bundle.js"></script>\n'
    '<script src="/api/docs/start.js"></script>',
)
START = """SwaggerUIBundle({
  url: "/api/docs/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""
NOT_BUILT = PAGE.format(
    title="XenCRM",
    head="<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;"
    "padding:0 1em}</style>",
    body="<h1>XenCRM is running, without its web pages</h1>\n"
    "<p>They are not built yet. Stop it, then start it with <code>make up</code>, which builds them.</p>\n"
    '<ul>\n<li><a href="/api/docs">API, to browse and try</a></li>\n'
    '<li><a href="/api/openapi.json">API as an OpenAPI document</a></li>\n'
    '<li><a href="/readyz">Are all parts ready?</a></li>\n</ul>',
)


class Pages:
    """`parts` are base URLs by name; `owner_of` tells which service answers a path."""

    def __init__(
        self,
        parts: Mapping[str, str],
        credentials: Path,
        owner_of: Callable[[str], str | None],
        web_ui: WebUi,
        *,
        https: bool = False,
    ) -> None:
        self._web_ui = web_ui
        self._headers = secured(POLICY, https=https)
        self._parts = parts
        self._credentials = credentials
        self._owner_of = owner_of
        self._handlers: dict[str, Handler] = {
            "/healthz": self._page(b'{"status":"ok"}', JSON),
            "/readyz": self._readyz,
            "/api/openapi.json": self._openapi,
            "/api/docs": self._page(DOCS.encode()),
            "/api/docs/": self._page(DOCS.encode()),
            "/api/docs/start.js": self._page(START.encode(), "text/javascript"),
            "/api/docs/openapi.json": self._openapi_for_docs,
            **{f"/api/docs/{name}": self._asset(name, kind) for name, kind in ASSETS.items()},
        }

    def handler(self, path: str) -> Handler:
        handler = self._handlers.get(path) or self._web_ui.handler(path)
        if handler is None and not self._web_ui.is_built and is_page(path):
            handler = self._page(NOT_BUILT.encode())
        found = handler or self._not_found

        async def checked(head: RequestHead) -> Answer:
            return await found(head) if head.method in (b"GET", b"HEAD") else _not_allowed()

        return checked

    async def _not_found(self, head: RequestHead) -> Answer:
        """In words for people, as a problem for programs."""
        page = self._web_ui.not_found()
        if page is None or head.path.startswith("/api/") or not _wants_page(head):
            return problem(404, "there is nothing here; the API is under /api/v1")
        return await page(head)

    async def _readyz(self, head: RequestHead) -> Answer:
        """Ready: every part is, and the credentials of this start are written."""
        asked = await asyncio.gather(*(is_ok(f"{url}/readyz") for url in self._parts.values()))
        parts = dict(zip(self._parts, asked, strict=True)) | {"credentials": self._credentials.exists()}
        if not all(parts.values()):
            missing = ", ".join(name for name, ready in parts.items() if not ready)
            return problem(503, f"not ready yet: {missing}", retry_after_s=1)
        return self._json({"status": "ready"})

    def _page(self, body: bytes, content_type: str = "text/html; charset=utf-8") -> Handler:
        async def answer(head: RequestHead) -> Answer:
            return Answer(200, body, content_type, self._headers)

        return answer

    def _asset(self, name: str, content_type: str) -> Handler:
        async def answer(head: RequestHead) -> Answer:
            body = await asyncio.to_thread(_swagger_ui, name)
            return Answer(200, body, content_type, (*self._headers, (b"Cache-Control", b"max-age=86400")))

        return answer

    async def _openapi(self, head: RequestHead) -> Answer:
        document = await self._document()
        return document if isinstance(document, Answer) else self._json(document)

    async def _openapi_for_docs(self, head: RequestHead) -> Answer:
        document = await self._document()
        return document if isinstance(document, Answer) else self._json(as_3_0(document))

    async def _document(self) -> Document | Answer:
        documents = {}
        for service in SERVICES:
            try:
                status, body = await fetch(f"{self._parts[service]}/api/openapi.json")
            except OSError:
                status, body = 503, b""
            if status != 200:
                return problem(503, f"{service} is away; try again", retry_after_s=1)
            documents[service] = json.loads(body)
        return merged(documents, self._owner_of)

    def _json(self, document: Document) -> Answer:
        return Answer(200, json.dumps(document).encode(), JSON, self._headers)


@cache
def _swagger_ui(name: str) -> bytes:
    (folder,) = (entry for entry in (files("swagger_ui_bundle") / "vendor").iterdir() if entry.is_dir())
    return (folder / name).read_bytes()


def _wants_page(head: RequestHead) -> bool:
    return any(b"text/html" in accepted for accepted in head.all(b"accept"))


def _not_allowed() -> Answer:
    answer = problem(405, "this page can only be read")
    answer.headers = ((b"Allow", b"GET, HEAD"),)
    return answer
