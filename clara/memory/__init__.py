"""What Clara may remember of a person, and when she may say it: pure rules and types."""
