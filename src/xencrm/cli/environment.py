"""The environment of a service's admin command: what is set, completed from the running installation."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from xencrm.cli.session import WRONG, fail
from xencrm.client.credentials import home_of


def admin_environment(needed: Sequence[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environ`, and for what it lacks the variables that `xencrm up` gave its own processes."""
    if all(environ.get(name) for name in needed):
        return dict(environ)
    path = home_of(environ) / "run" / "env.json"
    merged = _written(path) | {name: value for name, value in environ.items() if value}
    missing = [name for name in needed if name not in merged]
    if missing:
        fail(f"{' and '.join(missing)} not set and not in {path}: set them, or run `xencrm up` first", WRONG)
    return merged


def run_admin(service: str, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `python -m xencrm.<service> ...` in the foreground; its exit code."""
    command = [sys.executable, "-m", f"xencrm.{service}", *arguments]
    return subprocess.run(command, env=dict(environment), check=False).returncode


def _written(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        fail(f"{path} cannot be read: {error}")
