"""What is counted, as Prometheus metrics; served on an internal port."""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

EVENTS_HANDLED = Counter("xencrm_events_handled_total", "Events applied, by queue", ["queue"])
EVENTS_REPEATED = Counter("xencrm_events_repeated_total", "Events that had been applied before", ["queue"])
DEAD_LETTERS = Counter("xencrm_dead_letters_total", "Events put aside, by queue", ["queue"])
BATCH_EVENTS = Histogram(
    "xencrm_batch_events", "Events of one transaction", ["queue"], buckets=(1, 5, 20, 100, 500, 1000, 2000)
)
LAG_SECONDS = Gauge("xencrm_queue_lag_seconds", "Age of the newest event applied, by queue", ["queue"])
FRAMES_PUBLISHED = Counter("xencrm_frames_published_total", "Frames confirmed by the broker", ["key"])
EVENTS_PUBLISHED = Counter("xencrm_events_published_total", "Events confirmed by the broker", ["key"])
MESSAGES_SENT = Counter("xencrm_messages_answered_total", "Messages a vendor answered", ["vendor", "answer"])


def serve_metrics(port: int) -> None:
    """`/metrics` on a loopback port of its own, in a thread."""
    start_http_server(port, addr="127.0.0.1")
