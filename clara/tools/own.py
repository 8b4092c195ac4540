"""What Clara's own tools are called, so that no plugin's tool is taken for one of them; a test keeps the list."""

NAMES: frozenset[str] = frozenset()
