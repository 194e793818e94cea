"""The Business DB of a running product, read directly: what counters and answers are compared with."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.support.product import Product

STATES = ("pending", "sending", "sent", "delivered", "failed", "skipped", "cancelled", "unconfirmed")

_COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{state.upper()}') AS {state}" for state in STATES)
_RECOUNT = f"""
    SELECT stats.campaign_id, to_jsonb(stats) - 'campaign_id' AS shown, to_jsonb(recount) AS recounted
    FROM campaign_stats AS stats, LATERAL (
        SELECT count(*) FILTER (WHERE state <> 'HOLDOUT') AS audience,
               count(*) FILTER (WHERE state = 'HOLDOUT') AS holdout,
               {_COUNTS}
        FROM communication_log WHERE campaign_id = stats.campaign_id
    ) AS recount
    WHERE to_jsonb(stats) - 'campaign_id' <> to_jsonb(recount)
"""
_RECOUNT_FAILURES = """
    SELECT campaign_id, reason, shown.count AS shown, recount.count AS recounted
    FROM (SELECT campaign_id, coalesce(reason, 'UNKNOWN') AS reason, count(*) FROM communication_log
          WHERE state = 'FAILED' GROUP BY 1, 2) AS recount
    FULL JOIN campaign_failures AS shown USING (campaign_id, reason)
    WHERE shown.count IS DISTINCT FROM recount.count
"""


class Ledger:
    """Statements see one snapshot each, so they may be asked while messages move."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._connection.fetch(query, *values)]

    async def check_counters(self) -> None:
        """Every counter of every campaign equals a recount (I3)."""
        assert await self.rows(_RECOUNT) == []
        assert await self.rows(_RECOUNT_FAILURES) == []


@asynccontextmanager
async def open_ledger(product: Product) -> AsyncIterator[Ledger]:
    settings = json.loads((product.home / "run" / "env.json").read_text())
    connection = await asyncpg.connect(settings["XENCRM_BUSINESS_DB_URL"])
    try:
        yield Ledger(connection)
    finally:
        await connection.close()
