"""How large a campaign's audience would be now, and how many of it lack something."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from xencrm.campaigns.planning.membership import Admission, Fate, among_suppressed
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.segments.service import forms_of
from xencrm.kernel.database import Tx
from xencrm.kernel.explain import cheapest


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """`count`: all whom the rule matches, `holdout` of them held out; of the others, the audience, some are
    skipped as `suppressed` or `inactive`. `lacking`: how many of the audience lack what, by name."""

    count: int
    holdout: int
    suppressed: int
    inactive: int
    lacking: Mapping[str, int]

    @property
    def audience(self) -> int:
        return self.count - self.holdout

    @property
    def recipients(self) -> int:
        """Who would be written to."""
        return self.audience - self.suppressed - self.inactive


async def count_audience(
    tx: Tx, admission: Admission, now: datetime, lacks: Mapping[str, ColumnElement[bool]] | None = None
) -> AudienceCount:
    """Those who are suppressed are few and counted by themselves: nobody else has to be looked up for it.

    `lacks`: conditions on `customers_mv`, by name.
    """
    conditions = lacks or {}
    forms, counts = forms_of(admission.rule, now), [func.count().filter(each) for each in conditions.values()]
    rows = await _count(tx, [_query(form, admission, *counts) for form in forms])
    kept_out = await _count(
        tx, [_query(and_(form, among_suppressed(admission.campaign_type)), admission) for form in forms]
    )
    by_fate = Counter({fate: count for fate, count, *_ in rows})
    out = Counter({fate: count for fate, count in kept_out if fate != Fate.HELD_OUT})
    lacking = [counts for fate, _, *counts in rows if fate != Fate.HELD_OUT]
    return AudienceCount(
        count=by_fate.total(),
        holdout=by_fate[Fate.HELD_OUT],
        suppressed=out.total(),
        inactive=by_fate[Fate.INACTIVE] - out[Fate.INACTIVE],
        lacking={name: sum(counts[place] for counts in lacking) for place, name in enumerate(conditions)},
    )


async def _count(tx: Tx, queries: Sequence[Select[*tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """The queries mean the same."""
    return [tuple(row) for row in await tx.execute(await cheapest(tx, queries))]


def _query(
    matching: ColumnElement[bool], admission: Admission, *counts: ColumnElement[int]
) -> Select[*tuple[Any, ...]]:
    """How many of each fate, were nobody suppressed."""
    fate = admission.fate_otherwise().label("fate")
    return select(fate, func.count(), *counts).select_from(customers_mv).where(matching).group_by(fate)
