"""Boxes as containers of a Docker daemon.

A person's box is a container without a network, on a root that cannot be written to, as a user without rights. Its
files lie in a volume, which outlives it. Both bear the name of this installation, and nothing else is touched.
"""

from activities.sandbox.docker.backend import DockerBackend

__all__ = ["DockerBackend"]
