"""What nobody else may read is typed at the prompt, neither shown nor kept among the lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prompt_toolkit.application import create_app_session
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.cli.chat.screen import Screen
from tests.patience import PATIENCE_S


class Typed:
    """What the chat is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.interrupts = 0

    def submit(self, text: str) -> None:
        self.lines.append(text)

    def interrupt(self) -> None:
        self.interrupts += 1


@asynccontextmanager
async def prompt(actions: Typed) -> AsyncIterator[tuple[Screen, PipeInput, InMemoryHistory]]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        history = InMemoryHistory()
        screen = Screen(history, actions, lambda columns, rows: "")
        running = asyncio.create_task(screen.run())
        await asyncio.sleep(0.1)
        yield screen, keys, history
        screen.leave(0)
        await running


async def test_a_secret_is_no_message_and_no_line_of_the_history() -> None:
    actions = Typed()
    async with prompt(actions) as (screen, keys, history), asyncio.timeout(PATIENCE_S):
        keys.send_text("half a line")
        while screen.typed != "half a line":
            await asyncio.sleep(0.01)
        asking = asyncio.create_task(screen.ask_secret("The token for github"))
        await asyncio.sleep(0.1)
        keys.send_text(" tok-5c1a \r")
        assert await asking == "tok-5c1a"
        assert screen.typed == "half a line"
        keys.send_text("\r")
        while not actions.lines:
            await asyncio.sleep(0.01)
        assert actions.lines == ["half a line"]
        assert history.get_strings() == ["half a line"]


async def test_ctrl_c_and_an_empty_line_give_up() -> None:
    actions = Typed()
    async with prompt(actions) as (screen, keys, history), asyncio.timeout(PATIENCE_S):
        for key in ("\x03", "\r"):
            asking = asyncio.create_task(screen.ask_secret("The token for github"))
            await asyncio.sleep(0.1)
            keys.send_text(key)
            assert await asking is None
        assert (actions.lines, actions.interrupts, history.get_strings()) == ([], 0, [])
