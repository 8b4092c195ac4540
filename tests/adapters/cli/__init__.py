"""The terminal: its parts alone, and the chat as people use it."""
