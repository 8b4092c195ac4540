"""What GitHub has, as compact Markdown with links: a module for each topic."""
