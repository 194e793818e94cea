"""Liquid as templates here have it: no way to other templates, to unescaped HTML, or to unbounded work."""

from collections.abc import Callable
from functools import wraps
from io import StringIO
from typing import Any, TextIO

from liquid import Environment
from liquid.exceptions import FilterValueError
from liquid.output import LimitedStringIO
from liquid.template import BoundTemplate

from xencrm.campaigns.delivery.stripping import strip_html
from xencrm.campaigns.delivery.template_work import CountingContext, bound_work
from xencrm.campaigns.money import money_filter

MAX_OUTPUT_BYTES = 1_000_000
MAX_NESTING = 20
MAX_DATE = 100

_FORBIDDEN_TAGS = ("include", "render")
_FORBIDDEN_FILTERS = ("safe", "escapejs")


class BoundedContext(CountingContext):
    """What blocks write counts as what the whole template writes."""

    __slots__ = ()

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return _buffer(MAX_OUTPUT_BYTES - (buf.size if isinstance(buf, LimitedStringIO) else 0))


class BoundedTemplate(BoundTemplate):
    context_class = BoundedContext

    def _get_buffer(self) -> StringIO:
        return _buffer(MAX_OUTPUT_BYTES)


def _buffer(limit: int) -> StringIO:
    """Liquid's own would turn each line end into LF."""
    return LimitedStringIO(limit=limit, newline="\n")


class TextEnvironment(Environment):
    """Templates of plain text. Shared by all templates of a process; nothing in it changes."""

    template_class = BoundedTemplate
    output_stream_limit = MAX_OUTPUT_BYTES
    block_nesting_limit = MAX_NESTING

    def __init__(self, currency: str, *, autoescape: bool = False) -> None:
        super().__init__(autoescape=autoescape)
        for tag in _FORBIDDEN_TAGS:
            del self.tags[tag]
        for name in _FORBIDDEN_FILTERS:
            del self.filters[name]
        self.add_filter("money", money_filter(currency))
        self.add_filter("replace", _bounded_replace(self.filters["replace"]))
        self.add_filter("join", _bounded_join(self.filters["join"]))
        self.add_filter("date", _bounded_date(self.filters["date"]))
        self.add_filter("strip_html", strip_html)

    def from_string(self, *args: Any, **kwargs: Any) -> BoundTemplate:
        template = super().from_string(*args, **kwargs)
        bound_work(template.nodes, template.context_class(template))
        return template


def html_environment(currency: str) -> TextEnvironment:
    """Values are escaped wherever they are put in; what the template itself says is not."""
    return TextEnvironment(currency, autoescape=True)


def _bounded_replace(replace: Callable[..., Any]) -> Callable[..., Any]:
    """Without it one filter makes gigabytes of two short texts."""

    @wraps(replace)
    def bounded(value: object, old: object = "", new: object = "") -> Any:
        text, sought = str(value), str(old)
        _check_size(len(text) + text.count(sought) * len(str(new)))
        return replace(value, old, new)

    return bounded


def _bounded_join(join: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(join)
    def bounded(value: Any, separator: object = " ", **environment: Any) -> Any:
        count = len(value) if isinstance(value, list | tuple | str | range) else 1
        _check_size(count * len(str(separator)))
        return join(value, separator, **environment)

    return bounded


def _bounded_date(date: Callable[..., Any]) -> Callable[..., Any]:
    """What reads dates takes its time with long texts."""

    @wraps(date)
    def bounded(value: Any, *arguments: object, **environment: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_DATE:
            return value
        return date(value, *arguments, **environment)

    return bounded


def _check_size(length: int) -> None:
    if length > MAX_OUTPUT_BYTES:
        raise FilterValueError(f"makes more than {MAX_OUTPUT_BYTES:,} characters", token=None)
