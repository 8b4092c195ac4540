"""What is seen of an answer while it is made. Best effort: only the final reply counts."""

from typing import Literal

from clara.messages import TurnStatus, Value


class Frame(Value):
    """A piece of news about a running turn, sent beside Temporal's history.

    ``text``: more of the answer. ``tool``: a tool was called; text is its label. ``notice``: a pause
    worth telling, such as waiting for an overloaded provider. ``waiting``: the turn waits for what text
    says and lets the next message pass; it goes on with a new step. ``end``: the turn has ended and its
    reply is in the store. ``correction``: more became known after the end, such as the outcome of a
    write that was stopped; text is the sentence, and the reply in the store holds it too. ``message``:
    a notice, which belongs to no turn, is in the store; ``turn`` is its id, ``notice/<key>``.
    """

    conversation: str
    turn: str
    step: int
    attempt: int
    seq: int
    kind: Literal["text", "tool", "notice", "waiting", "end", "correction", "message"]
    text: str = ""
    status: TurnStatus | None = None


class Assembly:
    """The answer of one turn as far as its frames tell.

    A higher attempt at a step starts that step's text anew, because the provider was asked again;
    late frames of an older attempt, and frames that were seen before, change nothing.
    """

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._position: dict[int, tuple[int, int]] = {}
        self.tools: list[str] = []
        self.notice = ""
        self.waiting = ""
        self.ended: TurnStatus | None = None

    def add(self, frame: Frame) -> bool:
        """Take in a frame; False if it brought nothing new."""
        if frame.kind == "end":
            self.ended = frame.status
            return True
        if frame.kind in ("correction", "waiting"):
            self.waiting = frame.text if frame.kind == "waiting" else self.waiting
            return True
        self.waiting = ""
        attempt, seq = self._position.get(frame.step, (0, -1))
        if frame.attempt < attempt or (frame.attempt == attempt and frame.seq <= seq):
            return False
        if frame.attempt > attempt:
            self._texts[frame.step] = ""
        self._position[frame.step] = (frame.attempt, frame.seq)
        self.notice = frame.text if frame.kind == "notice" else ""
        if frame.kind == "text":
            self._texts[frame.step] = self._texts.get(frame.step, "") + frame.text
        elif frame.kind == "tool":
            self.tools.append(frame.text)
        return True

    @property
    def text(self) -> str:
        """All that the model said so far, the steps apart."""
        return "\n\n".join(text for _, text in sorted(self._texts.items()) if text.strip())

    @property
    def step_text(self) -> str:
        """What the model said in its newest step: when the turn ends, its answer."""
        return self._texts[max(self._texts)] if self._texts else ""
