"""The database and Temporal, as commands reach them."""
