"""A segment: a named rule over profiles."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xencrm.campaigns.profiles.model import Profile
from xencrm.campaigns.segments.rules import Condition, Group
from xencrm.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable


@dataclass(frozen=True, slots=True)
class Segment:
    """`rules` is the one JSON form of the rule, as text; `campaigns`: how many use it."""

    segment_id: UUID
    name: str
    description: str
    rules: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    campaigns: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How many profiles a rule matches, some of them, and at what moment."""

    count: int
    sample: list[Profile]
    now: datetime
    rule: Condition | Group


class SegmentUnknown(NotFound):
    """No segment has this id."""


class SegmentNameTaken(Conflict):
    """Another segment has this name."""


class SegmentInUse(Conflict):
    """A campaign needs it."""


class SegmentScheduled(Forbidden):
    """The limits of the API key forbid it."""


class PreviewTooSlow(Unprocessable):
    """The rule could not be counted within the time that a preview has."""


class MatchesEveryone(Unprocessable):
    """A rule without conditions, which is never launched."""
