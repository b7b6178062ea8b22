"""Other endpoints that a query may ask by ``SERVICE``: those that whoever runs the service lists, and no other.

What is asked is compared with the list before the engine sees the query; where a listed name leads is looked up in the
process that asks, so that no name that somebody else moves leads to a machine of one's own. The engine follows no
redirect.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from opentier.graph.errors import QueryError, UsageError

#: An address that has one meaning, whoever reads it: no name before the host, nothing escaped or behind a mark.
_ADDRESS = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[^\s#\\]*)?", re.IGNORECASE)
_PORTS = {"http": ":80", "https": ":443"}
#: Networks of IPv6 whose last 32 bits are an address of IPv4 (RFC 4291, 2.5.5.1; RFC 6052, 2.1).
_HOLDING = tuple(ipaddress.IPv6Network(each) for each in ("::/96", "64:ff9b::/96"))


@dataclass(frozen=True)
class Services:
    """Endpoints that may be asked, as they are written in one way."""

    listed: tuple[str, ...] = ()

    @classmethod
    def of(cls, addresses: Iterable[str]) -> Services:
        """Return those at some addresses.

        Raises
        ------
        UsageError
            If one is no address.
        """
        found = []
        for address in addresses:
            plain = _plain(address)
            if plain is None:
                raise UsageError(
                    f"{address!r} is no endpoint: give its address, such as https://query.example.org/sparql."
                )
            found.append(plain)
        return cls(tuple(found))

    def check(self, iri: str) -> None:
        """Refuse an endpoint that is not listed; one that is may have parameters behind a question mark.

        Raises
        ------
        QueryError
            If it is not listed.
        """
        plain = _plain(iri)
        if plain is None or not any(plain == each or plain.startswith(f"{each}?") for each in self.listed):
            raise QueryError(
                f"SERVICE <{iri}> is not served: of other endpoints a query may ask {' and '.join(self.listed)}."
            )


def _plain(address: str) -> str | None:
    """Return an address in one way of writing it; None where it is none."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    scheme, host, port, path = found[1].lower(), found[2].lower(), found[3] or "", found[4] or "/"
    return f"{scheme}://{host}{'' if port == _PORTS[scheme] else port}{path}"


def reachable(iri: str) -> None:
    """Refuse an endpoint whose name leads to a machine of one's own; one that is listed by its number is meant.

    Raises
    ------
    QueryError
        If it does, or leads nowhere.
    """
    parts = urlsplit(iri)
    host = parts.hostname or ""
    if host == "localhost" or numeric(host):
        return
    try:
        found = socket.getaddrinfo(host, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    except OSError:
        raise QueryError(f"SERVICE <{iri}> cannot be asked: nobody knows where {host} is.") from None
    if not public(str(address[0]) for *_, address in found):
        raise QueryError(f"SERVICE <{iri}> is not asked: {host} is a machine that the public does not reach.")


def public(addresses: Iterable[str]) -> bool:
    """Return whether the public reaches all of some addresses (IP), and those of IPv4 that they hold."""
    return all(_public(ipaddress.ip_address(address.partition("%")[0])) for address in addresses)


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global
    held = address.ipv4_mapped or address.sixtofour
    if any(address in each for each in _HOLDING):
        held = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.is_global and not address.is_site_local and (held is None or held.is_global)


def numeric(host: str) -> bool:
    """Return whether a host is named by its address (IP)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
