"""Accounts that people have connected: checking their tokens, and handing them to what acts in their name."""
