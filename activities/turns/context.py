"""What the model reads: the system prompt, the newest turns that fit, and the turn at work.

A turn is rendered the same way every time, whenever it is past, so that providers can cache it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from activities.files.attached import AttachedFiles
from clara import history, prompts
from clara.memory import recall
from clara.messages import (
    BEGUN_BY,
    ImagePart,
    Incoming,
    Message,
    Part,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from clara.models import MAX_CALLS
from clara.tools import preview
from store import effects, steps, turns, waits
from store.conversations import Conversation
from store.database import Pool
from store.memory import lessons
from store.steps import Step, ToolResult
from store.turns import Turn
from store.waits import Wait

FILE_TURNS = 4
"""Turns, counted back from the current one, whose attachments the model is shown again."""

PAST_RESULT_CHARACTERS = 2_000
"""Of a tool's result in a past turn; the answer that was made of it follows it."""

MEANWHILE_TURNS = 5
MEANWHILE_CHARACTERS = 300
MEANWHILE = "[While this waited, the conversation went on. Answer the message above, not these:]"

TOO_MANY = (
    f"Not run, and neither were the calls after this one: one answer may make {MAX_CALLS}. Call again what is needed."
)
NO_RESULT = "This call brought no result."
UNKNOWN = "The outcome of this call is unknown: it may or may not have taken effect. Do not repeat it; say so."


@dataclass
class ContextWindow:
    """One rendering of a conversation. ``images`` holds the bytes that its image parts refer to."""

    messages: tuple[Message, ...]
    tokens: int
    turns: int
    images: dict[str, bytes] = field(default_factory=dict)

    async def load_image(self, blob_id: str) -> bytes:
        return self.images[blob_id]


class ContextBuilder:
    """Renders conversations from the store. ``timezone`` is used for people whose own is not known."""

    def __init__(self, pool: Pool, timezone: str, files: AttachedFiles) -> None:
        self._pool = pool
        self._timezone = timezone
        self._files = files

    async def build(
        self, turn: Turn, conversation: Conversation, budget: int, result_limit: int, notice: str = ""
    ) -> ContextWindow:
        """The turn and as much before it as ``budget`` tokens hold; the turn itself is always there.

        What was recalled for the turn, and ``notice`` of what could not be, stand before its message.

        ``result_limit`` bounds each tool's result within the turn, in characters.
        """
        past = await turns.recent(
            self._pool,
            turn.message.conversation,
            limit=history.WINDOW + history.STRIDE,
            after=conversation.fresh_after,
            before=turn.position,
        )
        ids = [t.id for t in (*past, turn)]
        all_steps = await steps.of_turns(self._pool, ids)
        results = await steps.results_of_turns(self._pool, ids) if _has_calls(all_steps) else {}
        unknown = {effect.key for effect in await effects.unsettled(self._pool, turn.id)} if results else set()
        waiting = await waits.of_turns(self._pool, ids) if _has_calls(all_steps) else {}
        context = ContextWindow((), 0, 0)
        rendered: list[tuple[Turn, list[Message]]] = []
        for index, each in enumerate((*past, turn)):
            with_files = index >= len(past) - FILE_TURNS + 1
            before = await self._recalled(turn, notice) if each is turn else ()
            messages = [await self._question(each.message, with_files, context, before)]
            limit = result_limit if each is turn else PAST_RESULT_CHARACTERS
            messages += _answers(
                each, all_steps.get(each.id, []), results.get(each.id, {}), unknown, limit, each is turn
            )
            if each.id in waiting:
                messages = await self._with_waits(each, messages, waiting[each.id], each is turn)
            rendered.append((each, messages))
        sizes = [history.TurnSize(each.position, _tokens(messages)) for each, messages in rendered]
        start = history.window_start(sizes[:-1], budget - sizes[-1].tokens)
        chosen = [i for i, size in enumerate(sizes) if size.position >= start or i == len(sizes) - 1]
        chosen = chosen[-(history.WINDOW + history.STRIDE) :]
        context.messages = tuple(message for i in chosen for message in rendered[i][1])
        context.tokens = sum(sizes[i].tokens for i in chosen)
        context.turns = len(chosen)
        return context

    async def _with_waits(
        self, turn: Turn, messages: list[Message], found: Sequence[Wait], current: bool
    ) -> list[Message]:
        """A past turn that still waits says for what; the current one reads what was said while it waited."""
        if not current:
            return [*messages, _still_waiting(found)]
        later = await turns.recent(self._pool, turn.message.conversation, MEANWHILE_TURNS, after=turn.position)
        if not later:
            return messages
        lines = [f"{_who(t.message)}: {_short(t.message.text)}\nYou: {_short(t.reply or t.status)}" for t in later]
        return [*messages[:-1], _with_words(messages[-1], "\n".join([MEANWHILE, *lines]))]

    async def _recalled(self, turn: Turn, notice: str) -> tuple[TextPart, ...]:
        """With the message and not in the system prompt, so that all before it can stay cached."""
        if not turn.message.memory:
            return ()
        items, _ = await lessons.recall_of(self._pool, turn.id)
        return tuple(TextPart(text=f"{text}\n\n") for text in (recall.render(items), notice) if text)

    async def _question(
        self, message: Incoming, with_files: bool, context: ContextWindow, before: tuple[TextPart, ...]
    ) -> Message:
        local = message.sent_at.astimezone(ZoneInfo(message.timezone or self._timezone))
        lines = [prompts.quoted_block(message), prompts.message_heading(message, local), message.text]
        parts: list[Part] = []
        for attachment in message.attachments:
            shown = await self._files.show(message, attachment) if with_files else f"[attached: {attachment.name}]"
            if isinstance(shown, str):
                lines.append(shown)
            else:
                parts.append(shown.part)
                context.images[shown.part.blob_id] = shown.data
        return Message(role="user", parts=(*before, TextPart(text="\n".join(line for line in lines if line)), *parts))


