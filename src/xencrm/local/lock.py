"""A lock that a process holds as long as it lives, however it ends."""

import fcntl
import os
from pathlib import Path

from xencrm.local.errors import LocalRunError


class Lock:
    """An advisory lock on a file; the kernel lets go of it when the holder dies."""

    def __init__(self, path: Path, refusal: str) -> None:
        self._path = path
        self._refusal = refusal
        self._file: int | None = None

    def take(self) -> None:
        """Raises LocalRunError with the refusal when another process holds it. Taking twice is harmless."""
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            raise LocalRunError(self._refusal) from error
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
