"""The processes of one home as a whole: up, down, and for how long."""
