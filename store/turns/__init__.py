"""Turns: the message, each step with its calls and results, and the reply."""
