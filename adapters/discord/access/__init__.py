"""Who may talk to Clara, stop her and change how she works in a channel."""
