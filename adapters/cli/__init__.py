"""The terminal: one question and its answer, lines through a pipe, or a chat with a prompt."""
