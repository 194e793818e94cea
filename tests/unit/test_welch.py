"""Welch's interval from sums alone, compared with scipy."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from xencrm.campaigns.reporting.lift import lift_of
from xencrm.campaigns.reporting.welch import Sample, difference, t_quantile, t_tail

amounts = st.lists(
    st.decimals(min_value=0, max_value=100_000, places=2) | st.just(Decimal(0)), min_size=2, max_size=200
)


def sample(values: list[Decimal]) -> Sample:
    return Sample(len(values), sum(values, Decimal(0)), sum((value * value for value in values), Decimal(0)))


@pytest.mark.filterwarnings("ignore:Precision loss occurred")
@given(amounts, amounts)
def test_the_interval_is_that_of_welchs_t_test(one: list[Decimal], other: list[Decimal]) -> None:
    assume(len(set(one)) > 1 or len(set(other)) > 1)
    found = difference(sample(one), sample(other))
    low, high = stats.ttest_ind(
        [float(value) for value in one], [float(value) for value in other], equal_var=False
    ).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-7, abs=1e-6)


def test_an_interval_of_very_many_is_not_lost_in_rounding() -> None:
    """Two millions of which few bought; values are large beside their spread."""
    one = Sample(1_000_000, Decimal("1000000000050.00"), Decimal("1000000000100002550"))
    other = Sample(1_000_000, Decimal("1000000000000.00"), Decimal("1000000000000000040"))
    found = difference(one, other)
    assert one.variance == pytest.approx((2550 - 2500 / 1_000_000) / 999_999)
    assert found.value == pytest.approx(50 / 1_000_000)
    reach = stats.norm.ppf(0.975) * ((one.variance + other.variance) / 1_000_000) ** 0.5
    assert found.high - found.value == pytest.approx(reach, rel=1e-5)


@pytest.mark.parametrize("freedom", [1.0, 1.7, 2.0, 4.2, 29.9, 1234.5, 1e6])
@pytest.mark.parametrize("probability", [0.5, 0.6, 0.9, 0.975, 0.9995])
def test_students_t_is_scipys(probability: float, freedom: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(
        stats.t.ppf(probability, freedom), rel=1e-8, abs=1e-12
    )
    assert t_tail(2.5, freedom) == pytest.approx(stats.t.sf(2.5, freedom), rel=1e-9)


def test_arms_that_do_not_vary_have_an_interval_of_no_width() -> None:
    lift = lift_of(Sample(3, Decimal("30.00"), Decimal("300.00")), Sample(2, Decimal(0), Decimal(0)))
    assert lift is not None
    assert (lift.difference, lift.low, lift.high) == (Decimal(10), Decimal(10), Decimal(10))


@pytest.mark.parametrize(("treated", "control"), [(1, 9), (9, 1), (9, 0), (0, 0)])
def test_an_arm_of_less_than_two_says_nothing(treated: int, control: int) -> None:
    assert lift_of(Sample(treated, Decimal(0), Decimal(0)), Sample(control, Decimal(0), Decimal(0))) is None


def test_a_lift_worked_out_by_hand() -> None:
    """Treated spend 10, 20, 0, 30; those held out 0, 10, 5.

    Means 15 and 5, variances 500/3 and 25, so the standard error is sqrt(125/3 + 25/3) = sqrt(50), with
    50**2 / ((125/3)**2 / 3 + (25/3)**2 / 2) degrees of freedom, 4.0909...
    """
    treated = sample([Decimal(value) for value in (10, 20, 0, 30)])
    control = sample([Decimal(value) for value in (0, 10, 5)])
    lift = lift_of(treated, control)
    assert lift is not None
    assert (lift.treated_per_head, lift.control_per_head) == (Decimal(15), Decimal(5))
    assert (lift.difference, lift.treated, lift.control) == (Decimal(10), 4, 3)
    reach = stats.t.ppf(0.975, 2500 / ((125 / 3) ** 2 / 3 + (25 / 3) ** 2 / 2)) * 50**0.5
    assert float(lift.low) == pytest.approx(10 - reach, abs=1e-6)
    assert float(lift.high) == pytest.approx(10 + reach, abs=1e-6)
    assert str(lift.difference) == "10.000000"
