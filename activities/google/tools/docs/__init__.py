"""Documents."""

from activities.google.tools.docs.document import tools

__all__ = ["tools"]
