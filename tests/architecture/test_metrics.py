"""The metrics that documents, the dashboard and the alarms speak of are those of the code."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from prometheus_client import Info
from prometheus_client.metrics import MetricWrapperBase

from tests.architecture.test_docs import ROOT, assert_same, row, rows, section
from tests.support.modules import values_of
from xencrm.kernel.telemetry.durations import Durations
from xencrm.kernel.telemetry.gauges import SERVICE, Gauged, GaugeQuery

DASHBOARD = ROOT / "deploy/grafana/xencrm.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
OURS = re.compile(r"\b(xencrm_[a-z_]+)(?:\{([^}]*)\})?")
ADDED_BY_PROMETHEUS = {"le", "job", "instance", "part"}
ENDINGS = {"counter": "_total", "info": "_info"}
PROCESS_LABELS = ("service", "process", "version")
SUFFIXES = {"counter": ("",), "gauge": ("",), "info": ("",), "histogram": ("_bucket", "_count", "_sum")}


@dataclass(frozen=True)
class Told:
    """A metric as the code defines it; the name is that under which it is scraped."""

    name: str
    kind: str
    labels: tuple[str, ...]
    documentation: str


def metrics() -> dict[str, Told]:
    return {told.name: told for told in (*counted(), *looked_up())}


def counted() -> Iterator[Told]:
    for kind in (MetricWrapperBase, Durations):
        for _, value in values_of("xencrm", kind):
            [family] = value.describe()
            labels = PROCESS_LABELS if isinstance(value, Info) else value._labelnames
            name = family.name + ENDINGS.get(family.type, "")
            yield Told(name, family.type, tuple(labels), family.documentation)


def looked_up() -> Iterator[Told]:
    gauges = [value for _, value in values_of("xencrm", Gauged)]
    gauges += [gauge for _, query in values_of("xencrm", GaugeQuery) for gauge in query.gauges]
    for gauge in gauges:
        yield Told(gauge.name, "gauge", (SERVICE, *gauge.labels), gauge.documentation)


def scraped() -> dict[str, Told]:
    """Every name of a time series."""
    return {told.name + suffix: told for told in metrics().values() for suffix in SUFFIXES[told.kind]}


def expressions() -> dict[str, str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    shown = {
        f"panel {panel['title']!r} {target['refId']}": target["expr"]
        for panel in panels
        for target in panel.get("targets", ())
    }
    return {**shown, **{f"alert {alert['alert']}": alert["expr"] for alert in alerts()}}


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_metric_is_described() -> None:
    expected = [
        row(f"`{told.name}`", told.kind, ", ".join(f"`{label}`" for label in told.labels), told.documentation)
        for told in metrics().values()
    ]
    found = rows(section("docs/metrics.md", "## Metrics"))
    assert_same(found, expected, "docs/metrics.md")


@pytest.mark.parametrize("where", expressions())
def test_what_is_shown_or_raises_an_alarm_is_told_by_the_code(where: str) -> None:
    series = scraped()
    found = OURS.findall(expressions()[where])
    assert found or "process_" in expressions()[where] or "up{" in expressions()[where]
    for name, selector in found:
        assert name in series, f"{where} asks for {name}"
        labels = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selector))
        unknown = labels - set(series[name].labels) - ADDED_BY_PROMETHEUS
        assert not unknown, f"{where} selects {name} by {unknown}"


@pytest.mark.parametrize("where", expressions())
def test_what_is_grouped_by_is_a_label(where: str) -> None:
    names = [name for name, _ in OURS.findall(expressions()[where])]
    known = {label for name in names for label in scraped()[name].labels} | ADDED_BY_PROMETHEUS
    grouped = re.findall(r"\bby \(([^)]*)\)", expressions()[where])
    asked = {label.strip() for labels in grouped for label in labels.split(",")}
    assert asked <= known


def test_every_alarm_is_listed() -> None:
    listed = {line.split("`")[1] for line in rows(section("docs/metrics.md", "## Alarms"))}
    assert_same(listed, [alert["alert"] for alert in alerts()], "docs/metrics.md")


def test_every_metric_is_shown_or_raises_an_alarm() -> None:
    asked = {scraped()[name].name for expr in expressions().values() for name, _ in OURS.findall(expr)}
    assert asked == set(metrics())
