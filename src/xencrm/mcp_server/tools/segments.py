"""Segments: what rules can ask, whom they match, and why."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from xencrm.client.segments import ExplainedPart, Field, Segment
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.rules import FORM, GivenRules, rules_of
from xencrm.mcp_server.shapes import ShownCustomer, customer_line, shown_customer
from xencrm.mcp_server.tool import Arguments, Reply, Tool
from xencrm.mcp_server.words import count, quoted

ATTRIBUTE: Final = "attributes."
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
    description: str = ""


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


class Seen(Struct, kw_only=True):
    """Values that customers have."""

    values: list[str]


class ShownField(Struct, kw_only=True):
    """`values`: those that a choice offers; an attribute's are what customers have, in `customer_data`."""

    name: str
    label: str
    kind: str
    operators: list[str]
    values: list[str]
    types: list[str]
    customer_data: Seen | None = None


class Fields(Struct, kw_only=True):
    fields: list[ShownField]


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
    lines = [f"- {each.name!r}: {each.words} [{each.segment_id}]" for each in page.items]
    text = "\n".join([f"{count(len(lines), 'segment')}.", *lines])
    return Reply(text, Segments(segments=[_shown(each) for each in page.items]))


async def describe_segment_fields(desk: Desk, _: Nothing) -> Reply[Fields]:
    fields = await desk.client.segments.fields()
    text = "\n".join([FORM, *(_field_line(field) for field in fields)])
    return Reply(text, Fields(fields=[_shown_field(field) for field in fields]))


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


def _field_line(field: Field) -> str:
    values = ", ".join(field.values if not _is_attribute(field) else map(quoted, field.values[:10]))
    kind = "/".join(field.types) if _is_attribute(field) else field.kind
    return f"- {field.name} ({field.label}, {kind}){f': {values}' if values else ''}"


def _shown_field(field: Field) -> ShownField:
    is_attribute = _is_attribute(field)
    return ShownField(
        name=field.name,
        label=field.label,
        kind=field.kind,
        operators=field.operators,
        values=[] if is_attribute else field.values,
        types=field.types,
        customer_data=Seen(values=field.values) if is_attribute else None,
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
