"""How large a campaign's audience would be now, and how many of it lack something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from xencrm.campaigns.planning.membership import Admission, Fate
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


async def count_audience(
    tx: Tx, admission: Admission, now: datetime, lacks: Mapping[str, ColumnElement[bool]] | None = None
) -> AudienceCount:
    """In one statement. `lacks`: conditions on `customers_mv`, by name."""
    conditions = lacks or {}
    queries = [_query(form, admission, list(conditions.values())) for form in forms_of(admission.rule, now)]
    rows = [tuple(row) for row in await tx.execute(await cheapest(tx, queries))]
    by_fate = {fate: count for fate, count, *_ in rows}
    lacking = [counts for fate, _, *counts in rows if fate != Fate.HELD_OUT]
    return AudienceCount(
        count=sum(by_fate.values()),
        holdout=by_fate.get(Fate.HELD_OUT, 0),
        suppressed=by_fate.get(Fate.SUPPRESSED, 0),
        inactive=by_fate.get(Fate.INACTIVE, 0),
        lacking={name: sum(counts[place] for counts in lacking) for place, name in enumerate(conditions)},
    )


def _query(
    matching: ColumnElement[bool], admission: Admission, lacks: Sequence[ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    fate = admission.fate().label("fate")
    counts = [func.count().filter(condition) for condition in lacks]
    return select(fate, func.count(), *counts).select_from(customers_mv).where(matching).group_by(fate)
