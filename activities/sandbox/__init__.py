"""Code that people have run: in a box of their own, never on the host."""
