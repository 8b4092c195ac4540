"""The chat with a prompt: typing and answers at the same time."""
