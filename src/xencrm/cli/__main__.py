"""The `xencrm` command."""

import typer

from xencrm.cli.admin import api_key, migrate, rebuild, sign_in_link
from xencrm.cli.campaigns import campaigns
from xencrm.cli.dead_letters import dead_letters
from xencrm.cli.doctor import doctor
from xencrm.cli.mcp import mcp
from xencrm.cli.messages import messages
from xencrm.cli.sample_data import sample_data
from xencrm.cli.segments import segments
from xencrm.cli.suppressions import suppressions
from xencrm.cli.up import up
from xencrm.cli.vendors import vendors
from xencrm.cli.waiting_orders import waiting_orders

app = typer.Typer(
    name="xencrm",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An event-driven CRM and campaign engine.",
)
for command in (up, migrate, sign_in_link, sample_data, doctor, vendors, waiting_orders, mcp):
    app.command()(command)
for name, group in (
    ("api-key", api_key),
    ("rebuild", rebuild),
    ("segments", segments),
    ("campaigns", campaigns),
    ("messages", messages),
    ("suppressions", suppressions),
    ("dead-letters", dead_letters),
):
    app.add_typer(group, name=name)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
