"""`/templates/preview`: what texts would say that nobody has kept."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from xencrm.client.preflight import Sample
from xencrm.client.transport import Call, Transport, encode

PATH = "/api/v1/templates/preview"


class Texts(Struct, kw_only=True):
    """Texts, and for whom they are: one of `segment_id` and `rules`; at most ten `samples`."""

    message_template: str
    subject: str | UnsetType = UNSET
    html_template: str | UnsetType = UNSET
    segment_id: str | UnsetType = UNSET
    rules: Any = UNSET
    campaign_type: str | UnsetType = UNSET
    samples: int | UnsetType = UNSET


class DraftSample(Sample, kw_only=True):
    """With the variables that are blank for this customer."""

    blank: list[str] = field(default_factory=list)


class TextsPreview(Struct, kw_only=True):
    """`count`: all whom the rule matches; `blank`: for how many of them a variable of the texts is."""

    count: int
    suppressed: int = 0
    inactive: int = 0
    blank: dict[str, int] = {}
    samples: list[DraftSample] = []


class Templates:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def preview(self, texts: Texts) -> TextsPreview:
        """Raises BadRequest with the field and the line of what cannot be used."""
        return await self._transport.ask(
            Call("POST", PATH, body=encode(texts), repeatable=True), TextsPreview
        )
