"""Which process plays which roles."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from litestar import Litestar

from xencrm.campaigns import app, gauges, subscriptions
from xencrm.campaigns.accounts.sessions import store as sessions
from xencrm.campaigns.accounts.sign_in import link_store as sign_in_links
from xencrm.campaigns.consent.links import links_of
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.conversations import store as conversations
from xencrm.campaigns.delivery.roles import preparing, sending
from xencrm.campaigns.delivery.templates import Templates, check_texts
from xencrm.campaigns.erasure.forgetting import find_gone
from xencrm.campaigns.planning import allowance
from xencrm.campaigns.planning.plan_token import PlanTokens
from xencrm.campaigns.planning.starting import starting
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.readiness import Readiness
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.campaigns.receipts.webhook import Webhooks
from xencrm.campaigns.reporting.results import reckoning
from xencrm.campaigns.retention import service as retention
from xencrm.campaigns.segments.service import read_rule
from xencrm.campaigns.services import Services
from xencrm.campaigns.tracking.api import Tracking
from xencrm.campaigns.tracking.recorder import Recorder
from xencrm.campaigns.vendors.registry import build_vendors, build_webhooks, configured, silent
from xencrm.contracts.topology import RECEIPT_QUEUE, all_queues, division
from xencrm.kernel.database import Database
from xencrm.kernel.http.observed import Timed, traced
from xencrm.kernel.http.server import serve
from xencrm.kernel.http.streams import Hub
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.messaging.consuming import consuming
from xencrm.kernel.messaging.forgetting import forget
from xencrm.kernel.messaging.gauges import Watch
from xencrm.kernel.messaging.publisher import Publisher
from xencrm.kernel.messaging.relay import Relay
from xencrm.kernel.messaging.subscription import Binding
from xencrm.kernel.messaging.upkeep import upkeep
from xencrm.kernel.process import Role
from xencrm.kernel.settings import Settings
from xencrm.kernel.telemetry.requests import RequestTimes

SERVICE: Final = "campaigns"
# The port of each process where none is given: it answers /healthz and /readyz, `api` and `all` the API too.
PORTS: Final = {
    "api": 8002,
    "all": 8002,
    "project": 8012,
    "prepare": 8022,
    "send": 8032,
    "receipts": 8042,
    "relay": 8052,
}
_WITH_API: Final = ("api", "all")


def build_services(settings: Settings, database: Database, broker: Broker) -> Services:
    return Services(
        settings=settings,
        database=database,
        broker=broker,
        read_rule=read_rule,
        check_texts=check_texts,
        queues=all_queues(settings.partitions),
        vendors=configured(settings),
        hub=Hub(settings.streams),
    )


def roles_of(process: str, services: Services, port: int) -> dict[str, Role]:
    """The HTTP role answers from the start, the others begin when the database is ready."""
    readiness = Readiness(services.database)
    working = {
        name: readiness.gated(role)
        for part in (_WORK if process == "all" else {process} & _WORK.keys())
        for name, role in _WORK[part](services).items()
    }
    recorder = Recorder(services.database)
    recording = {"tracking": readiness.gated(recorder.run)} if process in _WITH_API else {}
    http = _http(process, services, readiness, recorder, port)
    return {"http": http, "gauges": _watch(services).run, **recording, **working}


def _watch(services: Services) -> Watch:
    queues = division(services.settings.partitions).queues_of_all(subscriptions.QUEUES)
    return Watch(SERVICE, services.database, services.broker, queues, gauges.QUERIES)


def _http(process: str, services: Services, readiness: Readiness, recorder: Recorder, port: int) -> Role:
    if process not in _WITH_API:
        return _served(app.build_health(services, readiness.check), port)
    settings = services.settings
    webhooks = Webhooks(build_webhooks(settings), Publisher(services.broker, RECEIPT_QUEUE.topic))
    tokens = PlanTokens(settings.require("secret"))
    proofs = Proofs(
        Templates(settings.currency), links_of(settings), _hashes(services), tokens, build_vendors(settings)
    )
    tracking = Tracking(links_of(settings), recorder)
    api = app.build(services, webhooks, proofs, tracking, readiness.check)
    return services.hub.closed_with(proofs.closed_after(_served(api, port)))


def _served(api: Litestar, port: int) -> Role:
    return serve(traced(Timed(api, RequestTimes(SERVICE))), port=port)  # type: ignore[arg-type]


def _project(services: Services) -> Mapping[str, Role]:
    table = (*subscriptions.projection(_hashes(services)), subscriptions.AUDIT)
    return {**_consuming(services, table), "upkeep": _upkeep(services)}


def _upkeep(services: Services) -> Role:
    settings, months = services.settings, services.settings.message_months
    return upkeep(
        services.database,
        inbox_days=settings.inbox_days,
        outbox_days=settings.outbox_days,
        tasks=[
            partial(retention.keep_months, services.database, months=months),
            partial(forget, services.database, find_gone),
        ],
        purges=[
            partial(retention.purge_receipts, months=months),
            partial(retention.clear_texts, months=months),
            sessions.purge,
            conversations.purge,
            sign_in_links.purge,
            allowance.purge,
        ],
    )


def _prepare(services: Services) -> Mapping[str, Role]:
    needs_plan, zone = services.settings.launch_needs_plan, services.settings.time_zone
    start = starting(services.database, services.vendors, needs_plan=needs_plan, zone=zone)
    results = reckoning(services.database, silent=silent(services.settings))
    return {"start": start, **preparing(services.database, zone=zone), "results": results}


def _send(services: Services) -> Mapping[str, Role]:
    settings = services.settings
    vendors = build_vendors(settings)
    return sending(settings, services.database, services.broker, vendors, silent=silent(settings))


def _receipts(services: Services) -> Mapping[str, Role]:
    policy = RetryPolicy(services.settings.max_attempts, services.settings.retry_base_s)
    return _consuming(services, [subscriptions.receipts(policy, _hashes(services))])


def _hashes(services: Services) -> AddressHashes:
    return AddressHashes(services.settings.require("secret"))


def _relay(services: Services) -> Mapping[str, Role]:
    return {"relay": Relay(services.database, services.broker).run}


def _consuming(services: Services, table: Sequence[Binding]) -> Mapping[str, Role]:
    settings = services.settings
    divided = division(settings.partitions, settings.own_partitions())
    most = settings.consumer_max_events
    return consuming(services.database, services.broker, table, divided, max_events=most)


_WORK: Final = {
    "project": _project,
    "prepare": _prepare,
    "send": _send,
    "receipts": _receipts,
    "relay": _relay,
}
