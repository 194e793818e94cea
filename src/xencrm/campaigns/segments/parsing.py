"""JSON -> rule. Everything that is wrong is reported at once, each by its path in the tree.

Two forms are read: the one of react-querybuilder, and a list of `{operator: AND|OR, rules: [...]}` groups,
which are OR-ed together. What react-querybuilder keeps for its own screen (`id`, `path`, `disabled`) is
ignored; what would change the meaning (`muted`, a `valueSource` that is a field, combinators between
conditions) is refused.
"""

from typing import TypeGuard

from xencrm.campaigns.segments.fields import NO_VALUE_OPERATORS, Field, find_field
from xencrm.campaigns.segments.rules import Combinator, Condition, Group, Operator, Value
from xencrm.campaigns.segments.values import MAX_VALUES, is_storable, read_value
from xencrm.kernel.errors import FieldError, InvalidInput

MAX_DEPTH = 8
MAX_CONDITIONS = 200
MAX_GROUPS = 1_000
MAX_ERRORS = 100

_OPERATORS = {operator.value: operator for operator in Operator} | {
    "not_contains": Operator.DOES_NOT_CONTAIN,
    "starts_with": Operator.BEGINS_WITH,
    "ends_with": Operator.ENDS_WITH,
}
_COMBINATORS = {"and": Combinator.AND, "or": Combinator.OR}

_SCREEN_KEYS = frozenset({"id", "path", "disabled", "muted"})
_GROUP_KEYS = _SCREEN_KEYS | {"rules", "not"}
_CONDITION_KEYS = _SCREEN_KEYS | {"field", "operator", "value", "valueSource"}


def parse_rule(body: object, path: str = "") -> Group:
    """The rule that `body` (decoded JSON) describes. `path` goes before the paths of errors.

    Raises InvalidInput.
    """
    reader = _Reader()
    group = reader.root(body, path)
    if reader.errors or group is None:
        raise InvalidInput("The rule is not valid", reader.errors[:MAX_ERRORS])
    return group


