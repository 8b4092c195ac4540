"""Without a prompt: one question and its answer, or lines through a pipe."""
