"""The supervisor itself, run on this machine, where something else than a worker ends it."""

import asyncio
import sys
from pathlib import Path

import pytest

from activities.sandbox.supervised.inside import frames
from tests.activities.sandbox.test_conformance import PATIENCE_S, alive, gone, mark

INSIDE = Path(frames.__file__).parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a supervisor runs on Linux")


async def test_a_guarded_supervisor_outlives_who_is_killed_and_ends_the_command(tmp_path: Path) -> None:
    marked = mark()
    program = (
        f"import sys; sys.path.insert(0, {str(INSIDE.parent)!r}); from inside import command, supervisor\n"
        f"command.HOME = {str(tmp_path)!r}; supervisor.main()"
    )
    outer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, "guarded", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert outer.stdin is not None
    script = f"(setsid sleep {marked} >/dev/null 2>&1 &) ; sleep {marked}"
    order = frames.Order(["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, 2**30)
    outer.stdin.write(frames.pack(frames.START, order.packed()))
    async with asyncio.timeout(PATIENCE_S):
        while len(alive(marked)) < 2:
            await asyncio.sleep(0.02)
    outer.kill()
    await asyncio.sleep(0.2)
    assert alive(marked)
    outer.stdin.close()  # as LXD does, when nobody is connected any more
    assert await gone(marked)
    await outer.communicate()
