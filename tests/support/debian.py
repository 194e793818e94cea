"""Programs that tests need and that Debian has: installed by root, asked for otherwise."""

import os
import shutil
import subprocess
from pathlib import Path


def ensure_installed(program: Path, package: str, name: str) -> None:
    """Raises RuntimeError with one clear line when it cannot be had."""
    if program.exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RuntimeError(f"these tests need {name}: install the package {package}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", package]
    for command in (["apt-get", "update"], install):
        result = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"these tests need {name}; {' '.join(command)}: {result.stderr[-300:]}")
