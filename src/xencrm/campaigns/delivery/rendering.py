"""The texts of a campaign, parsed, and what they say to one customer."""

from dataclasses import dataclass

from xencrm.campaigns.delivery.templates import Template, Templates
from xencrm.campaigns.delivery.variables import Variables


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one customer gets."""

    subject: str | None
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class ParsedTexts:
    """One template version, parsed."""

    text: Template
    subject: Template | None
    html: Template | None

    @property
    def names(self) -> list[str]:
        """The variables that any of the texts refers to, in order."""
        parts = (self.subject, self.text, self.html)
        return sorted({name for part in parts if part for name in part.names})

    def render(self, variables: Variables) -> Rendered:
        """Raises NotRendered."""
        return Rendered(
            self.subject.render(variables) if self.subject else None,
            self.text.render(variables),
            self.html.render(variables) if self.html else None,
        )


def parse_texts(templates: Templates, text: str, subject: str | None, html: str | None) -> ParsedTexts:
    """Raises NotRendered."""
    return ParsedTexts(
        templates.text(text),
        templates.subject(subject) if subject else None,
        templates.html(html) if html else None,
    )
