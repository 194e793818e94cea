"""The telemetry of a process, as long as it runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from xencrm.kernel.logging import get_logger
from xencrm.kernel.telemetry import tracing
from xencrm.kernel.telemetry.metrics import serve_metrics

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
EXPORTERS = ("otlp", "console")
log = get_logger(__name__)


@contextmanager
def telemetry(service: str, process: str, metrics_port: int | None) -> Iterator[None]:
    """`/metrics` where a port is given, traces where OpenTelemetry's variables ask for them."""
    exporter = chosen_exporter(os.environ)
    if exporter is not None:
        record_traces(service, exporter)
    if metrics_port is not None:
        serve_metrics(metrics_port, service=service, process=process)
    try:
        yield
    finally:
        tracing.active.close()


def chosen_exporter(environment: Mapping[str, str]) -> str | None:
    """By the standard variables; traces without a place to go to are not recorded."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    addressed = any(environment.get(name) for name in ENDPOINTS)
    chosen = environment.get("OTEL_TRACES_EXPORTER") or ("otlp" if addressed else "none")
    if chosen in EXPORTERS:
        return chosen
    if chosen != "none":
        log.error("tracing.unknown_exporter", exporter=chosen, known=EXPORTERS)
    return None


def record_traces(service: str, exporter: str) -> None:
    try:
        from xencrm.kernel.telemetry.otel import recording  # noqa: PLC0415
    except ImportError as error:
        log.error("tracing.not_installed", reason=str(error), todo="pip install 'xencrm[tracing]'")
        return
    tracing.use(recording(service, exporter))
