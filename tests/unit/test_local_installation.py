"""What runs on one machine, as the settings say."""

from pathlib import Path

import pytest

from xencrm.kernel.settings import Settings
from xencrm.local.home import Home
from xencrm.local.installation import (
    embedded_databases,
    environment_of,
    filled_in,
    front_part,
    front_url,
    service_parts,
)

PORTS = {
    "simulator": 1,
    "campaigns": 2,
    "ingestion": 3,
    "campaigns-metrics": 4,
    "ingestion-metrics": 5,
    "mcp": 6,
}
AMQP = "amqp://guest@rabbit/"
THEIRS = "postgresql://them@db/theirs"
SECRET = {"XENCRM_SECRET": "installation"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_what_was_not_given_is_embedded() -> None:
    assert embedded_databases(settings()) == {
        "master_db_url": "xencrm_master",
        "business_db_url": "xencrm_business",
        "broker_url": "xencrm_broker",
    }
    assert embedded_databases(settings(broker_url=AMQP)).keys() == {"master_db_url", "business_db_url"}
    assert not embedded_databases(settings(broker_url=AMQP, master_db_url=THEIRS, business_db_url=THEIRS))


def test_links_point_to_the_front_unless_said_otherwise(home: Home) -> None:
    assert filled_in(settings(port=8123), home, PORTS).public_url == "http://127.0.0.1:8123"
    assert filled_in(settings(public_url="https://x.example"), home, PORTS).public_url == "https://x.example"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("shop.example", "http://shop.example:8000"),
    ],
)
def test_the_url_is_one_that_can_be_opened(host: str, url: str) -> None:
    assert front_url(settings(host=host)) == url


def test_a_given_secret_is_used_instead_of_the_kept_one(home: Home) -> None:
    kept = filled_in(settings(), home, PORTS).secret
    assert kept == home.secret()
    assert filled_in(settings(secret="given"), home, PORTS).secret == "given"


def test_parts_get_every_setting_as_a_variable(home: Home) -> None:
    full = filled_in(settings(broker_url=AMQP, send_lease_s=7), home, PORTS)
    environment = environment_of(full, {"XENCRM_PORT": "1", "PATH": "/bin"})
    assert environment["XENCRM_HOME"] == str(home.path)
    assert environment["XENCRM_BROKER_URL"] == AMQP
    assert environment["XENCRM_SEND_LEASE_S"] == "7.0"
    assert environment["XENCRM_PORT"] == "8000"
    assert environment["PATH"] == "/bin"
    assert "XENCRM_MASTER_DB_URL" not in environment


def test_parts_start_in_order_and_a_given_simulator_is_not_started(home: Home) -> None:
    parts = ["simulator", "campaigns", "ingestion", "mcp"]
    assert list(service_parts(home, settings(), PORTS, SECRET)) == parts
    given = settings(simulator_url="http://vendor.example")
    services = service_parts(home, given, PORTS, SECRET)
    assert list(services) == ["campaigns", "ingestion", "mcp"]
    command = front_part(home, given, services, {}).command
    assert "--campaigns=http://127.0.0.1:2" in command
    assert not any("simulator" in argument for argument in command)


def test_each_service_tells_its_metrics_on_a_port_of_its_own(home: Home) -> None:
    services = service_parts(home, settings(), PORTS, SECRET)
    for part, port in (("campaigns", "4"), ("ingestion", "5")):
        command = list(services[part].command)
        assert command[command.index("--metrics-port") + 1] == port
    assert "--metrics-port" not in services["simulator"].command
