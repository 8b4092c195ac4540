"""Asking first: what may run at once, what a person is asked about, and what nobody can allow."""
