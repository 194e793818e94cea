"""Which installation a command talks to, and how errors are told."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.cli import xencrm
from tests.support.scripted_server import Reply, ScriptedServer, problem, scripted_server
from xencrm.client.credentials import CredentialsMissing, find_credentials

EMPTY = Reply(200, {"count": 0, "sample": [], "took_ms": 0.4})
RULES = '{"combinator": "and", "rules": []}'


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as server:
        yield server


def write_credentials(home: Path, url: str) -> None:
    (home / "credentials.json").write_text(json.dumps({"url": url, "api_key": "xk_local", "more": 1}))


async def test_the_local_installation_is_found(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, server.url)
    server.script = [EMPTY]
    done = await xencrm("segments", "preview", "-", home=tmp_path, stdin=RULES)
    assert done.exit_code == 0, done.output
    assert server.asked[0].headers["Authorization"] == "Bearer xk_local"


async def test_options_go_before_the_environment_and_the_file(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, "http://127.0.0.1:1")
    server.script = [EMPTY]
    given = ("--url", server.url, "--api-key", "xk_given")
    done = await xencrm(
        "segments", "preview", "-", *given, home=tmp_path, stdin=RULES, XENCRM_URL="http://127.0.0.1:2"
    )
    assert done.exit_code == 0, done.output
    assert server.asked[0].headers["Authorization"] == "Bearer xk_given"


def test_the_written_key_is_not_sent_to_another_place(tmp_path: Path) -> None:
    write_credentials(tmp_path, "http://127.0.0.1:8000")
    with pytest.raises(CredentialsMissing, match="no key for http://elsewhere"):
        find_credentials("http://elsewhere.example", None, {"XENCRM_HOME": str(tmp_path)})


async def test_without_credentials_it_says_what_to_do(tmp_path: Path) -> None:
    done = await xencrm("segments", "preview", "-", home=tmp_path, stdin=RULES)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: no URL and key")
    assert len(done.stderr.splitlines()) == 1


async def test_a_service_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    write_credentials(tmp_path, "http://127.0.0.1:1")
    done = await xencrm("segments", "preview", "-", home=tmp_path, stdin=RULES)
    assert done.exit_code == 1
    assert "127.0.0.1:1" in done.stderr
    assert "xencrm up" in done.stderr
    assert len(done.stderr.splitlines()) == 1


async def test_a_refused_key_is_one_line(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, server.url)
    server.script = [problem(401, "Not authenticated")]
    done = await xencrm("segments", "preview", "-", home=tmp_path, stdin=RULES)
    assert done.exit_code == 1
    assert "API key was refused" in done.stderr


@pytest.mark.parametrize("text", ["{", "\x00", ""])
async def test_rules_that_are_not_json_are_refused_before_any_call(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text)
    done = await xencrm("segments", "preview", str(file), home=tmp_path)
    assert (done.exit_code, "not JSON" in done.stderr) == (2, True)


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = await xencrm("segments", "preview", str(tmp_path / "none.json"), home=tmp_path)
    assert done.exit_code == 2
    assert "none.json: No such file" in done.stderr


async def test_rules_that_the_service_refuses_name_the_path(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, server.url)
    errors = [{"field": "rules.rules[0].field", "message": "unknown field"}]
    server.script = [problem(400, "Invalid input", errors=errors)]
    done = await xencrm("segments", "preview", "-", home=tmp_path, stdin=RULES)
    assert done.exit_code == 2
    assert "rules.rules[0].field: unknown field" in done.stderr


async def test_a_preview_shows_count_time_and_people_as_they_are_written(
    server: ScriptedServer, tmp_path: Path
) -> None:
    write_credentials(tmp_path, server.url)
    person = {
        "customer_id": "c-1",
        "name": "[bold]Asha",
        "email": "asha@shop.example",
        "total_spend": "12345.60",
        "total_orders": 3,
        "last_order_at": "2026-01-02T10:00:00Z",
    }
    server.script = [
        Reply(200, {"count": 1234, "sample": [person], "took_ms": 12.34, "words": "All customers."})
    ]
    done = await xencrm("segments", "preview", "-", "--sample", "5", home=tmp_path, stdin=RULES)
    assert done.stdout.startswith("All customers.\n1,234 profiles in 12.3 ms")
    assert "[bold]Asha" in done.stdout
    assert "12,345.60" in done.stdout
    assert server.asked[0].lines[0]["sample"] == 5


async def test_a_segment_is_kept_and_its_id_printed(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, server.url)
    server.script = [Reply(201, {"segment_id": "s-1", "name": "Big", "rules": {}})]
    done = await xencrm("segments", "create", "Big", "-", home=tmp_path, stdin=RULES)
    assert done.stdout == "s-1\n"
    assert server.asked[0].lines[0] == {"name": "Big", "description": "", "rules": json.loads(RULES)}


async def test_plain_words_become_rules_and_the_rest_is_told(server: ScriptedServer, tmp_path: Path) -> None:
    write_credentials(tmp_path, server.url)
    rules = {"combinator": "and", "rules": []}
    part = {"text": "everyone", "words": "All customers", "path": "", "notes": ["a note"]}
    left = {"text": "top", "why": "not understood"}
    nothing = {"rules": None, "words": None, "understood": [], "left_out": [left], "hint": "Say more."}
    server.script = [
        Reply(200, {"rules": rules, "words": "All.", "understood": [part], "left_out": [], "hint": None}),
        Reply(200, nothing),
    ]
    done = await xencrm("segments", "parse", "everyone", home=tmp_path)
    assert (done.exit_code, json.loads(done.stdout)) == (0, rules)
    assert done.stderr == "+ everyone: All customers; a note\n"
    assert server.asked[0].lines[0] == {"text": "everyone"}
    done = await xencrm("segments", "parse", "top", home=tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "- top: not understood\nSay more.\n"
