"""The CDNOW purchase history: 23,570 customers of a shop for CDs, January 1997 to June 1998.

It ships in the PyPI wheel `lifetimes` 0.11.3; the master file has a line for each purchase (customer, day,
number of CDs, dollars), the sample's lines have the sample's own customer number after the master's.
"""

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

REQUIREMENT = "lifetimes==0.11.3"
MASTER = "lifetimes/datasets/CDNOW_master.txt"
SAMPLE = "lifetimes/datasets/CDNOW_sample.txt"


@dataclass(frozen=True, slots=True)
class Purchase:
    """`row` counts the file's lines from 1 and keeps two equal purchases of one day apart."""

    row: int
    customer: str
    day: date
    cds: int
    dollars: Decimal


@dataclass(slots=True)
class Totals:
    """What one customer bought in all."""

    orders: int
    dollars: Decimal
    last_day: date


class WheelMissing(Exception):
    """No way of getting the wheel worked; the text says what was tried."""


def read_purchases(wheel: Path, name: str = MASTER) -> list[Purchase]:
    """Every purchase of the master or the sample file, in the file's order."""
    with zipfile.ZipFile(wheel) as archive:
        return list(parse(archive.read(name).decode("ascii").splitlines()))


def parse(lines: Iterable[str]) -> Iterator[Purchase]:
    """Purchases of a file's lines. The first is a header in the master file and a purchase in the sample."""
    row = 0
    for line in lines:
        words = line.split()
        if not words or words[0] == "customer_id":
            continue
        row += 1
        day = datetime.strptime(words[-3], "%Y%m%d").replace(tzinfo=UTC).date()
        yield Purchase(row, words[0], day, int(words[-2]), Decimal(words[-1]))


def totals_of(purchases: Iterable[Purchase]) -> dict[str, Totals]:
    """Count, sum and last day of each customer."""
    totals: dict[str, Totals] = {}
    for purchase in purchases:
        so_far = totals.setdefault(purchase.customer, Totals(0, Decimal(0), purchase.day))
        so_far.orders += 1
        so_far.dollars += purchase.dollars
        so_far.last_day = max(so_far.last_day, purchase.day)
    return totals


def fetch_wheel(folder: Path) -> Path:
    """The wheel in the folder, downloaded when it isn't there yet. Raises WheelMissing."""
    folder.mkdir(parents=True, exist_ok=True)
    if found := _wheel_in(folder):
        return found
    tried = []
    for pip in _pips():
        done = subprocess.run(_download(pip, folder), capture_output=True, text=True, check=False)
        if done.returncode == 0 and (found := _wheel_in(folder)):
            return found
        tried.append(f"{' '.join(pip)}: {(done.stderr or done.stdout).strip()[-300:]}")
    raise WheelMissing(f"cannot download {REQUIREMENT}: " + ("; ".join(tried) or "no pip or uv found"))


def _wheel_in(folder: Path) -> Path | None:
    found = [path for path in folder.glob("*.whl") if path.name.lower().startswith("lifetimes-0.11.3-")]
    return found[0] if found else None


def _pips() -> Iterator[Sequence[str]]:
    """Ways to run pip: this Python's, uv's, the machine's."""
    if importlib.util.find_spec("pip"):
        yield (sys.executable, "-m", "pip")
    beside = Path(sys.executable).with_name("uv")
    if uv := shutil.which("uv") or (str(beside) if beside.exists() else None):
        yield (uv, "tool", "run", "pip")
    if python := shutil.which("python3"):
        yield (python, "-m", "pip")


def _download(pip: Sequence[str], folder: Path) -> Sequence[str]:
    return (*pip, "download", "--quiet", "--no-deps", "--dest", str(folder), REQUIREMENT)
