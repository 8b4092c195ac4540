"""Language models: what is said to one and comes back, and how much of a conversation it reads."""
