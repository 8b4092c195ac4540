"""The web: searching it, and reading one page of it. What comes from there are other people's words."""
