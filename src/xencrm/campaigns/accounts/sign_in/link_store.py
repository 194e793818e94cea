"""The table `sign_in_links`."""

from datetime import timedelta

from sqlalchemy import text

from xencrm.kernel.database import Tx

_INSERT = text("INSERT INTO sign_in_links (token_hash, expires_at) VALUES (:token_hash, now() + :life)")
_TAKE = text("""
    UPDATE sign_in_links SET used_at = now()
    WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > now()
    RETURNING true
""")
_PURGE = text("""
    DELETE FROM sign_in_links WHERE token_hash = ANY(ARRAY(
        SELECT token_hash FROM sign_in_links WHERE expires_at < now() LIMIT :most FOR UPDATE SKIP LOCKED
    ))
""")


async def insert_link(tx: Tx, token_hash: bytes, life: timedelta) -> None:
    await tx.execute(_INSERT, {"token_hash": token_hash, "life": life})


async def take_link(tx: Tx, token_hash: bytes) -> bool:
    """Whether it was good; now it is used."""
    return (await tx.execute(_TAKE, {"token_hash": token_hash})).scalar_one_or_none() is not None


async def purge(tx: Tx, *, most: int) -> int:
    """Those that have expired. Returns how many."""
    return (await tx.execute(_PURGE, {"most": most})).rowcount
