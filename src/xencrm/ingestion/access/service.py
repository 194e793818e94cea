"""Who may use Ingestion's API."""

from xencrm.ingestion.access import store
from xencrm.kernel.database import Database
from xencrm.kernel.http.keys import KeyAuthenticator, StoredKey


def authenticator(database: Database) -> KeyAuthenticator:
    async def find(key_id: str) -> StoredKey | None:
        async with database.transaction() as tx:
            return await store.find_key(tx, key_id)

    return KeyAuthenticator(find)
