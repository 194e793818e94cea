"""Where conversations lie: a file for each person, which goes when it was left alone for long."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from xencrm.assistant.conversation import Conversation
from xencrm.local.files import write_atomically

KEPT_DAYS: Final = 30
INTERRUPTED: Final = "It is not known whether this was done: look before you do it again."
_NAME: Final = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Shelf:
    folder: Path

    def load(self, person_id: str) -> Conversation:
        """An empty one where there is none, or none that can be read."""
        try:
            kept = msgspec.json.decode(self._path(person_id).read_bytes(), type=Conversation)
        except (FileNotFoundError, msgspec.DecodeError):
            return Conversation()
        _close_interrupted(kept)
        return kept

    def save(self, person_id: str, conversation: Conversation) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._path(person_id), msgspec.json.encode(conversation).decode())

    def drop(self, person_id: str) -> None:
        self._path(person_id).unlink(missing_ok=True)

    def drop_old(self) -> None:
        """Those that nobody went on with."""
        before = time.time() - KEPT_DAYS * 86_400
        for path in self.folder.glob("*.json"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)

    def _path(self, person_id: str) -> Path:
        if not _NAME.fullmatch(person_id):
            raise ValueError(f"not the id of a person: {person_id!r}")
        return self.folder / f"{person_id}.json"


def _close_interrupted(conversation: Conversation) -> None:
    """Whoever did it is gone: nobody does two things of a person at once."""
    for item_id, proposal in conversation.proposals.items():
        found = conversation.find_card(item_id)
        if found is not None and found[1].state == "doing":
            found[1].state, found[1].outcome, proposal.answer = "failed", INTERRUPTED, INTERRUPTED
