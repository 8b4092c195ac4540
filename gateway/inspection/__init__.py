"""What the operator looks at: what runs, and what became of turns."""
