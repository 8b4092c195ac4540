"""The tools, a module for each of Google's services."""
