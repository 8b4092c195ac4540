"""What runs in the peers' own environment: a script for each, of the standard library and that project alone."""
