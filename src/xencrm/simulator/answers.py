"""From what the ledger keeps to what the caller reads."""

from collections.abc import Sequence
from hashlib import blake2b

from xencrm.simulator.outcomes import ANSWERS
from xencrm.simulator.wire import Answer


def vendor_ref(key: str) -> str:
    """The vendor's own name of a hand-over: derived, so that it needs no room and never changes."""
    return blake2b(key.encode(), digest_size=10).hexdigest()


def answers(keys: Sequence[str], codes: Sequence[int]) -> list[Answer]:
    return [Answer(key, *ANSWERS[code], vendor_ref(key)) for key, code in zip(keys, codes, strict=True)]
