"""schemathesis asks both services what their API documents allow, and what they do not.

SCHEMATHESIS_EXAMPLES=500 makes a longer run, each time with other inputs.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.campaigns import running_campaigns
from tests.support.ingestion import running_ingestion
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService, key_of

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = ROOT / "tests" / "support" / "schemathesis.toml"
LONGER = os.environ.get("SCHEMATHESIS_EXAMPLES")


@pytest.fixture
async def ingestion(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with running_ingestion(master, broker, customer_grace_s=0.02) as running:
        yield running


@pytest.fixture
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        yield running


async def assert_conforms(running: RunningService) -> None:
    how = ("--max-examples", LONGER) if LONGER else ("--max-examples", "25", "--generation-deterministic")
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "--config-file", CONFIGURATION, "run", f"{running.url}/api/openapi.json", "--no-color", *how,
        cwd=ROOT,
        env={**os.environ, "XENCRM_API_KEY": key_of("admin")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    if process.returncode:
        pytest.fail(output.decode(), pytrace=False)


@pytest.mark.timeout(0 if LONGER else 290)
async def test_ingestion_does_what_its_document_says_and_applies_what_it_accepts(
    ingestion: RunningService,
) -> None:
    await assert_conforms(ingestion)
    queued = "SELECT count(*) FROM rejected_events UNION ALL SELECT count(*) FROM orders"
    assert (await ingestion.rows(queued))[1][0] > 0
    assert (await ingestion.get("/dead-letters"))[1]["items"] == []


@pytest.mark.timeout(0 if LONGER else 290)
async def test_campaigns_does_what_its_document_says(campaigns: RunningService) -> None:
    await assert_conforms(campaigns)
    assert (await campaigns.get("/operations/dead-letters"))[1]["items"] == []
