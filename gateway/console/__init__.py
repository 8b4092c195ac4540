"""The terminal that a command was typed into: how it was called, what it shows, with which code it ends."""
