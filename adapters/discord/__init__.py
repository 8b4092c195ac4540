"""Clara on Discord: hears channels, threads and direct messages, and answers there."""
