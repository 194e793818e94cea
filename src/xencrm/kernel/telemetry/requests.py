"""How long the requests of a service took."""

from xencrm.kernel.telemetry.durations import Series
from xencrm.kernel.telemetry.metrics import REQUEST_SECONDS

UNMATCHED = ("", "unmatched")
AWAY = 503  # told by itself: something is away, and the client tries again


class RequestTimes:
    """Of one service, by route template and class of status."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._series: dict[tuple[str, str, int], Series] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Until the answer began; the route is empty where there is none for the request."""
        self.series(method, route, status).note(seconds)

    def series(self, method: str, route: str, status: int) -> Series:
        """To be kept by whom answers so again and again."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._labelled(*key)
        return series

    def _labelled(self, method: str, route: str, status: int) -> Series:
        method, route = (method, route) if route else UNMATCHED
        told = str(status) if status == AWAY else f"{status // 100}xx"
        return REQUEST_SECONDS.labels(self._service, method, route, told)
