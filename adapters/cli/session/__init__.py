"""One conversation at the terminal: who speaks, where, and what a typed line means."""
