"""Which addresses are out in the internet. Everything else is somebody's inside, and nobody may be sent there."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_GLOBAL = IPv6Network("2000::/3")
_TRANSLATED = IPv6Network("64:ff9b::/96")
_NOT_GLOBAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))
"""For protocols and documentation; some releases of Python take them for global."""

_METADATA = (IPv4Address("168.63.129.16"),)
"""Services of clouds that tell secrets to the machines in them. Others have link-local or private addresses."""


def is_public(address: str) -> bool:
    """Whether an address, as it is about to be connected to, belongs to the public internet.

    Private, loopback, link-local, shared, multicast, unspecified, reserved and documentation addresses do
    not, and neither do IPv6 addresses that carry such an IPv4 address.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and (carried := _carried(found)) is not None:
        return is_public(str(carried))
    if not found.is_global or any(found in network for network in _NOT_GLOBAL):
        return False
    if isinstance(found, IPv4Address):
        return not found.is_multicast and not found.is_reserved and found not in _METADATA
    return found in _GLOBAL


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end at, by mapping, 6to4, Teredo or a translator."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
