"""The embedded PostgreSQL through its life: first start, sudden ends, leftovers, clean stop."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.support.ports import free_port
from xencrm.local.errors import LocalRunError
from xencrm.local.leftovers import processes_in
from xencrm.local.postgres import EmbeddedPostgres


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: as root that one is closed to the user who runs PostgreSQL."""
    path = Path(tempfile.mkdtemp(prefix="xencrm-postgres-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def postgres(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    yield server
    await server.stop()


async def query(server: EmbeddedPostgres, sql: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(server.url(database))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def note_a_row(server: EmbeddedPostgres) -> None:
    await query(server, "CREATE TABLE note (n int)")
    await query(server, "INSERT INTO note VALUES (7)")


def process_of(user: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], user=user)


def output_of(script: str) -> bytes:
    """What a program printed before it killed itself."""
    run = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False)
    assert run.returncode == -signal.SIGKILL
    return run.stdout


async def test_text_is_unicode_whatever_the_environment_says(postgres: EmbeddedPostgres) -> None:
    assert await query(postgres, "SHOW server_encoding") == "UTF8"
    assert await query(postgres, "SELECT 'ZÜRICH' ILIKE 'zürich'") is True


async def test_a_database_is_made_once_and_then_left_alone(postgres: EmbeddedPostgres) -> None:
    await postgres.create_database("xencrm_master")
    await query(postgres, "CREATE TABLE kept (n int)", "xencrm_master")
    await postgres.create_database("xencrm_master")
    assert await query(postgres, "SELECT count(*) FROM kept", "xencrm_master") == 0


async def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    port = postgres.url("postgres").rsplit(":", 1)[1].split("/")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://xencrm:guess@127.0.0.1:{port}/postgres")


async def test_the_data_and_the_password_are_closed_to_others(
    postgres: EmbeddedPostgres, folder: Path
) -> None:
    assert (folder / "postgres" / "data").stat().st_mode & 0o777 == 0o700
    assert (folder / "postgres" / "password").stat().st_mode & 0o777 == 0o600


async def test_it_never_runs_as_root(postgres: EmbeddedPostgres) -> None:
    assert psutil.Process(postgres.pid).uids().real != 0


async def test_a_committed_row_outlives_a_kill(postgres: EmbeddedPostgres) -> None:
    await note_a_row(postgres)
    before = postgres.url("postgres")
    postgres.kill()
    await postgres.start()
    assert await query(postgres, "SELECT n FROM note") == 7
    assert postgres.url("postgres") == before


async def test_it_starts_again_when_server_and_backends_were_killed(postgres: EmbeddedPostgres) -> None:
    await note_a_row(postgres)
    for process in psutil.Process(postgres.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    postgres.kill()
    await postgres.start()
    assert await query(postgres, "SELECT n FROM note") == 7


async def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    note = server.location / "data" / "postmaster.pid"
    lines = note.read_text().split("\n")
    await server.stop()
    owner = note.parent.stat()
    stranger = process_of(owner.st_uid)
    try:
        note.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        os.chown(note, owner.st_uid, owner.st_gid)
        await server.start()
        assert await query(server, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        await server.stop()


async def test_the_server_of_a_killed_supervisor_is_ended_by_the_next_start(folder: Path) -> None:
    root = folder / "postgres"
    script = f"""
import asyncio, os, signal
from pathlib import Path
from xencrm.local.postgres import EmbeddedPostgres
async def main():
    server = EmbeddedPostgres(Path({str(root)!r}))
    await server.start()
    print(server.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    left = psutil.Process(int(output_of(script)))
    server = EmbeddedPostgres(root)
    await server.start()
    try:
        assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE
        assert await query(server, "SELECT 1") == 1
    finally:
        await server.stop()


async def test_a_second_object_is_refused_while_the_first_runs(
    postgres: EmbeddedPostgres, folder: Path
) -> None:
    with pytest.raises(LocalRunError, match="run by another process"):
        await EmbeddedPostgres(folder / "postgres").start()
    assert await query(postgres, "SELECT 1") == 1


async def test_a_port_that_is_promised_to_others_is_not_taken(folder: Path) -> None:
    port = free_port()
    (folder / "postgres").mkdir(mode=0o711)
    (folder / "postgres" / "port").write_text(str(port))
    server = EmbeddedPostgres(folder / "postgres", taken=frozenset({port}))
    await server.start()
    try:
        assert await query(server, "SELECT 1") == 1
        assert f":{port}/" not in server.url("postgres")
    finally:
        await server.stop()


async def test_a_stop_leaves_no_process_and_a_clean_shutdown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xencrm.local.postgres.FAST_STOP_S", 60.0)
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    idle = await asyncpg.connect(server.url("postgres"))
    await server.stop()
    idle.terminate()
    assert processes_in(server.location / "data", "postgres") == []
    assert "database system is shut down" in (folder / "postgres" / "postgres.log").read_text()


async def test_a_home_that_was_moved_still_has_its_data(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "before")
    await server.start()
    await note_a_row(server)
    await server.stop()
    os.rename(folder / "before", folder / "after")
    server = EmbeddedPostgres(folder / "after")
    await server.start()
    try:
        assert await query(server, "SELECT n FROM note") == 7
    finally:
        await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a user to change to")
async def test_data_in_a_closed_folder_lies_where_the_server_can_reach_it(folder: Path) -> None:
    os.chmod(folder, 0o700)
    server = EmbeddedPostgres(folder / "postgres")
    await server.start()
    try:
        assert server.location.is_relative_to("/var/lib/xencrm")
        assert await query(server, "SELECT 1") == 1
        assert EmbeddedPostgres(folder / "postgres").location == server.location
    finally:
        await server.stop()
        shutil.rmtree(server.location)


async def test_a_row_that_is_refused_is_not_written_to_the_log(postgres: EmbeddedPostgres) -> None:
    await query(postgres, "CREATE TABLE person (name text CHECK (length(name) > 20))")
    connection = await asyncpg.connect(postgres.url("postgres"))
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("INSERT INTO person VALUES ($1)", "Asha Rao")
    await connection.close()
    log = postgres.log.read_text()
    assert "violates check constraint" in log
    assert "Asha" not in log
