"""Where the one port is and which key opens it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec


class CredentialsMissing(Exception):
    """No URL or key was given and none is written down; the text says what to do."""


class CredentialsFile(msgspec.Struct):
    """`credentials.json` as `xencrm up` writes it, as far as a client needs it."""

    url: str = ""
    api_key: str = ""


@dataclass(frozen=True)
class Credentials:
    url: str
    api_key: str = field(repr=False)


def home_of(environ: Mapping[str, str] = os.environ) -> Path:
    return Path(environ.get("XENCRM_HOME") or ".xencrm")


def find_credentials(
    url: str | None = None, api_key: str | None = None, environ: Mapping[str, str] = os.environ
) -> Credentials:
    """What is given, else XENCRM_URL and XENCRM_API_KEY, else `$XENCRM_HOME/credentials.json`.

    The written key is only used for the written URL: it is not sent to other places.
    """
    url = url or environ.get("XENCRM_URL")
    api_key = api_key or environ.get("XENCRM_API_KEY")
    if url and api_key:
        return Credentials(url, api_key)
    path = home_of(environ) / "credentials.json"
    written = _read(path)
    if not written.url or not written.api_key:
        raise CredentialsMissing(
            f"no URL and key: give --url and --api-key, set XENCRM_URL and XENCRM_API_KEY, "
            f"or run `xencrm up` (looked at {path})"
        )
    if url and url.rstrip("/") != written.url.rstrip("/"):
        raise CredentialsMissing(f"no key for {url}: give --api-key or set XENCRM_API_KEY")
    return Credentials(url or written.url, api_key or written.api_key)


def _read(path: Path) -> CredentialsFile:
    try:
        return msgspec.json.decode(path.read_bytes(), type=CredentialsFile)
    except (OSError, msgspec.DecodeError):
        return CredentialsFile()
