"""Boxes of bubblewrap: a folder each, and a namespace of its own for every process. No daemon, no image."""

from activities.sandbox.bubblewrap.backend import BubblewrapBackend

__all__ = ["BubblewrapBackend"]
