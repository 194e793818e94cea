"""What was handed over and how it was answered: the vendor's memory and its witness.

`message_id` and `attempt` together are the idempotency key: the part before the last colon, and the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from sqlite3 import Connection

import msgspec

from xencrm.simulator.outcomes import FATE_BITS, LAST_TAKEN, Outcome, is_taken
from xencrm.simulator.wire import AcceptedMessage, AcceptedPage, Stats

HandOver = tuple[str, str]

SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    message_id TEXT NOT NULL,
    attempt TEXT NOT NULL,
    code INTEGER NOT NULL,
    PRIMARY KEY (message_id, attempt)
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS totals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    accepted INTEGER NOT NULL,
    unique_accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    duplicates_refused INTEGER NOT NULL
) STRICT;

INSERT OR IGNORE INTO totals VALUES (1, 0, 0, 0, 0, 0);
"""


def split_key(key: str) -> HandOver:
    at = key.rfind(":")
    return (key, "") if at < 0 else (key[:at], key[at:])


def record(
    tx: Connection, asked: Sequence[HandOver], draw: Callable[[], int]
) -> tuple[list[int], dict[HandOver, int]]:
    """Each hand-over's code, in order: the one it was given the first time, or one drawn and kept now.

    Also returns those that are new.
    """
    known = find_answers(tx, {message_id for message_id, _ in asked})
    fresh: dict[HandOver, int] = {}
    for hand_over in asked:
        if hand_over not in known and hand_over not in fresh:
            fresh[hand_over] = draw()
    insert_answers(tx, fresh)
    add_to_totals(tx, _added(known, fresh, repeats=len(asked) - len(fresh)))
    known |= fresh
    return [known[hand_over] for hand_over in asked], fresh


def _added(known: dict[HandOver, int], fresh: dict[HandOver, int], repeats: int) -> Stats:
    taken_before = {message_id for (message_id, _), code in known.items() if is_taken(code)}
    taken = [(message_id, code) for (message_id, _), code in fresh.items() if is_taken(code)]
    delivered = sum(code & FATE_BITS == Outcome.DELIVERED for _, code in taken)
    return Stats(
        accepted=len(taken),
        unique_accepted=len({message_id for message_id, _ in taken} - taken_before),
        delivered=delivered,
        failed=len(taken) - delivered,
        duplicates_refused=repeats,
    )


def find_answers(tx: Connection, message_ids: Iterable[str]) -> dict[HandOver, int]:
    """Every answer ever given on these messages, whatever the attempt."""
    rows = tx.execute(
        "SELECT a.message_id, a.attempt, a.code FROM json_each(?) AS asked"
        " CROSS JOIN answers AS a ON a.message_id = asked.value",
        (msgspec.json.encode(list(message_ids)).decode(),),
    )
    return {(message_id, attempt): code for message_id, attempt, code in rows}


def insert_answers(tx: Connection, answers: dict[HandOver, int]) -> None:
    rows = [(message_id, attempt, code) for (message_id, attempt), code in answers.items()]
    tx.executemany("INSERT INTO answers (message_id, attempt, code) VALUES (?, ?, ?)", sorted(rows))


def add_to_totals(tx: Connection, added: Stats) -> None:
    tx.execute(
        "UPDATE totals SET accepted = accepted + ?, unique_accepted = unique_accepted + ?,"
        " delivered = delivered + ?, failed = failed + ?, duplicates_refused = duplicates_refused + ?",
        msgspec.structs.astuple(added),
    )


def find_stats(tx: Connection) -> Stats:
    row = tx.execute("SELECT accepted, unique_accepted, delivered, failed, duplicates_refused FROM totals")
    return Stats(*row.fetchone())


def list_accepted(tx: Connection, after: str, limit: int) -> AcceptedPage:
    """Messages taken at least once, by id, with how often."""
    rows = tx.execute(
        "SELECT message_id, count(*) FROM answers WHERE message_id > ? AND code & ? <= ?"
        " GROUP BY message_id ORDER BY message_id LIMIT ?",
        (after, FATE_BITS, LAST_TAKEN, limit + 1),
    ).fetchall()
    items = [AcceptedMessage(*row) for row in rows[:limit]]
    return AcceptedPage(items, items[-1].message_id if len(rows) > limit else None)
