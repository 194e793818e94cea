"""From claimed messages to texts: the campaign's template version rendered with present profiles."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from sys import getsizeof
from typing import Final
from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.consent.model import TRANSACTIONAL, AddressHashes
from xencrm.campaigns.delivery import store
from xencrm.campaigns.delivery.model import ERASED, NO_PROFILE, NOT_RENDERED
from xencrm.campaigns.delivery.rendering import ParsedTexts, parse_texts
from xencrm.campaigns.delivery.room import Share
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.templates import NotRendered, Templates
from xencrm.campaigns.delivery.variables import profile_variables
from xencrm.campaigns.delivery.vendor import Outgoing
from xencrm.campaigns.tracking import service as tracking
from xencrm.campaigns.tracking.addresses import MessageTracker
from xencrm.kernel.clock import utc_now
from xencrm.kernel.database import Database
from xencrm.kernel.logging import get_logger

MOST_VERSIONS = 256
SLICE_S: Final = 0.005
ONE_CLICK = "List-Unsubscribe=One-Click"
log = get_logger(__name__)


class Composed(Struct, frozen=True):
    """A message ready to be handed over, or (`outgoing` None) the reason why it never will be.

    `address_hash` is that of the address that it would go to.
    """

    message_id: UUID
    attempt: int
    template_version: int
    outgoing: Outgoing | None
    skip_reason: str = ""
    address_hash: bytes = b""


class Composer:
    """Remembers the versions of launched campaigns, which never change."""

    def __init__(self, database: Database, currency: str, links: Links, hashes: AddressHashes) -> None:
        self._database = database
        self._links = links
        self._hashes = hashes
        self._templates = Templates(currency)
        self._versions: dict[tuple[UUID, int], ParsedTexts | None] = {}

    async def compose(
        self, campaign: RunningCampaign, claimed: Sequence[Claimed], share: Share
    ) -> list[Composed]:
        """The first of the claimed, as many as there is room for and one at least. In slices: whatever else
        there is to do goes on."""
        versions = {item.template_version for item in claimed}
        texts = {version: await self._find(campaign.campaign_id, version) for version in versions}
        await share.wait()
        now, composed, slice_end = utc_now(), list[Composed](), time.monotonic() + SLICE_S
        for item in claimed:
            composed.append(self._composed(campaign, texts[item.template_version], item, now))
            share.take(_size_of(composed[-1]))
            if share.is_full:
                break
            if time.monotonic() > slice_end:
                await asyncio.sleep(0)
                slice_end = time.monotonic() + SLICE_S
        return composed

    async def _find(self, campaign_id: UUID, version: int) -> ParsedTexts | None:
        """None for texts that cannot be used."""
        if (campaign_id, version) in self._versions:
            return self._versions[campaign_id, version]
        async with self._database.transaction() as tx:
            sources = await store.find_template(tx, campaign_id, version)
            texts = await asyncio.to_thread(
                self._parsed, campaign_id, sources, tracked=await tracking.is_tracked(tx, campaign_id)
            )
            await tracking.keep_links(tx, campaign_id, texts.links if texts else ())
        if len(self._versions) >= MOST_VERSIONS:
            self._versions.clear()
        self._versions[campaign_id, version] = texts
        return texts

    def _parsed(
        self, campaign_id: UUID, sources: tuple[str, str | None, str | None], *, tracked: bool
    ) -> ParsedTexts | None:
        try:
            return parse_texts(self._templates, *sources, tracked=tracked)
        except NotRendered as error:
            log.error("template.unusable", campaign_id=str(campaign_id), reason=str(error))
            return None

    def _composed(
        self, campaign: RunningCampaign, texts: ParsedTexts | None, claimed: Claimed, now: datetime
    ) -> Composed:
        if claimed.customer_id is None:
            return _skipped(claimed, ERASED if claimed.erased else NO_PROFILE)
        if texts is None:
            return _skipped(claimed, NOT_RENDERED)
        url = self._links.unsubscribe_url(claimed.message_id, campaign.campaign_month)
        variables = profile_variables(claimed, claimed.attributes, now=now, unsubscribe_url=url)
        try:
            tracker = MessageTracker(self._links, claimed.message_id, campaign.campaign_month)
            rendered = texts.render(variables, tracker)
        except NotRendered as error:
            log.warning("message.not_rendered", message_id=str(claimed.message_id), reason=str(error))
            return _skipped(claimed, NOT_RENDERED)
        outgoing = Outgoing(
            message_id=claimed.message_id,
            attempt=claimed.attempt,
            to=claimed.email,
            name=claimed.name,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            headers=unsubscribe_headers(campaign.campaign_type, url),
        )
        return Composed(
            claimed.message_id,
            claimed.attempt,
            claimed.template_version,
            outgoing,
            address_hash=self._hashes(claimed.email),
        )


def unsubscribe_headers(campaign_type: str, url: str) -> tuple[tuple[str, str], ...]:
    """Of e-mails to unsubscribe from (RFC 2369); by one click where the link is https (RFC 8058)."""
    if campaign_type == TRANSACTIONAL:
        return ()
    one_click = (("List-Unsubscribe-Post", ONE_CLICK),) if url.startswith("https:") else ()
    return (("List-Unsubscribe", f"<{url}>"), *one_click)


def _size_of(composed: Composed) -> int:
    """Bytes of its texts, as they are held."""
    outgoing = composed.outgoing
    return sum(map(getsizeof, (outgoing.subject, outgoing.text, outgoing.html))) if outgoing else 0


def _skipped(claimed: Claimed, reason: str) -> Composed:
    return Composed(claimed.message_id, claimed.attempt, claimed.template_version, None, reason)
