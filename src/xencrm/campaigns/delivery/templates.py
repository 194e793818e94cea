"""Message templates: Liquid source in, text for one customer out.

Text bodies are not escaped, HTML bodies are, and a subject is always one line.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from xencrm.campaigns.delivery.liquid_environment import TextEnvironment, html_environment
from xencrm.campaigns.delivery.quick_template import compile_quick
from xencrm.campaigns.delivery.template_check import (
    MAX_TEMPLATE_BYTES,
    RENDER_ERRORS,
    describe,
    find_problems,
    names_used,
)
from xencrm.campaigns.delivery.template_shape import find_misshapen
from xencrm.campaigns.delivery.variables import Variables, value_of
from xencrm.campaigns.tracking.template_links import TemplateLink, track
from xencrm.kernel.errors import FieldError, InvalidInput

CACHED_TEMPLATES = 256

# Whatever could end a line of a header, or is no character at all.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NotRendered(Exception):
    """A template that fails, as such or for this customer; the message says where and why."""


class Template:
    """A template that was parsed once and renders for any number of customers.

    `names`: the variables that it refers to, such as `phone` and `attributes.city`. `links`: those that are
    tracked; it renders only with a Tracker among the variables then.
    """

    def __init__(
        self,
        source: str,
        liquid: BoundTemplate,
        *,
        one_line: bool = False,
        links: tuple[TemplateLink, ...] = (),
    ) -> None:
        self.names = names_used(liquid)
        self.links = links
        self._source = source
        self._one_line = one_line
        self._render: Callable[[Variables], str] = compile_quick(liquid) or liquid.render

    def render(self, variables: Variables) -> str:
        """The text for `variables` (see `profile_variables`). Raises NotRendered."""
        try:
            text = self._render(variables)
        except RENDER_ERRORS as error:
            raise NotRendered(describe(self._source, error)) from error
        if self._one_line:
            return _CONTROLS.sub(" ", text).strip()
        return text.replace("\0", "") if "\0" in text else text

    def blank_names(self, variables: Variables) -> list[str]:
        """The names that have no value in `variables`, or one of nothing but space."""
        return [name for name in self.names if _is_blank(value_of(variables, name))]


class Templates:
    """Parsed templates of an installation, the latest used ones kept. Each method may raise NotRendered."""

    def __init__(self, currency: str) -> None:
        self._environments = (TextEnvironment(currency), html_environment(currency))
        self._parsed = lru_cache(CACHED_TEMPLATES)(self._parse)

    def text(self, source: str) -> Template:
        return self._parsed(source, False, False)

    def html(self, source: str, *, tracked: bool = False) -> Template:
        return self._parsed(source, True, False, tracked)

    def subject(self, source: str) -> Template:
        return self._parsed(source, False, True)

    def _parse(self, source: str, html: bool, one_line: bool, tracked: bool = False) -> Template:
        try:
            liquid = self._environments[html].from_string(source)
            links = track(liquid) if tracked else ()
            return Template(source, liquid, one_line=one_line, links=links)
        except LiquidError as error:
            raise NotRendered(describe(source, error)) from error


def check_texts(message_template: str, subject: str | None, html_template: str | None) -> None:
    """Raises InvalidInput that names each thing wrong in each text, by its line."""
    errors = [
        *_check("message_template", message_template, html=False),
        *_check("subject", subject or "", html=False),
        *_check("html_template", html_template or "", html=True),
    ]
    if errors:
        raise InvalidInput("The message cannot be used", errors)


def _check(field: str, source: str, *, html: bool) -> list[FieldError]:
    if len(source.encode()) > MAX_TEMPLATE_BYTES:
        return [FieldError(field, f"must be at most {MAX_TEMPLATE_BYTES:,} bytes")]
    misshapen = find_misshapen(source)
    if misshapen is not None:
        return [FieldError(field, misshapen)]
    try:
        problems = find_problems(source, _checking_environment(html).from_string(source))
    except LiquidError as error:
        problems = [describe(source, error)]
    return [FieldError(field, problem) for problem in problems]


@lru_cache
def _checking_environment(html: bool) -> TextEnvironment:
    """The currency makes no difference to whether a template can be used."""
    return html_environment("INR") if html else TextEnvironment("INR")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
