"""What is kept of a person, everywhere in the store."""
