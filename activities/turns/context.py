"""What the model reads: the system prompt, the newest turns that fit, and the turn at work.

A turn is rendered the same way every time, whenever it is past, so that providers can cache it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from activities.files.attached import AttachedFiles
from activities.turns.renderings import Rendering, Renderings
from clara.approvals.taint import Source, Taint
from clara.errors import UserError
from clara.llm import history, prompts
from clara.llm.boundaries import fenced
from clara.llm.models import MAX_CALLS
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
from clara.tools.provenance import Provenance
from clara.tools.tool import preview
from store.database import Pool
from store.memory import lessons
from store.turns import effects, taint, turns, waits, window
from store.turns.turns import Turn
from store.turns.waits import Wait
from store.turns.window import Content, PastTurn, Result, Window

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
    unsettled: bool = False
    """The turn has effects whose outcome is unknown."""
    taint: Taint = field(default_factory=Taint)
    """What the turn has read with this."""
    limited: bool = False
    """A budget was set by command, or the turn has waited for one."""
    images: dict[str, bytes] = field(default_factory=dict)

    async def load_image(self, blob_id: str) -> bytes:
        return self.images[blob_id]


class ContextBuilder:
    """Renders conversations from the store. ``timezone`` is used for people whose own is not known."""

    def __init__(self, pool: Pool, timezone: str, files: AttachedFiles) -> None:
        self._pool = pool
        self._timezone = timezone
        self._renderings = Renderings()
        self._files = files

    async def build(self, turn: Turn, budget: int, result_limit: int, notice: str = "") -> ContextWindow:
        """The turn and as much before it as ``budget`` tokens hold; the turn itself is always there.

        What was recalled for the turn, and ``notice`` of what could not be, stand before its message.

        ``budget`` is what the conversation's provider is known to read, if that is less. ``result_limit``
        bounds each tool's result within the turn, in characters. UserError if the turn is gone.
        """
        conversation = turn.message.conversation.id
        kept = self._renderings.of(conversation)
        read = await window.read(
            self._pool,
            turn,
            limit=history.WINDOW + history.STRIDE,
            known={turn_id: rendering.version for turn_id, rendering in kept.items()},
        )
        if read is None:
            raise UserError("the record of this turn is gone.")
        waiting = await waits.of_turns(self._pool, [*(each.id for each in read.past), turn.id]) if read.waits else {}
        limited = read.limited or turn.id in waiting
        context = ContextWindow((), 0, 0, read.unsettled, read.taint, limited)
        past = [
            await self._past(entry, index >= len(read.past) - FILE_TURNS + 1, context, waiting.get(entry.id, ()))
            if entry.content
            else kept[entry.id]
            for index, entry in enumerate(read.past)
        ]
        self._renderings.keep(
            conversation,
            {
                entry.id: rendering
                for entry, rendering in zip(read.past, past, strict=True)
                if entry.content is None or _is_settled(entry.content.turn)
            },
        )
        if waiting.get(turn.id):
            context.taint = await taint.grow(self._pool, turn)  # with what was said meanwhile
        messages = await self._current(turn, read, result_limit, notice, context, waiting.get(turn.id, ()))
        tokens = _tokens(messages)
        sizes = [history.TurnSize(entry.position, each.tokens) for entry, each in zip(read.past, past, strict=True)]
        start = history.window_start(sizes, min(budget, read.context_tokens or budget) - tokens)
        chosen = [each for size, each in zip(sizes, past, strict=True) if size.position >= start]
        chosen = chosen[-(history.WINDOW + history.STRIDE - 1) :]
        context.messages = (*(message for each in chosen for message in each.messages), *messages)
        context.tokens = sum(each.tokens for each in chosen) + tokens
        context.turns = len(chosen) + 1
        return context

    async def _past(
        self, entry: PastTurn, with_files: bool, context: ContextWindow, found: Sequence[Wait]
    ) -> Rendering:
        """A past turn; one that still waits says for what."""
        assert entry.content is not None
        question = await self._question(entry.content.turn, with_files, context, ())
        messages = [question, *_answers(entry.content, set(), PAST_RESULT_CHARACTERS, current=False)]
        if found:
            messages.append(_still_waiting(found))
        return Rendering(entry.version, tuple(messages), _tokens(messages))

    async def _current(
        self, turn: Turn, read: Window, result_limit: int, notice: str, context: ContextWindow, found: Sequence[Wait]
    ) -> list[Message]:
        """The turn at work; one that has waited reads what was said meanwhile."""
        unknown = {effect.key for effect in await effects.unsettled(self._pool, turn.id)} if read.unsettled else set()
        before = await self._recalled(turn, notice)
        question = await self._question(turn, True, context, before)
        messages = [question, *_answers(read.current, unknown, result_limit, current=True)]
        return await self._with_meanwhile(turn, messages) if found else messages

    async def _with_meanwhile(self, turn: Turn, messages: list[Message]) -> list[Message]:
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
        self, turn: Turn, with_files: bool, context: ContextWindow, before: tuple[TextPart, ...]
    ) -> Message:
        message = turn.message
        local = message.sent_at.astimezone(ZoneInfo(message.timezone or self._timezone))
        lines = [
            prompts.quoted_block(message, turn.mark),
            prompts.message_heading(message, local),
            _said(message, turn.mark),
        ]
        parts: list[Part] = []
        for attachment in message.attachments:
            if with_files:
                shown = await self._files.show(message, attachment, turn.mark)
            else:
                shown = prompts.attached(attachment.name)
            if isinstance(shown, str):
                lines.append(shown)
            else:
                lines.append(prompts.attached(attachment.name))
                parts.append(shown.part)
                context.images[shown.part.blob_id] = shown.data
        return Message(role="user", parts=(*before, TextPart(text="\n".join(line for line in lines if line)), *parts))


def _is_settled(turn: Turn) -> bool:
    """It will read the same from now on: it has ended, and has no files, which are shown for some turns only."""
    return turn.status != "running" and not turn.message.attachments


def _answers(content: Content, unknown: set[str], limit: int, current: bool) -> list[Message]:
    """The model's answers within a turn, each followed by the results of its calls."""
    turn = content.turn
    messages: list[Message] = []
    for answer in content.answers:
        parts = tuple(p for p in answer.parts if current or not isinstance(p, ThinkingPart))
        if parts:
            messages.append(Message(role="assistant", parts=parts))
        calls = [part for part in parts if isinstance(part, ToolCallPart)]
        if calls:
            found = [
                _result(
                    call,
                    content.results.get((answer.step, call.id)),
                    f"{turn.id}/{answer.step}/{call.id}" in unknown,
                    limit,
                    turn.mark,
                )
                for call in calls
            ]
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


