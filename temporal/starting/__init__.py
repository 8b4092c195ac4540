"""From outside of workflows: starting them by name, awaiting what comes of them, and telling them what happened."""
