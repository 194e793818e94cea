"""Alembic, run from code: each service has its own folder of migrations."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from xencrm.kernel.database import Database


def config_for(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


async def migrate(database: Database, folder: Path) -> None:
    """Brings the schema to the newest version; several processes may do it at once."""
    config = config_for(folder)

    def upgrade(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('xencrm.migrate'))"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)


async def is_current(database: Database, folder: Path) -> bool:
    """Whether the schema is at the newest version."""
    head = await asyncio.to_thread(lambda: ScriptDirectory.from_config(config_for(folder)).get_current_head())
    async with database.engine.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return current == head
