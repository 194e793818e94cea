"""schemathesis asks both services what their API documents allow, and what they do not.

SCHEMATHESIS_EXAMPLES=500 makes a longer run, each time with other inputs.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Asked:
    """A service that was asked everything, and what schemathesis said of it where something was wrong."""

    service: RunningService
    faults: str


@pytest.fixture(scope="module")
async def both(postgres: PostgresServer) -> AsyncIterator[dict[str, Asked]]:
    """They are asked side by side, which takes half as long on two cores."""
    master = await postgres.create_database(f"master_{uuid4().hex}")
    broker = await postgres.create_database(f"broker_{uuid4().hex}")
    async with (
        running_ingestion(master, broker, customer_grace_s=0.02) as ingestion,
        running_campaigns(postgres) as campaigns,
    ):
        services = {"ingestion": ingestion, "campaigns": campaigns}
        faults = await asyncio.gather(*(faults_of(running) for running in services.values()))
        yield {
            name: Asked(running, found)
            for (name, running), found in zip(services.items(), faults, strict=True)
        }


async def faults_of(running: RunningService) -> str:
    how = ("--max-examples", LONGER) if LONGER else ("--max-examples", "25", "--generation-deterministic")
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "--config-file", CONFIGURATION, "run", f"{running.url}/api/openapi.json", "--no-color", *how,
        cwd=ROOT,
        env={**os.environ, "XENCRM_API_KEY": key_of("admin")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return output.decode() if process.returncode else ""


@pytest.mark.timeout(0 if LONGER else 600)
async def test_ingestion_does_what_its_document_says_and_applies_what_it_accepts(
    both: dict[str, Asked],
) -> None:
    ingestion = both["ingestion"]
    if ingestion.faults:
        pytest.fail(ingestion.faults, pytrace=False)
    queued = "SELECT count(*) FROM rejected_events UNION ALL SELECT count(*) FROM orders"
    assert (await ingestion.service.rows(queued))[1][0] > 0
    assert (await ingestion.service.get("/dead-letters"))[1]["items"] == []


@pytest.mark.timeout(0 if LONGER else 600)
async def test_campaigns_does_what_its_document_says(both: dict[str, Asked]) -> None:
    campaigns = both["campaigns"]
    if campaigns.faults:
        pytest.fail(campaigns.faults, pytrace=False)
    assert (await campaigns.service.get("/operations/dead-letters"))[1]["items"] == []
