"""What a server says, in Clara's own types and bounded: its tools, its results, how far it is, what it asks."""
