"""Tables for spreadsheets: CSV (RFC 4180) in UTF-8, said so at its beginning, as spreadsheets want it.

A spreadsheet takes a text that begins like a formula for one: such a text gets an apostrophe in front
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

CSV: Final = "text/csv"
_BYTE_ORDER_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """None is an empty cell, times are RFC 3339 in UTC; numbers stay what they are."""
    sheet = io.StringIO()
    sheet.write(_BYTE_ORDER_MARK)
    writer = csv.writer(sheet)
    writer.writerow(head)
    writer.writerows([_shown(cell) for cell in row] for row in rows)
    return sheet.getvalue()


def download(name: str) -> dict[str, str]:
    """Headers of an answer that is kept as a file of this name, and nowhere else."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def _shown(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
