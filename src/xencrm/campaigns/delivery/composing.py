"""From claimed messages to texts: the campaign's template version rendered with present profiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.model import ERASED, NO_PROFILE, NOT_RENDERED
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.templates import NotRendered, Template, Templates
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.delivery.vendor import Outgoing
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.logging import get_logger

MOST_VERSIONS = 256
log = get_logger(__name__)


class Composed(Struct, frozen=True):
    """A message ready to be handed over, or (`outgoing` None) the reason why it never will be."""

    message_id: UUID
    attempt: int
    template_version: int
    outgoing: Outgoing | None
    skip_reason: str = ""


@dataclass(frozen=True, slots=True)
class Texts:
    """One template version, parsed."""

    text: Template
    subject: Template | None
    html: Template | None


class Composer:
    """Remembers the versions of launched campaigns, which never change."""

    def __init__(self, database: Database, currency: str) -> None:
        self._database = database
        self._templates = Templates(currency)
        self._versions: dict[tuple[UUID, int], Texts | None] = {}

    async def compose(self, campaign: RunningCampaign, claimed: Sequence[Claimed]) -> list[Composed]:
        versions = {item.template_version for item in claimed}
        texts = {version: await self._find(campaign.campaign_id, version) for version in versions}
        now = utc_now()
        return [_composed(texts[item.template_version], item, now) for item in claimed]

    async def _find(self, campaign_id: UUID, version: int) -> Texts | None:
        """None for texts that cannot be used."""
        if (campaign_id, version) in self._versions:
            return self._versions[campaign_id, version]
        async with self._database.transaction() as tx:
            sources = await store.find_template(tx, campaign_id, version)
        texts: Texts | None = None
        try:
            texts = self._parse(*sources)
        except NotRendered as error:
            log.error("template.unusable", campaign_id=str(campaign_id), reason=str(error))
        if len(self._versions) >= MOST_VERSIONS:
            self._versions.clear()
        self._versions[campaign_id, version] = texts
        return texts

    def _parse(self, text: str, subject: str | None, html: str | None) -> Texts:
        return Texts(
            self._templates.text(text),
            self._templates.subject(subject) if subject else None,
            self._templates.html(html) if html else None,
        )


def _composed(texts: Texts | None, claimed: Claimed, now: datetime) -> Composed:
    if claimed.customer_id is None:
        return _skipped(claimed, ERASED if claimed.erased else NO_PROFILE)
    if texts is None:
        return _skipped(claimed, NOT_RENDERED)
    variables = profile_variables(claimed, claimed.attributes, now=now)
    try:
        outgoing = Outgoing(
            message_id=claimed.message_id,
            attempt=claimed.attempt,
            to=claimed.email,
            name=claimed.name,
            subject=texts.subject.render(variables) if texts.subject else None,
            text=texts.text.render(variables),
            html=texts.html.render(variables) if texts.html else None,
        )
    except NotRendered as error:
        log.warning("message.not_rendered", message_id=str(claimed.message_id), reason=str(error))
        return _skipped(claimed, NOT_RENDERED)
    return Composed(claimed.message_id, claimed.attempt, claimed.template_version, outgoing)


def _skipped(claimed: Claimed, reason: str) -> Composed:
    return Composed(claimed.message_id, claimed.attempt, claimed.template_version, None, reason)
