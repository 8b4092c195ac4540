"""What a process and its supervisor agree on. Imports nothing, because both begin with it."""

MISCONFIGURED = 2
"""Exit code: a setting has to be changed first, and starting again will not help."""

START_S = 5
"""A supervised process that ends sooner than this counts as crashed while starting."""
