"""How much work a template is, in steps: the same for the same values, on any machine.

A block that is rendered costs a step for each of its nodes and for each part of their expressions; a filter
costs what its values weigh. So nothing that a template of bounded size says can take long.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from sys import getsizeof
from typing import Any, TextIO

from liquid import RenderContext, Token
from liquid.ast import BlockNode, Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LocalNamespaceLimitError, LoopIterationLimitError, ResourceLimitError
from liquid.expression import Expression
from liquid.limits import to_int
from liquid.undefined import UNDEFINED

MAX_STEPS = 20_000
MAX_LOOP_ITERATIONS = 10_000
MAX_RANGE = MAX_LOOP_ITERATIONS
MAX_BITS = 10_000
MAX_LOCAL_BYTES = 200_000

_CHARACTERS_OF_A_STEP = 64
# Items that a comparison goes through while a filter handles one.
_COMPARED = 8
# Filters that compare each item with each other one.
_SQUARE = frozenset({"uniq"})
_PAIRS_OF_A_STEP = 32


class WorkLimitError(ResourceLimitError):
    """A template does more than it may for one message."""


class CountingContext(RenderContext):
    """Counts all steps of one rendering together, and the iterations of all its loops."""

    __slots__ = ("iterations", "local_bytes", "steps")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.iterations = self.local_bytes = self.steps = 0

    def spend(self, steps: int) -> None:
        """Raises WorkLimitError."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise WorkLimitError(f"is more work than {MAX_STEPS:,} steps", token=None)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.iterations += length
        if self.iterations > MAX_LOOP_ITERATIONS:
            raise LoopIterationLimitError(f"loops more than {MAX_LOOP_ITERATIONS:,} times", token=None)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """What is looked up may be compared, searched or written."""
        value = super().get(path, token=token, default=default)
        self.spend(weigh(value) // _COMPARED)
        return value

    def assign(self, key: str, val: Any) -> None:
        self.local_bytes += getsizeof(val) - getsizeof(self.locals.get(key))
        self.locals[key] = val
        if self.local_bytes > MAX_LOCAL_BYTES:
            raise LocalNamespaceLimitError("local namespace limit reached", token=None)

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        function = super().filter(name, token)

        def counted(*values: object, **options: object) -> object:
            self.spend(_weigh_call(name, (*values, *options.values())))
            result = function(*values, **options)
            self.spend(weigh(result))
            _check_number(result)
            return result

        return counted


def weigh(value: object, most: int = MAX_STEPS) -> int:
    """What it costs to go through a value, all that is in it included; counted no further than `most`."""
    if isinstance(value, str):
        return len(value) // _CHARACTERS_OF_A_STEP
    if isinstance(value, range):
        return len(value)
    return _weigh_items(value, most) if isinstance(value, list | tuple | dict) else 0


def _weigh_items(value: object, most: int) -> int:
    total, rest = 0, [value]
    while rest and total <= most:
        item = rest.pop()
        if isinstance(item, list | tuple | dict):
            total += len(item)
            rest += [*item, *item.values()] if isinstance(item, dict) else item
        else:
            total += weigh(item)
    return total


def _weigh_call(name: str, values: Iterable[object]) -> int:
    """What a filter costs with its value and arguments."""
    weight = sum(map(weigh, values))
    return weight + weight * weight // _PAIRS_OF_A_STEP if name in _SQUARE else weight


def _check_number(value: object) -> None:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise WorkLimitError("makes too large a number", token=None)


def bound_work(nodes: Sequence[Node], context: RenderContext) -> None:
    """Changes a template that was just parsed: its blocks are counted, and its ranges are looked at.

    What stands in no block is rendered once, and is bounded by the size of the template.
    """
    for node in nodes:
        for expression in _expressions([node]):
            if isinstance(expression, RangeLiteral):
                expression.stop = _RangeEnd(expression)
        children = list(node.children(context))
        bound_work(children, context)
        if isinstance(node, BlockNode):
            node.nodes.insert(0, _Toll(node.token, 1 + _steps(children, context)))


def _steps(nodes: Iterable[Node], context: RenderContext) -> int:
    """Of nodes and what is looked at to render them, but not of the blocks in them."""
    return sum(_steps_of(node, context) for node in nodes if not isinstance(node, BlockNode))


def _steps_of(node: Node, context: RenderContext) -> int:
    return 1 + len(list(_expressions([node]))) + _steps(node.children(context), context)


def _expressions(nodes: Iterable[Node]) -> Iterator[Expression]:
    rest = [expression for node in nodes for expression in node.expressions()]
    while rest:
        expression = rest.pop()
        yield expression
        rest += expression.children()


class _Toll(Node):
    """Stands first in a block, and writes nothing."""

    __slots__ = ("steps",)

    def __init__(self, token: Token, steps: int) -> None:
        super().__init__(token)
        self.steps = steps

    def __str__(self) -> str:
        return ""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, CountingContext)
        context.spend(self.steps)
        return 0


class _RangeEnd(Expression):
    """The end of a range, refused where the range is too long."""

    __slots__ = ("start", "stop")

    def __init__(self, literal: RangeLiteral) -> None:
        super().__init__(literal.token)
        self.start, self.stop = literal.start, literal.stop

    def __str__(self) -> str:
        return str(self.stop)

    def children(self) -> list[Expression]:
        return [self.stop]

    def evaluate(self, context: RenderContext) -> object:
        stop = self.stop.evaluate(context)
        length = _integer(stop) - _integer(self.start.evaluate(context)) + 1
        if length > MAX_RANGE:
            raise WorkLimitError(f"has a range of more than {MAX_RANGE:,}", token=self.token)
        assert isinstance(context, CountingContext)
        context.spend(max(length, 0) // _COMPARED)
        return stop


def _integer(value: object) -> int:
    """As Liquid reads the ends of a range."""
    try:
        return to_int(value)
    except (ValueError, TypeError):
        return 0
