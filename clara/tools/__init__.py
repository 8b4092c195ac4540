"""Tools: what one declares, what a turn may call, how one is found, and what came of a write."""
