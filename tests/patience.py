"""How long tests wait for what is to come."""

PATIENCE_S = 120.0
"""It comes within a second or two. This is for a machine that is many times slower and busy with other tests."""
