"""What is counted, as Prometheus metrics; served on an internal port."""

from importlib.metadata import version

from prometheus_client import (
    Counter,
    Gauge,
    Histogram,
    Info,
    start_http_server,
)

from xencrm.kernel.logging import get_logger
from xencrm.kernel.telemetry.durations import Durations

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_EVENTS = (1, 5, 20, 100, 500, 1000, 2000)
log = get_logger(__name__)

PROCESS = Info("xencrm_process", "The service, which of its processes this is, and the version")

REQUEST_SECONDS = Durations(
    "xencrm_http_request_seconds",
    "Time until an answer began; status is its class, such as 2xx, and 503 by itself",
    ("service", "method", "route", "status"),
    _SECONDS,
)

EVENTS_PUBLISHED = Counter(
    "xencrm_events_published_total", "Events that were posted and confirmed by the broker", ["key"]
)
FRAME_EVENTS = Histogram(
    "xencrm_published_frame_events", "Posted events that shared a frame", ["key"], buckets=_EVENTS
)
PUBLISH_FAILURES = Counter(
    "xencrm_publish_failures_total", "Frames of posted events that the broker did not take", ["key"]
)
PUBLISHER_WAITING = Gauge("xencrm_publisher_waiting", "Posts that wait to be published", ["key"])
FRAMES_RELAYED = Counter(
    "xencrm_frames_relayed_total", "Frames of the outbox that were confirmed by the broker", ["key"]
)

EVENTS_HANDLED = Counter("xencrm_events_handled_total", "Events applied, and committed", ["queue"])
EVENTS_REPEATED = Counter("xencrm_events_repeated_total", "Events that had been applied before", ["queue"])
EVENTS_REJECTED = Counter(
    "xencrm_events_rejected_total", "Events that were understood and refused", ["queue", "code"]
)
DEAD_LETTERS = Counter("xencrm_dead_letters_total", "Events that cannot be applied", ["queue"])
BATCH_EVENTS = Histogram(
    "xencrm_batch_events", "Events of one transaction of a consumer", ["queue"], buckets=_EVENTS
)
BATCH_SECONDS = Histogram(
    "xencrm_batch_seconds", "Time a batch took, all its attempts together", ["queue"], buckets=_SECONDS
)
BATCH_RETRIES = Counter(
    "xencrm_batch_retries_total",
    "Batches tried again: transient (waited out), data (isolates the event), unknown",
    ["queue", "trouble"],
)

MESSAGES_ANSWERED = Counter(
    "xencrm_messages_answered_total", "Messages that a vendor answered", ["vendor", "answer"]
)

RESULTS_SECONDS = Histogram(
    "xencrm_results_seconds", "Time of a pass of the role that works out results", buckets=_SECONDS
)

DATABASE_CONNECTIONS = Gauge(
    "xencrm_database_connections_in_use", "Connections of the pool that are in use", ["service"]
)
DATABASE_POOL = Gauge("xencrm_database_connections_most", "Connections that the pool may open", ["service"])


def serve_metrics(port: int, *, service: str, process: str) -> None:
    """`/metrics` on a loopback port of its own, in a thread. A taken port is logged: the work goes on."""
    PROCESS.info({"service": service, "process": process, "version": version("xencrm")})
    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        log.error("metrics.not_served", port=port, reason=str(error))