def _said(message: Incoming, mark: str | None) -> str:
    """The words of a message; where several people write, without lines that look like another one's heading."""
    return message.text if message.private or not mark else prompts.unheaded(message.text)


def _who(message: Incoming) -> str:
    return message.user.name if message.origin == "person" else BEGUN_BY[message.origin]


def _short(text: str) -> str:
    return preview(text, MEANWHILE_CHARACTERS)


def _still_waiting(found: Sequence[Wait]) -> Message:
    words = "; ".join(
        f"{wait.about} (since {wait.begun_at:%Y-%m-%d %H:%M} UTC)" for wait in found if wait.ended_at is None
    )
    return Message(role="assistant", parts=(TextPart(text=f"(Not answered yet. I am still waiting for: {words})"),))


def _result(
    call: ToolCallPart, result: Result | None, is_unknown: bool, limit: int, mark: str | None
) -> ToolResultPart:
    if result is not None:
        text, is_error = preview(result.preview, limit, call.id), result.is_error
        if mark and result.provenance is Provenance.OTHERS:
            text = fenced(text, mark, Source(result.tool, result.provenance, result.source).called)
        text += _kept(result)
    else:
        text, is_error = (UNKNOWN if is_unknown else NO_RESULT), True
    return ToolResultPart(call_id=call.id, name=call.name, text=text, is_error=is_error)


def _kept(result: Result) -> str:
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
