"""The data directory of one installation and what lies where in it."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xencrm.local.files import kept_text, write_atomically
from xencrm.local.leftovers import MARK
from xencrm.local.lock import Lock

LOG_BYTES = 10_000_000


@dataclass(frozen=True)
class Home:
    """`$XENCRM_HOME` as an absolute path."""

    path: Path

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def run(self) -> Path:
        return self.path / "run"

    def make(self) -> None:
        """As root others may pass through, because PostgreSQL's user must; nobody may look."""
        if not self.path.exists():
            self.path.mkdir(parents=True)
            self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.run, self.path / "logs"):
            folder.mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> Lock:
        return Lock(self.path / "lock", f"XenCRM is already running on {self.path}")

    def log(self, part: str) -> Path:
        return self.path / "logs" / f"{part}.log"

    def rotate_logs(self) -> None:
        """Keeps one former file of each log that has grown large."""
        for log in (self.path / "logs").glob("*.log"):
            if log.stat().st_size > LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def mark(self) -> str:
        """What tells this installation's processes from all others, also from those of a copy of it."""
        return f"{kept_text(self.path / 'id', secrets.token_hex(8))}:{self.path}"

    def marked(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment of a part, by which the next start knows it as ours."""
        return {**environment, MARK: self.mark()}

    def secret(self) -> str:
        """The installation secret, made once."""
        return kept_text(self.path / "secret", secrets.token_hex(32))

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """What the parts are given, for commands on the same installation."""
        write_atomically(self.run / "env.json", json.dumps(variables, indent=2) + "\n")

    def write_metrics_targets(self, ports: Mapping[str, int]) -> None:
        """Where each service tells its metrics, as Prometheus reads it (`file_sd_configs`)."""
        targets = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {"part": part}} for part, port in ports.items()
        ]
        write_atomically(self.run / "metrics-targets.json", json.dumps(targets, indent=2) + "\n")

    @property
    def link(self) -> Path:
        """Where the sign-in link of a start is handed over."""
        return self.run / "sign-in-link"

    def take_link(self) -> str | None:
        """The address that signs in once, if this start has one."""
        try:
            return self.link.read_text()
        except FileNotFoundError:
            return None
        finally:
            self.link.unlink(missing_ok=True)

    def write_credentials(
        self, *, url: str, api_key: str, simulator_url: str, sign_in_url: str | None = None
    ) -> None:
        text = {"url": url, "api_key": api_key, "sign_in_url": sign_in_url, "simulator_url": simulator_url}
        write_atomically(self.credentials, json.dumps(text, indent=2) + "\n")
