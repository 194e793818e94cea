"""Ports for servers of tests."""

import os
import random
from itertools import count
from typing import Final

from xencrm.local.ports import is_free

# Below those that `xencrm up` and the system hand out; each process of pytest-xdist has a quarter of them.
_MOST: Final = 2500
_FIRST: Final = 10_000 + _MOST * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4)
_TURNS: Final = count(random.randrange(_MOST))


def free_port() -> int:
    """One that nobody else of this run is given before it is listened at."""
    while not is_free(port := _FIRST + next(_TURNS) % _MOST):
        pass
    return port
