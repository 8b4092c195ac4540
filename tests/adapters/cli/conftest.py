"""A whole Clara without her command: Temporal, Postgres, a worker process, and a model server that obeys a script."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from adapters.door import open_door
from clara.messages import ConversationKey
from clara.settings import load
from store.turns import waits
from tests import nursery, servers
from tests.adapters.cli.terminal import Terminal
from tests.loopback.models import KEY, ModelServer, Plan, Refusal, Reply, Request, ToolUse
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
LINES = 60
LONG = (
    "# A long answer\n\n```\n"
    + "\n".join(f"code {n:02}" for n in range(LINES))
    + "\n```\n\n"
    + "\n\n".join(f"Paragraph {n:02} of **many**." for n in range(LINES))
)


def script(request: Request) -> Plan:
    """What the model says to the words of the newest message."""
    words = request.user_text
    if "draw" in words:
        return using_tools(words, request) or Reply("")
    if "long" in words:
        return Reply(tuple(LONG[i : i + 40] for i in range(0, len(LONG), 40)), pause_s=0.06)
    if "slow" in words:
        return Reply(" ".join(f"word{n}" for n in range(400)), pause_s=0.05)
    if "steady" in words:
        return Reply(" ".join(f"word{n}" for n in range(60)), pause_s=0.05)
    if "think" in words:
        return Reply(("I have thought.",), pause_s=4.0)
    if "broken" in words:
        return Refusal(400, "invalid_request_error", "This is refused.")
    if "escape" in words:
        return Reply("before \x1b]0;owned\x07 after \x9b\u202e")
    return using_tools(words, request) or Reply(f"An answer, **{len(request.messages)}** messages.")


def using_tools(words: str, request: Request) -> Plan | None:
    if "clock" in words:
        asked = Reply("Let me look.", calls=(ToolUse("current_time"),))
        return Reply("I have looked at the clock.") if request.results else asked
    if "missing" in words and not request.results:
        return Reply("", calls=(ToolUse("read_note", {"title": "milk"}), ToolUse("current_time")))
    if "draw" in words:
        asked = Reply("", calls=(ToolUse("draw", {"names": ["chart.txt", "../../chart.txt"]}),))
        return Reply(("Here they are.",), pause_s=3.0 * ("later" in words)) if request.results else asked
    if "announce" in words:
        asked = Reply("", calls=(ToolUse("announce", {"text": words.split()[-1]}),))
        return Reply(request.results[-1].text) if request.results else asked
    if "ask Bob" in words:
        asked = Reply("", calls=(ToolUse("ask_person", {"whom": "Bob"}),))
        said = [result.text.split("\n")[0] for result in request.results]
        return Reply(f"Bob says {said[-1]}.") if said else asked
    return None


@dataclass(frozen=True)
class Stack:
    environment: dict[str, str]
    models: ModelServer
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "adapters.cli", *arguments]

    def start(self, *arguments: str, **changes: str) -> nursery.Piped:
        return nursery.Piped("adapters.cli", *arguments, env={**self.environment, **changes})

    def run(self, *arguments: str, given: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        return nursery.run("adapters.cli", *arguments, env={**self.environment, **changes}, given=given)

    def clara(self, *arguments: str) -> str:
        """What a command of the operator prints."""
        ran = nursery.run("gateway", *arguments, env=self.environment)
        ran.check_returncode()
        return ran.stdout

    def bring(self, conversation: str, text: str) -> None:
        """What the turn waits for that stands aside in a conversation of the user "me"."""

        async def brought() -> bool:
            async with open_door(load(self.environment)) as door:
                [wait] = await door.store(
                    waits.of_conversation, ConversationKey(platform="cli", channel=f"me/{conversation}")
                )
                return await door.bring(f"{wait.turn_id}/{wait.step}/{wait.call_id}", text)

        assert asyncio.run(brought())

    def wait_until_begun(self, conversation: str) -> None:
        """Until something runs in a conversation of the user "me"."""
        deadline = time.monotonic() + PATIENCE_S
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            query = "select 1 from turns where conversation_id = %s and status = 'running'"
            while not connection.execute(query, (f"cli/me/{conversation}",)).fetchone():
                assert time.monotonic() < deadline, "no turn begins"
                time.sleep(0.05)

    def wait_until_answered(self, conversation: str) -> None:
        """Until nothing runs in a conversation of the user "me"."""
        deadline = time.monotonic() + PATIENCE_S
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            query = "select 1 from turns where conversation_id = %s and status = 'running'"
            while connection.execute(query, (f"cli/me/{conversation}",)).fetchone():
                assert time.monotonic() < deadline, "the turn does not end"
                time.sleep(0.05)


@pytest.fixture(scope="package")
def stack(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Its own Temporal server, so that the workers of other tests are not asked."""
    folder = tmp_path_factory.mktemp("chat")
    models = ModelServer(script)
    models.start()
    with servers.temporal_server() as address:
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "CLARA_ENV_FILE": os.devnull,
            "CLARA_HOME": str(folder),
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": address,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": models.url,
            "ANTHROPIC_MODEL": "claude-mid",
            "CLARA_TOOLS": "tests.adapters.cli.outside",
            "CLARA_DOWNLOADS": str(folder / "downloads"),
            "SANDBOX_MODE": "off",  # the worker would look for one
            "MEMORY_ENABLED": "false",  # it would ask the model between the turns
            "ANTHROPIC_MODEL_HIGH": "claude-high",
        }
        with (folder / "worker.log").open("wb") as log:
            worker = nursery.start(
                "workers",
                env=environment,
                stdout=log,
                stderr=log,
                imported=["activities.llm.anthropic.provider", "tests.adapters.cli.outside"],
            )
        try:
            running = Stack(environment, models, folder)
            first = running.run("--message", "wait for the worker to be there", "--user", "nobody")
            assert first.returncode == 0, first.stderr
            yield running
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.ended(60)
            models.stop()


@pytest.fixture
def conversation() -> str:
    """A conversation that no other test knows."""
    return uuid4().hex[:12]


@pytest.fixture
def open_chat(stack: Stack) -> Iterator[Callable[..., Terminal]]:
    """Open chats in terminals; those that are left open are ended with the test."""
    opened: list[Terminal] = []

    def open_one(*arguments: str, columns: int = 80, rows: int = 24, **changes: str) -> Terminal:
        terminal = Terminal(stack.command(*arguments), {**stack.environment, **changes}, ROOT, columns, rows)
        opened.append(terminal)
        return terminal

    yield open_one
    for terminal in opened:
        terminal.kill()


class Link:
    """A loopback address in front of another one, that can be cut and mended."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._whole = threading.Event()
        self._whole.set()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole.clear()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(self._target, 5)
                far.settimeout(None)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for each in (source, sink):
        with suppress(OSError):
            each.close()


@pytest.fixture
def temporal_link(stack: Stack) -> Iterator[Link]:
    link = Link(stack.environment["TEMPORAL_ADDRESS"])
    yield link
    link.close()
