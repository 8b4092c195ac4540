"""Budgets: what is reserved before a model is asked, and who waits for more."""
