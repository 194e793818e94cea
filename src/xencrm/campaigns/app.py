"""Campaigns' table of routes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Litestar

from xencrm.campaigns.accounts.audit import api as audit
from xencrm.campaigns.accounts.audit.service import note
from xencrm.campaigns.accounts.keys import api as keys
from xencrm.campaigns.accounts.keys.service import authenticator
from xencrm.campaigns.accounts.people import api as people
from xencrm.campaigns.accounts.sessions import api as sessions
from xencrm.campaigns.accounts.sessions.cookies import PeopleSessions
from xencrm.campaigns.accounts.sign_in import api as sign_in
from xencrm.campaigns.accounts.sign_in.opening import open_door
from xencrm.campaigns.consent import api as consent
from xencrm.campaigns.consent.links import links_of
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.consent.schemas import MOST_BYTES as MOST_SUPPRESSION_BYTES
from xencrm.campaigns.conversations import api as conversations
from xencrm.campaigns.conversations.schemas import MOST_BYTES as MOST_TALK_BYTES
from xencrm.campaigns.planning import api as planning
from xencrm.campaigns.preflight import api as preflight
from xencrm.campaigns.preflight.proofs import Proofs
from xencrm.campaigns.profiles import api as profiles
from xencrm.campaigns.receipts import api as receipts
from xencrm.campaigns.receipts.webhook import Webhooks
from xencrm.campaigns.reporting import api as reporting
from xencrm.campaigns.segments import api as segments
from xencrm.campaigns.segments.plain import api as plain
from xencrm.campaigns.services import Services
from xencrm.campaigns.tracking import api as tracking
from xencrm.campaigns.tracking.api import Tracking
from xencrm.campaigns.vendors import api as vendors
from xencrm.contracts.topology import ALL_QUEUES
from xencrm.kernel.http.app import build_app
from xencrm.kernel.http.dead_letters import LetterBox, dead_letter_routes
from xencrm.kernel.http.principals import ADMINISTERING, EVERYBODY, MARKETING, READING, Access
from xencrm.kernel.http.rates import limited, limited_sessions
from xencrm.kernel.http.routes import JSON, Route
from xencrm.kernel.http.sheets import CSV
from xencrm.kernel.http.streams import EVENT_STREAM

TITLE: Final = "XenCRM Campaigns"

# fmt: off
ROUTES: Final = (
    Route("GET", "/profiles", profiles.list_profiles, READING),
    Route("GET", "/profiles/{customer_id:uuid}", profiles.get_profile, READING),
    Route("GET", "/profiles/{customer_id:uuid}/timeline", reporting.list_timeline, READING),
    Route("GET", "/segments", segments.list_segments, READING),
    Route("POST", "/segments", segments.create_segment, MARKETING, 201, problems=(409,), drafts=True),
    Route("GET", "/segments/fields", segments.list_fields, READING),
    Route("POST", "/segments/preview", segments.preview_segment, READING, problems=(422,)),
    Route("POST", "/segments/explain", segments.explain_segment, READING, problems=(404, 422)),
    Route("POST", "/segments/parse", plain.parse_text, READING),
    Route("GET", "/segments/{segment_id:uuid}", segments.get_segment, READING),
    Route("PUT", "/segments/{segment_id:uuid}", segments.replace_segment,
          MARKETING, problems=(409,), drafts=True),
    Route("DELETE", "/segments/{segment_id:uuid}", segments.delete_segment, MARKETING, 204, problems=(409,)),
    Route("GET", "/campaigns", planning.list_campaigns, READING),
    Route("POST", "/campaigns", planning.create_campaign,
          MARKETING, 201, problems=(409, 422), drafts=True),
    Route("GET", "/campaigns/{campaign_id:uuid}", planning.get_campaign, READING),
    Route("PATCH", "/campaigns/{campaign_id:uuid}", planning.edit_campaign,
          MARKETING, problems=(409, 422), drafts=True),
    Route("POST", "/campaigns/{campaign_id:uuid}/preview", preflight.preview_campaign,
          READING, problems=(409, 422)),
    Route("POST", "/campaigns/{campaign_id:uuid}/test", preflight.test_campaign,
          MARKETING, problems=(409, 422), unlimited=True),
    Route("POST", "/templates/preview", preflight.preview_texts, READING, problems=(422,)),
    Route("POST", "/campaigns/{campaign_id:uuid}/launch", planning.launch_campaign,
          MARKETING, 202, problems=(409, 422)),
    Route("POST", "/campaigns/{campaign_id:uuid}/schedule", planning.schedule_campaign,
          MARKETING, problems=(409, 422)),
    Route("POST", "/campaigns/{campaign_id:uuid}/pause", planning.pause_campaign,
          MARKETING, problems=(409,)),
    Route("POST", "/campaigns/{campaign_id:uuid}/resume", planning.resume_campaign,
          MARKETING, problems=(409,)),
    Route("POST", "/campaigns/{campaign_id:uuid}/cancel", planning.cancel_campaign,
          MARKETING, problems=(409,)),
    Route("POST", "/campaigns/{campaign_id:uuid}/duplicate", planning.duplicate_campaign,
          MARKETING, 201, drafts=True),
    Route("POST", "/campaigns/{campaign_id:uuid}/archive", planning.archive_campaign,
          MARKETING, problems=(409,)),
    Route("GET", "/campaigns/{campaign_id:uuid}/stats", reporting.get_campaign_stats, READING),
    Route("GET", "/campaigns/{campaign_id:uuid}/stream", reporting.stream_campaign,
          READING, media=EVENT_STREAM),
    Route("GET", "/campaigns/{campaign_id:uuid}/messages", receipts.list_messages, READING),
    Route("GET", "/messages/{message_id:uuid}", receipts.get_message, READING),
    Route("POST", "/messages/{message_id:uuid}/resend", receipts.resend_message,
          MARKETING, problems=(409,), unlimited=True),
    Route("POST", "/messages/{message_id:uuid}/give-up", receipts.give_up_message,
          MARKETING, problems=(409,)),
    Route("GET", "/suppressions", consent.list_suppressions, MARKETING),
    Route("POST", "/suppressions", consent.create_suppression, MARKETING, 201),
    Route("POST", "/suppressions/batch", consent.create_suppressions,
          MARKETING, body_bytes=MOST_SUPPRESSION_BYTES),
    Route("DELETE", "/suppressions/{suppression_id:uuid}", consent.delete_suppression,
          MARKETING, 204, unlimited=True),
    Route("GET", "/vendors", vendors.list_vendors, READING),
    Route("POST", "/vendors/{vendor:str}/receipts", receipts.take_receipts, None,
          body={JSON: dict[str, Any]}, problems=(401,)),
    Route("GET", "/campaignStats", reporting.list_campaign_stats, READING),
    Route("GET", "/campaignStats.csv", reporting.download_campaign_stats, READING, media=CSV),
    Route("GET", "/dashboard", reporting.get_dashboard, READING),
    Route("GET", "/operations", reporting.get_operations, READING),
    Route("GET", "/stream", reporting.stream_topics, READING, problems=(404,), media=EVENT_STREAM),
    *dead_letter_routes("/operations"),
    Route("GET", "/session", sessions.get_session, EVERYBODY),
    Route("DELETE", "/session", sessions.end_session, EVERYBODY, 204, problems=(409,)),
    Route("GET", "/conversation", conversations.get_conversation, READING),
    Route("PUT", "/conversation", conversations.keep_conversation,
          READING, 204, body_bytes=MOST_TALK_BYTES, problems=(409,)),
    Route("DELETE", "/conversation", conversations.drop_conversation, READING, 204),
    Route("GET", "/people", people.list_people, ADMINISTERING),
    Route("POST", "/people", people.invite_person, ADMINISTERING, 201, problems=(409,)),
    Route("PATCH", "/people/{person_id:uuid}", people.change_person, ADMINISTERING, problems=(409,)),
    Route("DELETE", "/people/{person_id:uuid}", people.remove_person, ADMINISTERING, 204, problems=(409,)),
    Route("POST", "/people/{person_id:uuid}/sign-out", people.sign_out_person, ADMINISTERING, 204),
    Route("GET", "/audit", audit.list_audit, ADMINISTERING),
    Route("GET", "/api-keys", keys.list_api_keys, ADMINISTERING),
    Route("POST", "/api-keys", keys.create_api_key, ADMINISTERING, 201),
    Route("DELETE", "/api-keys/{key_id:str}", keys.revoke_api_key, ADMINISTERING, 204),
)

# Links in messages: answered at the root, to whoever has them.
LINKS: Final = (
    Route("GET", "/u/{token:str}", consent.show_unsubscribe, None),
    Route("POST", "/u/{token:str}", consent.unsubscribe, None),
    Route("GET", "/c/{token:str}", tracking.follow_link, None, 302),
    Route("GET", "/o/{name:str}", tracking.show_pixel, None),
)

# How one gets a session: answered at the root, to whoever asks.
SIGN_IN: Final = (
    Route("GET", "/auth/ways", sign_in.show_ways, None),
    Route("POST", "/auth/link", sign_in.sign_in_by_link, None, problems=(401, 403)),
    Route("GET", "/auth/start", sign_in.begin_sign_in, None, 302),
    Route("GET", "/auth/callback", sign_in.finish_sign_in, None, 302),
)
# fmt: on


def build(
    services: Services,
    webhooks: Webhooks,
    proofs: Proofs,
    tracked: Tracking,
    is_ready: Callable[[], Awaitable[None]],
) -> Litestar:
    keys_there = authenticator(services.database)
    signed_in = PeopleSessions(services.database, services.settings)
    rate = services.settings.rate_limit
    door = open_door(services.settings)
    return build_app(
        title=TITLE,
        routes=ROUTES,
        access=Access(limited(keys_there, rate), limited_sessions(signed_in, rate), uncounted=keys_there),
        provide={
            "services": services,
            "sessions": signed_in,
            "door": door,
            "guests": door.guests,
            "tracking": tracked,
            "links": links_of(services.settings),
            "hashes": AddressHashes(services.settings.require("secret")),
            "webhooks": webhooks,
            "proofs": proofs,
            "letters": LetterBox(services.database, services.broker, ALL_QUEUES, note),
        },
        is_ready=is_ready,
        links=(*LINKS, *SIGN_IN),
        https=services.settings.https,
    )


def build_health(services: Services, is_ready: Callable[[], Awaitable[None]]) -> Litestar:
    """For processes that serve nothing else."""
    return build_app(
        title=TITLE,
        routes=(),
        access=Access(authenticator(services.database)),
        provide={},
        is_ready=is_ready,
    )
