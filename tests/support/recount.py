"""The numbers of dashboards and campaigns, counted in plain Python from the rows of the Business DB."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from scipy import stats

from tests.support.ledger import STATES, Ledger

WEEK = timedelta(days=7)
NOBODY = Decimal("0.00")


class Recount:
    """One look at all rows. `zone`: of the installation; no vendor here is silent."""

    def __init__(self, zone: str, rows: dict[str, list[dict[str, Any]]]) -> None:
        self._zone = ZoneInfo(zone)
        self._customers = rows["customers_mv"]
        self._orders = [row for row in rows["orders_mv"] if row["order_status"] == "COMPLETED"]
        self._campaigns = rows["campaigns"]
        self._messages = rows["communication_log"]

    @classmethod
    async def of(cls, ledger: Ledger, zone: str = "UTC") -> "Recount":
        tables = ("customers_mv", "orders_mv", "campaigns", "communication_log")
        return cls(zone, {table: await ledger.rows(f"SELECT * FROM {table}") for table in tables})

    def check_dashboard(self, shown: dict[str, Any]) -> None:
        """Every figure of it."""
        days = [day["day"] for day in shown["series"]["orders"]]
        before = [self._days_back(days[0], number) for number in range(1, len(days) + 1)]
        assert shown["totals"] == self._totals()
        assert shown["current"] == self._span(days)
        assert shown["previous"] == self._span(before)
        assert shown["series"] == {
            "orders": [{"day": day, **self._part(day, "orders", "revenue")} for day in days],
            "messages": [{"day": day, **self._part(day, "delivered", "failed")} for day in days],
            "customers": [{"day": day, **self._part(day, "customers")} for day in days],
        }

    def check_campaigns(self, listed: Sequence[dict[str, Any]]) -> None:
        """Every number of every campaign that is not archived."""
        revenue = self._revenue()
        shown = [campaign for campaign in self._campaigns if campaign["archived_at"] is None]
        assert {item["campaign_id"] for item in listed} == {str(each["campaign_id"]) for each in shown}
        for item in listed:
            campaign_id = UUID(item["campaign_id"])
            assert {name: item[name] for name in ("audience", "holdout", *STATES)} == self._states(
                campaign_id
            )
            orders = revenue.get(campaign_id, [])
            assert (item["orders"], item["revenue"]) == (len(orders), str(sum(orders, NOBODY)))
            self._check_lift(campaign_id, item["lift"])

    def _totals(self) -> dict[str, Any]:
        return {
            "customers": len(self._customers),
            "active_customers": sum(row["status"] == "ACTIVE" for row in self._customers),
            "orders": len(self._orders),
            "revenue": str(sum((row["order_amount"] for row in self._orders), NOBODY)),
            "campaigns": sum(row["archived_at"] is None for row in self._campaigns),
            "active_campaigns": sum(
                row["status"] in ("SCHEDULED", "PREPARING", "RUNNING", "PAUSED") for row in self._campaigns
            ),
            "delivered": sum(row["state"] == "DELIVERED" for row in self._messages),
            "failed": sum(row["state"] == "FAILED" for row in self._messages),
        }

    def _part(self, day: str, *names: str) -> dict[str, Any]:
        span = self._span([day])
        return {name: span[name] for name in names}

    def _span(self, days: Sequence[str]) -> dict[str, Any]:
        within = frozenset(days)
        orders = [row for row in self._orders if self._day(row["ordered_at"]) in within]
        settled = [row["state"] for row in self._messages if self._day(row["settled_at"]) in within]
        return {
            "customers": sum(self._day(row["created_at"]) in within for row in self._customers),
            "orders": len(orders),
            "revenue": str(sum((row["order_amount"] for row in orders), NOBODY)),
            "campaigns": sum(self._day(row["launched_at"]) in within for row in self._campaigns),
            "delivered": settled.count("DELIVERED"),
            "failed": settled.count("FAILED"),
        }

    def _states(self, campaign_id: UUID) -> dict[str, int]:
        states = [row["state"] for row in self._messages if row["campaign_id"] == campaign_id]
        counts = {state: states.count(state.upper()) for state in STATES}
        return {"audience": sum(counts.values()), "holdout": states.count("HOLDOUT"), **counts}

    def _revenue(self) -> dict[UUID, list[Decimal]]:
        """The amounts of the orders that are due to each campaign."""
        reached: dict[UUID, list[tuple[datetime, UUID]]] = {}
        for row in self._messages:
            if row["state"] == "DELIVERED":
                reached.setdefault(row["customer_id"], []).append((row["settled_at"], row["campaign_id"]))
        due: dict[UUID, list[Decimal]] = {}
        for order in self._orders:
            at = order["ordered_at"]
            before = [each for each in reached.get(order["customer_id"], ()) if each[0] <= at]
            if before and at - max(before)[0] <= WEEK:
                due.setdefault(max(before)[1], []).append(order["order_amount"])
        return due

    def _check_lift(self, campaign_id: UUID, shown: dict[str, Any] | None) -> None:
        arms = self._arms(campaign_id)
        if min(map(len, arms)) < 2:
            assert shown is None
            return
        assert shown is not None
        treated, control = arms
        low, high = stats.ttest_ind(treated, control, equal_var=False).confidence_interval(0.95)
        per_head = [sum(arm) / len(arm) for arm in arms]
        expected = [*per_head, per_head[0] - per_head[1], low, high]
        names = ("treated_per_head", "control_per_head", "difference", "low", "high")
        assert [float(shown[name]) for name in names] == pytest.approx(expected, abs=2e-6)
        assert (shown["treated"], shown["control"]) == (len(treated), len(control))

    def _arms(self, campaign_id: UUID) -> tuple[list[float], list[float]]:
        since = next(row["prepared_at"] for row in self._campaigns if row["campaign_id"] == campaign_id)
        spent: dict[UUID, Decimal] = {}
        for order in self._orders:
            if since is not None and since <= order["ordered_at"] <= since + WEEK:
                customer_id = order["customer_id"]
                spent[customer_id] = spent.get(customer_id, NOBODY) + order["order_amount"]
        arms: tuple[list[float], list[float]] = ([], [])
        for row in self._messages:
            if row["campaign_id"] == campaign_id:
                arms[row["state"] == "HOLDOUT"].append(float(spent.get(row["customer_id"], NOBODY)))
        return arms

    def _day(self, moment: datetime | None) -> str | None:
        return None if moment is None else str(moment.astimezone(self._zone).date())

    def _days_back(self, day: str, number: int) -> str:
        return str((datetime.fromisoformat(day) - timedelta(days=number)).date())
