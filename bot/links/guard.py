"""What may be connected to: addresses of the public internet, and nothing that a link could reach from inside.

A curriculum's links come from a file that others write, and they lead on to wherever a server likes. So it is the very
address of every connection that is looked at, when its socket is made: a name that resolves to something public first
and to something private later gains nothing, nor does a literal address, in whichever way it is written.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import AddrInfoType

Allows = Callable[[str], bool]
"""Whether an address, as text, may be connected to."""

# IANA's special-purpose registries (iana.org/assignments/iana-ipv4-special-registry and …-ipv6-…), written out since
# what `ipaddress` calls global has changed with Python's releases.
_PRIVATE_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# Of IPv6 only this is given out for the public internet; and of it not protocol assignments with Teredo, examples, and
# 6to4, which all lead to or hide another address.
_PUBLIC_6 = ip_network("2000::/3")
_PRIVATE_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# A network without IPv4 reaches it through these addresses, whose last four bytes are IPv4's (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")


class NotPublic(OSError):  # noqa: N818 - what is the matter with the address
    """The address is not one of the public internet; nothing was sent there."""


def is_public(address: str) -> bool:
    """Whether the address is one of the public internet; False for what is no address."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv6Address) and read.ipv4_mapped:
        read = read.ipv4_mapped
    elif read in _TRANSLATED:
        read = IPv4Address(int(read) & 0xFFFFFFFF)
    if isinstance(read, IPv4Address):
        return not any(read in each for each in _PRIVATE_4)
    return read.scope_id is None and read in _PUBLIC_6 and not any(read in each for each in _PRIVATE_6)


def guarded(allows: Allows) -> Callable[[AddrInfoType], socket.socket]:
    """Makes sockets for the connector, for addresses that `allows` allows; for others it raises NotPublic."""

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allows(str(address[0])):
            raise NotPublic("not an address of the public internet")
        return socket.socket(family, kind, protocol)

    return make
