"""A Discord of our own: the REST API and the gateway as far as a bot sees them, as strict as the real one."""

from tests.loopback.discord.faults import Fault
from tests.loopback.discord.server import FakeDiscord
from tests.loopback.discord.world import Channel, User

__all__ = ["Channel", "FakeDiscord", "Fault", "User"]
