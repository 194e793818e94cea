"""What a launch would do, for people to read."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xencrm.client.preflight import Preflight, Sample


def show_preflight(preflight: Preflight, samples: int, console: Console) -> None:
    """Numbers, blanks, so many of the samples, and last the plan token on a line of its own."""
    console.print(_numbers(preflight))
    for name, count in preflight.blank.items():
        if count:
            console.print(Text(f"{name} is blank for {count:,}", "yellow"))
    for sample in preflight.samples[:samples]:
        console.print(_message(sample))
    until = f"until {preflight.expires_at:%H:%M:%S %Z}" if preflight.expires_at else ""
    console.print(Text(f"\nplan token {until}:"))
    console.print(Text(preflight.plan_token), soft_wrap=True)


def _numbers(preflight: Preflight) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name in ("count", "holdout", "audience", "suppressed", "inactive"):
        table.add_row(name, f"{getattr(preflight, name):,}")
    return table


def _message(sample: Sample) -> Text:
    lines = [f"\nto {sample.name} <{sample.address}>"]
    if sample.subject is not None:
        lines.append(f"subject: {sample.subject}")
    lines.append(f"cannot be rendered: {sample.error}" if sample.error else sample.text or "")
    return Text("\n".join(lines))
