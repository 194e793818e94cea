"""The texts of a campaign, parsed, and what they say to one customer."""

from dataclasses import dataclass

from xencrm.campaigns.delivery.templates import Template, Templates
from xencrm.campaigns.delivery.variables import Variables
from xencrm.campaigns.tracking.template_links import TRACKER, TemplateLink, Tracker


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one customer gets."""

    subject: str | None
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class ParsedTexts:
    """One template version, parsed. Texts that are tracked render with a tracker."""

    text: Template
    subject: Template | None
    html: Template | None
    tracked: bool = False

    @property
    def names(self) -> list[str]:
        """The variables that any of the texts refers to, in order."""
        parts = (self.subject, self.text, self.html)
        return sorted({name for part in parts if part for name in part.names})

    @property
    def links(self) -> tuple[TemplateLink, ...]:
        """Those that are tracked."""
        return self.html.links if self.html else ()

    def blank_names(self, variables: Variables) -> list[str]:
        """Those of the names that have no value in `variables`, or one of nothing but space."""
        parts = (self.subject, self.text, self.html)
        return sorted({name for part in parts if part for name in part.blank_names(variables)})

    def render(self, variables: Variables, tracker: Tracker | None = None) -> Rendered:
        """Raises NotRendered."""
        of_html = {**variables, TRACKER: tracker} if self.tracked else variables
        return Rendered(
            self.subject.render(variables) if self.subject else None,
            self.text.render(variables),
            self.html.render(of_html) if self.html else None,
        )


def parse_texts(
    templates: Templates, text: str, subject: str | None, html: str | None, *, tracked: bool = False
) -> ParsedTexts:
    """Raises NotRendered."""
    return ParsedTexts(
        templates.text(text),
        templates.subject(subject) if subject else None,
        templates.html(html, tracked=tracked) if html else None,
        tracked,
    )
