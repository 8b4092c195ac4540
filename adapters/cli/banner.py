"""The first lines of a chat: who answers, and how to go on."""

from adapters.cli.answer import Piece
from adapters.cli.printable import one_line
from adapters.cli.typeset import MARK
from clara import __version__
from clara.settings import Settings
from clara.settings.llm import KEY_VARIABLES
from store.conversations import Conversation
from store.turns import Turn

LINE_CHARACTERS = 200
"""More than any terminal shows; the screen cuts what it cannot."""


def banner(settings: Settings, conversation: Conversation, name: str) -> list[Piece]:
    llm = settings.llm
    tier = conversation.tier or llm.default_tier
    model = "offline stand-in" if llm.provider == "scripted" else f"{llm.provider}: {llm.model(llm.provider, tier)}"
    lines = [f"{settings.runtime.name} {__version__} · {model} · {name}"]
    if settings.runtime.ui_url:
        lines.append(f"Every turn as a workflow: {settings.runtime.ui_url}")
    lines.append("Alt-Enter: new line · Ctrl-C: stop · Ctrl-D: leave · /help: commands")
    pieces = [Piece("note", "\n".join(lines))]
    if llm.provider == "scripted":
        pieces.append(
            Piece(
                "warning",
                "No model is configured, so an offline stand-in answers. For a real one, set one of "
                f"{', '.join(KEY_VARIABLES.values())} in .env or the environment and start again.",
            )
        )
    return pieces


def reminder(turns: list[Turn]) -> list[Piece]:
    """The last turns, a line for each question and each answer: enough to know what it was about."""
    lines = []
    for turn in turns:
        lines.append(f"{MARK} {one_line(turn.message.text, LINE_CHARACTERS)}")
        lines.append(f"  {one_line(turn.reply or '', LINE_CHARACTERS)}")
    return [Piece("past", "\n".join(lines))] if lines else []
