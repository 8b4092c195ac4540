"""MCP servers of our own, that misbehave as no library would. They run in a box, with nothing but Python."""
