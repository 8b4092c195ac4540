"""Completing slash commands and their choices."""

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from adapters.cli.session.face import COMMANDS, LOCAL

_SUMMARIES = {**{name: command.summary for name, command in COMMANDS.items()}, **{n[1:]: s for n, s in LOCAL}}


class CommandCompleter(Completer):
    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, space, argument = text[1:].partition(" ")
        if not space:
            for known, summary in _SUMMARIES.items():
                if known.startswith(name):
                    yield Completion(known, -len(name), display=f"/{known}", display_meta=summary)
        elif name in COMMANDS and COMMANDS[name].options:
            for choice in COMMANDS[name].options[0].choices:
                if choice.startswith(argument):
                    yield Completion(choice, -len(argument))
