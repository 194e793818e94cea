"""Which addresses the webhook may be posted to: none that leads into our own network."""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

from aiohttp import AddrInfoType

_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
# Of use inside a network only, whatever their block looks like: IETF protocols (and a cloud's metadata), the
# relays of 6to4, another cloud's metadata, documentation.
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20", "2001::/32", "2002::/16")
)


class Forbidden(OSError):
    """The name leads to an address that must not be connected to."""


def public_socket(connecting_to: AddrInfoType) -> socket.socket:
    """A socket for exactly the address that was looked at. Raises Forbidden."""
    family, kind, protocol, _, address = connecting_to
    if not is_public(str(address[0])):
        raise Forbidden(f"{address[0]} is not a public address")
    return socket.socket(family, kind, protocol)


def is_public(text: str) -> bool:
    """Of an address in its plain form; whatever else is not."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return is_public(str(carried))
        if address not in _UNICAST:
            return False
    return address.is_global and not address.is_multicast and not _is_listed(address)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is meant by this one."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _is_listed(address: IPv4Address | IPv6Address) -> bool:
    return any(address.version == block.version and address in block for block in _NOT_PUBLIC)
