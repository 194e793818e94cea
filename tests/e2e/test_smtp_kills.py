"""Senders by e-mail are killed in mid call: nobody gets a mail twice, and what is not known is said so."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns
from tests.support.mail import SENDER, MailSink, mail_sink
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.sending import check_counters, launch
from tests.support.service import RunningService
from tests.support.waiting import until

PEOPLE = 700
KILLS = 8
CONNECTIONS = 10
CALLS_AT_ONCE = 2
STOPS = 4
SENDERS = 2
ROLES = ("http", "prepare", "receipt_queue")
BETWEEN = PEOPLE // (2 * KILLS)
_IDS = "SELECT message_id::text FROM communication_log WHERE campaign_id = :id"


class SenderProcess:
    """`python -m xencrm.campaigns send`, started again after each kill."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self._process = self._spawn()

    async def kill(self) -> None:
        await self.end()
        self._process = self._spawn()

    async def stop(self) -> int:
        """By SIGTERM, once it takes signals: it connects only afterwards. Returns the exit code."""
        process = psutil.Process(self._process.pid)

        async def connections() -> object:
            return process.net_connections("tcp")

        await until(connections, bool, within_s=60)
        self._process.terminate()
        code = await asyncio.to_thread(self._process.wait, 60)
        self._process = self._spawn()
        return code

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def end(self) -> None:
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "xencrm.campaigns", "send", "--port", str(free_port())]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        sink.delay_s = 0.05
        yield sink


@pytest.fixture
async def campaigns(postgres: PostgresServer, embedded_url: str) -> AsyncIterator[RunningService]:
    smtp: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_from": SENDER}
    async with running_campaigns(postgres, roles=ROLES, broker_url=embedded_url, **smtp) as running:
        yield running


@asynccontextmanager
async def senders(
    business_url: str, broker_url: str, sink: MailSink, logs: Path
) -> AsyncIterator[list[SenderProcess]]:
    environment = {
        **os.environ,
        "XENCRM_BUSINESS_DB_URL": business_url,
        "XENCRM_BROKER_URL": broker_url,
        "XENCRM_SECRET": "test-secret",
        "XENCRM_SMTP_HOST": "127.0.0.1",
        "XENCRM_SMTP_PORT": str(sink.port),
        "XENCRM_SMTP_TLS": "none",
        "XENCRM_SMTP_FROM": SENDER,
        "XENCRM_SMTP_CONNECTIONS": str(CONNECTIONS),
        "XENCRM_SEND_LEASE_S": "4",
        "XENCRM_SEND_BATCH": "100",
        "XENCRM_SEND_CONCURRENCY": str(CALLS_AT_ONCE),
    }
    processes = [SenderProcess(environment, logs / f"sender{number}.log") for number in range(SENDERS)]
    try:
        yield processes
    finally:
        for process in processes:
            await process.end()


async def stats_of(campaigns: RunningService, campaign_id: UUID) -> dict[str, Any]:
    return dict((await campaigns.get(f"/campaigns/{campaign_id}/stats"))[1])


async def ids_in(campaigns: RunningService, state: str) -> set[str]:
    query = "SELECT message_id::text FROM communication_log WHERE state = :state"
    return {row[0] for row in await campaigns.rows(query, state=state)}


