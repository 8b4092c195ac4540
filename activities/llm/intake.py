"""What a model answered, made fit to be kept: ids of Clara's own, storable texts, so many calls.

Whatever a provider sends enters here. Its ids may repeat, be missing or be no text at all, and they
decide which result belongs to which call; so Clara numbers the calls herself, and providers read her
ids in the history that she sends.
"""

from typing import Any

from clara.llm.models import MAX_CALLS, Completion
from clara.messages import Part, TextPart, ThinkingPart, ToolCallPart
from clara.text import storable, storable_value

NAME_LIMIT = 200
"""Characters of a tool's or a model's name; longer ones name nothing."""

MALFORMED_LIMIT = 4_000
"""Characters that are kept of arguments that nobody can read."""


def call_id(position: int, step: int, number: int) -> str:
    """The id of a call by its turn's position in the conversation, its step, and its place in the answer.

    Nine letters and digits, because Mistral takes no other ids. Unique among all turns that a model
    reads at once.
    """
    return f"c{position % 10_000:04}{step:02}{number:02}"


def keepable(completion: Completion, position: int, step: int) -> Completion:
    """The answer as it is stored. Of more than MAX_CALLS calls, one is kept to carry the words about the rest."""
    calls = [part for part in completion.parts if isinstance(part, ToolCallPart)][: MAX_CALLS + 1]
    # Of calls with the same id, the first is the one that thoughts mean.
    renamed = {call.id: call_id(position, step, number) for number, call in reversed(list(enumerate(calls)))}
    parts: list[Part] = []
    number = 0
    for part in completion.parts:
        match part:
            case ToolCallPart():
                if number < len(calls):
                    parts.append(_call(part, call_id(position, step, number)))
                number += 1
            case ThinkingPart():
                parts += _thinking(part, renamed)
            case TextPart():
                parts.append(TextPart(text=storable(part.text)))
            case _:
                parts.append(part)
    return completion.model_copy(update={"parts": tuple(parts), "model": storable(completion.model)[:NAME_LIMIT]})


def _call(call: ToolCallPart, id: str) -> ToolCallPart:
    try:
        arguments, malformed = storable_value(call.arguments), call.malformed
    except ValueError as error:
        arguments, malformed = {}, str(error)
    return ToolCallPart(
        id=id,
        name=storable(call.name)[:NAME_LIMIT],
        arguments=arguments,
        malformed=None if malformed is None else storable(malformed)[:MALFORMED_LIMIT],
    )


def _thinking(part: ThinkingPart, renamed: dict[str, str]) -> list[Part]:
    """The thoughts, pointing to the calls by their new ids; none where they cannot be stored."""
    try:
        block: dict[str, Any] = storable_value(part.block)
    except ValueError:
        return []
    # OpenRouter carries the signatures of Gemini's calls in details that name their calls.
    for detail, original in zip(_details(block), _details(part.block), strict=True):
        if isinstance(detail.get("id"), str):
            detail["id"] = renamed.get(original["id"], detail["id"])
    return [ThinkingPart(provider=part.provider, block=block)]


def _details(block: dict[str, Any]) -> list[dict[str, Any]]:
    found = block.get("reasoning_details")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
