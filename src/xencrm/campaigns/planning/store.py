"""The tables `campaigns` and `campaign_templates`."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, RowMapping, TextClause, text
from sqlalchemy.exc import IntegrityError

from xencrm.campaigns.planning.model import (
    Action,
    Approval,
    Campaign,
    CampaignType,
    Plan,
    Status,
    Texts,
    UnknownSegment,
)
from xencrm.kernel.database import Tx
from xencrm.kernel.errors import FieldError

_SELECT = """
    SELECT campaign_id, campaign_month, campaign.name, segment_id, campaign_type, vendor, holdout_percent,
           track, message_template, subject, html_template, segment.name AS segment_name, status,
           template_version, campaign.created_by, campaign.created_at, campaign.updated_at, scheduled_at,
           launched_at, prepared_at, finished_at, held_reason, approved, approved_audience, limited_by,
           paused_by, archived_at
    FROM campaigns AS campaign
    JOIN segments AS segment USING (segment_id)
    JOIN campaign_templates AS template USING (campaign_id)
    WHERE template.version = campaign.template_version
"""
_FIND = text(f"{_SELECT} AND campaign_id = :campaign_id")
_LOCK = text("SELECT FROM campaigns WHERE campaign_id = :campaign_id FOR NO KEY UPDATE")
_LIST = text(f"""
    {_SELECT}
      AND (CAST(:before AS uuid) IS NULL OR campaign_id < :before)
      AND (CAST(:status AS text) IS NULL OR status = :status)
      AND strpos(lower(campaign.name COLLATE "pg_c_utf8"), lower(CAST(:q AS text) COLLATE "pg_c_utf8")) > 0
      AND (archived_at IS NOT NULL) = :archived
    ORDER BY campaign_id DESC LIMIT :most
""")
_INSERT = text("""
    INSERT INTO campaigns (name, segment_id, campaign_type, vendor, holdout_percent, track, created_by)
    VALUES (:name, :segment_id, :campaign_type, :vendor, :holdout_percent, :track, :created_by)
    RETURNING campaign_id
""")
_UPDATE = text("""
    UPDATE campaigns
    SET name = :name, segment_id = :segment_id, campaign_type = :campaign_type, vendor = :vendor,
        holdout_percent = :holdout_percent, track = :track, updated_at = now()
    WHERE campaign_id = :campaign_id
""")
_INSERT_TEXTS = text("""
    WITH used AS (
        UPDATE campaigns SET template_version = :version, updated_at = now()
        WHERE campaign_id = :campaign_id
    )
    INSERT INTO campaign_templates
        (campaign_id, version, message_template, subject, html_template, created_by)
    VALUES (:campaign_id, :version, :message_template, :subject, :html_template, :created_by)
    ON CONFLICT (campaign_id, version) DO UPDATE
    SET message_template = excluded.message_template, subject = excluded.subject,
        html_template = excluded.html_template, created_by = excluded.created_by, created_at = now()
""")
_LAUNCH = text("""
    WITH launched AS (
        UPDATE campaigns
        SET status = 'PREPARING', held_reason = NULL, approved = :fingerprint,
            approved_audience = :audience, limited_by = :key, prepare_now = now(),
            frozen_rules = CAST(CAST(:rules AS text) AS jsonb),
            prepare_position = NULL, prepare_until = :until, prepared = false, launched_at = now(),
            campaign_month = date_trunc('month', now() AT TIME ZONE 'UTC'), updated_at = now()
        WHERE campaign_id = :campaign_id AND status IN ('DRAFT', 'SCHEDULED') AND archived_at IS NULL
        RETURNING campaign_id
    ), counted AS (
        INSERT INTO campaign_stats (campaign_id) SELECT campaign_id FROM launched
    )
    SELECT pg_notify('campaigns', '') FROM launched
""")
_ADVANCE = text("""
    WITH advanced AS (
        UPDATE campaigns
        SET status = CASE WHEN prepared THEN CAST(:to AS text) ELSE :unprepared_to END,
            paused_by = :paused_by, finished_at = CASE WHEN :ends THEN now() END, updated_at = now()
        WHERE campaign_id = :campaign_id AND status = ANY(CAST(:sources AS text[])) AND archived_at IS NULL
        RETURNING campaign_id
    )
    SELECT pg_notify('campaigns', '') FROM advanced
