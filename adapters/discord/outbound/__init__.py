"""From a turn to its messages on Discord: previews, then the reply, each once."""
