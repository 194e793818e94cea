"""What the documents list is what the code has, no more and no less."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import msgspec
import pytest
from typer.main import get_command

from xencrm.campaigns.app import LINKS, SIGN_IN
from xencrm.campaigns.app import ROUTES as CAMPAIGNS_ROUTES
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.roles import PORTS
from xencrm.campaigns.subscriptions import AUDIT, projection, receipts
from xencrm.cli.__main__ import app
from xencrm.contracts import access, batches, customers, orders
from xencrm.contracts import receipts as receipt_contracts
from xencrm.contracts.receipts import Outcome
from xencrm.contracts.topology import ALL_QUEUES
from xencrm.ingestion.__main__ import PROCESSES
from xencrm.ingestion.app import ROUTES as INGESTION_ROUTES
from xencrm.ingestion.subscriptions import bindings
from xencrm.kernel.http.principals import Role
from xencrm.kernel.http.routes import Route
from xencrm.kernel.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "xencrm"
CONTRACTS = (access, batches, customers, orders, receipt_contracts)
HASHES = AddressHashes("secret")
COMMANDS_OF = {"ingestion": {"rebuild"}, "campaigns": {"api-key", "sign-in-link"}}
ALL_BINDINGS = (*bindings(str.encode), *projection(HASHES), receipts(RetryPolicy(1, 1.0), HASHES), AUDIT)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FEATURE_FILES = re.compile(r"`((?:[a-z_*<>]+/)*[a-z_0-9]+\.py)(?:::[a-z_A-Z]+)?`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
PLACE = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def headings_of(document: str, pattern: str) -> list[str]:
    """The headings of the third level that are names in code."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^### `({pattern})`$", text, re.MULTILINE)


