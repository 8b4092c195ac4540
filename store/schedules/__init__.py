"""What is to be done at a time, and what was done."""
