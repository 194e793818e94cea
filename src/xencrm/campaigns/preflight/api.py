"""Routes of pre-flights and test messages."""

from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from xencrm.campaigns.preflight import drafts, service, trial
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.preflight.schemas import (
    ShownPreflight,
    ShownTextsPreview,
    ShownTrial,
    TestInput,
    TextsInput,
    shown_preflight,
    shown_texts_preview,
    shown_trial,
)
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller


async def preview_campaign(
    campaign_id: FromPath[UUID], services: Provided, proofs: NamedDependency[Proofs]
) -> ShownPreflight:
    """What a launch would do now: how many, who is left out, what is blank, and ten messages."""
    return shown_preflight(await service.preview_campaign(services.database, proofs, campaign_id))


async def test_campaign(
    campaign_id: FromPath[UUID],
    data: JSONBody[TestInput],
    principal: Caller,
    services: Provided,
    proofs: NamedDependency[Proofs],
) -> ShownTrial:
    """Send the message to an address or a customer now, apart from the campaign; 20 an hour."""
    sent = await trial.send_test(
        services.database,
        proofs,
        campaign_id,
        customer_id=data.customer_id,
        email=data.email,
        principal_id=principal.principal_id,
    )
    return shown_trial(sent)


async def preview_texts(
    data: JSONBody[TextsInput], services: Provided, proofs: NamedDependency[Proofs]
) -> ShownTextsPreview:
    """What texts would say to those of a segment or a rule, and what is blank; nothing is kept."""
    found = await drafts.preview_texts(services.database, proofs, data.draft(), data.samples)
    return shown_texts_preview(found)
