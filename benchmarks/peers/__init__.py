"""Other projects' durable turns beside Clara's, on the same servers and with the same model: ``make bench-peers``."""
