"""Schedules: making them, what a run does, and the model's tools for them."""
