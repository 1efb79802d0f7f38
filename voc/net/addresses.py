"""Which addresses channels and webhooks may talk to: public ones, and private ones that the operator named.

Names are looked up once and the connection goes to an address that was checked, so that a name server cannot give
one address to the check and another to the connection.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class NotAllowed(OSError):
    """The address is private and no setting allows it; the text says which one and what to do."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """The rule. `private` are the private networks that are allowed."""

    private: tuple[Network, ...] = ()

    @classmethod
    def of(cls, networks: str) -> AddressGuard:
        """From the setting `VOC_PRIVATE_ADDRESSES`; raises ValueError for what is no network."""
        return cls(tuple(ipaddress.ip_network(part.strip()) for part in networks.split(",") if part.strip()))

    def allows(self, address: str) -> bool:
        """Whether a connection to this numeric address may be made."""
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        if found.is_global and not found.is_multicast:
            return True
        return any(found.version == network.version and found in network for network in self.private)

    def forbids(self, host: str) -> bool:
        """Whether `host` is itself a private address that may not be used, in any way of writing it, or this machine.
        No name is looked up: what a name stands for shows when the connection is made."""
        name = host.strip("[]").rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            return not (self.allows("127.0.0.1") or self.allows("::1"))
        try:
            return not self.allows(name if ":" in name else socket.inet_ntoa(socket.inet_aton(name)))
        except (OSError, ValueError):
            return False

    def resolve(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        """(family, numeric address) of `host` that may be used, at least one.

        Raises NotAllowed when there are only others, `socket.gaierror` when there are none at all.
        """
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except ValueError:
            # Before anybody was asked: too long for a name, or with a NUL in it.
            raise socket.gaierror(socket.EAI_NONAME, "this cannot be the name of a host") from None
        found = list(dict.fromkeys((int(family), str(address[0])) for family, _, _, _, address in rows))
        allowed = [(family, address) for family, address in found if self.allows(address)]
        if not allowed:
            shown = ", ".join(address for _, address in found)
            raise NotAllowed(f"{host} is at {shown}, a private address; VOC_PRIVATE_ADDRESSES would have to allow it")
        return allowed
