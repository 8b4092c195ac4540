"""Authorizing: how Clara gets to act for a person at the server of a plugin, by OAuth 2.1, and stays able to."""

from activities.plugins.authorizing.logins import Logins, LoginStatus

__all__ = ["LoginStatus", "Logins"]
