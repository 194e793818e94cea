"""Templates of nothing but text, plain variables and a few filters, rendered without Liquid's context.

It reads Liquid's own syntax tree and calls Liquid's own filters, so there is one meaning; a suite renders
random templates both ways. Whatever is beyond that is left to Liquid.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.primitive import FloatLiteral, IntegerLiteral, StringLiteral
from liquid.builtin.output import OutputNode
from liquid.exceptions import OutputStreamLimitError
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate

from xencrm.campaigns.delivery.liquid_environment import MAX_OUTPUT_BYTES
from xencrm.campaigns.delivery.variables import VARIABLES, Variables
from xencrm.campaigns.tracking.template_links import TrackedNode

Piece = Callable[[Variables], str]
Lookup = Callable[[Variables], object]
Applied = Callable[[object], object]

_QUICK_FILTERS = frozenset({"money", "default", "upcase", "downcase", "capitalize"})
_SPECIAL_SEGMENTS = frozenset({"size", "first", "last"})
_LITERALS = (StringLiteral, IntegerLiteral, FloatLiteral)


def compile_quick(template: BoundTemplate) -> Piece | None:
    """A renderer that gives what `template.render` gives, or None where only Liquid can."""
    return _compiled(template, template.nodes)


def _compiled(template: BoundTemplate, nodes: Sequence[Node]) -> Piece | None:
    pieces = [_piece(template, node) for node in nodes]
    found = [piece for piece in pieces if piece is not None]
    return _renderer(found) if len(found) == len(pieces) else None


def _renderer(pieces: list[str | Piece]) -> Piece:
    def render(variables: Variables) -> str:
        parts = [piece if isinstance(piece, str) else piece(variables) for piece in pieces]
        if sum(map(len, parts)) * 4 > MAX_OUTPUT_BYTES:
            _check_size(parts)
        return "".join(parts)

    return render


def _check_size(parts: list[str]) -> None:
    if sum(len(part.encode()) for part in parts) > MAX_OUTPUT_BYTES:
        raise OutputStreamLimitError("output stream limit reached", token=None)


def _piece(template: BoundTemplate, node: Node) -> str | Piece | None:
    if isinstance(node, ContentNode):
        return node.text
    if isinstance(node, TrackedNode):
        return _tracked(node, _compiled(template, node.nodes))
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    lookup = _lookup(node.expression.left)
    filters = [_applied(template, filter_) for filter_ in node.expression.filters or ()]
    steps = [step for step in filters if step is not None]
    if lookup is None or len(steps) < len(filters):
        return None
    return _output(lookup, steps, template.env.autoescape)


def _tracked(node: TrackedNode, inner: Piece | None) -> Piece | None:
    return (lambda variables: node.written(variables, inner(variables))) if inner else None


def _output(lookup: Lookup, steps: list[Applied], autoescape: bool) -> Piece:
    def output(variables: Variables) -> str:
        value = lookup(variables)
        for step in steps:
            value = step(value)
        if type(value) is str and not autoescape:
            return value
        return to_liquid_string(value, autoescape)

    return output


def _lookup(left: object) -> Lookup | None:
    """A variable, or one key of `attributes`; what isn't there is None."""
    if not isinstance(left, Path) or left.path[0] not in VARIABLES:
        return None
    match left.path:
        case [str(root)] if root != "attributes":
            return lambda variables: variables.get(root)
        case ["attributes", str(key)] if key not in _SPECIAL_SEGMENTS:
            return lambda variables: _key(variables.get("attributes"), key)
    return None


def _key(attributes: object, key: str) -> object:
    return attributes.get(key) if isinstance(attributes, Mapping) else None


def _applied(template: BoundTemplate, filter_: Filter) -> Applied | None:
    arguments = [_literal(template, argument) for argument in filter_.args]
    values = [argument[0] for argument in arguments if argument is not None]
    if filter_.name not in _QUICK_FILTERS or len(values) < len(arguments):
        return None
    function: Callable[..., object] = template.env.filters[filter_.name]
    if not values:
        return function
    return lambda value: function(value, *values)


def _literal(template: BoundTemplate, argument: object) -> tuple[Any] | None:
    if not isinstance(argument, PositionalArgument) or not isinstance(argument.value, _LITERALS):
        return None
    return (argument.value.evaluate(template.context_class(template)),)
