"""Types of fields in bodies, with what the API document says of them.

What is checked when a body is read (`kernel/validation.py`) is more than a type says; `said_as` gives the
schema that stands in the document instead of the type's own.
"""

from datetime import datetime
from decimal import Decimal
from inspect import cleandoc
from typing import Annotated, Any, Final

from msgspec import Meta

from xencrm.kernel.validation import EMAIL_LENGTH, MOST_AMOUNT, NAME_LENGTH

# A Struct may have a class variable of this name: what its schema says besides.
ALSO: Final = "also_said"
_INSTEAD: Final = "x-schema"
NO_NUL: Final = r"^[^\x00]*$"
_NO_CONTROL: Final = r"[^\x00-\x1f\x7f-\x9f]*"
_OF_ADDRESS: Final = r'[^\x00-\x20\x7f-\xa0\s@"(),:;<>\[\]\\]'
_EMAIL: Final = rf"^ *{_OF_ADDRESS}+@{_OF_ADDRESS}+\.{_OF_ADDRESS.replace('@', '@.')}+ *$"


def said_as(schema: dict[str, Any]) -> Meta:
    """For Annotated: this schema instead of the type's own."""
    return Meta(extra_json_schema={_INSTEAD: schema})


def line(longest: int, example: str) -> Meta:
    """A text without control characters that is not blank."""
    pattern = rf"^{_NO_CONTROL}[^\x00-\x20\x7f-\xa0\s]{_NO_CONTROL}$"
    limits = {"minLength": 1, "maxLength": longest, "pattern": pattern}
    return said_as({"type": "string", **limits, "examples": [example]})


def text(example: str) -> Meta:
    """A text without NUL that is not blank; it may have several lines."""
    pattern = r"^[^\x00]*[^\x00\s][^\x00]*$"
    return said_as({"type": "string", "pattern": pattern, "examples": [example]})


def one_of(*values: str) -> Meta:
    return said_as({"type": "string", "enum": list(values)})


def number(least: int, most: int, example: int) -> Meta:
    return said_as({"type": "integer", "minimum": least, "maximum": most, "examples": [example]})


def resolved(node: Any) -> Any:
    """A schema with the schemas of `said_as` in their places, and descriptions without indentation."""
    if isinstance(node, list):
        return [resolved(each) for each in node]
    if not isinstance(node, dict):
        return node
    if _INSTEAD in node:
        kept = {key: node[key] for key in ("description", "default", "examples") if key in node}
        return {**node[_INSTEAD], **kept}
    plain = {key: resolved(each) for key, each in node.items()}
    if isinstance(plain.get("description"), str):
        plain["description"] = cleandoc(plain["description"])
    return plain


Name = Annotated[str, line(NAME_LENGTH, "Asha Rao")]
Email = Annotated[
    str,
    said_as(
        {
            "type": "string",
            "maxLength": EMAIL_LENGTH,
            "pattern": _EMAIL,
            "examples": ["asha@shop.example"],
        }
    ),
]
Time = Annotated[datetime, said_as({"type": "string", "format": "date-time"})]
GivenTime = Annotated[
    datetime,
    said_as(
        {
            "type": "string",
            "format": "date-time",
            "description": "with an offset; from 1970 to a day from now",
            "examples": ["2024-03-14T09:26:53Z"],
        }
    ),
]
Money = Annotated[
    Decimal, said_as({"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+\.[0-9]{2}$"})
]
GivenAmount = Annotated[
    Decimal,
    said_as(
        {
            "anyOf": [
                {"type": "string", "format": "decimal", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"},
                {"type": "number", "minimum": 0, "maximum": float(MOST_AMOUNT)},
            ],
            "description": "at most two decimals",
            "examples": ["120.50"],
        }
    ),
]
