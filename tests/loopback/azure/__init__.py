"""An Azure DevOps to ask: one organization at the address of a server, and what it holds."""

from tests.loopback.azure.answers import problem
from tests.loopback.azure.server import AzureServer, Fault, sign_in, throttled
from tests.loopback.azure.world import Project, Repository, World

__all__ = ["AzureServer", "Fault", "Project", "Repository", "World", "problem", "sign_in", "throttled"]
