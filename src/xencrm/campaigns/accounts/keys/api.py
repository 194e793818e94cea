"""Routes of API keys."""

from litestar.params import FromPath, JSONBody

from xencrm.campaigns.accounts.keys import service
from xencrm.campaigns.accounts.keys.schemas import MadeApiKey, NewApiKey, ShownApiKey, made_key, shown_key
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor


async def create_api_key(data: JSONBody[NewApiKey], services: Provided) -> MadeApiKey:
    """Make an API key. Its text is in this answer only."""
    async with services.database.transaction() as tx:
        key, text = await service.create_key(tx, data.name, data.role, data.limits())
    return made_key(key, text)


async def list_api_keys(
    services: Provided, limit: Limit = 100, cursor: PageCursor = None
) -> Page[ShownApiKey]:
    """All API keys, those revoked too."""
    after = decode_cursor(cursor, tuple[str])
    async with services.database.transaction() as tx:
        keys = await service.list_keys(tx, after[0] if after else None, limit + 1)
    shown = [shown_key(key) for key in keys[:limit]]
    return Page(shown, encode_cursor(shown[-1].key_id) if len(keys) > limit else None)


async def revoke_api_key(key_id: FromPath[str], services: Provided) -> None:
    """Revoke an API key; it stops working within seconds."""
    async with services.database.transaction() as tx:
        await service.revoke_key(tx, key_id)
