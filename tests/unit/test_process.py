"""The life of a process."""

import asyncio
import os
import signal
import sys

from structlog.testing import capture_logs

from xencrm.kernel.process import log_tasks, pause


async def test_a_process_says_in_which_functions_its_tasks_wait() -> None:
    stop = asyncio.Event()

    async def role() -> None:
        await pause(stop, 60)

    task = asyncio.create_task(role(), name="order_queue")
    await asyncio.sleep(0)
    with capture_logs() as lines:
        log_tasks()
    stop.set()
    await task
    (line,) = (line for line in lines if line["task"] == "order_queue")
    functions = [place.rpartition(":")[0].rpartition(".")[2] for place in line["waits_in"]]
    assert functions[:2] == ["role", "pause"]
    assert "xencrm.kernel.process.pause" in line["waits_in"][1]


async def test_a_process_whose_log_has_no_room_goes_on() -> None:
    asked = asyncio.Semaphore(0)

    async def hang_up(_: object, writer: asyncio.StreamWriter) -> None:
        asked.release()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    nowhere = f"postgresql://nobody@127.0.0.1:{server.sockets[0].getsockname()[1]}/nothing"
    settings = {"XENCRM_MASTER_DB_URL": nowhere, "XENCRM_BROKER_URL": nowhere, "XENCRM_SECRET": "secret"}
    full = os.open("/dev/full", os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "xencrm.ingestion", "consume"),
        env={**os.environ, **settings},
        stderr=full,
    )
    os.close(full)
    for _ in range(20):  # it has come beyond lines that it could not write
        await asyncio.wait_for(asked.acquire(), 60)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    server.close()
