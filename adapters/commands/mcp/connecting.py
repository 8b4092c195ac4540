"""Logins and secret values of a person at plugins."""

from datetime import timedelta

from adapters.commands.mcp.asked import Answer, Asked
from clara.errors import Misconfigured, UserError
from clara.plugins import telling
from clara.plugins.logins import LoginRequest, by_hand, login_place, typed_token
from clara.plugins.plugin import EVERYBODY, Plugin, place
from store import logins, plugins
from store.sealing import Keys, Sealer
from temporal.starting import logins as asking

BEGIN_LIMIT = timedelta(seconds=60)


async def set_(asked: Asked) -> Answer:
    """Keep the value of a variable, or header, that a plugin needs: the person's own, or everybody's."""
    name = asked.words[1] if len(asked.words) > 1 else ""
    if not name:
        raise UserError(f"Please say which variable: {asked.prefix}set NAME VARIABLE")
    each = await asked.named()
    owner = EVERYBODY if asked.everybody else asked.user_id
    if owner == EVERYBODY or name not in each.plugin.launch.secrets:
        asked.permit()  # for all, or one variable more for its server
    sealed = _sealed(asked, asked.secret, place(each.plugin.id, owner, name))
    await asked.door.store(plugins.seal, each.plugin.id, owner, name, sealed)
    whom = "everybody" if owner == EVERYBODY else "you"
    text = f"{name} is kept, encrypted, for {whom}. Servers of {each.plugin.name} start with it from now on."
    return Answer(text, {"plugin": each.plugin.name, "variable": name, "for": owner or "everybody"})


async def oauth_start(asked: Asked) -> Answer:
    each = await asked.named()
    to = asked.address.to if asked.address else None
    request = LoginRequest(plugin_id=each.plugin.id, user_id=asked.user_id, conversation=to)
    begun = await asked.door.temporal(asking.begin, request, BEGIN_LIMIT)
    if begun is None:
        raise UserError("The login has not begun yet: no worker of plugins answers. Please try again in a moment.")
    pending = await asked.door.store(logins.pending, begun.login_id) if begun.done else None
    if pending is None:
        raise UserError(begun.text)
    text = (
        f"Please open this within ten minutes, in a browser of your own:\n{pending.url}\n"
        "If it ends at a page that cannot be reached, copy its address:"
        f" {asked.prefix}oauth_complete {each.plugin.name} ADDRESS"
    )
    return Answer(text, {"plugin": each.plugin.name, "url": pending.url})


async def oauth_complete(asked: Asked) -> Answer:
    each = await asked.named()
    answer = by_hand(asked.text.partition(" ")[2])
    waiting = await asked.door.store(logins.pending_of, each.plugin.id, asked.user_id)
    if waiting is None:
        raise UserError(f"No login waits for that. To begin one: {asked.prefix}oauth_start {each.plugin.name}")
    done = await asked.door.finish_login(waiting.id, answer)
    if not done.done:
        raise UserError(done.text)
    return Answer(done.text, {"plugin": each.plugin.name, "connected": True})


async def oauth_status(asked: Asked) -> Answer:
    each = await asked.named()
    kept = await asked.door.store(logins.get, each.plugin.id, asked.user_id)
    begun = await asked.door.store(logins.pending_of, each.plugin.id, asked.user_id) is not None
    state = "none" if kept is None else "lost" if kept.lost_at else "connected"
    since, until = (kept.connected_at, kept.expires_at) if kept else (None, None)
    data = {
        "plugin": each.plugin.name,
        "state": state,
        "waiting": begun,
        "connected_at": since.isoformat() if since else None,
        "expires_at": until.isoformat() if until else None,
    }
    return Answer(telling.login(each.plugin, state, begun, since, until), data)


async def oauth_set_token(asked: Asked) -> Answer:
    """Keep a token that the person got from the service by themselves."""
    each = await asked.named()
    if not _is_hosted(each.plugin):
        raise UserError(f"{each.plugin.name} runs here and takes no login. See: {asked.prefix}set NAME VARIABLE")
    sealed = _sealed(asked, typed_token(asked.secret.strip()), login_place(each.plugin.id, asked.user_id))
    if not await asked.door.store(logins.keep, each.plugin.id, asked.user_id, sealed, None):
        raise UserError(f"{each.plugin.name} is not installed any more.")
    return Answer(f"The token for {each.plugin.name} is kept, encrypted, for you.", {"plugin": each.plugin.name})


def wanted(action: str, text: str) -> str:
    """What of an action is typed where nobody else reads it; empty for nothing."""
    words = text.split()
    if action == "set" and len(words) > 1:
        return f"The value of {words[1]} for {words[0]}"
    return f"Your token for {words[0]}" if action == "oauth_set_token" and words else ""


def _sealed(asked: Asked, secret: str, where: str) -> bytes:
    if not asked.secret:
        raise UserError("A value is missing. It is asked for where nobody else reads it, or read from a pipe.")
    try:
        return Sealer(Keys.of(asked.settings)).seal(secret, where)
    except Misconfigured as error:
        raise UserError(f"I cannot keep a secret, until who runs me has set up a key for it. {error}") from error


def _is_hosted(plugin: Plugin) -> bool:
    return bool(plugin.launch.url) and not plugin.is_local
