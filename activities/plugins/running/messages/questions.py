"""Questions that a server has for its person while a call runs. Loads the SDK's types."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from mcp.types import ElicitRequestFormParams, ElicitResult

from activities.plugins.running.calls import Ask, ElicitAnswer, Elicitation


class Questions:
    """Of one server. The protocol does not say which call a question belongs to, so it is asked where one is alone."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._asks: dict[int, Ask | None] = {}
        self._broke: dict[int, BaseException] = {}

    @contextmanager
    def of_call(self, ask: Ask | None) -> Iterator[None]:
        """While a call runs. Raises at its end what ``ask`` raised in between."""
        number = next(self._numbers)
        self._asks[number] = ask
        try:
            yield
        finally:
            del self._asks[number]
            broke = self._broke.pop(number, None)
        if broke is not None:
            raise broke

    async def elicited(self, context: Any, params: Any) -> ElicitResult:
        """As the SDK calls it."""
        [(number, ask)] = self._asks.items() if len(self._asks) == 1 else [(0, None)]
        if ask is None or number in self._broke:
            return ElicitResult(action="cancel")
        if isinstance(params, ElicitRequestFormParams):
            question = Elicitation(params.message, "form", dict(params.requested_schema))
        else:
            question = Elicitation(params.message, "url", url=str(params.url))
        try:
            answer = await ask(question)
        except Exception as error:
            self._broke[number] = error
            answer = ElicitAnswer("cancel")
        content = dict(answer.content) if answer.action == "accept" and question.kind == "form" else None
        return ElicitResult(action=answer.action, content=content)
