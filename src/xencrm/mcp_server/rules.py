"""Rules as tools take them."""

from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta

from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken

FORM: Final = (
    "A tree: {combinator: 'and' | 'or', not?: true, rules: [...]}, where each of rules is another such "
    "group or a "
    "condition {field, operator, value}. Operators: = != < <= > >= between notBetween in notIn contains "
    "doesNotContain beginsWith endsWith null notNull; between takes [low, high], in a list, null and "
    "notNull no value. "
    "Fields come from describe_segment_fields."
)
GivenRules = Annotated[
    dict[str, Any],
    Meta(
        description=FORM,
        examples=[
            {
                "combinator": "and",
                "rules": [
                    {"field": "total_spend", "operator": ">", "value": 5000},
                    {"field": "days_since_last_order", "operator": ">=", "value": 90},
                ],
            }
        ],
        extra_json_schema={
            "type": "object",
            "required": ["combinator", "rules"],
            "additionalProperties": False,
            "properties": {
                "combinator": {"enum": ["and", "or"]},
                "not": {"type": "boolean"},
                "rules": {"type": "array", "items": {"type": "object"}},
            },
        },
    ),
]


async def rules_of(desk: Desk, rules: dict[str, Any] | None, segment_id: UUID | None) -> Any:
    """The given rules, or those of a segment. Raises Mistaken, ClientError."""
    if (rules is None) == (segment_id is None):
        raise Mistaken("Give either rules or segment_id.")
    return rules if segment_id is None else (await desk.client.segments.get(str(segment_id))).rules
