"""Completing slash commands and their choices."""

from collections.abc import Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from clara import commands


class CommandCompleter(Completer):
    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        if not text.startswith("/") or "\n" in text:
            return
        name, space, argument = text[1:].partition(" ")
        for command in commands.for_surface("terminal"):
            if not space and command.name.startswith(name):
                yield Completion(command.name, -len(name), display=f"/{command.name}", display_meta=command.summary)
            elif space and command.name == name and command.options:
                for choice in command.options[0].choices:
                    if choice.startswith(argument):
                        yield Completion(choice, -len(argument))
