"""`api-key create | list | revoke | ensure | announce` for whoever runs the installation."""

from argparse import ArgumentParser, Namespace

from xencrm.campaigns.accounts.keys import service
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.principals import Role
from xencrm.kernel.secrets import local_api_key
from xencrm.kernel.settings import Settings
from xencrm.kernel.validation import NAME_LENGTH, clean_text

LISTED_AT_ONCE = 1000


def add_arguments(parser: ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and print it, this once")
    ensure = commands.add_parser("ensure", help="make the key with the given text unless it is there")
    for command in (create, ensure):
        command.add_argument("--name", required=True, type=_name)
        command.add_argument("--role", required=True, type=Role, choices=tuple(Role))
    ensure.add_argument(
        "--key", help="xk_<12 hex digits>_<32 to 128 characters>; the installation's own if left out"
    )
    commands.add_parser("list", help="print the keys, without their texts")
    commands.add_parser("revoke", help="make a key useless for good").add_argument("key_id")
    commands.add_parser("announce", help="tell the other service all keys again")


async def run(arguments: Namespace, database: Database, settings: Settings) -> None:
    """Raises XenError."""
    if arguments.command == "ensure" and arguments.key is None:
        arguments.key = local_api_key(settings.require("secret"))
    async with database.transaction() as tx:
        for line in await _run(arguments, tx):
            print(line)


async def _run(arguments: Namespace, tx: Tx) -> list[str]:
    match arguments.command:
        case "create":
            _, text = await service.create_key(tx, arguments.name, arguments.role)
            return [text]
        case "ensure":
            key = await service.ensure_key(tx, arguments.name, arguments.role, arguments.key)
            return [f"{key.key_id} is {'revoked' if key.revoked_at else 'in use'}"]
        case "revoke":
            await service.revoke_key(tx, arguments.key_id)
            return [f"{arguments.key_id} is revoked"]
        case "announce":
            return [f"{await service.announce_keys(tx)} keys announced"]
        case _:
            return await _list(tx)


async def _list(tx: Tx) -> list[str]:
    """One key a line: id, role, made at, revoked at or -, name; separated by tabs."""
    lines: list[str] = []
    after: str | None = None
    while page := await service.list_keys(tx, after, LISTED_AT_ONCE):
        for key in page:
            revoked = f"{key.revoked_at:%Y-%m-%dT%H:%M:%SZ}" if key.revoked_at else "-"
            lines.append(
                "\t".join((key.key_id, key.role, f"{key.created_at:%Y-%m-%dT%H:%M:%SZ}", revoked, key.name))
            )
        after = page[-1].key_id
    return lines


def _name(text: str) -> str:
    return clean_text("name", text, NAME_LENGTH)
