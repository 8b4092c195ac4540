"""A GitHub of our own: as much of its REST interface as Clara uses."""

from tests.loopback.github.server import Fault, GitHubServer, changes
from tests.loopback.github.world import Repository, World

__all__ = ["Fault", "GitHubServer", "Repository", "World", "changes"]
