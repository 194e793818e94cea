"""The unsubscribe page loads nothing, runs nothing, and shows itself under its own policy."""

import base64
import hashlib
import re

import pytest

from xencrm.campaigns.consent import page

PAGES = [page.ASK, page.DONE, page.TRIAL, page.UNKNOWN, page.AWAY]


@pytest.mark.parametrize("body", PAGES)
def test_a_page_needs_nothing_but_itself(body: bytes) -> None:
    text = body.decode()
    assert re.search(r"<script|<link|<img|@import|url\(|https?:|style=| on[a-z]+=", text) is None
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.HEADERS["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("body", PAGES)
def test_a_page_can_be_read_by_everybody(body: bytes) -> None:
    text = body.decode()
    assert '<html lang="en">' in text
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in text
    assert len(re.findall(r"<h1>", text)) == len(re.findall(r"<main>", text)) == 1
    assert 'aria-hidden="true"' in text
    assert "prefers-color-scheme:dark" in text


def test_only_a_button_changes_something() -> None:
    assert [b"<form" in body for body in PAGES] == [True, False, False, False, True]
    assert b'method="post"' in page.ASK
