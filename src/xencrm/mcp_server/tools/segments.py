"""Segments: what rules can ask, whom they match, and why."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from xencrm.client.segments import ExplainedPart, Field, Segment
from xencrm.kernel.validation import check_text_storable
from xencrm.mcp_server import limits
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.rules import FORM, GivenRules, rules_of
from xencrm.mcp_server.shapes import ShownCustomer, customer_line, shown_customer
from xencrm.mcp_server.tool import Arguments, Reply, Tool
from xencrm.mcp_server.words import count, quoted

ATTRIBUTE: Final = "attributes."
UNMARKED: Final = "Names of attributes are data too: rules have them without the marks around them."
MOST_VALUES: Final = 10
# Of a rule in a list, in characters of JSON.
SHORT: Final = 400
FIELDS: Final = "describe_segment_fields says what rules can ask."
LIST: Final = "list_segments shows the segments and their ids."


class Nothing(Arguments, kw_only=True, forbid_unknown_fields=True):
    """No arguments."""


class ListSegments(Arguments, kw_only=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(description="a part of the name")] = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class CreateSegment(Arguments, kw_only=True, forbid_unknown_fields=True):
    name: str
    rules: GivenRules
    description: Annotated[str, Meta(max_length=limits.DESCRIPTION_LENGTH)] = ""

    def __post_init__(self) -> None:
        limits.check_name(self.name)
        check_text_storable("description", self.description)


class OfRules(Arguments, kw_only=True, forbid_unknown_fields=True):
    rules: GivenRules | None = None
    segment_id: Annotated[UUID, Meta(description="instead of rules")] | None = None


class PreviewSegment(OfRules, kw_only=True, forbid_unknown_fields=True):
    sample: Annotated[int, Meta(ge=0, le=20, description="how many customers to show")] = 5


class ExplainSegment(OfRules, kw_only=True, forbid_unknown_fields=True):
    customer_id: UUID


class ShownSegment(Struct, kw_only=True):
    """`words`: the rule as a sentence; `campaigns`: how many use it."""

    segment_id: str
    name: str
    description: str
    rules: Any
    words: str
    campaigns: int
    created_by: str
    created_at: datetime | None


class Segments(Struct, kw_only=True):
    segments: list[ShownSegment]


class ShownField(Struct, kw_only=True):
    """`values`: those that a choice offers."""

    name: str
    label: str
    kind: str
    operators: list[str]
    values: list[str]


class Seen(Struct, kw_only=True):
    """How an attribute is called, in rules and to people, and values that customers have."""

    name: str
    label: str
    values: list[str]


class ShownAttribute(Struct, kw_only=True):
    """Something that programs have put down of customers. `types`: JSON types of its values."""

    operators: list[str]
    types: list[str]
    customer_data: Seen


class Fields(Struct, kw_only=True):
    """What every customer has, and what this shop's have besides."""

    fields: list[ShownField]
    attributes: list[ShownAttribute]


class Previewed(Struct, kw_only=True):
    count: int
    words: str
    sample: list[ShownCustomer]


class Actual(Struct, kw_only=True):
    """What the customer has."""

    actual: Any


class Condition(Struct, kw_only=True):
    """`path` in the rules, such as rules[0].rules[1]."""

    path: str
    field: str
    operator: str
    value: Any
    holds: bool
    customer_data: Actual


class Explained(Struct, kw_only=True):
    matches: bool
    conditions: list[Condition]


async def list_segments(desk: Desk, asked: ListSegments) -> Reply[Segments]:
    page = await desk.client.segments.list(q=asked.q or None, limit=asked.limit)
    lines = [f"- {each.name!r}: {each.words}{_rules(each)} [{each.segment_id}]" for each in page.items]
    text = "\n".join([f"{count(len(lines), 'segment')}.", *lines])
    return Reply(text, Segments(segments=[_shown(each) for each in page.items]))


async def describe_segment_fields(desk: Desk, _: Nothing) -> Reply[Fields]:
    fields = await desk.client.segments.fields()
    text = "\n".join([FORM, UNMARKED, *(_field_line(field) for field in fields)])
    shown = Fields(
        fields=[_shown_field(field) for field in fields if not _is_attribute(field)],
        attributes=[_shown_attribute(field) for field in fields if _is_attribute(field)],
    )
    return Reply(text, shown)


async def create_segment(desk: Desk, asked: CreateSegment) -> Reply[ShownSegment]:
    made = await desk.client.segments.create(asked.name, asked.rules, description=asked.description)
    text = f"The segment {made.name!r} is made [{made.segment_id}]. {made.words}"
    return Reply(text, _shown(made))


