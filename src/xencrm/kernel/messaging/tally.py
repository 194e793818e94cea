"""What the transactions of a queue did to its events: counted, and logged where they were not applied."""

from collections.abc import Sequence
from dataclasses import dataclass

from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging.dead_letters import DeadLetter
from xencrm.kernel.messaging.subscription import Received, Rejection
from xencrm.kernel.telemetry import metrics

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Aside:
    """Events of a batch that were not applied: refused by the handler, or put aside."""

    rejected: Sequence[Rejection] = ()
    letters: Sequence[DeadLetter] = ()

    def __add__(self, other: "Aside") -> "Aside":
        return Aside([*self.rejected, *other.rejected], [*self.letters, *other.letters])


class Tally:
    """The counters of one queue, or of another place that events wait in. To be told after the commit."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._handled = metrics.EVENTS_HANDLED.labels(queue)
        self._repeated = metrics.EVENTS_REPEATED.labels(queue)
        self._letters = metrics.DEAD_LETTERS.labels(queue)
        self._events = metrics.BATCH_EVENTS.labels(queue)
        self._seconds = metrics.BATCH_SECONDS.labels(queue)

    def committed(
        self, fresh: Sequence[Received], aside: Aside, *, repeated: int = 0, unread: int = 0
    ) -> None:
        """`fresh` were given to the handler; `unread` of the letters were not, because they could not be."""
        not_applied = len(aside.rejected) + len(aside.letters) - unread
        self._handled.inc(max(0, len(fresh) - not_applied))
        self._repeated.inc(repeated)
        self._events.observe(len(fresh) + repeated)
        self._letters.inc(len(aside.letters))
        for letter in aside.letters:
            self._log_letter(letter)
        if aside.rejected:
            self._note_rejected(fresh, aside.rejected)

    def took(self, seconds: float) -> None:
        self._seconds.observe(seconds)

    def tried_again(self, trouble: str) -> None:
        metrics.BATCH_RETRIES.labels(self._queue, trouble).inc()

    def _log_letter(self, letter: DeadLetter) -> None:
        log.error(
            "event.dead_lettered",
            queue=self._queue,
            event_id=str(letter.event_id),
            correlation_id=letter.correlationid,
            reason=letter.reason.partition("\n")[0],
        )

    def _note_rejected(self, fresh: Sequence[Received], rejected: Sequence[Rejection]) -> None:
        correlations = {item.event.id: item.event.correlationid for item in fresh}
        for item in rejected:
            metrics.EVENTS_REJECTED.labels(self._queue, item.code).inc()
            log.info(
                "event.rejected",
                queue=self._queue,
                event_id=str(item.event_id),
                correlation_id=correlations.get(item.event_id, ""),
                code=item.code,
            )
