"""A plugin that a person is not connected to."""

from clara.errors import ToolFailed
from clara.plugins.plugin import Plugin


class NeedsLogin(ToolFailed):
    """Its server wants to know who asks, and only the person can say so, in a browser."""

    def __init__(self, plugin: Plugin, lost: bool = False) -> None:
        why = "is no longer connected: its server does not take the login any more" if lost else "is not connected yet"
        super().__init__(
            f"The plugin {plugin.name} {why}. The person has to connect it{' again' if lost else ''}: with the tool "
            f"mcp_oauth_start, or by typing /clara mcp oauth_start {plugin.name}"
        )
