"""A module of tools that cannot be imported."""

TOOLS = (1 // 0,)
