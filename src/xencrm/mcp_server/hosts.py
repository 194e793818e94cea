"""Which hosts and origins are answered, against web pages that point a name of theirs at this machine."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Hosts:
    """`public_url` has the name by which others know the installation.

    An address is no name, so nobody can point it elsewhere: by number it is always answered.
    """

    public_url: str | None = None

    def knows(self, host: str) -> bool:
        """`Host` of a request, with or without a port."""
        name = urlsplit(f"//{host}").hostname
        return name is not None and (name in self._names() or _is_address(name))

    def trusts(self, origin: str) -> bool:
        """`Origin` of a request: our own pages, and programs on the same machine."""
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if self.public_url is not None and origin.rstrip("/") == _origin_of(self.public_url):
            return True
        return parts.scheme in ("http", "https") and _is_here(parts.hostname or "")

    def _names(self) -> set[str]:
        public = urlsplit(self.public_url or "").hostname
        return {"localhost", *([public] if public else [])}


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_here(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)
