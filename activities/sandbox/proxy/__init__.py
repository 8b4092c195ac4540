"""The way out of a box: an HTTP proxy, for as long as a command with network runs in it.

A box has no network. What may leave it goes through a Unix socket that is bound into it, to a proxy on this side:

    async with Proxy(folder / SOCKET, hosts, box=box) as proxy:         # hosts: clara.hosts.allowed_host of each entry
        process = await backend.spawn(box, Command(through(arguments, "/run/clara/proxy.sock"), network=True))
        ...
    proxy.refused                                                       # sentences for the model

``through`` puts a few lines of Python before a command, which offer the socket as a proxy on 127.0.0.1 inside the box
and tell the command of it by ``HTTP_PROXY`` and ``HTTPS_PROXY``. They need ``python3`` in the box and end with the
command.

- The list of hosts is that of one ``Proxy``. Package indexes (``package_indexes``) are for installing, so they are in
  the list of that command alone, and the proxy of any other command refuses them unless the operator allows them.
- While no ``Proxy`` is open, the socket is gone. So the folder that holds it is what is bound into a box that lives
  longer than one command (Docker), and the socket itself where it does not (bubblewrap). The folder belongs to
  one box, the one above it to us alone (0700); the socket may be used by everybody who reaches it.
- Incus can bind no folder into a VM. Its own ``proxy`` device listens in the instance and connects to the socket here.
- A daemon on another machine reaches no socket of this one. Such boxes have no way out.
"""

from activities.sandbox.proxy.gate import ProxyLimits
from activities.sandbox.proxy.indexes import package_indexes
from activities.sandbox.proxy.proxy import SOCKET, Proxy
from activities.sandbox.proxy.through import through

__all__ = ["SOCKET", "Proxy", "ProxyLimits", "package_indexes", "through"]
