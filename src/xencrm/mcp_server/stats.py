"""A campaign's numbers in words."""

from dataclasses import dataclass

from xencrm.client.campaigns import CampaignStats, Lift
from xencrm.mcp_server.words import Words, count, percent


@dataclass(frozen=True, slots=True)
class Shares:
    """Of so many."""

    whole: int

    def of(self, part: int) -> str:
        """12 (3.4 %)"""
        return f"{part:,} ({part / self.whole:.1%})".replace("%", " %") if self.whole else f"{part:,}"


def stats_lines(stats: CampaignStats, words: Words) -> list[str]:
    shares = Shares(stats.audience)
    on_the_way = stats.pending + stats.sending + stats.sent
    lines = [
        f"audience {count(stats.audience, 'customer')}, {stats.holdout:,} more held out",
        f"delivered {shares.of(stats.delivered)}, failed {shares.of(stats.failed)}, "
        f"delivery rate {percent(stats.delivery_rate)}",
        f"on the way {on_the_way:,}, skipped {stats.skipped:,}, cancelled {stats.cancelled:,}, "
        f"unconfirmed {stats.unconfirmed:,}",
        f"revenue {words.money(stats.revenue)} in {count(stats.orders or 0, 'order')}",
    ]
    if stats.opened is not None:
        lines.append(f"opened {stats.opened:,}, clicked {stats.clicked or 0:,}")
    if stats.failures:
        lines.append("failures: " + ", ".join(f"{each.reason} {each.count:,}" for each in stats.failures))
    return [*lines, *([_lift_line(stats.lift, words)] if stats.lift else [])]


def _lift_line(lift: Lift, words: Words) -> str:
    return (
        f"lift a head {words.money(lift.difference)} (95 % interval {words.money(lift.low)} to "
        f"{words.money(lift.high)}): {words.money(lift.treated_per_head)} of {lift.treated:,} written to, "
        f"{words.money(lift.control_per_head)} of {lift.control:,} held out"
    )
