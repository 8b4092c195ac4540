"""The Python session of a conversation, in every back end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest

from activities.sandbox import sessions
from activities.sandbox.backend import Backend, Command, Stream
from activities.sandbox.conversations import Conversations
from activities.sandbox.sessions import FORGED, START, Session
from clara.errors import Unavailable
from tests.activities.sandbox.test_conformance import PATIENCE_S, alive, gone, mark, shell


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
    assert await gone(marked)
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
    assert await gone(marked)
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


@pytest.mark.parametrize(
    "line",
    [
        '"ready"', '{"ready": 1}', '"done"', '["done"]', '{"done": "?"}', '{"done": 1, "figures": ["a"]}',
        '{"done": 1, "ok": {}, "figures": 4}', '{"done": 1, "ok": true, "figures": ["bm8gcGljdHVyZQ=="]}',
        "[" * 100_000, '{"done": 1e999}', "\udc80",
    ],
)  # fmt: skip
async def test_whatever_code_writes_as_an_answer_breaks_nothing_and_gains_no_time(session: Session, line: str) -> None:
    forging = (
        f"import os\nfor n in range(3, 20):\n try: os.write(n, ({line!r} + chr(10)).encode('utf-8', 'replace'))\n"
        " except OSError: pass\nprint('here'); import time\nwhile True: time.sleep(0.1)"
    )
    piece = await session.run(forging, 1)
    assert piece.output.startswith("here\n")
    assert not piece.ok
    assert piece.figures == ()
    assert "longer than 1 s" in piece.ended


async def test_a_flood_of_forged_answers_is_ended(session: Session) -> None:
    flood = (
        "import os\nwhile True:\n for n in range(3, 20):\n  try: os.write(n, b'{}\\n' * 10_000)\n  except OSError: pass"
    )
    piece = await session.run(flood, PATIENCE_S)
    assert piece.ended.startswith(FORGED)


async def test_a_piece_that_closes_all_channels_is_ended(session: Session) -> None:
    piece = await session.run("import os, time\nos.closerange(0, 1000)\ntime.sleep(1000)", 2)
    assert "closed the channels" in piece.ended or "longer than 2 s" in piece.ended
    assert not session.alive


async def test_a_fork_that_code_forgets_answers_nothing(session: Session) -> None:
    code = "import os, time\nchild = os.fork()\nif child: time.sleep(0.5); print('parent')"
    assert (await session.run(code, PATIENCE_S)).output == "parent\n"
    assert (await session.run("os.waitpid(child, 0)[1]", PATIENCE_S)).output == "0\n"


async def test_a_file_that_is_called_like_a_module_of_python_keeps_no_session_from_beginning(
    backend: Backend, box: str
) -> None:
    names = ("queue", "json", "signal", "types", "traceback")
    await shell(backend, box, "; ".join(f"echo 'print(1 / 0)' > {name}.py" for name in names) + "; echo 'x=4' > own.py")
    begun = await Session.begin(backend, box, Command(START))
    assert (await begun.run("import own\nown.x", PATIENCE_S)).output == "4\n"
    await begun.kill()


async def test_two_calls_at_once_find_one_session(backend: Backend, box: str) -> None:
    async def command(box: str, arguments: Sequence[str]) -> Command:
        return Command(arguments)

    conversations = Conversations(backend, command)
    found = await asyncio.gather(*(conversations.session(box, "talk") for _ in range(3)))
    assert len({id(session) for session, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False, False, True]
    await found[0][0].run("import os; os._exit(1)", PATIENCE_S)
    session, is_new = await conversations.session(box, "talk")
    assert is_new
    assert (await session.run("1", PATIENCE_S)).output == "1\n"
    await conversations.close()


async def test_a_session_that_died_between_two_calls_is_not_asked_any_more(backend: Backend, box: str) -> None:
    async def command(box: str, arguments: Sequence[str]) -> Command:
        return Command(arguments)

    conversations = Conversations(backend, command)
    session, _ = await conversations.session(box, "talk")
    await session.run("import os, threading; threading.Timer(0.2, os._exit, [1]).start()", PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S):
        while session.alive:
            await asyncio.sleep(0.05)
    anew, is_new = await conversations.session(box, "talk")
    assert is_new
    assert (await anew.run("'well'", PATIENCE_S)).output == "'well'\n"
    await conversations.close()


class Silent:
    """A process that takes no input and says nothing, as one that is stopped."""

    verdict = ""

    def __init__(self) -> None:
        self.killed = False

    async def write(self, data: bytes) -> None:
        await asyncio.Event().wait()

    async def close_input(self) -> None:
        raise NotImplementedError

    async def output(self) -> AsyncGenerator[tuple[Stream, bytes], None]:
        await asyncio.Event().wait()
        yield "out", b""

    async def wait(self) -> int:
        return 137

    async def kill(self) -> None:
        self.killed = True


async def test_a_process_that_takes_no_input_is_ended_at_the_time_limit() -> None:
    process = Silent()
    async with asyncio.timeout(PATIENCE_S):
        piece = await Session(process).run("pass", 0.1)
    assert "longer than 0.1 s" in piece.ended
    assert process.killed


async def test_a_python_that_does_not_begin_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        process = Silent()

        async def spawn(self, box: str, command: Command) -> Silent:
            return self.process

    monkeypatch.setattr(sessions, "BEGIN_S", 0.1)
    with pytest.raises(Unavailable, match="did not start in the sandbox within"):
        await Session.begin(Stuck(), "box", Command(START))  # type: ignore[arg-type]
    assert Stuck.process.killed


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
