"""The route of plain words."""

import asyncio
from zoneinfo import ZoneInfo

from litestar.params import JSONBody

from xencrm.campaigns.segments import service
from xencrm.campaigns.segments.plain.reading import read_sentence
from xencrm.campaigns.segments.plain.schemas import PlainInput, ShownReading, shown_reading
from xencrm.campaigns.services import Provided
from xencrm.kernel.clock import utc_now


async def parse_text(data: JSONBody[PlainInput], services: Provided) -> ShownReading:
    """The rule that plain words mean, what was understood of them, and what was left out and why."""
    async with services.database.transaction() as tx:
        fields = await service.list_fields(tx)
    settings = services.settings
    today = utc_now().astimezone(ZoneInfo(settings.time_zone)).date()
    reading = await asyncio.to_thread(read_sentence, data.text, fields, today, settings.currency)
    return shown_reading(reading)
