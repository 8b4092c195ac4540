"""What stands at the beginning of a chat: who answers, how to go on, and what happened before."""

from collections.abc import Sequence

from adapters.cli.render.pieces import MARK, Piece
from adapters.cli.render.printable import excerpt, one_line, printable
from adapters.cli.turns.answer_view import AnswerView
from adapters.cli.turns.calls import ShownCall
from clara import __version__
from clara.invocation import call
from clara.messages import BEGUN_BY, Incoming
from clara.settings import Settings
from store.conversations import Conversation
from store.notices import KeptNotice
from store.turns.turns import Turn

LINE_CHARACTERS = 200
"""More than any terminal shows; the screen cuts what it cannot."""

ECHO_CHARACTERS = 2_000
"""Of what the person said: a whole pasted file would push everything else off the screen."""


KEYS = "Alt-Enter: new line · Ctrl-C: stop · Ctrl-D: leave · /help: commands"


def banner(settings: Settings, conversation: Conversation, keys: str = "") -> list[Piece]:
    """Who answers here, and what the ``keys`` do where there is a prompt."""
    llm = settings.llm
    tier = conversation.tier or llm.default_tier
    model = "offline stand-in" if llm.provider == "scripted" else f"{llm.provider}: {llm.model(llm.provider, tier)}"
    lines = [f"{settings.runtime.name} {__version__} · {model} · {conversation.id}"]
    if settings.runtime.ui_url:
        lines.append(f"Temporal Web UI: {settings.runtime.ui_url}")
    if keys:
        lines.append(keys)
    pieces = [Piece("note", "\n".join(lines))]
    if llm.provider == "scripted":
        pieces.append(Piece("warning", f"No model is configured: a stand-in answers. For a real one: {call('setup')}"))
    return pieces


def reminder(turns: list[Turn]) -> list[Piece]:
    """The last turns, a line for each question and each answer: enough to know what it was about."""
    lines = []
    for turn in turns:
        lines.append(f"{MARK} {one_line(_asked(turn.message), LINE_CHARACTERS)}")
        lines.append(f"  {one_line(turn.reply or '', LINE_CHARACTERS)}")
    return [Piece("past", "\n".join(lines))] if lines else []


def said(words: str) -> Piece:
    """What the person said, before its answer."""
    return Piece("person", excerpt(words, ECHO_CHARACTERS))


def begun(message: Incoming) -> Piece:
    """What a turn begins with: the person's words, or those of whatever else began it."""
    if message.origin == "person":
        return said(message.text)
    return Piece("note", excerpt(_asked(message), ECHO_CHARACTERS))


def _asked(message: Incoming) -> str:
    return message.text if message.origin == "person" else f"Begun by {BEGUN_BY[message.origin]}: {message.text}"


def news(kept: KeptNotice, missed: bool) -> list[Piece]:
    """What Clara says without being asked; ``missed``: while nobody looked."""
    return [Piece("note", "Meanwhile:" if missed else "News:"), Piece("answer", printable(kept.notice.text))]


def finished_meanwhile(turn: Turn, calls: Sequence[ShownCall], correction: str = "") -> list[Piece]:
    """A turn that ended while nobody looked, and the tools that it used; or one of whose end more is known now."""
    reply = turn.reply or ""
    if correction:
        return [*corrected(turn.message.text, correction), Piece("note", "The whole answer:"), Piece("answer", reply)]
    return [
        Piece("note", "Finished meanwhile:"),
        begun(turn.message),
        *AnswerView().settle(calls, over=True),
        *AnswerView().end(turn.status, reply),
    ]


def corrected(words: str, correction: str) -> list[Piece]:
    """What became known after the reply to ``words``."""
    return [Piece("note", f"{about(words)}, more is known now:"), Piece("warning", printable(correction))]


def about(words: str) -> str:
    """Names an earlier message."""
    return f"About “{one_line(words, 60)}”" if words.strip() else "About an earlier message"
