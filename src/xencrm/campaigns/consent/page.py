"""The unsubscribe page: one file, no script, nothing loaded from anywhere."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

_STYLE: Final = """
:root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1c2430;--soft:#5a6675;--line:#dfe3e8;
--accent:#2457c5;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--back:#12161c;--card:#1b212a;--text:#e8ecf2;--soft:#a3afbf;
--line:#2d3643;--accent:#8fb4ff;--on-accent:#0d1526}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;background:var(--back);
color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:27rem;padding:2rem 1.75rem;background:var(--card);border:1px solid var(--line);
border-radius:1rem;overflow-wrap:anywhere}
svg{display:block;width:2.75rem;height:2.75rem;margin-bottom:1.25rem;color:var(--accent)}
h1{margin:0 0 .6rem;font-size:1.4rem;line-height:1.25;letter-spacing:-.01em}
p{margin:0 0 .75rem;color:var(--soft)}
p:last-child{margin-bottom:0}
button{width:100%;margin-top:.75rem;padding:.8rem 1rem;border:0;border-radius:.6rem;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
"""
_ENVELOPE: Final = '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6 8.5-6"/>'
_CHECK: Final = '<circle cx="12" cy="12" r="9"/><path d="m8 12.5 2.75 2.75L16 9.5"/>'
_QUESTION: Final = (
    '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2l-1.1 1.5M12 16.5v.01"/>'
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_TYPE: Final = "text/html; charset=utf-8"
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}


def _page(title: str, icon: str, *body: str) -> bytes:
    lines = "\n".join(body)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"
 stroke-linejoin="round" aria-hidden="true">{icon}</svg>
<h1>{title}</h1>
{lines}
</main>
</body>
</html>
""".encode()


ASK: Final = _page(
    "Unsubscribe?",
    _ENVELOPE,
    "<p>You will get no more news and offers from us by e-mail.</p>",
    "<p>Messages about your own orders still reach you.</p>",
    '<form method="post"><button type="submit">Unsubscribe</button></form>',
)
DONE: Final = _page(
    "You are unsubscribed",
    _CHECK,
    '<p role="status">You will get no more news and offers from us by e-mail. '
    "A message that is already on its way may still arrive.</p>",
    "<p>You can close this page.</p>",
)
TRIAL: Final = _page(
    "This was a test message",
    _ENVELOPE,
    "<p>In the real message this link leads to the page on which the recipient unsubscribes. "
    "Here it changes nothing.</p>",
)
UNKNOWN: Final = _page(
    "This link does not work",
    _QUESTION,
    "<p>It may have been cut off or changed on its way. Please open it again from the e-mail itself, or "
    "answer to that e-mail and ask to be taken off the list.</p>",
)
AWAY: Final = _page(
    "Please try again in a moment",
    _QUESTION,
    '<p role="alert">We could not note that just now.</p>',
    '<form method="post"><button type="submit">Try again</button></form>',
)