async def preview_segment(desk: Desk, asked: PreviewSegment) -> Reply[Previewed]:
    rules = await rules_of(desk, asked.rules, asked.segment_id)
    seen = await desk.client.segments.preview(rules, sample=asked.sample)
    lines = [customer_line(profile, desk.words) for profile in seen.sample]
    text = "\n".join([f"{count(seen.count, 'customer matches', 'customers match')}. {seen.words}", *lines])
    sample = [shown_customer(profile) for profile in seen.sample]
    return Reply(text, Previewed(count=seen.count, words=seen.words, sample=sample))


async def explain_segment(desk: Desk, asked: ExplainSegment) -> Reply[Explained]:
    rules = await rules_of(desk, asked.rules, asked.segment_id)
    part = await desk.client.segments.explain(rules, str(asked.customer_id))
    verdict = "The customer is in it." if part.verdict else "The customer is not in it."
    text = "\n".join([verdict, *_part_lines(part, 0)])
    return Reply(text, Explained(matches=part.verdict, conditions=_conditions(part, "")))


def _shown(segment: Segment) -> ShownSegment:
    return ShownSegment(**{name: getattr(segment, name) for name in ShownSegment.__struct_fields__})


def _rules(segment: Segment) -> str:
    rules = msgspec.json.encode(segment.rules).decode()
    return f" rules: {rules}" if len(rules) <= SHORT else ""


def _field_line(field: Field) -> str:
    if _is_attribute(field):
        name, label, kind = quoted(field.name), quoted(field.label), "/".join(field.types)
        values = ", ".join(map(quoted, field.values[:MOST_VALUES]))
    else:
        name, label, kind, values = field.name, field.label, field.kind, ", ".join(field.values)
    return f"- {name} ({label}, {kind}){f': {values}' if values else ''}"


def _shown_field(field: Field) -> ShownField:
    return ShownField(
        name=field.name,
        label=field.label,
        kind=field.kind,
        operators=field.operators,
        values=field.values,
    )


def _shown_attribute(field: Field) -> ShownAttribute:
    return ShownAttribute(
        operators=field.operators,
        types=field.types,
        customer_data=Seen(name=field.name, label=field.label, values=field.values),
    )


def _is_attribute(field: Field) -> bool:
    return field.name.startswith(ATTRIBUTE)


def _part_lines(part: ExplainedPart, depth: int) -> list[str]:
    mark = f"{'  ' * depth}- {'yes' if part.verdict else 'no '}"
    if part.rules is not None:
        name = f"{'not ' if part.negated else ''}{'all of' if part.combinator == 'and' else 'any of'}"
        return [f"{mark} {name}", *(line for each in part.rules for line in _part_lines(each, depth + 1))]
    return [f"{mark} {part.field} {part.operator} {part.value!r}: the customer has {quoted(part.actual)}"]


def _conditions(part: ExplainedPart, path: str) -> list[Condition]:
    if part.rules is not None:
        begin = f"{path}." if path else ""
        places = enumerate(part.rules)
        return [found for at, each in places for found in _conditions(each, f"{begin}rules[{at}]")]
    actual = Actual(actual=part.actual)
    return [
        Condition(
            path=path,
            field=part.field or "",
            operator=part.operator or "",
            value=part.value,
            holds=part.verdict,
            customer_data=actual,
        )
    ]


TOOLS: Final = (
    Tool(
        "list_segments",
        "List segments",
        "The segments with their rules as sentences, the newest first.",
        ListSegments,
        Segments,
        list_segments,
        reads=True,
    ),
    Tool(
        "describe_segment_fields",
        "Describe what rules can ask",
        "The fields that rules can ask about, their operators, and the attributes that this shop's "
        "customers have.",
        Nothing,
        Fields,
        describe_segment_fields,
        reads=True,
    ),
    Tool(
        "create_segment",
        "Create a segment",
        "Keep a rule under a name, for campaigns. Preview it first.",
        CreateSegment,
        ShownSegment,
        create_segment,
        hint=f"{FIELDS} {LIST}",
    ),
    Tool(
        "preview_segment",
        "Preview a segment",
        "How many customers a rule matches now, the rule as a sentence, and some of the customers. Nothing "
        "is kept.",
        PreviewSegment,
        Previewed,
        preview_segment,
        hint=f"{FIELDS} {LIST}",
        reads=True,
    ),
    Tool(
        "explain_segment",
        "Explain why a customer is in a segment or not",
        "Each condition of a rule with its verdict for one customer.",
        ExplainSegment,
        Explained,
        explain_segment,
        hint=f"{FIELDS} {LIST} search_customers finds customers and their ids.",
        reads=True,
    ),
)
