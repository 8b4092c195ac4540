"""Logins and secret values of a person at plugins."""

from adapters.commands.mcp.asked import Answer, Asked
from clara.errors import Misconfigured, UserError
from clara.plugins.plugin import EVERYBODY, place
from store import plugins
from store.sealing import Keys, Sealer


async def set_(asked: Asked) -> Answer:
    """Keep the value of a variable, or header, that a plugin needs: the person's own, or everybody's."""
    name = asked.words[1] if len(asked.words) > 1 else ""
    if not name:
        raise UserError(f"Please say which variable: {asked.prefix}set NAME VARIABLE")
    if not asked.secret:
        raise UserError("A value is missing. It is asked for where nobody else reads it, or read from a pipe.")
    each = await asked.named()
    known = each.plugin.launch.secrets
    if name not in known:
        asked.permit()  # a variable that it does not name is one more for its server
    owner = EVERYBODY if asked.everybody else asked.user_id
    if owner == EVERYBODY:
        asked.permit()
    try:
        sealed = Sealer(Keys.of(asked.settings)).seal(asked.secret, place(each.plugin.id, owner, name))
    except Misconfigured as error:
        raise UserError(f"I cannot keep a secret, until who runs me has set up a key for it. {error}") from error
    await asked.door.store(plugins.seal, each.plugin.id, owner, name, sealed)
    whom = "everybody" if owner == EVERYBODY else "you"
    text = f"{name} is kept, encrypted, for {whom}. Servers of {each.plugin.name} start with it from now on."
    return Answer(text, {"plugin": each.plugin.name, "variable": name, "for": owner or "everybody"})


def wanted(action: str, text: str) -> str:
    """What of an action is typed where nobody else reads it; empty for nothing."""
    words = text.split()
    return f"The value of {words[1]} for {words[0]}" if action == "set" and len(words) > 1 else ""
