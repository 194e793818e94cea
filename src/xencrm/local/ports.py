"""Ports on loopback that are chosen once and kept."""

import contextlib
import json
import random
import socket
from collections.abc import Sequence
from pathlib import Path

from xencrm.local.errors import LocalRunError
from xencrm.local.files import write_atomically

# Below the ranges that Linux (32768) and macOS (49152) hand out to outgoing connections: those could take
# the port of a part while it restarts.
CHOICE = range(20000, 30000)
TRIES = 200


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_port(taken: frozenset[int] = frozenset()) -> int:
    """A free port that is not among those promised to others."""
    for _ in range(TRIES):
        port = random.choice(CHOICE)
        if port not in taken and is_free(port):
            return port
    raise LocalRunError(f"no free port found between {CHOICE.start} and {CHOICE.stop}")


def kept_ports(path: Path, names: Sequence[str]) -> dict[str, int]:
    """The port of each name as the file has it; new ones where it has none or somebody else listens there."""
    known = _read(path)
    ports = {name: known[name] for name in names if name in known and is_free(known[name])}
    for name in names:
        if name not in ports:
            ports[name] = choose_port(frozenset(known.values()) | frozenset(ports.values()))
    if {**known, **ports} != known:
        write_atomically(path, json.dumps({**known, **ports}, indent=2) + "\n")
    return ports


def _read(path: Path) -> dict[str, int]:
    with contextlib.suppress(FileNotFoundError, ValueError, AttributeError):
        return {name: port for name, port in json.loads(path.read_text()).items() if isinstance(port, int)}
    return {}
