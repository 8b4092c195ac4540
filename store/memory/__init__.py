"""Memories: the book of record in Postgres, and the index of their vectors."""
