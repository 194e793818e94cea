"""Whether a variable of a template is blank for a profile, in SQL: as `Template.blank_names` has it."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, case, collate, false, func, literal, not_

from xencrm.campaigns.profiles.tables import customers_mv

# So many variables of a campaign's texts are asked about: a statement has no room for thousands.
MOST_NAMES: Final = 200

_c = customers_mv.c
_COLLATION: Final = "pg_c_utf8"
_PLAIN: Final = (ord("!"), ord("~"))
_ATTRIBUTE: Final = "attributes."


def _has_no_text(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Most texts begin with something that is no blank; only for others a regular expression is worth it."""
    blank = not_(collate(func.coalesce(column, ""), _COLLATION).regexp_match(r"\S"))
    return case((func.ascii(column).between(*_PLAIN), false()), else_=blank)


_BLANK: Final[dict[str, ColumnElement[bool]]] = {
    "name": _has_no_text(_c.name),
    "first_name": _has_no_text(_c.name),
    "email": _has_no_text(_c.email),
    "phone": _has_no_text(_c.phone),
    "status": _has_no_text(_c.status),
    "last_order_at": _c.last_order_at.is_(None),
    "days_since_last_order": _c.last_order_at.is_(None),
}


def blank_conditions(names: Iterable[str]) -> dict[str, ColumnElement[bool]]:
    """By name, for those of the names that can be blank at all."""
    return {name: condition for name in names if (condition := _is_blank(name)) is not None}


def _is_blank(name: str) -> ColumnElement[bool] | None:
    if name.startswith(_ATTRIBUTE):
        key = literal(name.removeprefix(_ATTRIBUTE), Text)
        return _has_no_text(_c.attributes.op("->>", return_type=Text())(key))
    return _BLANK.get(name)
