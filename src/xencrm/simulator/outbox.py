"""Receipts still to be sent: written with the answers, kept until the receiver has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    attempt TEXT NOT NULL,
    code INTEGER NOT NULL,
    taken_at REAL NOT NULL,
    due_at REAL NOT NULL,
    repeated INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX IF NOT EXISTS receipts_due ON receipts (due_at);
"""


@dataclass(frozen=True, slots=True)
class Pending:
    """A receipt to send. Times are seconds since 1970."""

    id: int
    message_id: str
    attempt: str
    code: int
    taken_at: float
    repeated: int

    @property
    def key(self) -> str:
        return self.message_id + self.attempt


def insert_receipts(tx: Connection, rows: Iterable[tuple[str, str, int, float, float]]) -> None:
    """Rows of message id, attempt, code, taken at, due at."""
    tx.executemany(
        "INSERT INTO receipts (message_id, attempt, code, taken_at, due_at) VALUES (?, ?, ?, ?, ?)", rows
    )


def list_due(tx: Connection, now: float, limit: int) -> list[Pending]:
    rows = tx.execute(
        "SELECT id, message_id, attempt, code, taken_at, repeated FROM receipts"
        " WHERE due_at <= ? ORDER BY due_at, id LIMIT ?",
        (now, limit),
    )
    return [Pending(*row) for row in rows]


def find_next_due(tx: Connection) -> float | None:
    due: float | None = tx.execute("SELECT min(due_at) FROM receipts").fetchone()[0]
    return due


def delete_receipts(tx: Connection, done: Sequence[int]) -> None:
    tx.executemany("DELETE FROM receipts WHERE id = ?", [(number,) for number in done])


def repeat_receipts(tx: Connection, again: Sequence[int], due_at: float) -> None:
    tx.executemany(
        "UPDATE receipts SET repeated = 1, due_at = ? WHERE id = ?", [(due_at, number) for number in again]
    )
