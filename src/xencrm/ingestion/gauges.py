"""What Ingestion looks up of its tables for its gauges."""

from typing import Final

from sqlalchemy import text

from xencrm.kernel.messaging.gauges import MOST_COUNTED
from xencrm.kernel.telemetry.gauges import Gauged, GaugeQuery

WAITING_ORDERS: Final = GaugeQuery(
    text(f"""
        WITH waiting AS (SELECT FROM waiting_orders WHERE NOT ready LIMIT {MOST_COUNTED}),
             ready AS (SELECT FROM waiting_orders WHERE ready LIMIT {MOST_COUNTED}),
             oldest AS (SELECT min(waiting_since) AS since FROM waiting_orders WHERE NOT ready)
        SELECT (SELECT count(*) FROM waiting) AS xencrm_waiting_orders,
               (SELECT count(*) FROM ready) AS xencrm_waiting_orders_ready,
               (SELECT coalesce(extract(epoch FROM now() - since), 0) FROM oldest)
                   AS xencrm_waiting_orders_oldest_seconds
    """),
    (
        Gauged("xencrm_waiting_orders", f"Orders that wait for their customer, at most {MOST_COUNTED:,}"),
        Gauged("xencrm_waiting_orders_ready", "Waiting orders whose customer has come, about to be applied"),
        Gauged("xencrm_waiting_orders_oldest_seconds", "How long the oldest order has waited, 0 for none"),
    ),
)
QUERIES: Final = (WAITING_ORDERS,)
