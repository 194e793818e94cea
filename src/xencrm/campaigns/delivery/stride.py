"""How many profiles are looked at for a chunk of an audience: learnt from how long the last ones took."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

FIRST: Final = 50_000
FEWEST: Final = 500
MOST: Final = 5_000_000
STEP: Final = 4
LIMIT_MS: Final = 1_000
QUICK_S: Final = 0.1
SLOW_S: Final = 0.5


@dataclass(slots=True)
class Stride:
    """Of one campaign. `edge`: the last profile of those that are being looked at.

    Fewer are looked at after a chunk that took long, more after one that was quick and did not fill up.
    """

    profiles: int = FIRST
    edge: UUID | None = None

    @property
    def limit_ms(self) -> int:
        """How long a statement may take; 0, which is no limit, where nothing smaller can be tried."""
        return LIMIT_MS if self.profiles > FEWEST else 0

    def reaches_beyond(self, position: UUID | None) -> bool:
        return self.edge is not None and (position is None or position < self.edge)

    def cut(self) -> None:
        """After a statement that took too long."""
        self.profiles, self.edge = max(FEWEST, self.profiles // STEP), None

    def went(self, took_s: float, *, full: bool) -> None:
        if took_s > SLOW_S:
            self.cut()
        elif took_s < QUICK_S and not full:
            self.profiles = min(MOST, self.profiles * STEP)
