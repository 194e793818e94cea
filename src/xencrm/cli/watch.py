"""A campaign's progress as it happens: bars on a terminal, plain lines elsewhere."""

import asyncio
import time
from collections import deque

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from xencrm.client.campaigns import CampaignStats
from xencrm.client.client import Client

FINAL = frozenset({"COMPLETED", "CANCELLED"})
STATES = ("pending", "sending", "sent", "delivered", "failed", "skipped", "cancelled", "unconfirmed")
_COLOURS = {"delivered": "green", "failed": "red", "unconfirmed": "yellow", "sending": "cyan", "sent": "blue"}


class Pace:
    """Messages settled a second, over the last seconds."""

    def __init__(self, window_s: float = 5.0) -> None:
        self._window_s = window_s
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, settled: int, now: float) -> float:
        self._seen.append((now, settled))
        while now - self._seen[0][0] > self._window_s:
            self._seen.popleft()
        began, before = self._seen[0]
        return (settled - before) / (now - began) if now > began else 0.0


async def watch(client: Client, campaign_id: str, console: Console, every_s: float = 0.5) -> CampaignStats:
    """Show the numbers until the campaign has ended; the last of them. Raises ClientError."""
    if console.is_terminal:
        return await _watch_live(client, campaign_id, console, every_s)
    return await _watch_lines(client, campaign_id, console, every_s)


async def _watch_live(client: Client, campaign_id: str, console: Console, every_s: float) -> CampaignStats:
    pace = Pace()
    with Live(console=console, auto_refresh=False) as live:
        while True:
            stats = await client.campaigns.stats(campaign_id)
            live.update(picture(stats, pace.see(stats.settled, time.monotonic())), refresh=True)
            if stats.status in FINAL:
                return stats
            await asyncio.sleep(every_s)


async def _watch_lines(client: Client, campaign_id: str, console: Console, every_s: float) -> CampaignStats:
    pace, shown = Pace(), ""
    while True:
        stats = await client.campaigns.stats(campaign_id)
        rate = pace.see(stats.settled, time.monotonic())
        if (said := line(stats)) != shown:
            shown = said
            console.print(f"{said} rate={rate:.0f}/s", markup=False, soft_wrap=True)
        if stats.status in FINAL:
            return stats
        await asyncio.sleep(every_s)


def line(stats: CampaignStats) -> str:
    """The numbers on one line, states that are empty left out."""
    numbers = " ".join(f"{state}={count}" for state, count in _counts(stats) if count)
    reasons = " ".join(f"{failure.reason}={failure.count}" for failure in stats.failures)
    held = f"holdout={stats.holdout}" if stats.holdout else ""
    seen = "" if stats.opened is None else f"opened={stats.opened} clicked={stats.clicked}"
    return " ".join(
        part for part in (stats.status, f"audience={stats.audience}", held, numbers, seen, reasons) if part
    )


def picture(stats: CampaignStats, rate: float) -> Group:
    """A headline, a bar for each state, and why messages failed."""
    rate_of_delivery = "" if stats.delivery_rate is None else f"  delivered {stats.delivery_rate} %"
    headline = Text(f"{stats.status}  audience {stats.audience:,}  {rate:,.0f}/s{rate_of_delivery}", "bold")
    reasons = [Text(f"  {failure.reason}  {failure.count:,}", "red") for failure in stats.failures]
    return Group(headline, _bars(stats), *reasons)


def _bars(stats: CampaignStats) -> Table:
    table = Table.grid(padding=(0, 2))
    for state, count in _counts(stats):
        style = _COLOURS.get(state, "white")
        bar = ProgressBar(total=max(1, stats.audience), completed=count, width=40)
        bar.complete_style = bar.finished_style = style
        table.add_row(Text(state), bar, Text(f"{count:,}", justify="right"))
    return table


def _counts(stats: CampaignStats) -> list[tuple[str, int]]:
    return [(state, getattr(stats, state)) for state in STATES]
