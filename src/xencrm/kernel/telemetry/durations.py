"""A histogram for hot paths: to note a value is an append, and buckets are filled later, many at once.

prometheus-client's own takes two locks a value, which costs a single post several percent of its time.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from math import inf
from threading import Lock

from prometheus_client import Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import REGISTRY, Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

MOST_PENDING = 500


class Series:
    """The values of one set of labels."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = (*bounds, inf)
        self._within = [0] * len(self._bounds)  # how many values are no more than each bound
        self._sum = 0.0
        self._pending: deque[float] = deque()
        self._filling = Lock()

    def note(self, seconds: float) -> None:
        self._pending.append(seconds)
        if len(self._pending) >= MOST_PENDING:
            self.fill()

    def fill(self) -> None:
        """Also called by the thread that serves `/metrics`."""
        with self._filling:
            values = sorted(self._pending.popleft() for _ in range(len(self._pending)))
            self._sum += sum(values)
            for place, bound in enumerate(self._bounds):
                self._within[place] += bisect_right(values, bound)

    def read(self) -> tuple[list[tuple[str, float]], float]:
        """Each bound with how many values are within it, and the sum of all."""
        self.fill()
        names = map(floatToGoString, self._bounds)
        return list(zip(names, self._within, strict=True)), self._sum


class Durations(Collector):
    """Seconds by labels."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        bounds: Sequence[float],
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labelnames = labels
        self._bounds = bounds
        self._series: dict[tuple[str, ...], Series] = {}
        registry.register(self)

    def labels(self, *values: str) -> Series:
        """The same for the same values; best kept by whom it is noted to."""
        return self._series.setdefault(values, Series(self._bounds))

    def describe(self) -> Iterator[Metric]:
        yield self._empty()

    def collect(self) -> Iterator[Metric]:
        family = self._empty()
        for values, series in list(self._series.items()):
            buckets, total = series.read()
            family.add_metric(values, buckets, total)
        yield family

    def _empty(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)
