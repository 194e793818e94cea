"""Ingestion's table of routes."""

from typing import Final

from xencrm.contracts.topology import ALL_QUEUES
from xencrm.ingestion.access.audit import note
from xencrm.ingestion.access.service import authenticator, signed_sessions
from xencrm.ingestion.batches.rows import MOST_ROWS
from xencrm.ingestion.customers import api as customers
from xencrm.ingestion.customers.schemas import NewCustomer
from xencrm.ingestion.events import api as events
from xencrm.ingestion.export import api as export
from xencrm.ingestion.intake import Queued
from xencrm.ingestion.operations import api as operations
from xencrm.ingestion.orders import api as orders
from xencrm.ingestion.orders.schemas import NewOrder
from xencrm.ingestion.samples import api as samples
from xencrm.ingestion.services import Services
from xencrm.kernel.http.app import build_app
from xencrm.kernel.http.dead_letters import LetterBox, dead_letter_routes
from xencrm.kernel.http.headers import OF_WRITES
from xencrm.kernel.http.lean import Application, LeanPosts
from xencrm.kernel.http.observed import Timed, traced
from xencrm.kernel.http.principals import (
    ADMINISTERING,
    FOLLOWING_INGEST,
    INGESTING,
    MARKETING,
    READING,
    Access,
)
from xencrm.kernel.http.rates import limited, limited_sessions
from xencrm.kernel.http.routes import API, BATCH_BYTES, Route, rows_of
from xencrm.kernel.telemetry.requests import RequestTimes

SERVICE: Final = "ingestion"
TITLE: Final = "XenCRM Ingestion"
# fmt: off
ROUTES: Final = (
    Route("POST", "/customers", customers.post_customer, INGESTING, 202, headers=OF_WRITES),
    Route("POST", "/customers/batch", customers.post_customers, INGESTING, 202, BATCH_BYTES,
          body=rows_of(NewCustomer, MOST_ROWS), headers=OF_WRITES),
    Route("GET", "/customers", customers.list_customers, READING),
    Route("GET", "/customers/{customer_id:uuid}", customers.get_customer, READING),
    Route("PATCH", "/customers/{customer_id:uuid}", customers.patch_customer, ADMINISTERING,
          also={202: Queued}, headers=OF_WRITES, problems=(409, 422)),
    Route("DELETE", "/customers/{customer_id:uuid}", customers.erase_customer, ADMINISTERING, 202,
          also={204: None}, headers=OF_WRITES, problems=(422,)),
    Route("GET", "/customers/{customer_id:uuid}/export", export.export_customer, ADMINISTERING),
    Route("GET", "/customers/{customer_id:uuid}/orders", orders.list_orders, READING),
    Route("POST", "/orders", orders.post_order, INGESTING, 202, headers=OF_WRITES, problems=(404,)),
    Route("POST", "/orders/batch", orders.post_orders, INGESTING, 202, BATCH_BYTES,
          body=rows_of(NewOrder, MOST_ROWS), headers=OF_WRITES),
    Route("POST", "/sample-data", samples.post_sample_data, MARKETING, 202),
    Route("GET", "/waiting-orders", orders.list_waiting, ADMINISTERING),
    Route("GET", "/events/{event_id:uuid}", events.get_event, FOLLOWING_INGEST),
    Route("GET", "/batches/{batch_id:uuid}", events.get_batch, FOLLOWING_INGEST),
    *dead_letter_routes(),
    Route("GET", "/ingestion/operations", operations.get_operations, READING),
)
# fmt: on


def build(services: Services) -> Application:
    """The API, with the lean way in for single posts in front."""
    access = Access(
        limited(authenticator(services.database), services.rate_limit),
        limited_sessions(signed_sessions(services.database, https=services.https), services.rate_limit),
    )
    app = build_app(
        title=TITLE,
        routes=ROUTES,
        access=access,
        provide={
            "services": services,
            "letters": LetterBox(services.database, services.broker, ALL_QUEUES, note),
        },
        is_ready=services.database.ping,
        https=services.https,
    )
    handlers = {
        f"{API}/customers": customers.lean_post_customer(services),
        f"{API}/orders": orders.lean_post_order(services),
    }
    times = RequestTimes(SERVICE)
    behind = Timed(app, times)  # type: ignore[arg-type]
    return traced(LeanPosts(behind, handlers, access, INGESTING, times, https=services.https))
