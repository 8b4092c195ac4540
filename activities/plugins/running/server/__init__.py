"""One server of one person. Loads the SDK."""

from activities.plugins.running.server.server import Server

__all__ = ["Server"]
