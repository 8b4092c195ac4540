"""The sandbox, as far as it can be told without one: paths, names of packages, and how much of an output is kept."""
