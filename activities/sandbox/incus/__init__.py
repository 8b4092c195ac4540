"""Boxes as instances of Incus or LXD: containers, or virtual machines.

A person's box is an instance without a network, in which commands run as a user without rights, under a supervisor
that belongs to root. Its files lie in it, so an instance is stopped and started, and never made anew.

Both servers are spoken to by the parts of LXD's API that Incus has kept: instances, operations and exec. pylxd is the
maintained client for them; streams of processes are WebSockets, for which aiohttp does what pylxd's threads would.
"""

from activities.sandbox.incus.backend import IncusBackend

__all__ = ["IncusBackend"]
