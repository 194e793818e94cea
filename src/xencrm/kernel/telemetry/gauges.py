"""Gauges whose values have to be asked for: looked up every few seconds, told to whoever scrapes.

A value that could not be looked up is not told at all; an old one is never taken for a new one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import monotonic

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import TextClause

MOST_AGE_S = 30.0
SERVICE = "service"  # the first label of every gauge


@dataclass(frozen=True)
class Gauged:
    """A gauge, and its labels beside the service."""

    name: str
    documentation: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class GaugeQuery:
    """A cheap statement: its columns are gauges and their labels, by name."""

    statement: TextClause
    gauges: tuple[Gauged, ...]


@dataclass(frozen=True)
class Sample:
    """`labels`: the values of the gauge's labels, in their order."""

    gauge: Gauged
    value: float
    labels: tuple[str, ...] = ()


GAUGES_AGE = Gauged("xencrm_gauges_age_seconds", "Time since the other gauges of this list were looked up")


class Board(Collector):
    """The latest samples of each service in this process."""

    def __init__(self, most_age_s: float = MOST_AGE_S) -> None:
        self._most_age_s = most_age_s
        self._latest: dict[str, tuple[float, tuple[Sample, ...]]] = {}

    def put(self, service: str, samples: Iterable[Sample]) -> None:
        self._latest[service] = (monotonic(), tuple(samples))

    def remove(self, service: str) -> None:
        self._latest.pop(service, None)

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        families: dict[Gauged, GaugeMetricFamily] = {}
        for service, sample in self._told():
            family = families.get(sample.gauge)
            if family is None:
                family = families[sample.gauge] = _family(sample.gauge)
            family.add_metric((service, *sample.labels), sample.value)
        yield from families.values()

    def _told(self) -> Iterator[tuple[str, Sample]]:
        for service, (looked_at, samples) in list(self._latest.items()):
            age_s = monotonic() - looked_at
            yield service, Sample(GAUGES_AGE, age_s)
            if age_s <= self._most_age_s:
                yield from ((service, sample) for sample in samples)


def _family(gauge: Gauged) -> GaugeMetricFamily:
    return GaugeMetricFamily(gauge.name, gauge.documentation, labels=(SERVICE, *gauge.labels))


BOARD = Board()
REGISTRY.register(BOARD)
