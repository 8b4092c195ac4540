"""Search of this conversation, also of what the model no longer reads."""

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool
from clara.errors import ToolFailed
from clara.tools.provenance import Provenance
from store.database import Pool
from store.turns import turns

EXCERPT = 600


class SearchTranscript(Arguments):
    query: str = Field(description="words that must all occur in the message or its answer", max_length=200)
    limit: int = Field(5, ge=1, le=20)


def tool(pool: Pool) -> Tool[SearchTranscript]:
    """Search of the conversation in which it is asked for."""

    async def search(arguments: SearchTranscript, context: Context) -> str:
        words = arguments.query.split()
        if not words:
            raise ToolFailed("Give at least one word to search for.")
        current = await turns.get(pool, context.message.turn_id)
        before = current.position if current else 2**31 - 1
        found = await turns.search(pool, context.message.conversation, words, arguments.limit, before)
        if not found:
            return "Nothing in this conversation contains all of these words."
        return "\n\n".join(
            f"{turn.message.sent_at:%Y-%m-%d %H:%M} UTC\n"
            f"{turn.message.user.name}: {_around(turn.message.text, words[0])}\n"
            f"You: {_around(turn.reply or f'({turn.status})', words[0])}"
            for turn in found
        )

    return Tool(
        name="search_transcript",
        description=(
            "Search everything that was said in this conversation before, however long ago. "
            "Use it when the person refers to something that you cannot see."
        ),
        arguments=SearchTranscript,
        run=search,
        provenance=Provenance.PERSON,
    )


def _around(text: str, word: str) -> str:
    """The part of a long text in which the word stands."""
    if len(text) <= EXCERPT:
        return text
    at = max(0, text.lower().find(word.lower()) - EXCERPT // 3)
    return ("…" if at else "") + text[at : at + EXCERPT] + "…"
