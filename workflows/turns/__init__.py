"""One turn: the workflow, and what it does while it waits, when it ends, and when it ends badly."""