class _Reader:
    """One reading: what is wrong so far, and how much there was of what is limited."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.conditions = 0
        self.groups = 0
        self.values = 0

    def root(self, body: object, path: str) -> Group | None:
        if _is_group(body):
            return self.group(body, path, depth=1)
        if not isinstance(body, list):
            self.wrong(path or "rules", "must be a group: {combinator, rules}")
            return None
        if len(body) == 1 and _is_group(body[0]):
            return self.group(body[0], f"{path}[0]", depth=1)
        return Group(Combinator.OR, self.children(body, path, depth=1))

    def group(self, body: dict[str, object], path: str, depth: int) -> Group | None:
        self.groups += 1
        if depth > MAX_DEPTH:
            self.wrong(path, f"is nested too deep: groups may be nested up to {MAX_DEPTH}")
            return None
        combinator = self.combinator(body, path)
        negated = self.flag(body, "not", path)
        rules = body.get("rules")
        if not isinstance(rules, list):
            self.wrong(_at(path, "rules"), "must be a list")
            return None
        children = self.children(rules, _at(path, "rules"), depth)
        return Group(combinator, children, negated) if combinator else None

    def combinator(self, body: dict[str, object], path: str) -> Combinator | None:
        key = "operator" if "operator" in body and "combinator" not in body else "combinator"
        self.check_keys(body, path, _GROUP_KEYS | {key})
        word = body.get(key)
        if isinstance(word, str) and word.lower() in _COMBINATORS:
            return _COMBINATORS[word.lower()]
        self.wrong(_at(path, key), "must be 'and' or 'or'" if key in body else "is missing")
        return None

    def flag(self, body: dict[str, object], name: str, path: str) -> bool:
        value = body.get(name, False)
        if not isinstance(value, bool):
            self.wrong(_at(path, name), "must be true or false")
        return value is True

    def children(self, bodies: list[object], path: str, depth: int) -> tuple[Condition | Group, ...]:
        nodes: list[Condition | Group | None] = []
        for index, body in enumerate(bodies):
            if self.is_full(path):
                break
            nodes.append(self.child(body, f"{path}[{index}]", depth))
        return tuple(node for node in nodes if node is not None)

    def is_full(self, path: str) -> bool:
        """Whether to stop reading; being over a limit is said once, where it was reached."""
        if len(self.errors) >= MAX_ERRORS:
            return True
        for count, limit, what in (
            (self.conditions, MAX_CONDITIONS, "conditions"),
            (self.groups, MAX_GROUPS, "groups"),
            (self.values, MAX_VALUES, "values"),
        ):
            if count > limit:
                self.over_limit(path, f"the rule has more than {limit:,} {what}")
                return True
        return False

    def over_limit(self, path: str, message: str) -> None:
        if all(error.message != message for error in self.errors):
            self.wrong(path, message)

    def child(self, body: object, path: str, depth: int) -> Condition | Group | None:
        if isinstance(body, str):
            self.wrong(path, "combinators between conditions are not supported: use groups")
            return None
        if not isinstance(body, dict):
            self.wrong(path, "must be a condition or a group")
            return None
        return self.group(body, path, depth + 1) if _is_group(body) else self.condition(body, path)

    def condition(self, body: dict[str, object], path: str) -> Condition | None:
        self.conditions += 1
        self.check_keys(body, path, _CONDITION_KEYS)
        if body.get("valueSource") not in (None, "value"):
            self.wrong(_at(path, "valueSource"), "must be 'value': fields are not compared with fields")
        field = self.field(body, path)
        operator = self.operator(body, path, field)
        if field is None or operator is None:
            return None
        return Condition(field.name, operator, self.value(field, operator, body, path))

    def field(self, body: dict[str, object], path: str) -> Field | None:
        name, at = body.get("field"), _at(path, "field")
        if not isinstance(name, str):
            self.wrong(at, "must be the name of a field" if "field" in body else "is missing")
            return None
        field = find_field(name) if is_storable(name) else None
        if field is None:
            self.wrong(at, f"unknown field {_quoted(name)}")
        return field

    def operator(self, body: dict[str, object], path: str, field: Field | None) -> Operator | None:
        word, at = body.get("operator"), _at(path, "operator")
        if not isinstance(word, str):
            self.wrong(at, "must be an operator" if "operator" in body else "is missing")
            return None
        operator = _OPERATORS.get(word)
        if operator is None:
            self.wrong(at, f"unknown operator {_quoted(word)}")
            return None
        if field is not None and operator not in field.operators:
            self.wrong(at, f"{operator} cannot be asked of {field.name}")
            return None
        return operator

    def value(self, field: Field, operator: Operator, body: dict[str, object], path: str) -> Value:
        if operator in NO_VALUE_OPERATORS:
            return None
        value = read_value(field, operator, body.get("value"), _at(path, "value"))
        if isinstance(value, list):
            self.errors += value
            return None
        self.values += len(value) if isinstance(value, tuple) else 1
        if self.values > MAX_VALUES:
            self.is_full(_at(path, "value"))
        return value

    def check_keys(self, body: dict[str, object], path: str, known: frozenset[str]) -> None:
        for key in body:
            if key not in known:
                self.wrong(_at(path, _printable(key)), "is not known here")
        if self.flag(body, "muted", path):
            self.wrong(_at(path, "muted"), "muted parts are not supported: take them out")

    def wrong(self, path: str, message: str) -> None:
        self.errors.append(FieldError(path or "rules", message))


def _is_group(body: object) -> TypeGuard[dict[str, object]]:
    return isinstance(body, dict) and ("rules" in body or "combinator" in body)


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _quoted(text: str) -> str:
    return f"'{_printable(text)}'"


def _printable(text: str) -> str:
    """Short, and encodable whatever it contains."""
    short = text if len(text) <= 60 else text[:60] + "..."
    return short.encode("utf-8", "replace").decode().replace("\0", "?")
