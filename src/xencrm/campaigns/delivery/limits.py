"""What all senders know of a vendor: how many messages may pass now, and whether it is left alone.

The breaker is open while `closed_until` lies ahead. With `failures` it is half open afterwards: one sender
probes with a few messages, and what comes of it closes the breaker or opens it for twice as long.
"""

from datetime import datetime
from math import ceil
from typing import Final

from msgspec import Struct
from sqlalchemy import text

from xencrm.kernel.database import Tx

FIRST_PAUSE_S: Final = 0.5
MOST_PAUSE_S: Final = 60.0
MOST_THROTTLE_S: Final = 3600.0
BURST_S: Final = 1.0
SIP_S: Final = 0.1

_FILLED = "least(:burst, tokens + :rate * greatest(0, extract(epoch FROM now() - filled_at)))"
_GRANTED = f"CASE WHEN {_FILLED} >= :least THEN least(:wanted, floor({_FILLED})) ELSE 0 END"
_TAKE = text(f"""
    UPDATE vendor_limits
    SET tokens = {_FILLED} - {_GRANTED}, filled_at = greatest(filled_at, now())
    WHERE vendor = :vendor
    RETURNING {_GRANTED.replace("tokens", "old.tokens").replace("filled_at", "old.filled_at")} AS granted
""")
_ADD = text("INSERT INTO vendor_limits (vendor) VALUES (:vendor) ON CONFLICT DO NOTHING")
_THROTTLE = text("""
    INSERT INTO vendor_limits AS limits (vendor, closed_until)
    VALUES (:vendor, now() + make_interval(secs => :pause_s))
    ON CONFLICT (vendor) DO UPDATE
    SET closed_until = CASE WHEN :probing THEN excluded.closed_until
                            ELSE greatest(limits.closed_until, excluded.closed_until) END
""")
# A failure of a call that began before the breaker opened says nothing new.
_OPEN_BREAKER = text("""
    INSERT INTO vendor_limits AS limits (vendor, failures, closed_until)
    VALUES (:vendor, 1, now() + make_interval(secs => :first_s))
    ON CONFLICT (vendor) DO UPDATE
    SET failures = limits.failures + 1,
        closed_until = now()
            + make_interval(secs => least(:first_s * power(2, least(limits.failures, 20)), :most_s))
    WHERE :probing OR limits.closed_until IS NULL OR limits.closed_until <= now()
""")
_CLOSE_BREAKER = text(
    "UPDATE vendor_limits SET failures = 0, closed_until = NULL WHERE vendor = :vendor AND failures > 0"
)
_BEGIN_PROBE = text("""
    UPDATE vendor_limits SET closed_until = now() + make_interval(secs => :within_s)
    WHERE vendor = :vendor AND failures > 0 AND closed_until <= now()
""")
_END_PROBE = text("UPDATE vendor_limits SET closed_until = now() WHERE vendor = :vendor AND failures > 0")
_LIST = text(
    "SELECT vendor, failures, closed_until FROM vendor_limits WHERE closed_until > now() OR failures > 0"
)


class Breaker(Struct, frozen=True):
    """A vendor that is left alone until a time, or (when that is over) awaits a probe."""

    vendor: str
    failures: int
    closed_until: datetime


async def take_tokens(tx: Tx, vendor: str, *, rate_per_s: float, wanted: int) -> int:
    """How many of the wanted messages may be handed over now; 0 until it is worth a call.

    A second's worth may pass at once.
    """
    given = {
        "vendor": vendor,
        "rate": rate_per_s,
        "burst": max(1.0, rate_per_s * BURST_S),
        "wanted": wanted,
        "least": sip(rate_per_s, wanted),
    }
    granted = (await tx.execute(_TAKE, given)).scalar_one_or_none()
    if granted is None:
        await tx.execute(_ADD, {"vendor": vendor})
    return int(granted or 0)


def sip(rate_per_s: float, wanted: int) -> int:
    """The fewest tokens that are given out at once."""
    return max(1, min(wanted, ceil(rate_per_s * SIP_S)))


async def throttle(tx: Tx, vendor: str, *, pause_s: float, probing: bool) -> None:
    """Leaves a vendor alone for as long as it asks for, up to an hour."""
    given = {"vendor": vendor, "pause_s": min(pause_s, MOST_THROTTLE_S), "probing": probing}
    await tx.execute(_THROTTLE, given)


async def open_breaker(tx: Tx, vendor: str, *, probing: bool) -> None:
    """Leaves a vendor alone that fails as a whole; each failed probe doubles the pause."""
    given = {"vendor": vendor, "first_s": FIRST_PAUSE_S, "most_s": MOST_PAUSE_S, "probing": probing}
    await tx.execute(_OPEN_BREAKER, given)


async def close_breaker(tx: Tx, vendor: str) -> None:
    await tx.execute(_CLOSE_BREAKER, {"vendor": vendor})


async def begin_probe(tx: Tx, vendor: str, *, within_s: float) -> bool:
    """Whether the caller is the one that may try; another may when nothing is heard within the time."""
    return (await tx.execute(_BEGIN_PROBE, {"vendor": vendor, "within_s": within_s})).rowcount > 0


async def end_probe(tx: Tx, vendor: str) -> None:
    """Nothing was tried."""
    await tx.execute(_END_PROBE, {"vendor": vendor})


async def list_breakers(tx: Tx) -> list[Breaker]:
    """Of vendors that are left alone or await a probe."""
    return [Breaker(*row) for row in await tx.execute(_LIST)]
