"""What the tools refuse before anybody is asked is what the services refuse, and no more."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from xencrm.campaigns.planning.schemas import NewCampaign
from xencrm.campaigns.segments.schemas import SegmentInput
from xencrm.ingestion.customers.schemas import NewCustomer
from xencrm.ingestion.orders.schemas import NewOrder
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.table import BY_NAME

SEGMENT_ID = "01a20a04-94c0-733e-ae76-b8f158038414"
BODIES: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "add_customer": (NewCustomer, {"name": "Asha", "email": "asha@shop.example"}),
    "add_order": (NewOrder, {"customer_email": "asha@shop.example", "order_amount": "10.00"}),
    "create_segment": (SegmentInput, {"name": "Big", "rules": {"combinator": "and", "rules": []}}),
    "create_campaign": (NewCampaign, {"name": "a", "segment_id": SEGMENT_ID, "message_template": "Hi"}),
}
TEXTS = [
    ("add_customer", "name", 255),
    ("add_customer", "phone", 64),
    ("add_order", "order_id", 128),
    ("create_segment", "name", 255),
    ("create_segment", "description", 2000),
    ("create_campaign", "name", 255),
    ("create_campaign", "subject", 255),
]
EDGES = [
    *((tool, field, "x" * most, "x" * (most + 1)) for tool, field, most in TEXTS),
    ("add_customer", "email", f"{'a' * 64}@{'b.' * 92}shop", f"{'a' * 64}@{'b.' * 93}shop"),
    ("add_customer", "total_visits", 1_000_000_000, 1_000_000_001),
    ("add_customer", "total_visits", 0, -1),
    ("add_customer", "total_spend", "9999999999.99", "10000000000.00"),
    ("add_customer", "total_spend", "0.01", "0.001"),
    ("add_customer", "last_order_at", "1970-01-01T00:00:00+00:00", "1899-12-31T23:59:59+00:00"),
    ("add_customer", "attributes", {str(key): 1 for key in range(100)}, {str(key): 1 for key in range(101)}),
    ("add_customer", "attributes", {"k" * 64: 1}, {"k" * 65: 1}),
    ("add_customer", "attributes", {"k": "v" * 10_000}, {"k": "v" * 10_001}),
    ("add_customer", "attributes", {"k": 2**53}, {"k": 2**53 + 1}),
    ("add_customer", "attributes", {"a key": 1}, {" a key": 1}),
    ("add_order", "items", [{}] * 1000, [{}] * 1001),
    ("add_order", "items", [{"sku": "1"}], [{"sku": "\0"}]),
    ("add_order", "order_amount", "0", "-0.01"),
    ("create_campaign", "message_template", "x", " "),
]  # fmt: skip


def refused_by_service(tool: str, body: dict[str, Any]) -> bool:
    kind, _ = BODIES[tool]
    return fails(lambda: msgspec.json.decode(msgspec.json.encode(body), type=kind))


def refused_by_tool(tool: str, body: dict[str, Any]) -> bool:
    return fails(lambda: BY_NAME[tool].read(body))


def fails(read: Callable[[], Any]) -> bool:
    try:
        read()
    except (Mistaken, msgspec.ValidationError):
        return True
    return False


@pytest.mark.parametrize(
    ("tool", "field", "last_good", "first_bad"), EDGES, ids=[f"{tool} {field}" for tool, field, *_ in EDGES]
)
def test_tool_and_service_end_at_the_same_value(
    tool: str, field: str, last_good: Any, first_bad: Any
) -> None:
    _, least = BODIES[tool]
    for value, is_refused in ((last_good, False), (first_bad, True)):
        body = {**least, field: value}
        assert (refused_by_service(tool, body), refused_by_tool(tool, body)) == (is_refused, is_refused)
