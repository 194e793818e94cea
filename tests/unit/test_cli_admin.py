"""`migrate` and `api-key` find the environment of the local installation; `up` refuses wrong settings."""

import json
from pathlib import Path

import pytest
import typer

from tests.support.cli import xencrm
from xencrm.cli.environment import admin_environment

NEEDED = ("XENCRM_MASTER_DB_URL", "XENCRM_BUSINESS_DB_URL")
WRITTEN = {name: f"postgresql://127.0.0.1/{name.lower()}" for name in (*NEEDED, "XENCRM_SECRET")}


def write_environment(home: Path, values: dict[str, str]) -> None:
    (home / "run").mkdir()
    (home / "run" / "env.json").write_text(json.dumps(values))


def test_what_is_set_is_enough(tmp_path: Path) -> None:
    given = {"XENCRM_HOME": str(tmp_path), **WRITTEN}
    assert admin_environment(NEEDED, given) == given


def test_what_is_not_set_comes_from_the_running_installation(tmp_path: Path) -> None:
    write_environment(tmp_path, WRITTEN)
    environment = admin_environment(NEEDED, {"XENCRM_HOME": str(tmp_path), "PATH": "/bin"})
    assert environment == {"XENCRM_HOME": str(tmp_path), "PATH": "/bin", **WRITTEN}


def test_what_is_set_goes_before_what_is_written(tmp_path: Path) -> None:
    write_environment(tmp_path, WRITTEN)
    own = {"XENCRM_HOME": str(tmp_path), "XENCRM_MASTER_DB_URL": "postgresql://own/db"}
    assert admin_environment(NEEDED, own)["XENCRM_MASTER_DB_URL"] == "postgresql://own/db"


@pytest.mark.parametrize("text", ["not json", "[]"])
def test_a_broken_file_is_no_traceback(tmp_path: Path, text: str) -> None:
    write_environment(tmp_path, {})
    (tmp_path / "run" / "env.json").write_text(text)
    with pytest.raises(typer.Exit):
        admin_environment(NEEDED, {"XENCRM_HOME": str(tmp_path)})


@pytest.mark.parametrize("command", [("migrate",), ("api-key", "list"), ("api-key", "create", "--name", "x")])
async def test_without_an_installation_it_says_what_to_do(tmp_path: Path, command: tuple[str, ...]) -> None:
    unset = dict.fromkeys(NEEDED, "")
    done = await xencrm(*command, home=tmp_path, **unset)
    assert done.exit_code == 2
    assert "XENCRM_BUSINESS_DB_URL not set" in done.stderr
    assert "xencrm up" in done.stderr
    assert len(done.stderr.splitlines()) == 1


async def test_a_wrong_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    done = await xencrm("up", home=tmp_path, XENCRM_PORT="eight")
    assert done.exit_code == 2
    assert "XENCRM_PORT" in done.stderr
    assert len(done.stderr.splitlines()) == 1
