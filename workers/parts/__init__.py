"""What workers are made of, a module a subject: each builds its activities and tools from the settings."""
