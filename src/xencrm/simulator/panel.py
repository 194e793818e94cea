"""The dials as they stand; kept on disk, so that a vendor that is killed comes back as it was."""

from sqlite3 import Connection

import msgspec

from xencrm.simulator.dials import Dials, turned
from xencrm.simulator.storage import Storage

SCHEMA = """
CREATE TABLE IF NOT EXISTS dials (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL) STRICT;
"""


class Panel:
    """Holds the dials. `webhook`: is there a receiver for receipts?"""

    def __init__(self, storage: Storage, *, webhook: bool) -> None:
        self.dials = Dials()
        self._storage = storage
        self._webhook = webhook

    async def load(self) -> None:
        self.dials = await self._storage.read(find_dials)

    async def turn(self, body: bytes) -> Dials:
        """Changes the dials that the body names. Raises InvalidInput."""
        dials = turned(self.dials, body, webhook=self._webhook)
        await self._storage.write(lambda tx: save_dials(tx, dials))
        self.dials = dials
        return dials


def find_dials(tx: Connection) -> Dials:
    row = tx.execute("SELECT body FROM dials").fetchone()
    return msgspec.json.decode(row[0], type=Dials) if row else Dials()


def save_dials(tx: Connection, dials: Dials) -> None:
    tx.execute("INSERT OR REPLACE INTO dials VALUES (1, ?)", (msgspec.json.encode(dials).decode(),))
