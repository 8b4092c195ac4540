"""How text looks in a terminal. Nothing here knows of turns."""
