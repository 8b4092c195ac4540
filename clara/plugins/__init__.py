"""Plugins: MCP servers that people install, and what their tools may do."""
