"""What is shown of one turn while its frames come: pieces for good, and a rest that still changes.

Frames may be missed, repeated or made obsolete by a new attempt. Whatever was shown, in the end
the screen holds the reply as the store has it.
"""

import time
from collections.abc import Sequence

from adapters.cli.render.blocks import finished
from adapters.cli.render.pieces import Piece
from adapters.cli.render.printable import printable
from adapters.cli.turns.calls import ShownCall
from clara.messages import TurnStatus
from clara.stream import Assembly, Frame

ANEW = "(the model was asked again and begins again)"
DIFFERS = "(the answer above was not the last word; here it is whole)"


class AnswerView:
    """The answer of one turn. Feed it frames with ``add``, and in the end the reply with ``end``.

    A tool is shown for good once it is known what became of it, which the store tells: ``settle``.
    """

    def __init__(self) -> None:
        self._assembly = Assembly()
        self._step = self._answered = -1
        self._position = (0, -1)
        self._text = ""
        self._shown = ""
        self._whole = True
        self._called = False
        self._noticed = 0.0
        self._running: list[str] = []
        self._settled: set[tuple[int, str]] = set()

    @property
    def tail(self) -> str:
        """Markdown of the newest step that has not been given out as a piece yet."""
        rest = self._text[len(self._shown) :] if self._text.startswith(self._shown) else ""
        return f"… {rest}" if rest and not self._whole else rest

    @property
    def notice(self) -> str:
        return printable(self._assembly.notice)

    @property
    def notice_age(self) -> float:
        """Seconds since the notice came."""
        return time.monotonic() - self._noticed

    @property
    def doing(self) -> str:
        """The label of the tool that is at work, and how many come after it; empty while the model is asked."""
        if not self._running:
            return ""
        more = f" and {len(self._running) - 1} more" if len(self._running) > 1 else ""
        return f"{printable(self._running[0])}{more}"

    @property
    def calling(self) -> bool:
        """Whether a tool was called of which it is not known what became of it."""
        return bool(self._running)

    def begins_step(self, frame: Frame) -> bool:
        """Whether ``frame`` is the first of a step after another one, whose tools have then ended.

        A notice is none: tools that run tell by it what they are at, before the next step.
        """
        return frame.kind in ("text", "tool") and frame.step > max(self._answered, 0)

    def settle(self, calls: Sequence[ShownCall], over: bool) -> list[Piece]:
        """Show the tools whose outcome is known now; with ``over`` also those that will have none any more."""
        pieces: list[Piece] = []
        for call in calls:
            if (call.step, call.id) in self._settled or (call.outcome == "none" and not over):
                continue
            self._settled.add((call.step, call.id))
            if call.step == self._step:
                self._called = True
                pieces += self._rest()
                if call.label in self._running:
                    self._running.remove(call.label)
            pieces.append(Piece("tool", call.line))
        return pieces

    def add(self, frame: Frame) -> list[Piece]:
        """Take in a frame; returns what it completed."""
        if frame.kind not in ("text", "tool", "notice") or frame.step < self._step or not self._assembly.add(frame):
            return []
        pieces: list[Piece] = []
        if frame.step > self._step:
            pieces += self._rest()
            self._step, self._position, self._shown, self._text = frame.step, (frame.attempt, -1), "", ""
            self._whole, self._called, self._running = True, False, []
        self._check_for_gaps(frame)
        if frame.kind != "notice":
            self._answered = frame.step
        if frame.kind == "text":
            self._text = printable(self._assembly.step_text)
            pieces += self._completed()
        elif frame.kind == "notice":
            self._noticed = time.monotonic()
        elif frame.kind == "tool":
            self._called = True
            self._running.append(frame.text)
            pieces += self._rest()
        return pieces

    def end(self, status: TurnStatus, reply: str) -> list[Piece]:
        """The turn has ended: what is missing on the screen, for good."""
        reply = printable(reply).strip("\n")
        if status != "completed":
            return [*self._rest(), Piece("warning", reply)]
        # A step that called a tool was not the last one, even if nothing was heard of a later one.
        pieces = self._rest() if self._called else []
        shown = "" if self._called else self._shown.lstrip("\n")
        if not reply.startswith(shown):
            return [*pieces, Piece("note", DIFFERS), Piece("answer", reply)]
        missing = reply[len(shown) :].strip("\n")
        return [*pieces, Piece("answer", missing)] if missing else pieces

    def _check_for_gaps(self, frame: Frame) -> None:
        attempt, seq = self._position
        if frame.attempt > attempt:
            self._whole, self._running = frame.seq == 0, []
        elif frame.seq != seq + 1:
            self._whole = False
        self._position = (frame.attempt, frame.seq)

    def _completed(self) -> list[Piece]:
        pieces: list[Piece] = []
        if not self._text.startswith(self._shown):
            if self._shown.startswith(self._text):
                return []  # a new attempt that has not caught up yet
            self._shown = ""
            pieces.append(Piece("note", ANEW))
        if not self._whole:
            return pieces
        rest = self._text[len(self._shown) :]
        length = finished(rest)
        if length:
            pieces.append(Piece("answer", rest[:length].strip("\n")))
            self._shown += rest[:length]
        return pieces

    def _rest(self) -> list[Piece]:
        rest = self.tail.strip("\n")
        self._shown = self._text
        return [Piece("answer", rest)] if rest.strip() else []