def _has_calls(all_steps: dict[str, list[Step]]) -> bool:
    return any(isinstance(part, ToolCallPart) for found in all_steps.values() for step in found for part in step.parts)


def _answers(
    turn: Turn,
    answers: Sequence[Step],
    results: dict[tuple[int, str], ToolResult],
    unknown: set[str],
    limit: int,
    current: bool,
) -> list[Message]:
    """The model's answers within a turn, each followed by the results of its calls."""
    messages: list[Message] = []
    for step in answers:
        parts = tuple(p for p in step.parts if current or not isinstance(p, ThinkingPart))
        if parts:
            messages.append(Message(role="assistant", parts=parts))
        calls = [part for part in parts if isinstance(part, ToolCallPart)]
        if calls:
            found = [_result(call, step, results.get((step.step, call.id)), unknown, limit) for call in calls]
            found[MAX_CALLS:] = [part.model_copy(update={"text": TOO_MANY}) for part in found[MAX_CALLS:]]
            messages.append(Message(role="user", parts=tuple(found)))
    if not current and turn.status in ("stopped", "failed"):
        messages.append(Message(role="assistant", parts=(TextPart(text=turn.reply or f"({turn.status})"),)))
    return messages


def _with_words(results: Message, words: str) -> Message:
    # Within the last result: words beside it would be the person's, who did not say them here.
    *before, last = results.parts
    if isinstance(last, ToolResultPart):
        last = last.model_copy(update={"text": f"{last.text}\n\n{words}"})
    return Message(role="user", parts=(*before, last))


def _who(message: Incoming) -> str:
    return message.user.name if message.origin == "person" else BEGUN_BY[message.origin]


def _short(text: str) -> str:
    return preview(text, MEANWHILE_CHARACTERS)


def _still_waiting(found: Sequence[Wait]) -> Message:
    words = "; ".join(
        f"{wait.about} (since {wait.begun_at:%Y-%m-%d %H:%M} UTC)" for wait in found if wait.ended_at is None
    )
    return Message(role="assistant", parts=(TextPart(text=f"(Not answered yet. I am still waiting for: {words})"),))


def _result(call: ToolCallPart, step: Step, result: ToolResult | None, unknown: set[str], limit: int) -> ToolResultPart:
    if result is not None:
        text, is_error = preview(result.preview, limit, call.id), result.is_error
        text += _kept(result)
    else:
        text = UNKNOWN if f"{step.turn_id}/{step.step}/{call.id}" in unknown else NO_RESULT
        is_error = True
    return ToolResultPart(call_id=call.id, name=call.name, text=text, is_error=is_error)


def _kept(result: ToolResult) -> str:
    """What the model reads of files that a tool has made."""
    names = ", ".join(f"{file.name} ({file.media_type}, {file.size:,} bytes)" for file in result.files)
    return f"\n\n[files made for the person: {names}]" if names else ""


def _tokens(messages: Sequence[Message]) -> int:
    total = 0
    for message in messages:
        for part in message.parts:
            match part:
                case TextPart() | ToolResultPart():
                    total += history.tokens_of(part.text)
                case ImagePart():
                    total += history.IMAGE_TOKENS
                case ToolCallPart():
                    total += history.tokens_of(str(part.arguments))
                case ThinkingPart():
                    total += history.tokens_of(str(part.block))
    return total
