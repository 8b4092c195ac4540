"""A plugin's question to its person: the turn parks until it is answered, and then the call is made again.

The server of the call that asks is told that nobody answers (``cancel``), by which it has to give up what it was doing.
When the call is made again and asks the same, it gets the answer.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from activities.tools.asking import Asks
from activities.tools.tool import Context
from clara.approvals.question import PREFIXES
from clara.notices import Notice
from clara.plugins import elicitation
from clara.plugins.plugin import Plugin
from store import plugin_questions
from store.database import Pool

if TYPE_CHECKING:
    from activities.plugins.running.calls import ElicitAnswer, Elicitation

Notify = Callable[[Notice], Awaitable[None]]


def asking(
    pool: Pool, notify: Notify, plugin: Plugin, context: Context
) -> "Callable[[Elicitation], Awaitable[ElicitAnswer]]":
    """What ``Servers.call`` asks with. It raises Asks where the person has not answered yet."""

    async def ask(wanted: "Elicitation") -> "ElicitAnswer":
        from activities.plugins.running.calls import ElicitAnswer

        asked = elicitation.question(wanted.message, wanted.schema, wanted.url)
        if asked is None:
            return ElicitAnswer("cancel")
        turn_id, step, call_id = context.key.rsplit("/", 2)
        message = context.message
        id = elicitation.question_id(context.key, asked.digest)
        place = (turn_id, int(step), call_id)
        kept = await plugin_questions.ask(
            pool, id, place, context.user_id, plugin.name, asked, elicitation.ANSWER_WITHIN
        )
        if kept.state == "declined":
            return ElicitAnswer("decline")
        if kept.state == "accepted":
            return ElicitAnswer("accept", kept.content or {})
        remaining = kept.until - context.now
        if remaining.total_seconds() <= 0:
            return ElicitAnswer("cancel")
        prefix = PREFIXES.get(message.conversation.platform, "/")
        text = elicitation.card(plugin.name, asked, id, prefix)
        # Also if it was asked before: the attempt that did may have died before anybody was told.
        await notify(
            Notice(
                key=f"{elicitation.NOTICE}{id}", user_id=context.user_id, to=message.conversation,
                reply_to=message.reply_to, text=text,
            )
        )  # fmt: skip
        raise Asks(f"your answer [{id}] to the plugin {plugin.name}", remaining)

    return ask
