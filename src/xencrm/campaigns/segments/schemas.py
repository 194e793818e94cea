"""Segments over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from xencrm.campaigns.profiles.schemas import ShownProfile
from xencrm.campaigns.segments.explaining import Explained
from xencrm.campaigns.segments.fields import Field
from xencrm.campaigns.segments.model import Segment
from xencrm.campaigns.segments.parsing import parse_rule
from xencrm.campaigns.segments.rules import Combinator, Group, Operator, to_json
from xencrm.campaigns.segments.words import in_words
from xencrm.kernel.http.shapes import Time, line, said_as
from xencrm.kernel.validation import NAME_LENGTH, check_text_storable, clean_text

DESCRIPTION_LENGTH = 2000
Rules = Annotated[
    Any,
    said_as(
        {
            "description": "A group {combinator, not?, rules}, nested up to 8, at most 200 conditions; or an "
            "array of groups {operator, rules}, which are OR-ed together.",
            "anyOf": [{"type": "object"}, {"type": "array"}],
            "examples": [
                {
                    "combinator": "and",
                    "rules": [
                        {"field": "total_spend", "operator": ">", "value": 10000},
                        {"field": "days_since_last_order", "operator": ">=", "value": 90},
                    ],
                }
            ],
        }
    ),
]


Words = Annotated[
    str,
    Meta(
        description="the rule as a sentence",
        examples=["Customers who have spent more than ₹10,000 and whose last order was at least 9 days ago."],
    ),
]
_PART = {"verdict": True, "field": "total_spend", "operator": ">", "value": 1000, "actual": "1234.50"}
_PARTS = Meta(examples=[[_PART]])


class SegmentInput(Struct, forbid_unknown_fields=True):
    """What `POST /segments` and `PUT /segments/{id}` take; `rules` in either of the two forms."""

    name: Annotated[str, line(NAME_LENGTH, "Big spenders")]
    rules: Rules
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH)] = ""

    def __post_init__(self) -> None:
        self.name = clean_text("name", self.name, NAME_LENGTH)
        self.description = check_text_storable("description", self.description.strip())


class ShownSegment(Struct, kw_only=True):
    """`campaigns`: how many use it, archived ones too; while there are any it cannot be deleted."""

    segment_id: UUID
    name: str
    description: str
    rules: Rules
    words: Words
    created_by: str
    created_at: Time
    updated_at: Time
    campaigns: int


class PreviewInput(Struct, forbid_unknown_fields=True):
    """What `POST /segments/preview` takes."""

    rules: Rules
    sample: Annotated[int, Meta(ge=0, le=100)] = 10


class ShownPreview(Struct):
    count: int
    sample: list[ShownProfile]
    took_ms: float
    words: Words


class ExplainInput(Struct, forbid_unknown_fields=True):
    """What `POST /segments/explain` takes."""

    rules: Rules
    customer_id: UUID


class ExplainedPart(Struct, kw_only=True, rename={"negated": "not"}):
    """A group or a condition with its verdict. `value` is the rule's, `actual` the profile's.

    A group has `combinator`, `not` and `rules`; a condition `field`, `operator`, `value` and `actual`.
    """

    verdict: bool
    combinator: Combinator | UnsetType = UNSET
    negated: bool | UnsetType = UNSET
    rules: Annotated["list[ExplainedPart] | UnsetType", _PARTS] = UNSET
    field: str | UnsetType = UNSET
    operator: Operator | UnsetType = UNSET
    value: Any = UNSET
    actual: Any = UNSET


class ShownField(Struct, kw_only=True):
    """`values`: those that a choice should offer; others are allowed. `types`: of an attribute's values.

    Of an attribute these are what the newest customers have, the most frequent first.
    """

    name: str
    label: str
    kind: str
    operators: list[str]
    nullable: bool
    values: list[str]
    types: Annotated[list[str], Meta(examples=[["string", "number"]])]


class ShownFields(Struct):
    fields: list[ShownField]


def shown_segment(segment: Segment, currency: str) -> ShownSegment:
    rules = msgspec.json.decode(segment.rules)
    return ShownSegment(
        segment_id=segment.segment_id,
        name=segment.name,
        description=segment.description,
        rules=rules,
        words=in_words(parse_rule(rules), currency),
        created_by=segment.created_by,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
        campaigns=segment.campaigns,
    )


def shown_explanation(explained: Explained) -> ExplainedPart:
    part = explained.part
    if isinstance(part, Group):
        return ExplainedPart(
            verdict=explained.verdict,
            combinator=part.combinator,
            negated=part.negated,
            rules=[shown_explanation(child) for child in explained.parts],
        )
    return ExplainedPart(
        verdict=explained.verdict,
        field=part.field,
        operator=part.operator,
        value=to_json(part)["value"],
        actual=explained.actual,
    )


def shown_field(field: Field) -> ShownField:
    return ShownField(
        name=field.name,
        label=field.label,
        kind=field.kind.value,
        operators=[operator.value for operator in field.operators],
        nullable=field.nullable,
        values=list(field.values),
        types=list(field.types),
    )
