"""Small files that are whole or not there."""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Readers see the old text or the new one, never a part of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(file, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def kept_text(path: Path, text: str) -> str:
    """What the file says; written with the given text when it is not there yet. Readable by us alone."""
    if not path.exists():
        write_atomically(path, text + "\n")
    return path.read_text().strip()


def last_line(path: Path) -> str:
    """The end of a log, as far as there is one."""
    with contextlib.suppress(OSError):
        lines = path.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""
