"""The person's account itself: connecting it, how it is, disconnecting it. These need none."""

from typing import Any

from activities.accounts.signing_in import SignIns
from activities.tools.tool import Arguments, Context, Tool
from clara.errors import ToolFailed, UserError
from clara.tools.tool import Effect, Risk

ELSEWHERE = (
    "Others read this conversation, so the address may not be shown here. The person types /connect google in the "
    "terminal, or /clara connect google on Discord, where only they see the answer."
)


class _Account:
    """What the tools do."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins

    async def connect(self, asked: Arguments, context: Context) -> str:
        if not context.message.private:
            raise ToolFailed(ELSEWHERE)
        try:
            begun = await self._sign_ins.begin(context.user_id, "google", context.message.conversation)
        except UserError as error:
            raise ToolFailed(str(error)) from None
        return (
            "Give the person this address, and nobody else. They open it in their own browser within ten minutes and "
            f"sign in with Google; they are told here when it is done: {begun.url}"
        )

    async def status(self, asked: Arguments, context: Context) -> str:
        account = await self._sign_ins.account(context.user_id, "google")
        if account is None:
            return "The person has connected no account with Google. google_connect begins it."
        if account.fault:
            return f"{account.login}: {account.fault} google_connect connects it again."
        return f"Connected as {account.login} since {account.connected_at:%Y-%m-%d}. {self._sign_ins.told(account)}"

    async def disconnect(self, asked: Arguments, context: Context) -> str:
        if "google" not in context.message.own_words.lower():
            # What somebody else wrote must not be able to take it away.
            raise ToolFailed("Only where the person asks for it in this very message, naming Google.")
        try:
            text, _ = await self._sign_ins.end(context.user_id, "google")
            return text
        except UserError as error:
            raise ToolFailed(str(error)) from None


def tools(sign_ins: SignIns) -> tuple[Tool[Any], ...]:
    account = _Account(sign_ins)
    return (
        Tool(
            "google_connect", "Begin to connect the person's Google account: the address that they open.", Arguments,
            account.connect, effect=Effect.IDEMPOTENT, risk=Risk.CHANGE, view=lambda asked: "connect a Google account",
        ),
        Tool(
            "google_status", "Whether the person's Google account is connected, and what Clara may do there.",
            Arguments, account.status, view=lambda asked: "the Google account",
        ),
        Tool(
            "google_disconnect", "Disconnect the person's Google account, when they ask for it.", Arguments,
            account.disconnect, effect=Effect.IDEMPOTENT, risk=Risk.CHANGE,
            view=lambda asked: "disconnect the Google account",
        ),
    )  # fmt: skip
