"""What every provider of language models looks like from the outside."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from clara.llm.models import Completion, Prompt

LoadImage = Callable[[str], Awaitable[bytes]]
"""From the id of a blob to the bytes of an image."""

OnText = Callable[[str], None]
"""Hears each piece of the answer as it streams; the pieces add up to the texts of the completion."""

OnTool = Callable[[str], None]
"""Hears the name of a tool as soon as the model starts to call it."""


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    async def complete(
        self, prompt: Prompt, model: str, load_image: LoadImage, on_text: OnText, on_tool: OnTool
    ) -> Completion:
        """The model's whole answer; an answer that ended before its end is an error.

        Every failure of the provider is raised as Unavailable (try again) or ModelRefused (do not),
        with a message for the person and without the key, the prompt or the original exception.
        Errors of ``load_image`` pass unchanged. Cancelling closes the connection at once.
        ``parts`` is empty where the model, as some do after a tool's result, chose to say nothing.
        """
        ...

    async def close(self) -> None:
        """Close all connections; the provider is not used afterwards."""
        ...
