"""Plugins: installing MCP servers, running them, and calling their tools."""
