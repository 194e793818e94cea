"""`api-key create | list | revoke | ensure | announce`, `sign-in-link`: for whoever runs the installation."""

import os
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path

from xencrm.campaigns.accounts.keys import service
from xencrm.campaigns.accounts.keys.model import ApiKey, Limits
from xencrm.campaigns.accounts.keys.schemas import MOST_RECIPIENTS
from xencrm.campaigns.accounts.sessions import signing
from xencrm.campaigns.accounts.sign_in.link import make_link
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.http.principals import Role
from xencrm.kernel.secrets import local_api_key
from xencrm.kernel.settings import Settings
from xencrm.kernel.validation import NAME_LENGTH, clean_text

LISTED_AT_ONCE = 1000
SIGN_IN_LINK = "sign-in-link"


def add_arguments(parser: ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and print it, this once")
    ensure = commands.add_parser("ensure", help="make the key with the given text unless it is there")
    for command in (create, ensure):
        command.add_argument("--name", required=True, type=_name)
        command.add_argument("--role", required=True, type=Role, choices=tuple(Role))
    create.add_argument(
        "--agent", action="store_true", help="launches only with the plan token of a pre-flight"
    )
    create.add_argument(
        "--draft-only", action="store_true", help="writes drafts and segments, and launches nothing"
    )
    create.add_argument("--daily-recipients", type=_count, help="to how many a day its launches may write")
    ensure.add_argument(
        "--key", help="xk_<12 hex digits>_<32 to 128 characters>; the installation's own if left out"
    )
    ensure.add_argument("--link-to", type=Path, help="make a sign-in link too, and write it to this file")
    commands.add_parser("list", help="print the keys, without their texts")
    commands.add_parser("revoke", help="make a key useless for good").add_argument("key_id")
    commands.add_parser("announce", help="tell the other service all keys again")


async def run(arguments: Namespace, database: Database, settings: Settings) -> None:
    """Raises XenError."""
    async with database.transaction() as tx:
        if arguments.process == SIGN_IN_LINK:
            lines = [await make_link(tx, settings)]
        else:
            lines = await _run(arguments, tx, settings)
    print(*lines, sep="\n")


async def _run(arguments: Namespace, tx: Tx, settings: Settings) -> list[str]:
    match arguments.command:
        case "create":
            limits = Limits(arguments.agent, arguments.draft_only, arguments.daily_recipients)
            _, text = await service.create_key(tx, arguments.name, arguments.role, limits)
            return [text]
        case "ensure":
            return [await _ensure(tx, arguments, settings)]
        case "revoke":
            await service.revoke_key(tx, arguments.key_id)
            return [f"{arguments.key_id} is revoked"]
        case "announce":
            await signing.announce(tx, settings.secret)
            return [f"{await service.announce_keys(tx)} keys announced"]
        case _:
            return await _list(tx)


async def _ensure(tx: Tx, arguments: Namespace, settings: Settings) -> str:
    """With the installation's own key also the one that signs sessions, for a start that lacks nothing."""
    if arguments.key is None:
        await signing.signing_key(tx, settings.require("secret"))
        await signing.announce(tx, settings.secret)
    key_text = arguments.key or local_api_key(settings.require("secret"))
    key = await service.ensure_key(tx, arguments.name, arguments.role, key_text)
    if arguments.link_to is not None and settings.signs_in_by_link:
        _write_alone(arguments.link_to, await make_link(tx, settings))
    return f"{key.key_id} is {'revoked' if key.revoked_at else 'in use'}"


async def _list(tx: Tx) -> list[str]:
    lines: list[str] = []
    after: str | None = None
    while page := await service.list_keys(tx, after, LISTED_AT_ONCE):
        lines += [_line(key) for key in page]
        after = page[-1].key_id
    return lines


def _line(key: ApiKey) -> str:
    """Id, role, made at, revoked at or -, limits or -, name; separated by tabs."""
    made, revoked = _time(key.created_at), _time(key.revoked_at) if key.revoked_at else "-"
    return "\t".join((key.key_id, key.role, made, revoked, _words(key.limits) or "-", key.name))


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _words(limits: Limits) -> str:
    """As `create` takes them."""
    a_day = [f"daily-recipients={limits.daily_recipients}"] if limits.daily_recipients else []
    return " ".join(["agent"] * limits.agent + ["draft-only"] * limits.draft_only + a_day)


def _write_alone(path: Path, text: str) -> None:
    """For its owner's eyes only."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _count(text: str) -> int:
    if not 1 <= (number := int(text)) <= MOST_RECIPIENTS:
        raise ValueError(text)
    return number


def _name(text: str) -> str:
    return clean_text("name", text, NAME_LENGTH)
