"""The numbers of all campaigns as a file for spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.sending import launch
from tests.support.service import RunningService, key_of
from xencrm.campaigns.reporting import sheet


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        await add_customers(running, [customer() for _ in range(3)])
        yield running


async def rows(campaigns: RunningService, **params: str) -> list[dict[str, str]]:
    url, key = f"{campaigns.url}/api/v1/campaignStats.csv", key_of("viewer")
    async with campaigns.http.get(url, params=params, headers={"Authorization": f"Bearer {key}"}) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="campaign-stats.csv"'
        text = (await answer.read()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_every_campaign_is_a_row_with_its_numbers_and_no_formula(
    campaigns: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "ROWS_AT_ONCE", 2)
    for name in ("Autumn", '=HYPERLINK("http://x.example")', "Diwali, “₹”", "@home"):
        await launch(campaigns, name=name)
    found = await rows(campaigns)
    assert [row["name"] for row in found] == [
        "'@home",
        "Diwali, “₹”",
        '\'=HYPERLINK("http://x.example")',
        "Autumn",
    ]
    _, shown = await campaigns.get("/campaignStats")
    for row, item in zip(found, shown["items"], strict=True):
        assert row["campaign_id"] == item["campaign_id"]
        assert (row["audience"], row["pending"], row["revenue"]) == ("3", "3", item["revenue"])
        assert (row["delivery_rate"], row["lift_low"]) == ("", "")
        assert row["launched_at"] == item["launched_at"]


async def test_archived_campaigns_have_a_file_of_their_own_and_a_key_is_needed(
    campaigns: RunningService,
) -> None:
    assert await rows(campaigns, archived="true") == []
    assert (await campaigns.get("/campaignStats.csv", role=None))[0] == 401
    assert (await campaigns.get("/campaignStats.csv", role="ingest"))[0] == 403