""")
# What a person let go on after it was held is held to nothing any more.
_RELEASE = text("""
    UPDATE campaigns SET held_reason = NULL, approved_audience = NULL, limited_by = NULL
    WHERE campaign_id = :campaign_id AND status = 'PAUSED' AND held_reason IS NOT NULL
""")
_ARCHIVE = text("""
    UPDATE campaigns SET archived_at = now(), updated_at = now()
    WHERE campaign_id = :campaign_id AND status IN ('DRAFT', 'COMPLETED', 'CANCELLED')
      AND archived_at IS NULL
""")


async def insert_campaign(tx: Tx, plan: Plan, texts: Texts, created_by: str) -> UUID:
    """Raises UnknownSegment."""
    made = await _with_segment(tx, _INSERT, {**_values(plan), "created_by": created_by})
    campaign_id: UUID = made.scalar_one()
    await save_texts(tx, campaign_id, 1, texts, created_by)
    return campaign_id


async def update_plan(tx: Tx, campaign_id: UUID, plan: Plan) -> None:
    """Raises UnknownSegment."""
    await _with_segment(tx, _UPDATE, {**_values(plan), "campaign_id": campaign_id})


async def save_texts(tx: Tx, campaign_id: UUID, version: int, texts: Texts, created_by: str) -> None:
    """As the version that is used from now on."""
    values = {"campaign_id": campaign_id, "version": version, "created_by": created_by, **asdict(texts)}
    await tx.execute(_INSERT_TEXTS, values)


async def lock_campaign(tx: Tx, campaign_id: UUID) -> None:
    """Nobody else changes it until the transaction ends."""
    await tx.execute(_LOCK, {"campaign_id": campaign_id})


async def find_campaign(tx: Tx, campaign_id: UUID) -> Campaign | None:
    row = (await tx.execute(_FIND, {"campaign_id": campaign_id})).mappings().one_or_none()
    return None if row is None else _campaign(row)


async def list_campaigns(
    tx: Tx, before: UUID | None, most: int, *, q: str, status: Status | None, archived: bool
) -> list[Campaign]:
    """Newest first (ids are in time order); the archived ones, or the others, with `q` in their name."""
    values = {
        "q": q,
        "before": before,
        "status": status.value if status else None,
        "archived": archived,
        "most": most,
    }
    return [_campaign(row) for row in (await tx.execute(_LIST, values)).mappings()]


async def launch_campaign(
    tx: Tx, campaign_id: UUID, rules: str, until: UUID | None, approval: Approval
) -> None:
    """DRAFT or SCHEDULED -> PREPARING with a frozen rule."""
    values = {"campaign_id": campaign_id, "rules": rules, "until": until, **asdict(approval)}
    await tx.execute(_LAUNCH, values)


async def release_campaign(tx: Tx, campaign_id: UUID) -> None:
    """What held its preparation does so no more."""
    await tx.execute(_RELEASE, {"campaign_id": campaign_id})


async def advance_campaign(tx: Tx, campaign_id: UUID, action: Action, paused_by: UUID | None = None) -> None:
    """From one of the action's sources to where it leads."""
    assert action.to is not None
    assert action.unprepared_to is not None
    values = {
        "campaign_id": campaign_id,
        "sources": [status.value for status in action.sources],
        "to": action.to.value,
        "unprepared_to": action.unprepared_to.value,
        "ends": action.ends,
        "paused_by": paused_by,
    }
    await tx.execute(_ADVANCE, values)


async def archive_campaign(tx: Tx, campaign_id: UUID) -> None:
    await tx.execute(_ARCHIVE, {"campaign_id": campaign_id})


async def _with_segment(tx: Tx, statement: TextClause, values: dict[str, Any]) -> CursorResult[Any]:
    try:
        return await tx.execute(statement, values)
    except IntegrityError as error:
        raise UnknownSegment(errors=[FieldError("segment_id", "there is no such segment")]) from error


def _values(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "campaign_type": plan.campaign_type.value}


def _campaign(row: RowMapping) -> Campaign:
    values = dict(row)
    plan = Plan(**{name: values.pop(name) for name in Plan.__slots__})
    texts = Texts(**{name: values.pop(name) for name in Texts.__slots__})
    values["status"] = Status(values["status"])
    return Campaign(plan=replace(plan, campaign_type=CampaignType(plan.campaign_type)), texts=texts, **values)
