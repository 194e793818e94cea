"""What is known of what became of messages once they had arrived."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that was opened, or of which the link with that key was clicked."""

    campaign_month: date
    message_id: UUID
    link: int | None


@dataclass(frozen=True, slots=True)
class Times:
    """How often something happened, first and last when."""

    count: int
    first_at: datetime
    last_at: datetime

    def and_then(self, other: "Times") -> "Times":
        first_at, last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        return Times(self.count + other.count, first_at, last_at)
