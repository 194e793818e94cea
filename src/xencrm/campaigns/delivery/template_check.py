"""Whether a template can be used: it parses, names only what there is, and renders within the limits."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from liquid.exceptions import LiquidError
from liquid.static_analysis import TemplateAnalysis, Variable
from liquid.template import BoundTemplate

from xencrm.campaigns.delivery.template_shape import at_line
from xencrm.campaigns.delivery.variables import VARIABLES, Amount

MAX_TEMPLATE_BYTES = 100_000
MAX_PROBLEMS = 20

# What a broken template, or a customer it does not suit, makes Liquid's own code raise.
RENDER_ERRORS = (
    LiquidError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)

_SIZES = frozenset({"size", "first", "last"})


class _AnyAttributes(dict[str, object]):
    """Has a value for every key, so that a trial depends on no customer."""

    def __missing__(self, key: str) -> object:
        return "1"


_SAMPLE: Mapping[str, object] = {
    "name": "Asha Rao",
    "first_name": "Asha",
    "email": "asha@example.com",
    "phone": "+91 98765 43210",
    "status": "ACTIVE",
    "total_spend": Amount(1234.5),
    "total_orders": 3,
    "total_visits": 4,
    "last_order_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "days_since_last_order": 5,
    "attributes": _AnyAttributes(),
    "unsubscribe_url": "https://example.com/u",
}


def find_problems(source: str, template: BoundTemplate) -> list[str]:
    """What is wrong with a template that parses, each with its line."""
    analysis = template.analyze()
    unknown = sorted([*_unknown_variables(analysis), *_unknown_filters(template, analysis)])
    problems = [f"{at_line(source, index)}{message}" for index, message in unknown[:MAX_PROBLEMS]]
    return problems or _trial(source, template)


def names_used(template: BoundTemplate) -> tuple[str, ...]:
    """The variables that a template refers to, each once: roots, and keys of `attributes`."""
    found = template.analyze().globals.values()
    names = {_name(variable) for variables in found for variable in variables}
    return tuple(sorted(name for name in names if name is not None))


def _name(variable: Variable) -> str | None:
    match variable.segments:
        case ["attributes", str(key), *_]:
            return f"attributes.{key}"
        case [str(root), *_] if root != "attributes":
            return root
    return None


def _unknown_variables(analysis: TemplateAnalysis) -> Iterator[tuple[int, str]]:
    for variables in analysis.globals.values():
        for variable in variables:
            if not _is_known(variable):
                yield variable.span.index, f"unknown variable '{variable}'"


def _is_known(variable: Variable) -> bool:
    root, *rest = variable.segments
    if root == "attributes":
        return True
    return root in VARIABLES and (not rest or (len(rest) == 1 and rest[0] in _SIZES))


def _unknown_filters(template: BoundTemplate, analysis: TemplateAnalysis) -> Iterator[tuple[int, str]]:
    for name, spans in analysis.filters.items():
        if name not in template.env.filters:
            for span in spans:
                yield span.index, f"unknown filter '{name}'"


def _trial(source: str, template: BoundTemplate) -> list[str]:
    try:
        template.render(_SAMPLE)
    except RENDER_ERRORS as error:
        return [describe(source, error)]
    return []


def describe(source: str, error: BaseException) -> str:
    """One line of what Liquid says, with the line of the template where it knows it."""
    message = error.message if isinstance(error, LiquidError) else error
    token = error.token if isinstance(error, LiquidError) else None
    return f"{at_line(source, token.start_index) if token else ''}{message}"
