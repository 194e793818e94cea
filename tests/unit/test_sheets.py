"""Tables that a spreadsheet opens as they are meant."""

import csv
import io
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from xencrm.kernel.http.sheets import as_csv

INDIA = timezone(timedelta(hours=5, minutes=30))


def cells_of(sheet: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_would_be_a_formula_is_a_text(begins: str) -> None:
    ((cell,),) = cells_of(as_csv(["name"], [[f"{begins}SUM(A1)"]]))[1:]
    assert cell == f"'{begins}SUM(A1)"


def test_other_texts_numbers_and_times_are_as_they_are() -> None:
    moment = datetime(2026, 11, 23, 5, 30, tzinfo=INDIA)
    row = ['a "b", c', "É = 1", Decimal("-12.50"), -3, None, moment, "two\nlines"]
    sheet = as_csv([str(place) for place in range(len(row))], [row])
    assert sheet.startswith("\ufeff0,1,")
    assert cells_of(sheet)[1] == [
        'a "b", c',
        "É = 1",
        "-12.50",
        "-3",
        "",
        "2026-11-23T00:00:00Z",
        "two\nlines",
    ]
