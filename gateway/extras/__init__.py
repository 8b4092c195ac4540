"""What ``clara install`` adds to the environment that runs: what is there of it, and adding it."""
