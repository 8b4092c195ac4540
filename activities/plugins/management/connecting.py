"""Logins of the person at plugins, and where secrets are typed. No tool takes a secret: what a model reads stays."""

from datetime import timedelta
from typing import Any

from pydantic import Field

from activities.plugins.management.desk import Desk, Logins
from activities.plugins.management.looking import Named
from activities.tools.tool import Context, Tool
from clara.errors import ToolFailed
from clara.plugins import telling
from clara.plugins.logins import OVER
from clara.tools.tool import Effect
from temporal import queues
from temporal.starting import logins as asking

FINISH_LIMIT = timedelta(seconds=25)


class Complete(Named):
    code: str = Field(min_length=1, max_length=4_000, description="the code, or the whole address that came back")


def tools(desk: Desk) -> tuple[Tool[Any], ...]:
    def logins() -> Logins:
        if desk.logins is None:
            raise ToolFailed("Logins are kept by another worker.")
        return desk.logins

    async def start(asked: Named, context: Context) -> str:
        each = await desk.named(context, asked.name)
        url = await logins().start(each.plugin, context.user_id, context.message.conversation)
        return (
            f"Give the person this address. They log in there, in their own browser, within ten minutes: {url}\n"
            "If their browser then shows a page that cannot be reached, they send its address, for mcp_oauth_complete."
        )

    async def complete(asked: Complete, context: Context) -> str:
        each = await desk.named(context, asked.name)
        login_id = await logins().bring(each.plugin, context.user_id, asked.code)
        if login_id is None:
            raise ToolFailed(OVER.text)
        # By the workflow, as a browser's answer is: it also sees which tools the plugin has for this person.
        done = await asking.finish(desk.client, login_id, context.user_id, FINISH_LIMIT)
        if done is None:
            raise ToolFailed("The login is still being finished. mcp_oauth_status tells when it is done.")
        if not done.done:
            raise ToolFailed(done.text)
        return done.text

    async def status(asked: Named, context: Context) -> str:
        each = await desk.named(context, asked.name)
        found = await logins().status(each.plugin, context.user_id)
        return telling.login(each.plugin, found.state, found.begun, found.connected_at, found.expires_at)

    async def set_token(asked: Named, context: Context) -> str:
        each = await desk.named(context, asked.name)
        return telling.where_to_type(each.plugin)

    kept: dict[str, Any] = {"effect": Effect.IDEMPOTENT, "queue": queues.PLUGINS}
    look: dict[str, Any] = {"queue": queues.PLUGINS}
    return (
        Tool("mcp_oauth_start", "Begin the person's login (OAuth) at a hosted plugin.", Named, start, **kept),
        Tool("mcp_oauth_complete", "Finish that login with the code that came back.", Complete, complete, **kept),
        Tool("mcp_oauth_status", "Whether the person is logged in at a plugin.", Named, status, **look),
        Tool(
            "mcp_oauth_set_token",
            "Where the person types a token or key for a plugin. Never take one in a message.",
            Named,
            set_token,
            **look,
        ),
    )
