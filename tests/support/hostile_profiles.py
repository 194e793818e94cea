"""Profiles that are hard on whoever compares them: missing values, odd texts, times at the edge of a day."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

NOW = datetime(2026, 11, 23, 10, 30, 15, 123456, UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)

TEXTS = [
    "",
    " ",
    "Asha Rao",
    "asha rao",
    'O\'Brien "Bob"',
    "100% off",
    "100x off",
    "under_score",
    "underXscore",
    "back\\slash",
    "back\\\\slash",
    "\\%",
    "straße",
    "STRASSE",
    "STRAẞE",
    "İstanbul",
    "istanbul",
    "ISTANBUL",
    "ıstanbul",
    "i\u0307stanbul",
    "ΟΔΥΣΣΕΥΣ",
    "οδυσσευς",
    "οδυσσευσ",
    "Zoe\u0301",
    "Zoé",
    "ZOÉ",
    "\u212aelvin",
    "kelvin",
    "ǅ ǆ Ǆ",
    "ﬁne",
    "FINE",
    "😀 👩‍👩‍👧",
    "𐐀𐐨",
    "𐐨𐐨",
    "שלום \u202eאבג",
    "مرحبا",
    "日本語",
    "a\tb\nc",
    "x'; DROP TABLE customers_mv; --",
    "$1 :name %s {0} {{ name }}",
    "null",
    "NULL",
    "true",
    "1",
    "1.0",
    "a,b",
    "[]",
    '{"a": 1}',
    "\ue000\uffff",
    "long " * 3_000,
]
PHONES = [None, None, "", "+91 98765 43210", "+919876543210", "(022) 555_0100", "٠١٢٣"]
SPENDS = ["0", "0.01", "0.10", "99.99", "100", "100.01", "1234.50", "9999999999.99"]
COUNTS = [0, 1, 2, 3, 5, 7, 100, 2**31 - 1]
TIMES = [
    NOW,
    NOW + DAY / 2,
    NOW - TICK,
    NOW - DAY,
    NOW - DAY - TICK,
    NOW - DAY + TICK,
    NOW - 7 * DAY,
    NOW - 7 * DAY + TICK,
    NOW - 30 * DAY,
    datetime(2026, 11, 23, tzinfo=UTC),
    datetime(2026, 11, 22, 23, 59, 59, 999999, UTC),
    datetime(2026, 11, 22, 18, 30, tzinfo=UTC),
    datetime(2026, 2, 28, tzinfo=UTC),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    datetime(1997, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
]
KEYS = ["city", "age", "vip", "a.b", "we\"ird \\ key's", "größe", "%s", "nested"]
SCALARS: list[Any] = [0, 1, -1, 1.0, 1.5, 0.1, 30, 1e14, 123456789012, True, False]
NESTED: list[Any] = [None, [], [1], ["Asha Rao"], {}, {"city": "Pune"}, {"a": {"b": 1}}]


def hostile_profiles(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """The same profiles each time. Every text is somebody's name."""
    pick = random.Random(seed)
    return [_profile(pick, index) for index in range(count)]


def _profile(pick: random.Random, index: int) -> dict[str, Any]:
    return {
        "customer_id": UUID(int=index),
        "name": TEXTS[index % len(TEXTS)],
        "email": f"{pick.choice(['a', 'A_b', 'ß', 'o%k'])}{pick.randrange(40)}@example.com",
        "phone": pick.choice(PHONES),
        "status": pick.choice(["ACTIVE", "INACTIVE"]),
        "total_spend": Decimal(pick.choice(SPENDS)),
        "total_orders": pick.choice(COUNTS),
        "total_visits": pick.choice(COUNTS),
        "last_order_at": pick.choice([None, None, None, *TIMES]),
        "attributes": {key: _attribute(pick) for key in KEYS if pick.random() < 0.7},
        "created_at": pick.choice(TIMES),
        "version": 1,
        "synced_at": NOW,
    }


def _attribute(pick: random.Random) -> Any:
    return pick.choice(pick.choice([TEXTS, TEXTS[:12], SCALARS, SCALARS, NESTED]))
