"""The terminal with a prompt at its bottom: what is printed for good scrolls above a part that changes.

One owner draws everything, so nothing flickers and typing goes on while an answer grows.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.patch_stdout import patch_stdout

from adapters.cli.chat.completion import CommandCompleter
from adapters.cli.render.pieces import MARK
from adapters.cli.render.printable import printable

PROMPT = f"{MARK} "


class Actions(Protocol):
    """What is done when the person presses keys."""

    def submit(self, text: str) -> None: ...
    def interrupt(self) -> None: ...


class Screen:
    """``draw`` gives the changing part above the prompt, with ANSI colours, for columns and rows."""

    def __init__(self, history: History, actions: Actions, draw: Callable[[int, int], str]) -> None:
        self._draw = draw
        self._secret = _Secret()
        self._prompt: PromptSession[int] = PromptSession(
            message=self._message,
            history=history,
            completer=CommandCompleter(),
            complete_while_typing=Condition(lambda: self._prompt.default_buffer.text.startswith("/")),
            multiline=True,
            prompt_continuation=" " * len(PROMPT),
            key_bindings=_bindings(actions, self._secret),
            is_password=Condition(lambda: self._secret.is_wanted),
            erase_when_done=True,
        )

    async def run(self) -> int:
        """Show the prompt until ``leave``; returns the exit code given there."""
        with patch_stdout(raw=True):  # should anything else print, it does so above the prompt
            try:
                return await self._prompt.prompt_async()
            except EOFError:  # the terminal is gone
                return 0

    def leave(self, code: int) -> None:
        if self._prompt.app.is_running:
            self._prompt.app.exit(result=code)

    async def print(self, text: str) -> None:
        """Print for good, with a line end after it."""
        output = self._prompt.app.output

        def write() -> None:
            output.write_raw(text.replace("\n", "\r\n") + "\r\n")
            output.flush()

        await run_in_terminal(write)

    @property
    def columns(self) -> int:
        return self._prompt.app.output.get_size().columns

    def redraw(self) -> None:
        self._prompt.app.invalidate()

    @property
    def typed(self) -> str:
        """What stands in the prompt and has not been sent."""
        return self._prompt.default_buffer.text

    def put_back(self, text: str) -> None:
        """Text that was not accepted, in front of what was typed meanwhile."""
        buffer = self._prompt.default_buffer
        buffer.text = f"{text}\n{buffer.text}" if buffer.text else text
        buffer.cursor_position = len(buffer.text)

    async def ask_secret(self, what: str) -> str | None:
        """Have the person type something that is not shown and not kept; None if they give up, with Ctrl-C.

        What stood in the prompt is put back afterwards. One after the other.
        """
        async with self._secret.lock:
            buffer = self._prompt.default_buffer
            before, buffer.text = buffer.text, ""
            answer = self._secret.want(what)
            self.redraw()
            try:
                return await answer
            finally:
                self._secret.over()
                buffer.reset()
                self.put_back(before)
                self.redraw()

    def clear(self) -> None:
        self._prompt.default_buffer.reset()

    def _message(self) -> StyleAndTextTuples:
        size = self._prompt.app.output.get_size()
        above = "" if self._prompt.app.is_done else self._draw(size.columns, size.rows) + "\n"
        wanted = f"{self._secret.what} (not shown; Ctrl-C gives up): " if self._secret.is_wanted else PROMPT
        return [*to_formatted_text(ANSI(above)), ("bold", wanted)]


class _Secret:
    """Something that the next line is taken for, instead of a message."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.what = ""
        self._answer: asyncio.Future[str | None] | None = None

    @property
    def is_wanted(self) -> bool:
        return self._answer is not None

    def want(self, what: str) -> "asyncio.Future[str | None]":
        self.what = what
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def take(self, text: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(text)

    def over(self) -> None:
        self._answer = None


def _bindings(actions: Actions, secret: _Secret) -> KeyBindings:
    bindings = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @bindings.add("enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.text
        if secret.is_wanted:
            buffer.reset()
            secret.take(text.strip() or None)
            return
        if text.strip():
            buffer.append_to_history()
        buffer.reset()
        actions.submit(text)

    @bindings.add("escape", "enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @bindings.add(Keys.BracketedPaste, filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(printable(event.data))

    @bindings.add("c-c")
    @bindings.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        if secret.is_wanted:
            secret.take(None)
        else:
            actions.interrupt()

    @bindings.add("c-d", filter=Condition(lambda: not _current_text()))
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=0)

    return bindings


def _current_text() -> str:
    from prompt_toolkit.application import get_app

    return get_app().current_buffer.text
