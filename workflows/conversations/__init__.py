"""One conversation: the workflow that takes its messages in order, and how it starts and loses turns."""
