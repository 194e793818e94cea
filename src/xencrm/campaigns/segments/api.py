"""Routes of segments."""

from time import perf_counter
from typing import Annotated
from uuid import UUID

from litestar.params import FromPath, JSONBody, QueryParameter

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.profiles.schemas import shown_profile
from xencrm.campaigns.segments import service
from xencrm.campaigns.segments.schemas import (
    ExplainedPart,
    ExplainInput,
    PreviewInput,
    SegmentInput,
    ShownFields,
    ShownPreview,
    ShownSegment,
    shown_explanation,
    shown_field,
    shown_segment,
)
from xencrm.campaigns.segments.words import in_words
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor

Search = Annotated[str, QueryParameter(max_length=255, description="a part of the name")]


async def list_fields(services: Provided) -> ShownFields:
    """What rules may ask about: fields, their operators, and the attributes in use."""
    async with services.database.transaction() as tx:
        return ShownFields([shown_field(field) for field in await service.list_fields(tx)])


async def list_segments(
    services: Provided, q: Search = "", limit: Limit = 100, cursor: PageCursor = None
) -> Page[ShownSegment]:
    """Segments, the newest first; all of them or those with a part of a name."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        name = q.replace("\0", " ").strip()
        found = await service.list_segments(tx, before[0] if before else None, limit + 1, name)
    shown = [shown_segment(segment, services.settings.currency) for segment in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].segment_id) if len(found) > limit else None)


async def create_segment(data: JSONBody[SegmentInput], principal: Caller, services: Provided) -> ShownSegment:
    """Make a segment. Its rule is kept in one form, whichever it came in."""
    async with services.database.transaction() as tx:
        made = await service.create_segment(tx, data.name, data.description, data.rules, principal.name)
        await audit.note(tx, "segment.created", "segment", made.segment_id, name=made.name)
    return shown_segment(made, services.settings.currency)


async def get_segment(segment_id: FromPath[UUID], services: Provided) -> ShownSegment:
    """One segment."""
    async with services.database.transaction() as tx:
        segment = await service.get_segment(tx, segment_id)
    return shown_segment(segment, services.settings.currency)


async def replace_segment(
    segment_id: FromPath[UUID], data: JSONBody[SegmentInput], principal: Caller, services: Provided
) -> ShownSegment:
    """Replace a segment; campaigns that were launched keep the rule they had."""
    async with services.database.transaction() as tx:
        await service.check_changeable(tx, segment_id, principal)
        changed = await service.replace_segment(tx, segment_id, data.name, data.description, data.rules)
        await audit.note(tx, "segment.changed", "segment", segment_id, name=changed.name)
    return shown_segment(changed, services.settings.currency)


async def delete_segment(segment_id: FromPath[UUID], services: Provided) -> None:
    """Delete a segment that no campaign uses."""
    async with services.database.transaction() as tx:
        name = await service.delete_segment(tx, segment_id)
        await audit.note(tx, "segment.deleted", "segment", segment_id, name=name)


async def preview_segment(data: JSONBody[PreviewInput], services: Provided) -> ShownPreview:
    """How many profiles a rule matches now, and some of them."""
    began = perf_counter()
    async with services.database.transaction() as tx:
        preview = await service.preview(tx, data.rules, data.sample)
    sample = [shown_profile(profile, preview.now) for profile in preview.sample]
    words = in_words(preview.rule, services.settings.currency)
    return ShownPreview(preview.count, sample, round((perf_counter() - began) * 1000, 1), words)


async def explain_segment(data: JSONBody[ExplainInput], services: Provided) -> ExplainedPart:
    """Why a rule matches a customer or doesn't: the rule with the verdict on each of its parts."""
    async with services.database.transaction() as tx:
        return shown_explanation(await service.explain(tx, data.rules, data.customer_id))
