"""`xencrm up`: the whole of XenCRM on this machine."""

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from xencrm.kernel.secrets import local_api_key
from xencrm.kernel.settings import Settings
from xencrm.local.errors import LocalRunError
from xencrm.local.home import Home
from xencrm.local.installation import (
    INNER_PARTS,
    METRICS_PORTS,
    embedded_databases,
    environment_of,
    filled_in,
    front_part,
    front_url,
    module,
    most_connections,
    own_variables,
    service_parts,
)
from xencrm.local.keeper import Say
from xencrm.local.ports import is_free, kept_ports
from xencrm.local.postgres import EmbeddedPostgres
from xencrm.local.probe import is_ok
from xencrm.local.supervisor import Supervisor, supervise
from xencrm.local.together import together

KEY_TIMEOUT_S = 30.0
KEY_PAUSE_S = 0.1


async def run_up(settings: Settings) -> int:
    """Runs every part until SIGINT or SIGTERM. Returns the exit code; says in one line why it is not 0."""
    home = Home(settings.home.expanduser().resolve())
    try:
        await supervise(home, Start(settings, home, _say), _say)
    except LocalRunError as error:
        print(f"xencrm: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def _say(line: str) -> None:
    print(f"xencrm: {line}", flush=True)


@dataclass(frozen=True)
class Start:
    """The start of one installation, step by step."""

    given: Settings
    home: Home
    say: Say

    async def __call__(self, supervisor: Supervisor) -> None:
        """Returns when everything is ready and `credentials.json` is written."""
        began = time.monotonic()
        self._refuse_taken_port()
        self._refuse_lacking_library()
        ports = kept_ports(self.home.ports, (*INNER_PARTS, *METRICS_PORTS.values()))
        taken = frozenset(ports.values())
        settings = await self._with_databases(supervisor, filled_in(self.given, self.home, ports), taken)
        environment = environment_of(settings, os.environ)
        self.home.write_environment(own_variables(environment))
        self.home.write_metrics_targets({part: ports[named] for part, named in METRICS_PORTS.items()})
        services = service_parts(self.home, self.given, ports, environment)
        await self._migrate(supervisor, environment)
        for part in [*services.values(), front_part(self.home, settings, services, environment)]:
            await supervisor.start(part)
        key = local_api_key(settings.require("secret"))
        await together(supervisor.until_ready(), self._ensure_key(supervisor, environment))
        await self._until_key_works(front_url(settings), key)
        simulator_url = settings.require("simulator_url")
        url, link = front_url(settings), self.home.take_link()
        self.home.write_credentials(url=url, api_key=key, simulator_url=simulator_url, sign_in_url=link)
        self._announce(link or url, key, time.monotonic() - began)
        if link is None and not settings.signs_in_by_provider:
            self.say("nobody can sign in: set XENCRM_GOOGLE_CLIENT_ID, or XENCRM_HOST to 127.0.0.1")

    async def _until_key_works(self, url: str, key: str) -> None:
        """The key is Campaigns'; Ingestion hears of it by an event."""
        deadline = time.monotonic() + KEY_TIMEOUT_S
        while not await is_ok(f"{url}/api/v1/customers", key=key):
            if time.monotonic() > deadline:
                log = self.home.log("ingestion")
                raise LocalRunError(
                    f"the admin's key does not work: is the broker away, was it revoked? See {log}"
                )
            await asyncio.sleep(KEY_PAUSE_S)

    def _refuse_taken_port(self) -> None:
        host, port = self.given.host, self.given.port
        if not is_free(port, host):
            raise LocalRunError(f"port {port} on {host} is taken: stop what listens there or set XENCRM_PORT")

    def _refuse_lacking_library(self) -> None:
        if self.given.assistant_model is not None and find_spec("pydantic_ai") is None:
            raise LocalRunError("XENCRM_ASSISTANT_MODEL needs a library: pip install 'xencrm[assistant]'")

    async def _with_databases(
        self, supervisor: Supervisor, settings: Settings, taken: frozenset[int]
    ) -> Settings:
        """Starts PostgreSQL, at none of those ports, and makes its databases, unless every URL was given."""
        wanted = embedded_databases(self.given)
        postgres = EmbeddedPostgres(
            self.home.path / "postgres",
            self.home.log("postgres"),
            connections=most_connections(self.given),
            taken=taken,
        )
        if not wanted:
            await postgres.end_leftovers()
            return settings
        self.say("starting PostgreSQL")
        if not postgres.location.is_relative_to(self.home.path):
            self.say(f"PostgreSQL's user cannot reach {self.home.path}: its data is in {postgres.location}")
        await supervisor.start(postgres)
        await supervisor.until_ready()
        for database in wanted.values():
            await postgres.create_database(database)
        return settings.model_copy(update={field: postgres.url(name) for field, name in wanted.items()})

    async def _migrate(self, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
        self.say("preparing the databases")

        def migration(service: str) -> Coroutine[None, None, None]:
            return supervisor.run_once(f"migrate-{service}", module(service, "migrate"), environment)

        await together(migration("ingestion"), migration("campaigns"))
        self.say("starting the services")

    async def _ensure_key(self, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
        self.home.link.unlink(missing_ok=True)
        link_to = ("--link-to", str(self.home.link))
        arguments = ("api-key", "ensure", "--name", "local-admin", "--role", "admin", *link_to)
        await supervisor.run_once("api-key", module("campaigns", *arguments), environment)

    def _announce(self, url: str, key: str, took_s: float) -> None:
        self.say(f"ready after {took_s:.1f} s")
        self.say(f"API key {key}  (also in {self.home.credentials})")
        self.say(f"open {url}  (Ctrl-C stops everything)")
