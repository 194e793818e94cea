"""Facts about the source that hold everywhere."""

from collections import Counter
from pathlib import Path

from tests.support.modules import modules_of
from xencrm.campaigns import app as campaigns
from xencrm.campaigns import subscriptions as campaigns_queues
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.receipts.model import RetryPolicy
from xencrm.contracts import topology
from xencrm.ingestion import app as ingestion
from xencrm.ingestion import subscriptions as ingestion_queues
from xencrm.ingestion.subscriptions import bindings
from xencrm.kernel.http.routes import Route
from xencrm.kernel.messaging.broker import Queue
from xencrm.kernel.messaging.subscription import Binding
from xencrm.local import front

SOURCE = Path(topology.__file__).parents[1]
ROUTES: tuple[Route, ...] = (*ingestion.ROUTES, *campaigns.ROUTES)
HASHES = AddressHashes("secret")
CAMPAIGNS: tuple[Binding, ...] = (
    *campaigns_queues.projection(HASHES),
    campaigns_queues.receipts(RetryPolicy(3, 1.0), HASHES),
    campaigns_queues.AUDIT,
)
PUBLIC = {
    ("POST", "/vendors/{vendor:str}/receipts"),
    ("GET", "/u/{token:str}"),
    ("POST", "/u/{token:str}"),
    ("GET", "/c/{token:str}"),
    ("GET", "/o/{name:str}"),
    ("GET", "/auth/ways"),
    ("POST", "/auth/link"),
    ("GET", "/auth/start"),
    ("GET", "/auth/callback"),
}
MOST_LINES = 320
SHARED_NAMES = {"utils", "helpers", "common", "misc"}


def test_every_queue_is_listed() -> None:
    queues = [value for value in vars(topology).values() if isinstance(value, Queue)]
    assert sorted(queue.name for queue in queues) == sorted(queue.name for queue in topology.ALL_QUEUES)
    assert len({queue.topic for queue in topology.ALL_QUEUES}) == len(topology.ALL_QUEUES)


def test_every_queue_has_one_consumer_in_one_service() -> None:
    consumed = Counter(binding.queue.name for binding in (*bindings(str.encode), *CAMPAIGNS))
    assert consumed == {queue.name: 1 for queue in topology.ALL_QUEUES}


def test_each_service_watches_the_queues_that_it_consumes() -> None:
    for queues, table in (
        (ingestion_queues.QUEUES, bindings(str.encode)),
        (campaigns_queues.QUEUES, CAMPAIGNS),
    ):
        assert sorted(queue.name for queue in queues) == sorted(row.queue.name for row in table)


def test_every_route_needs_a_role_but_the_listed_ones() -> None:
    keyless = {
        (route.method, route.path)
        for route in (*ROUTES, *campaigns.LINKS, *campaigns.SIGN_IN)
        if not route.allowed
    }
    assert keyless == PUBLIC


def test_links_in_messages_and_signing_in_need_no_key_and_reach_campaigns_through_the_front() -> None:
    for route in (*campaigns.LINKS, *campaigns.SIGN_IN):
        assert route.allowed is None
        assert front.service_of(route.path) == "campaigns"


def test_every_route_is_answered_by_one_service() -> None:
    counted = Counter((route.method, route.path) for route in ROUTES)
    assert [route for route, count in counted.items() if count > 1] == []


def test_packages_hold_nothing_themselves() -> None:
    inits = [*SOURCE.rglob("__init__.py"), *(SOURCE.parents[1] / "tests").rglob("__init__.py")]
    assert [str(path) for path in inits if path.stat().st_size] == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in SOURCE.rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_file_is_one_topic() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert [str(path) for path in files if len(path.read_text().splitlines()) > MOST_LINES] == []
    assert [str(path) for path in files if path.stem in SHARED_NAMES] == []


def test_every_module_can_be_imported_by_itself() -> None:
    assert sum(1 for _ in modules_of("xencrm")) > 100
