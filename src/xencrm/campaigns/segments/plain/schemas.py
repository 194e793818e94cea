"""Plain words over HTTP."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from xencrm.campaigns.segments.plain.reading import LONGEST_TEXT, Reading
from xencrm.kernel.http.shapes import said_as

_TEXT = "active customers in Pune who spent over 5,000 but haven't ordered for 90 days"
_SPENT = {"field": "total_spend", "operator": ">", "value": 5000}
_RULE = {
    "anyOf": [{"type": "object"}, {"type": "null"}],
    "description": "a group {combinator, not?, rules}; null when nothing was understood",
    "examples": [{"combinator": "and", "rules": [_SPENT]}],
}


class PlainInput(Struct, forbid_unknown_fields=True):
    """What `POST /segments/parse` takes."""

    text: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_TEXT, description="in English", examples=[_TEXT])
    ]


class UnderstoodPart(Struct, kw_only=True):
    """`words`: what it was taken as. `notes`: what was not said exactly so."""

    text: Annotated[str, Meta(examples=["spent over 5,000"])]
    words: Annotated[str, Meta(examples=["who have spent more than ₹5,000"])]
    path: Annotated[str, Meta(description="in the rule; empty: all of it", examples=["rules[2]"])]
    notes: Annotated[list[str], Meta(examples=[["took “spendt” as “spent”"]])]


class LeftOutPart(Struct, kw_only=True):
    text: Annotated[str, Meta(examples=["top"])]
    why: Annotated[str, Meta(examples=["how much that is has to be said, such as spent over 10,000"])]


class ShownReading(Struct, kw_only=True):
    """Every word of the text is in `understood` or `left_out`, or of no meaning of its own.

    `hint`: what can be said, where nothing was understood.
    """

    rules: Annotated[Any, said_as(_RULE)]
    words: Annotated[str | None, Meta(examples=["Customers who have spent more than ₹5,000."])]
    understood: list[UnderstoodPart]
    left_out: list[LeftOutPart]
    hint: Annotated[str | None, Meta(examples=[None])]


def shown_reading(reading: Reading) -> ShownReading:
    return ShownReading(
        rules=reading.rules,
        words=reading.words,
        understood=[
            UnderstoodPart(text=part.text, words=part.words, path=part.path, notes=list(part.notes))
            for part in reading.understood
        ],
        left_out=[LeftOutPart(text=part.text, why=part.why) for part in reading.left_out],
        hint=reading.hint,
    )
