"""The difference of two means and its confidence interval, by Welch (1947). Pure.

The interval is that of Welch's t-test: standard error from both variances, degrees of freedom by Welch and
Satterthwaite. Student's t comes from the incomplete beta function by its continued fraction (DLMF 8.17.22),
evaluated by Lentz's method.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from math import exp, inf, lgamma, log, log1p, sqrt

CONFIDENCE = 0.95
_EXACT_DIGITS = 60
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What has to be known of many values: how many, their sum and the sum of their squares."""

    count: int
    total: Decimal
    squares: Decimal

    @property
    def mean(self) -> float:
        return float(self.total / self.count)

    @property
    def variance(self) -> float:
        """Unbiased; needs two values. The difference of large sums is taken exactly."""
        with localcontext(prec=_EXACT_DIGITS):
            spread = self.squares - self.total * self.total / self.count
            return max(0.0, float(spread / (self.count - 1)))


@dataclass(frozen=True, slots=True)
class Difference:
    """`low` and `high`: the interval around `value`."""

    value: float
    low: float
    high: float


def difference(one: Sample, other: Sample, confidence: float = CONFIDENCE) -> Difference:
    """The mean of one less that of the other; both have two values at least."""
    with localcontext(prec=_EXACT_DIGITS):
        value = float(one.total / one.count - other.total / other.count)
    parts = [(sample.variance / sample.count, sample.count - 1) for sample in (one, other)]
    squared_error = sum(part for part, _ in parts)
    if squared_error == 0:
        return Difference(value, value, value)
    # shares rather than squares of the parts: these may be too small for a float
    freedom = 1 / sum((part / squared_error) ** 2 / rest for part, rest in parts)
    reach = t_quantile((1 + confidence) / 2, freedom) * sqrt(squared_error)
    return Difference(value, value - reach, value + reach)


def t_quantile(probability: float, freedom: float) -> float:
    """Where Student's t is below with this probability, which is from a half to below 1."""
    tail = 1 - probability
    low, high = 0.0, 1.0
    while t_tail(high, freedom) > tail:
        low, high = high, high * 2
    while high - low > _PRECISION * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_tail(middle, freedom) > tail else (low, middle)
    return (low + high) / 2


def t_tail(t: float, freedom: float) -> float:
    """The probability that Student's t is above `t`, which is not negative."""
    return beta_share(freedom / (freedom + t * t), freedom / 2, 0.5) / 2


def beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function of x in 0 .. 1."""
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):  # there the fraction of the mirrored function converges fast
        return 1 - beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    value, forward, back = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        term = _term(step, x, a, b)
        back = 1 / _not_zero(1 + term * back)
        forward = _not_zero(1 + term / forward)
        value *= forward * back
        if abs(forward * back - 1) < _PRECISION:
            return value
    return inf


def _term(step: int, x: float, a: float, b: float) -> float:
    m = step // 2
    if step % 2:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
