"""What keeps a plugin from being used, and what its person has to do."""

from datetime import datetime

from clara.plugins.plugin import Plugin
from clara.plugins.survey import Surveyed
from clara.plugins.telling.words import CHAT, one_line, tools_in_words


def not_yet(plugin: Plugin) -> str:
    """Why a plugin can be switched neither on nor off; empty where it can."""
    match plugin.state:
        case "installing":
            return f"{plugin.name} is still being installed."
        case "removing":
            return f"{plugin.name} is being removed."
        case "failed":
            return f"{plugin.name} cannot be used: {plugin.fault or 'it did not start'}"
    return ""


def matters(each: Surveyed, prefix: str) -> list[str]:
    """What keeps a plugin from being used, with what to do."""
    plugin, name = each.plugin, each.plugin.name
    if plugin.state == "failed":
        return [one_line(plugin.fault) if plugin.fault else f"it did not start; to try again: {prefix}refresh {name}"]
    if plugin.state == "ready":
        return [f"it is installed and not enabled: {prefix}enable {name}"]
    if plugin.state != "enabled":
        return []
    told = [one_line(plugin.fault)] if plugin.fault else []
    if not each.tools:
        told.append(f"it has no tools: {prefix}refresh {name}")
    waiting = [standing.called for standing in each.waiting]
    if waiting:
        told.append(
            f"{tools_in_words(len(waiting))} wait{'s' if len(waiting) == 1 else ''} for a yes: {prefix}tools {name}"
        )
    told += [f"{standing.called} cannot be used: {standing.unfit}" for standing in each.tools if standing.unfit]
    return told


def login(plugin: Plugin, state: str, begun: bool, since: datetime | None, until: datetime | None) -> str:
    match state:
        case "connected":
            when = f" since {since:%Y-%m-%d}" if since else ""
            renewed = f" The token at hand is good until {until:%Y-%m-%d %H:%M} UTC." if until else ""
            return f"You are connected to {plugin.name}{when}.{renewed}"
        case "lost":
            return f"{plugin.name} does not take your login any more. Please connect again."
    return f"You are not connected to {plugin.name}." + (" A login was begun and waits for you." if begun else "")


def where_to_type(plugin: Plugin) -> str:
    """Secrets are typed where no model and nobody else reads them."""
    names = ", ".join(plugin.launch.secrets) or "VARIABLE"
    ways = [f"{CHAT}set {plugin.name} {names}"]
    if not plugin.is_local:
        ways.append(f"{CHAT}oauth_set_token {plugin.name}")
    return (
        f"Never in a message. In a chat: {' or '.join(ways)}, which asks for the value where nobody else reads it. "
        f"At the terminal of whoever runs Clara: clara mcp set {plugin.name} {names}"
    )
