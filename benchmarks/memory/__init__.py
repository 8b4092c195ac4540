"""``make bench-memory``: what Clara's memory keeps of conversations, and how fast it finds it."""
