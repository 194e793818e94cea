"""What plain words say by the rules for them, and the rule of a model does not ask about."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from xencrm.client.segments import Reading

# Two ways to ask about the same.
_SAME: Final = {"last_order_at": "days_since_last_order"}
_STEP: Final = re.compile(r"rules\[(\d+)\]")


def unsaid(reading: Reading, rule: Mapping[str, Any]) -> list[str]:
    """The understood parts of a text of whose fields none is in the rule."""
    asked = set(_fields_of(rule))
    parts = ((part.text, set(_fields_of(_at(reading.rules, part.path)))) for part in reading.understood)
    return [text for text, fields in parts if fields and not fields & asked]


def _at(rules: Any, path: str) -> Any:
    for number in _STEP.findall(path):
        rules = rules["rules"][int(number)]
    return rules


def _fields_of(node: Any) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    if "field" in node:
        yield _SAME.get(str(node["field"]), str(node["field"]))
    for child in node.get("rules", ()):
        yield from _fields_of(child)