def section(document: str, heading: str) -> str:
    """The text below a heading, up to the next one of any level."""
    _, _, rest = (ROOT / document).read_text(encoding="utf-8").partition(f"{heading}\n")
    assert rest, f"{document} has no heading {heading!r}"
    return re.split(r"^#{1,6} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> set[str]:
    """The rows of the tables in it, their heads left out."""
    lines = [line.rstrip() for line in text.splitlines()]
    heads = {number - 1 for number, line in enumerate(lines) if set(line) <= set("|- ") and "|" in line}
    return {
        line
        for number, line in enumerate(lines)
        if line.startswith("|") and number not in heads and number - 1 not in heads
    }


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def assert_same(found: Iterable[str], expected: Iterable[str], document: str) -> None:
    missing, stale = set(expected) - set(found), set(found) - set(expected)
    assert not missing, f"{document} lacks:\n" + "\n".join(sorted(missing))
    assert not stale, f"{document} lists what is not there:\n" + "\n".join(sorted(stale))


def queue_rows() -> list[str]:
    consumed = {binding.queue: binding for binding in ALL_BINDINGS}
    return [
        row(
            f"`{queue.name}`",
            f"`{queue.topic.exchange}`",
            f"`{queue.topic.key}`",
            ", ".join(f"`{name}`" for name in consumed[queue].bodies),
            "inbox" if consumed[queue].deduplicate else "versions or states",
        )
        for queue in ALL_QUEUES
    ]


def event_types() -> dict[str, type[Any]]:
    return {name: body for binding in ALL_BINDINGS for name, body in binding.bodies.items()}


def field_rows(body: type[Any]) -> list[str]:
    return [
        row(f"`{field.name}`", _type_name(field.type), "no" if _may_be_left_out(field) else "yes")
        for field in msgspec.structs.fields(body)
    ]


def _may_be_left_out(field: msgspec.structs.FieldInfo) -> bool:
    return not field.required


def _type_name(kind: Any) -> str:
    if isinstance(kind, UnionType):
        members = [member for member in get_args(kind) if member is not msgspec.UnsetType]
        return " or ".join(_type_name(member) for member in members)
    if get_args(kind):
        return {dict: "object", list: "list"}[kind.__origin__]
    names = {
        "str": "text",
        "bool": "true or false",
        "int": "integer",
        "float": "number",
        "UUID": "UUID",
        "Decimal": "decimal as text",
        "datetime": "time",
        "date": "date",
        "NoneType": "null",
        "Raw": "object",
        "Outcome": "outcome",
    }
    return names[kind.__name__]


def setting_rows() -> list[str]:
    return [
        row(
            f"`XENCRM_{name.upper()}`",
            "not set" if field.default is None else f"`{field.default}`",
            str(field.description),
        )
        for name, field in Settings.model_fields.items()
    ]


def commands(command: Any = None, path: str = "xencrm") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    command = command or get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
    else:
        for name, each in inner.items():
            yield from commands(each, f"{path} {name}")


def option_names(command: Any) -> set[str]:
    options = [p for p in command.params if p.param_type_name == "option"]
    return {name for option in options for name in (*option.opts, *option.secondary_opts)} - {"--help"}


def route_row(route: Route) -> str:
    allowed = "without a key" if route.allowed is None else ", ".join(r for r in Role if r in route.allowed)
    path = re.sub(r":[a-z]+}", "}", route.path)
    return row(f"`{route.method} {path}`", allowed)


def test_every_queue_is_in_the_list_of_queues() -> None:
    assert_same(rows(section("docs/events.md", "## Queues")), queue_rows(), "docs/events.md")


def test_every_event_type_of_the_contracts_is_consumed_from_a_queue() -> None:
    defined = {
        value
        for module in CONTRACTS
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert defined == set(event_types())


@pytest.mark.parametrize("event_type", sorted(event_types()))
def test_every_field_of_an_event_is_described(event_type: str) -> None:
    text = section("docs/events.md", f"### `{event_type}`")
    assert_same(rows(text), field_rows(event_types()[event_type]), "docs/events.md")


def test_every_event_of_the_document_exists() -> None:
    headings = headings_of("docs/events.md", r"[^`]+")
    assert sorted(headings) == sorted(event_types())


def test_every_outcome_of_a_receipt_is_described() -> None:
    found = re.findall(
        r"^- `([A-Z]+)`:", section("docs/events.md", "### `receipt.received.v1`"), re.MULTILINE
    )
    assert sorted(found) == sorted(Outcome)


def test_every_setting_is_listed_with_its_default() -> None:
    found = rows(section("docs/settings.md", "## Of every process"))
    assert_same(found, setting_rows(), "docs/settings.md")


def test_every_variable_that_the_code_names_is_in_the_settings() -> None:
    document = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    named = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"XENCRM_[A-Z][A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))
    }
    missing = sorted(name for name in named if f"`{name}`" not in document)
    assert not missing, f"docs/settings.md lacks {', '.join(missing)}"


def test_every_command_is_described() -> None:
    headings = headings_of("docs/cli.md", r"xencrm [^`]+")
    assert_same(headings, [name for name, _ in commands()], "docs/cli.md")


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_option_of_a_command_is_described(name: str) -> None:
    text = section("docs/cli.md", f"### `{name}`")
    shared = {"--url", "--api-key"}
    found = set(re.findall(r"`(--[a-z-]+)", text))
    assert_same(found | shared, option_names(dict(commands())[name]) | shared, "docs/cli.md")


@pytest.mark.parametrize(
    ("service", "processes"), [("ingestion", PROCESSES), ("campaigns", tuple(PORTS))], ids=str
)
def test_every_process_of_a_service_is_described(service: str, processes: tuple[str, ...]) -> None:
    text = section("docs/cli.md", f"### `python -m xencrm.{service}`")
    found = {line.split("`")[1] for line in rows(text)}
    assert_same(
        found,
        {*processes, "migrate", "openapi", *COMMANDS_OF[service]},
        "docs/cli.md",
    )


@pytest.mark.parametrize(
    ("heading", "routes"),
    [
        ("### Ingestion", INGESTION_ROUTES),
        ("### Campaigns", CAMPAIGNS_ROUTES),
        ("### Links in messages", LINKS),
        ("### Signing in", SIGN_IN),
    ],
    ids=["ingestion", "campaigns", "links", "signing in"],
)
def test_every_route_is_listed_with_the_roles_that_may_use_it(
    heading: str, routes: tuple[Route, ...]
) -> None:
    found = rows(section("docs/api.md", heading))
    assert_same(found, [route_row(route) for route in routes], "docs/api.md")


@pytest.mark.parametrize("service", ["ingestion", "campaigns"])
def test_every_feature_folder_is_in_the_architecture(service: str) -> None:
    folders = {path.parent.name for path in (SOURCE / service).glob("*/__init__.py")} - {"migrations"}
    text = section("docs/architecture.md", f"### Features of {service.capitalize()}")
    assert_same({line.split("`")[1] for line in rows(text)}, folders, "docs/architecture.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    named = set(FEATURE_FILES.findall(document.read_text(encoding="utf-8")))
    concrete = {name for name in named if "/" in name and not set(name) & set("<*>")}
    missing = sorted(name for name in concrete if not any((base / name).exists() for base in (SOURCE, ROOT)))
    assert not missing, f"{document.name} names {', '.join(missing)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    links = set(LINK.findall(document.read_text(encoding="utf-8")))
    dead = sorted(link for link in links if not (document.parent / link).exists())
    assert not dead, f"{document.name} links to {', '.join(dead)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_place_in_a_document_leads_to_a_heading(document: Path) -> None:
    places = PLACE.findall(document.read_text(encoding="utf-8"))
    dead = [f"{file}#{place}" for file, place in places if place not in anchors_of(document, file)]
    assert not dead, f"{document.name} links to {', '.join(dead)}"


def anchors_of(document: Path, file: str) -> set[str]:
    """The headings of a file that a document links to (of itself when it is empty), as links name them."""
    text = (document.parent / file if file else document).read_text(encoding="utf-8")
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in HEADING.findall(text)}


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "adr"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert_same(listed, {path.name for path in folder.glob("[0-9]*.md")}, "docs/adr/README.md")
