"""What runs on one machine: settings filled in, and the table of parts."""

import sys
from collections.abc import Mapping

from xencrm.kernel.secrets import derived_secret
from xencrm.kernel.settings import Settings
from xencrm.local.home import Home
from xencrm.local.parts import ServicePart

# The settings that a person may fill in, and the embedded databases that are used otherwise.
DATABASES = {
    "master_db_url": "xencrm_master",
    "business_db_url": "xencrm_business",
    "broker_url": "xencrm_broker",
}
CONNECTIONS = 100
CONNECTIONS_OF_A_PARTITION = 5  # each consumer of the embedded broker has one
INNER_PARTS = ("simulator", "campaigns", "ingestion", "mcp", "assistant")
METERED_PARTS = ("campaigns", "ingestion")
METRICS_PORTS = {part: f"{part}-metrics" for part in METERED_PARTS}  # as they are named in ports.json


def embedded_databases(settings: Settings) -> dict[str, str]:
    """Setting -> database, for every URL that was not given."""
    return {field: name for field, name in DATABASES.items() if getattr(settings, field) is None}


def most_connections(settings: Settings) -> int:
    """What the embedded PostgreSQL has to allow."""
    return CONNECTIONS + CONNECTIONS_OF_A_PARTITION * (settings.partitions - 1)


def filled_in(settings: Settings, home: Home, ports: Mapping[str, int]) -> Settings:
    """Settings of this installation, but for the URLs of its databases."""
    return settings.model_copy(
        update={
            "home": home.path,
            "secret": settings.secret or home.secret(),
            "public_url": settings.public_url or front_url(settings),
            "simulator_url": settings.simulator_url or f"http://127.0.0.1:{ports['simulator']}",
        }
    )


def front_url(settings: Settings) -> str:
    return settings.local_url


def environment_of(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """Settings as the variables that every process reads."""
    given = {f"XENCRM_{name.upper()}": value for name, value in settings if value is not None}
    return {**inherited, "PYTHONUNBUFFERED": "1", **{name: str(value) for name, value in given.items()}}


def own_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those of an environment that are this product's."""
    return {name: value for name, value in environment.items() if name.startswith("XENCRM_")}


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"xencrm.{name}", *arguments]


def service_parts(
    home: Home, settings: Settings, ports: Mapping[str, int], environment: Mapping[str, str]
) -> dict[str, ServicePart]:
    """The parts behind the front, in the order in which they start."""
    receipts_url = f"http://127.0.0.1:{ports['campaigns']}/api/v1/vendors/simulator/receipts"
    receipts_secret = derived_secret(environment["XENCRM_SECRET"], "simulator-receipts")
    commands = {
        "simulator": module(
            "simulator", "--data", str(home.path / "simulator"), "--receipts-url", receipts_url
        ),
        **{
            part: module(part, "all", "--metrics-port", str(ports[named]))
            for part, named in METRICS_PORTS.items()
        },
        "mcp": module("mcp_server", "--url", front_url(settings)),
        "assistant": module("assistant", "--url", front_url(settings)),
    }
    if settings.assistant_model is None:
        del commands["assistant"]
    if settings.simulator_url is not None:
        del commands["simulator"]
    return {
        name: ServicePart(
            name=name,
            command=[*command, "--port", str(ports[name])],
            ready_url=f"http://127.0.0.1:{ports[name]}/readyz",
            environment=home.marked({**environment, "XENCRM_SIMULATOR_RECEIPTS_SECRET": receipts_secret}),
            log=home.log(name),
            folder=home.path,
        )
        for name, command in commands.items()
    }


def front_part(
    home: Home, settings: Settings, services: Mapping[str, ServicePart], environment: Mapping[str, str]
) -> ServicePart:
    """The one port; it is alive before the rest is ready, and says so itself."""
    where = ["--host", settings.host, "--port", str(settings.port), "--credentials", str(home.credentials)]
    behind = [f"--{name}={part.ready_url.removesuffix('/readyz')}" for name, part in services.items()]
    return ServicePart(
        name="front",
        command=module("local.front", *where, *behind),
        ready_url=f"{front_url(settings)}/healthz",
        environment=home.marked(environment),
        log=home.log("front"),
        folder=home.path,
    )
