"""The life of a process."""

import asyncio

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
