"""Code that is run for a turn, by workers in processes of their own, while workers are killed and people say stop."""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from adapters.door import Door
from clara.conversation import Stop
from store import sandbox
from store.database import Pool
from store.turns.turns import Turn
from tests import needs
from tests.activities.sandbox.test_conformance import alive, gone, mark
from tests.loopback.models import KEY, ModelServer
from tests.traces import tables_with
from tests.workflows.conversations import Conversation, ScriptedModel
from tests.workflows.workers import Workers, worker_processes

pytestmark = [
    pytest.mark.timeout(300),  # processes are started several times, on a machine that may be busy
    pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux"),
]

CANARY = f"canary{uuid.uuid4().hex}"
"""In the environment and the settings of workers; whatever runs in a box may show it nowhere."""

SECRETS = ("DISCORD_BOT_TOKEN", "TAVILY_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "S3_SECRET_KEY")

LOOK_AROUND = (
    "env; cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; grep -rh {word} /etc /home /opt /run /tmp; "
    "find / -name '*.env' -not -path '/proc/*'"
)


@pytest.fixture(scope="module")
async def workers(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, temporal_address: str, pool: Pool
) -> AsyncIterator[Workers]:
    needs.require("bubblewrap")
    home = tmp_path_factory.mktemp("workers")
    settings = tmp_path_factory.mktemp("settings") / "clara.env"
    settings.write_text(f"OPENROUTER_API_KEY={CANARY}\n")
    more = {"SANDBOX_MODE": "bubblewrap", "CLARA_ENV_FILE": str(settings), **dict.fromkeys(SECRETS, CANARY)}
    async with (
        ModelServer() as models,
        worker_processes(home, database_url, temporal_address, models.url, more=more) as started,
    ):
        yield started


async def ready(pool: Pool, workers: Workers) -> asyncio.subprocess.Process:
    """A worker that says that it can run code."""
    async with pool.connection() as connection:
        await connection.execute("delete from sandbox_workers")
    started = await workers.start()
    async with asyncio.timeout(120):
        while (state := await sandbox.state(pool)) is None or not state.about.startswith("bubblewrap"):
            await asyncio.sleep(0.05)
    if not state.usable:
        pytest.skip(state.about)
    return started


def use(tool: str, **arguments: str) -> str:
    """A message that the model obeys."""
    return f"use {tool} {json.dumps(arguments)}"


def somebody(client: Client, pool: Pool, name: str) -> Conversation:
    return Conversation(Door(client, pool, memory=False), ScriptedModel(lambda prompt: "not asked"), name)


async def home_of(pool: Pool, talk: Conversation, workers: Workers) -> Path:
    box = await sandbox.box_of(pool, talk.user.id)
    return workers.log.parent / "sandbox" / "bubblewrap" / box.id / "home"


async def test_code_whose_worker_is_killed_is_ended_told_and_not_run_again(
    client: Client, pool: Pool, workers: Workers
) -> None:
    first = await ready(pool, workers)
    name, marked = f"ann{uuid.uuid4().hex[:8]}", (mark(), mark())
    shell, python = somebody(client, pool, name), somebody(client, pool, name)  # one person, in two conversations
    command = f"echo run >> shell; (setsid sleep {marked[0]} >/dev/null 2>&1 &) ; sleep {marked[0]}"
    code = f"open('python', 'a').write('run ')\nimport subprocess\nsubprocess.run(['sleep', '{marked[1]}'])"
    turns = [
        (shell, await shell.say(use("run_shell", command=command))),
        (python, await python.say(use("execute_python", code=code))),
    ]
    await shell.until(lambda: len(alive(marked[0])) >= 2 and alive(marked[1]), 60)
    first.kill()
    await first.wait()
    assert await gone(marked[0])
    assert await gone(marked[1])
    second = await ready(pool, workers)
    for talk, turn_id in turns:
        turn = await talk.ended(turn_id, 120)
        assert turn.status == "completed"
        assert turn.reply is not None
        assert turn.reply.count("This was cut off in mid-run") == 1, turn.reply
    assert await counted(pool, shell, python) == 2
    home = await home_of(pool, shell, workers)
    assert (home / "shell").read_text() == "run\n"
    assert (home / "python").read_text() == "run "
    again = await python.ask(use("execute_python", code="print(open('python').read())"))
    assert "This is a new Python session" in (again.reply or "")
    second.terminate()
    await second.wait()


async def counted(pool: Pool, *talks: Conversation) -> int:
    """Turns of these conversations that were answered."""
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select count(*) as n from turns where conversation_id = any(%s) and reply is not null",
                ([talk.key.id for talk in talks],),
            )
        ).fetchone()
    return int(row["n"]) if row else 0


async def test_a_stop_ends_what_runs_and_no_secret_is_seen_meanwhile(
    client: Client, pool: Pool, workers: Workers
) -> None:
    worker = await ready(pool, workers)
    talk = somebody(client, pool, f"bob{uuid.uuid4().hex[:8]}")
    word = f"{CANARY[:6]}[{CANARY[6]}]{CANARY[7:]}"  # a pattern that does not match itself
    seen = [
        await talk.ask(use("run_shell", command=LOOK_AROUND.replace("{word}", word))),
        await talk.ask(use("execute_python", code="import os; print(dict(os.environ))")),
        await talk.ask(use("run_shell", command="nonsense; exit 3")),
    ]
    assert all("PATH" in (turn.reply or "") for turn in seen[:2])
    marked = mark()
    loop = await talk.say(use("run_shell", command=f"(setsid sleep {marked} &) ; echo begun; sleep {marked}"))
    await talk.until(lambda: len(alive(marked)) >= 2, 60)
    began = time.monotonic()
    await talk.door.stop(talk.key, Stop())
    assert await gone(marked)
    sys.stdout.write(f"everything had ended {time.monotonic() - began:.2f} s after the stop\n")
    seen.append(await talk.ended(loop))
    assert seen[-1].status == "stopped"
    assert "still there" in ((await talk.ask(use("run_shell", command="echo still there"))).reply or "")
    worker.terminate()  # it may have something to say about that
    await worker.wait()
    assert await shown(client, pool, workers, seen) == []


async def shown(client: Client, pool: Pool, workers: Workers, seen: list[Turn]) -> list[str]:
    """Where a secret is to be found: replies, tables, histories, and all files of the home with the logs."""
    found = [f"table {name}" for name in sorted(await tables_with(pool, CANARY))]
    for turn in seen:
        history = await client.get_workflow_handle(turn.id).fetch_history()
        told = {
            "reply": (turn.reply or "").encode(),
            "history": b"".join(e.SerializeToString() for e in history.events),
        }
        found += [f"{what} of {turn.id}" for what, data in told.items() if CANARY.encode() in data]
    files = [path for path in workers.log.parent.rglob("*") if path.is_file()]
    assert workers.log in files
    words = (CANARY.encode(), KEY.encode())
    return found + [str(path) for path in files if any(word in path.read_bytes() for word in words)]
