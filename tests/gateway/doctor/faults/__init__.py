"""Faults that people really make: how each is seeded, what has to be said of it, and what is to be done."""
