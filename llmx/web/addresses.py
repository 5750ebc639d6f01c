"""Which network addresses may be connected to: those of the public internet, and nothing else.

The tables are those of IANA's registries of special-purpose addresses (RFC 6890 and its successors). Of IPv6 only what
is allocated as global unicast counts, and an address that carries one of IPv4 in it is judged by that.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_Address = IPv4Address | IPv6Address

_METADATA = "of the metadata service of a cloud"
_PRIVATE = {
    "127.0.0.0/8": "of this machine (loopback)",
    "10.0.0.0/8": "of a private network",
    "172.16.0.0/12": "of a private network",
    "192.168.0.0/16": "of a private network",
    "100.64.0.0/10": "of a provider's inner network (CGNAT)",
    "::1/128": "of this machine (loopback)",
    "fc00::/7": "of a private network",
    "fec0::/10": "of a private network (site-local)",
}
_NEVER = {
    "169.254.169.254/32": _METADATA, "169.254.170.2/32": _METADATA, "100.100.100.200/32": _METADATA,
    "168.63.129.16/32": _METADATA, "192.0.0.192/32": _METADATA, "fd00:ec2::254/128": _METADATA,
    "fd20:ce::254/128": _METADATA,
    "0.0.0.0/8": "of no host", "169.254.0.0/16": "that is link-local", "192.0.0.0/24": "that is reserved",
    "192.0.2.0/24": "for documentation", "192.31.196.0/24": "that is reserved", "192.52.193.0/24": "that is reserved",
    "192.88.99.0/24": "that is reserved (6to4)", "192.175.48.0/24": "that is reserved",
    "198.18.0.0/15": "for measurements", "198.51.100.0/24": "for documentation", "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "of many hosts (multicast)", "240.0.0.0/4": "that is reserved",
    "::/128": "of no host", "fe80::/10": "that is link-local", "ff00::/8": "of many hosts (multicast)",
    "2001::/23": "that is reserved (Teredo and others)", "2001:db8::/32": "for documentation",
    "3fff::/20": "for documentation",
}  # fmt: skip
# prefixes of IPv6 behind which an IPv4 address is reached, and the bit at which it stands
_CARRIES = {"::ffff:0:0/96": 96, "64:ff9b::/96": 96, "2002::/16": 16}  # mapped, NAT64, 6to4
_GLOBAL = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address is not connected to. One that is ``private`` may be, if somebody names its host."""

    reason: str
    private: bool = False


def refusal(address: str) -> Refusal | None:
    """Return why ``address``, as a resolver gives it, may not be connected to; None for one of the public internet.

    >>> refusal("93.184.215.14"), refusal("::ffff:10.0.0.1")
    (None, Refusal(reason='of a private network', private=True))
    """
    if "%" in address:
        return Refusal("that is link-local")
    try:
        return _refusal(ipaddress.ip_address(address))
    except ValueError:
        return Refusal("that cannot be read")


def literal_refusal(host: str) -> Refusal | None:
    """Return the same for a host that is an address itself; None for a name."""
    try:
        return _refusal(ipaddress.ip_address(host))
    except ValueError:
        return None


def _refusal(address: _Address) -> Refusal | None:
    networks = _networks()
    for network, reason in networks[f"never {address.version}"]:
        if address in network:
            return Refusal(reason)
    for network, reason in networks[f"private {address.version}"]:
        if address in network:
            return Refusal(reason, private=True)
    if isinstance(address, IPv4Address):
        return None
    for prefix, at in _CARRIES.items():
        if address in IPv6Network(prefix):
            return _refusal(IPv4Address(int(address) >> (96 - at) & 0xFFFFFFFF))
    return None if address in _GLOBAL else Refusal("that is no public one")


@lru_cache(maxsize=1)
def _networks() -> dict[str, list[tuple[IPv4Network | IPv6Network, str]]]:
    found: dict[str, list[tuple[IPv4Network | IPv6Network, str]]] = {}
    for name, table in (("never", _NEVER), ("private", _PRIVATE)):
        for text, reason in table.items():
            network = ipaddress.ip_network(text)
            found.setdefault(f"{name} {network.version}", []).append((network, reason))
    return found