async def test_nobody_gets_a_mail_twice_when_senders_are_killed(
    campaigns: RunningService, embedded_url: str, sink: MailSink, tmp_path: Path
) -> None:
    await add_customers(campaigns, [customer() for _ in range(PEOPLE)])
    campaign_id = await launch(campaigns, prepare=False, vendor="smtp")

    async def mails() -> int:
        return len(sink.mails)

    async def completed() -> dict[str, Any]:
        await check_counters(campaigns)
        return await stats_of(campaigns, campaign_id)

    async with senders(campaigns.database.url, embedded_url, sink, tmp_path) as processes:
        for kill in range(KILLS):
            enough = len(sink.mails) + BETWEEN
            await until(mails, lambda count, enough=enough: count >= enough, within_s=60)
            await asyncio.sleep(random.uniform(0, 0.1))
            assert len(sink.mails) < PEOPLE, "killed while there was work"
            await processes[kill % SENDERS].kill()
        stats = await until(completed, lambda stats: stats["status"] == "COMPLETED", within_s=180)

        assert set(sink.message_ids.values()) == {1}
        sent, unconfirmed = await ids_in(campaigns, "SENT"), await ids_in(campaigns, "UNCONFIRMED")
        assert sent | unconfirmed >= set(sink.message_ids) >= sent
        assert len(sent) + len(unconfirmed) == stats["audience"] == PEOPLE
        assert 0 < len(unconfirmed) <= KILLS * CONNECTIONS

        for message_id in unconfirmed:
            status, _ = await campaigns.ask("POST", f"/messages/{message_id}/resend", role="marketer")
            assert status == 200
        stats = await until(completed, lambda stats: stats["status"] == "COMPLETED", within_s=60)
    assert (stats["sent"], stats["unconfirmed"]) == (PEOPLE, 0)
    repeated = {message_id for message_id, count in sink.message_ids.items() if count > 1}
    assert repeated <= unconfirmed
    assert set(sink.message_ids) == sent | unconfirmed


async def test_a_sender_that_was_frozen_beyond_its_lease_sends_nothing_of_it(
    campaigns: RunningService, embedded_url: str, sink: MailSink, tmp_path: Path
) -> None:
    await add_customers(campaigns, [customer() for _ in range(PEOPLE)])
    campaign_id = await launch(campaigns, prepare=False, vendor="smtp")

    async def mails() -> int:
        return len(sink.mails)

    async def stats(campaign_id: UUID) -> dict[str, Any]:
        await check_counters(campaigns)
        return await stats_of(campaigns, campaign_id)

    async with senders(campaigns.database.url, embedded_url, sink, tmp_path) as (frozen, other):
        await until(mails, lambda count: count >= BETWEEN, within_s=60)
        frozen.freeze()
        held = await campaigns.rows("SELECT count(*) FROM communication_log WHERE state = 'SENDING'")
        assert held[0][0] > CONNECTIONS, "frozen while there was work"
        await until(lambda: stats(campaign_id), lambda seen: seen["status"] == "COMPLETED", within_s=180)
        before, unconfirmed = set(sink.message_ids), await ids_in(campaigns, "UNCONFIRMED")
        assert len(unconfirmed) <= CONNECTIONS
        await other.end()
        frozen.wake()
        second = await launch(campaigns, prepare=False, vendor="smtp")
        await until(lambda: stats(second), lambda seen: seen["status"] == "COMPLETED", within_s=180)

    assert set(sink.message_ids.values()) == {1}
    of_first = {row[0] for row in await campaigns.rows(_IDS, id=campaign_id)}
    assert set(sink.message_ids) & of_first - before <= unconfirmed
    assert len(set(sink.message_ids) - of_first) == PEOPLE


async def test_senders_that_are_stopped_leave_no_doubt(
    campaigns: RunningService, embedded_url: str, sink: MailSink, tmp_path: Path
) -> None:
    sink.delay_s = 0.1
    await add_customers(campaigns, [customer() for _ in range(PEOPLE)])
    campaign_id = await launch(campaigns, prepare=False, vendor="smtp")

    async def mails() -> int:
        return len(sink.mails)

    async def stats() -> dict[str, Any]:
        return await stats_of(campaigns, campaign_id)

    async with senders(campaigns.database.url, embedded_url, sink, tmp_path) as processes:
        for stop in range(STOPS):
            enough = len(sink.mails) + CONNECTIONS
            await until(mails, lambda count, enough=enough: count >= enough, within_s=60)
            assert len(sink.mails) < PEOPLE, "stopped while there was work"
            assert await processes[stop % SENDERS].stop() == 0
        found = await until(stats, lambda seen: seen["status"] == "COMPLETED", within_s=180)
    assert (found["sent"], found["unconfirmed"]) == (PEOPLE, 0)
    assert set(sink.message_ids.values()) == {1}
    assert len(sink.message_ids) == PEOPLE
