"""The Python session of a conversation, in every back end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from activities.sandbox.backend import Backend, Command, Stream
from activities.sandbox.sessions import START, Session
from clara.errors import Unavailable
from tests.activities.sandbox.test_conformance import PATIENCE_S, alive, mark


@pytest.fixture
async def session(backend: Backend, box: str) -> AsyncIterator[Session]:
    begun = await Session.begin(backend, box, Command(START))
    yield begun
    await begun.kill()


async def test_variables_and_imports_stay_and_the_last_value_is_shown(session: Session) -> None:
    assert (await session.run("import math\nside = 3", PATIENCE_S)).output == ""
    piece = await session.run("print('area')\nside ** 2 + math.floor(0.5)", PATIENCE_S)
    assert (piece.output, piece.ok) == ("area\n9\n", True)
    assert (await session.run("_ + 1", PATIENCE_S)).output == "10\n"
    assert (await session.run("None", PATIENCE_S)).output == ""


async def test_an_error_is_told_as_python_does_and_nothing_is_lost(session: Session) -> None:
    await session.run("kept = 1", PATIENCE_S)
    piece = await session.run("def divide(a):\n    return a / 0\n\ndivide(kept)", PATIENCE_S)
    assert not piece.ok
    assert piece.output.startswith("Traceback (most recent call last):")
    assert "    return a / 0\n" in piece.output
    assert piece.output.endswith("ZeroDivisionError: division by zero\n")
    assert "json" not in piece.output
    assert "SyntaxError" in (await session.run("if kept", PATIENCE_S)).output
    assert not (await session.run("raise SystemExit('over')", PATIENCE_S)).ok
    assert (await session.run("kept", PATIENCE_S)).output == "1\n"


async def test_whatever_is_written_comes_in_its_order(session: Session) -> None:
    code = (
        "import os, subprocess, sys\n"
        "print('one'); print('two', file=sys.stderr); sys.stdout.flush()\n"
        "subprocess.run(['echo', 'three']); os.write(1, b'four\\n'); print('five\\x00\\ud800')"
    )
    lines = (await session.run(code, PATIENCE_S)).output.splitlines()
    assert lines == ["one", "two", "three", "four", "five\x00\\ud800"]


async def test_what_takes_too_long_is_interrupted_and_variables_stay(session: Session) -> None:
    marked = mark()
    await session.run("kept = 42", PATIENCE_S)
    looping = f"import subprocess\nsubprocess.Popen(['sleep', '{marked}'], start_new_session=True)\nwhile True: pass"
    piece = await session.run(looping, 1)
    assert piece.ended == "It took longer than 1 s and was ended. Variables are still there."
    assert "KeyboardInterrupt" in piece.output
    assert not alive(marked)
    assert (await session.run("kept", PATIENCE_S)).output == "42\n"


async def test_what_does_not_let_itself_be_interrupted_is_killed_and_said_so(session: Session) -> None:
    stubborn = "import time\nwhile True:\n try:\n  time.sleep(9)\n except KeyboardInterrupt: print('no')"
    piece = await session.run(stubborn, 1)
    assert piece.ended == "It took longer than 1 s and was ended. All variables are gone; files stay."
    assert "no\n" in piece.output
    assert not session.alive


async def test_a_stop_interrupts_at_once(session: Session) -> None:
    marked = mark()
    await session.run("kept = 42", PATIENCE_S)
    running = asyncio.create_task(session.run(f"import subprocess\nsubprocess.run(['sleep', '{marked}'])", PATIENCE_S))
    while not alive(marked):
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not alive(marked)
    assert (await session.run("kept", PATIENCE_S)).output == "42\n"


async def test_endless_output_is_ended(session: Session) -> None:
    piece = await session.run("while True: print('endless' * 1000)", PATIENCE_S)
    assert piece.ended.startswith("It wrote more than")
    assert len(piece.output) < 2_000_000
    assert (await session.run("1", PATIENCE_S)).output == "1\n" or not session.alive


async def test_a_process_that_ends_itself_is_noticed(session: Session) -> None:
    piece = await session.run("print('last')\nimport os; os._exit(7)", PATIENCE_S)
    assert piece.output == "last\n"
    assert "exit code 7" in piece.ended
    assert "All variables are gone" in piece.ended
    assert not session.alive


async def test_memory_that_runs_out_is_an_error_or_the_end_of_the_session(session: Session) -> None:
    piece = await session.run("kept = []\nwhile True: kept.append(bytearray(8 * 2**20))", PATIENCE_S)
    assert not piece.ok
    assert "MemoryError" in piece.output or "memory" in piece.ended


async def test_answers_that_code_forges_are_its_own_trouble(session: Session) -> None:
    forged = (
        "import os\n"
        "for n in range(3, 20):\n"
        " try: os.write(n, b'{\"done\": 99}\\nno json\\n')\n"
        " except OSError: pass\n"
        "print('here')"
    )
    assert (await session.run(forged, PATIENCE_S)).output == "here\n"
    assert (await session.run("1 + 1", PATIENCE_S)).output == "2\n"


class Lost:
    """A process whose box ends in the middle of a piece, as when Docker's daemon dies."""

    verdict = ""

    def __init__(self) -> None:
        self._over = asyncio.Event()

    async def write(self, data: bytes) -> None:
        self._over.set()

    async def close_input(self) -> None:
        raise NotImplementedError

    async def output(self) -> AsyncGenerator[tuple[Stream, bytes], None]:
        await self._over.wait()
        yield "err", b"half"
        raise Unavailable("The box is gone.", "lost")

    async def wait(self) -> int:
        raise Unavailable("The box is gone.", "lost")

    async def kill(self) -> None:
        return None


async def test_a_box_that_is_lost_is_told_at_once_and_not_at_the_time_limit() -> None:
    session = Session(Lost())
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(Unavailable, match="The box is gone"):
            await session.run("pass", 1000)
    assert not session.alive
