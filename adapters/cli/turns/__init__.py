"""A turn at the terminal: how it is followed, and what is shown of it."""
