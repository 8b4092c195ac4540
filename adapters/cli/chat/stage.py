"""Everything that is seen of a chat with a prompt: pieces printed for good, and the moving part below them."""

import asyncio
from collections.abc import Callable, Sequence

from prompt_toolkit.history import History

from adapters.cli.chat.screen import Actions, Screen
from adapters.cli.render.pieces import Piece, render
from adapters.cli.turns.preview import Preview

FRAME_S = 0.12
"""Between two drawings of a running turn."""

HINT_S = 2.0


class Stage:
    """``waiting`` gives the words that were typed and are not dealt with yet."""

    def __init__(self, history: History, actions: Actions, waiting: Callable[[], Sequence[str]]) -> None:
        self.preview = Preview()
        self.screen = Screen(history, actions, self._draw)
        self._waiting = waiting
        self._moving = asyncio.Event()
        self._last_kind = ""

    async def show(self, *pieces: Piece) -> None:
        """Print for good: an empty line before each piece, but calls of tools together."""
        for piece in pieces:
            together = piece.kind == self._last_kind == "tool"
            self._last_kind = piece.kind
            await self.screen.print(("" if together else "\n") + render(piece, self.screen.columns))

    async def warn(self, sentence: str) -> None:
        await self.show(Piece("warning", sentence))

    def hint(self, words: str) -> None:
        """Show a few words for a moment."""

        def forget() -> None:
            self.preview.hint = ""
            self.screen.redraw()

        self.preview.hint = words
        asyncio.get_running_loop().call_later(HINT_S, forget)

    def move(self) -> None:
        """Something has begun to change by itself."""
        self._moving.set()
        self.screen.redraw()

    async def animate(self) -> None:
        """Draw again and again, as long as a turn runs or waits."""
        while True:
            await self._moving.wait()
            self.screen.redraw()
            if not self.preview.running and not self._waiting():
                self._moving.clear()
            await asyncio.sleep(FRAME_S)

    def _draw(self, columns: int, rows: int) -> str:
        return self.preview.draw(columns, rows, self._waiting())
