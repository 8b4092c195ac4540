"""The tools of plugins, as turns are offered them, and calling them."""
