"""Looking for a text in every row of every table of a database, and in every file of a folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import asyncpg

_TABLES = """
    SELECT format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
    WHERE relkind IN ('r', 'm') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


async def tables_with(url: str, texts: Sequence[str]) -> set[str]:
    """Tables with any of the texts in a row, as text or as bytes."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        assert tables, "there is nothing to look through"
        wanted = [form for text in texts for form in (text, text.encode().hex())]
        query = "SELECT EXISTS (SELECT FROM {} AS row WHERE row::text LIKE ANY($1))"
        patterns = [f"%{text}%" for text in wanted]
        return {table for table in tables if await connection.fetchval(query.format(table), patterns)}
    finally:
        await connection.close()


def files_with(folder: Path, texts: Iterable[str], *, but: Path) -> set[str]:
    """Files below the folder with any of the texts; those below `but` are left out."""
    wanted = [text.encode() for text in texts]
    return {
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(but) and _mentions(path, wanted)
    }


def _mentions(path: Path, wanted: Sequence[bytes]) -> bool:
    content = path.read_bytes()
    return any(text in content for text in wanted)
