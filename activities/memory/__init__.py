"""Memory: embedding, recalling, learning and forgetting."""
