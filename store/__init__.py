"""What Clara keeps: Postgres, one module per subject."""
