"""What a piece of a sentence is."""

from enum import StrEnum, auto
from typing import Final


class Kind(StrEnum):
    """What a piece of a sentence is."""

    # Of no meaning of their own, or only how clauses hang together.
    FILLER = auto()
    NOUN = auto()
    WHO = auto()
    HAVE = auto()
    BE = auto()
    PREPOSITION = auto()
    AND = auto()
    OR = auto()
    BUT = auto()
    COMMA = auto()
    EITHER = auto()
    OPEN = auto()
    CLOSE = auto()
    DASH = auto()
    # What always counts: where it is in no clause it is reported.
    NOT = auto()
    NOR = auto()
    EXCEPT = auto()
    SPEND = auto()
    ORDERS = auto()
    VISITS = auto()
    LAST_ORDER = auto()
    DAYS_SINCE = auto()
    JOINED = auto()
    CUSTOMERS_FOR = auto()
    STATUS = auto()
    ACTIVITY = auto()
    REPEAT = auto()
    TEXT_FIELD = auto()
    NAMED = auto()
    PROVIDER = auto()
    ADDRESS = auto()
    ATTRIBUTE = auto()
    CHOICE = auto()
    DECLINED = auto()
    COMPARISON = auto()
    AFTERWARDS = auto()
    BETWEEN = auto()
    TEXT_OPERATOR = auto()
    KNOWN = auto()
    TRUTH = auto()
    ANYTHING = auto()
    TIMES = auto()
    COUNTED = auto()
    NUMBER = auto()
    UNIT = auto()
    PERIOD = auto()
    IN_THE_LAST = auto()
    WITHIN = auto()
    LAST = auto()
    THIS = auto()
    FOR = auto()
    AGO = auto()
    SINCE = auto()
    DAY = auto()
    MONTH = auto()
    WEEKDAY = auto()
    QUARTER = auto()
    DATE = auto()
    EMAIL = auto()
    DOMAIN = auto()
    QUOTED = auto()
    TEXT = auto()
    HEDGE = auto()
    BEYOND = auto()
    BAD = auto()
    UNKNOWN = auto()


SOFT: Final = frozenset(
    {
        *(Kind.FILLER, Kind.NOUN, Kind.WHO, Kind.HAVE, Kind.BE, Kind.PREPOSITION, Kind.AND, Kind.OR),
        *(Kind.BUT, Kind.COMMA, Kind.EITHER, Kind.OPEN, Kind.CLOSE, Kind.DASH),
    }
)
