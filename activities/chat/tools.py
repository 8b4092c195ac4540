"""The model's tools for chats that have channels: they act there as the person who asks may, and no further."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from activities.chat.asking import SETTLES, TIMEOUT, Chats
from activities.tools.tool import Context, Tool, Verdict
from activities.tools.toolset import Offering, Toolset
from clara import chat
from clara.messages import Incoming, Value
from clara.tools.tool import Effect, Risk

A = TypeVar("A", bound=Value)


def tools(chats: Chats) -> tuple[Tool[Any], ...]:
    async def verify(_: Value, context: Context) -> Verdict:
        return await chats.verify(context)

    def doing(kind: str, is_write: bool) -> Callable[[Any, Context], Awaitable[str]]:
        async def run(arguments: Value, context: Context) -> str:
            return await chats.act(kind, arguments, context, is_write)

        return run

    def write(name: str, arguments: type[A], view: Callable[[A], str], description: str) -> Tool[A]:
        return Tool(
            name,
            description,
            arguments,
            doing(name, is_write=True),
            effect=Effect.WRITE,
            risk=Risk.OUTWARD,
            timeout=TIMEOUT,
            settles_within=SETTLES,
            verify=verify,
            view=view,
            reaches=_reaches,
        )

    def change(name: str, arguments: type[A], view: Callable[[A], str], description: str, risk: Risk) -> Tool[A]:
        run = doing(name, is_write=False)
        effect = Effect.IDEMPOTENT
        return Tool(name, description, arguments, run, effect, TIMEOUT, risk=risk, view=view, reaches=_reaches)

    return (
        write(
            "send_message_to_channel",
            chat.SendMessage,
            lambda asked: f"in {asked.channel}: {asked.text}",
            "Send a message to another channel, when the person asks for it. Your answer goes to this one anyway.",
        ),
        write(
            "create_thread",
            chat.CreateThread,
            lambda asked: f"{asked.name}{_in(asked.channel)}: {asked.text or f'from message {asked.message}'}",
            "Open a thread with a first message, or from a message that is there.",
        ),
        write(
            "send_embed",
            chat.SendEmbed,
            _embed,
            "Send an embed: a titled box with fields, for what a table or a card shows best.",
        ),
        write(
            "send_buttons",
            chat.SendButtons,
            lambda asked: f"{asked.text}{_in(asked.channel)}: {' | '.join(asked.choices)}",
            "Ask with buttons. Whoever clicks one says its label to you as their next message: do not wait for it.",
        ),
        change(
            "edit_message",
            chat.EditMessage,
            lambda asked: f"{asked.message}{_in(asked.channel)}: {asked.text}",
            "Replace the text of a message of your own, for the person it was for.",
            Risk.OUTWARD,
        ),
        change(
            "add_reaction",
            chat.AddReaction,
            lambda asked: asked.emoji,
            "React to a message of this conversation with an emoji.",
            Risk.CHANGE,
        ),
    )


def _in(channel: str) -> str:
    return f" in {channel}" if channel else ""


def _embed(asked: chat.SendEmbed) -> str:
    fields = [f"{each.name}: {each.value}" for each in asked.fields]
    lines = [asked.description, *fields, asked.footer, asked.url]
    return "\n".join([f"{asked.title}{_in(asked.channel)}", *filter(None, lines)])


def _reaches(asked: Value) -> Risk:
    """What is done in the conversation itself reaches no further than an answer."""
    elsewhere = getattr(asked, "channel", "")
    return Risk.OUTWARD if elsewhere else Risk.CHANGE


def toolset(chats: Chats) -> Toolset:
    """Offered where the platform has these actions."""
    made = tools(chats)

    async def offer(message: Incoming) -> Offering:
        return Offering(made if message.conversation.platform in chat.PLATFORMS else ())

    return Toolset("channels", offer)
