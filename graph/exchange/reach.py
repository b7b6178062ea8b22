"""What may be asked on behalf of a subscription: the publisher's own host, by HTTP alone, and no machine of one's own.

Where a name leads is looked up once, and that address is the one that is connected to: a name that somebody moves
meanwhile leads nowhere else. Redirects are held against the same rules.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from opentier.graph.errors import Unreachable, UsageError
from opentier.graph.query.federation import numeric, public

PORTS = {"http": 80, "https": 443}
#: Names by which a machine calls itself: all of them mean the same one.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
#: Characters of an address.
LONGEST = 2048


@dataclass(frozen=True)
class Target:
    """An address that may be asked: what it is, and the IP address that its name leads to."""

    url: str
    scheme: str
    host: str
    port: int
    address: str
    path: str


@dataclass(frozen=True)
class Reach:
    """What may be asked.

    Attributes
    ----------
    scheme, host, port
        Those of the publisher.
    hosts
        Other hosts on which the publisher keeps files, as whoever subscribed said.
    private
        Whether they may be machines that the public does not reach, as whoever subscribed said.
    """

    scheme: str
    host: str
    port: int
    hosts: frozenset[str] = frozenset()
    private: bool = False

    @classmethod
    def of(cls, url: str, hosts: Iterable[str] = (), *, private: bool = False) -> Reach:
        """Return what a subscription to an address may ask.

        Raises
        ------
        UsageError
            If it is no address, or one of the hosts is no name of one.
        """
        try:
            scheme, host, port, _ = parts(url)
        except ValueError as error:
            raise UsageError(
                f"{url[:200]!r} is no address of an instance, such as https://data.example.org/: {error}."
            ) from None
        named = frozenset(each.lower().strip("[]") for each in hosts)
        if wrong := [each for each in sorted(named) if not (_NAME.fullmatch(each) or numeric(each))]:
            raise UsageError(f"{wrong[0]!r} is no name of a host, such as files.example.org.")
        return cls(scheme, host, port, named, private)

    @property
    def local(self) -> bool:
        """Whether the publisher is on this very machine, by its own address."""
        return self.host in LOOPBACK

    def target(self, url: str) -> Target:
        """Return an address as it may be asked.

        Raises
        ------
        Unreachable
            If it may not, or leads nowhere.
        """
        try:
            scheme, host, port, path = parts(url)
        except ValueError as error:
            raise Unreachable(f"{url[:200]!r} is not asked: {error}.") from None
        own = host == self.host or (self.local and host in LOOPBACK)
        if not own and host not in self.hosts:
            raise Unreachable(
                f"{url[:200]} is not asked: it is on {host}, and the subscription is to {self.host}. If the publisher "
                f"keeps files there, subscribe with --host {host}."
            )
        if scheme == "http" and self.scheme == "https":
            raise Unreachable(f"{url[:200]} is not asked: the subscription is by https, and this is not.")
        if (port != PORTS[scheme] and port != self.port) or (self.local and own and port != self.port):
            raise Unreachable(f"{url[:200]} is not asked: the subscription is to port {self.port}.")
        return Target(url, scheme, host, port, self._address(url, host, port, own=own), path)

    def _address(self, url: str, host: str, port: int, *, own: bool) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable(f"{url[:200]} cannot be asked: nobody knows where {host} is.") from None
        addresses = [str(address[0]) for *_, address in found]
        here = self.local and own and all(ipaddress.ip_address(each).is_loopback for each in addresses)
        if not (self.private or here or public(addresses)):
            raise Unreachable(
                f"{url[:200]} is not asked: {host} is a machine that the public does not reach. If it is meant, "
                "subscribe with --private."
            )
        return addresses[0]


def parts(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of an address; ValueError, which says why, where it is none."""
    if len(url) > LONGEST or not url.isascii() or any(not each.isprintable() or each == " " for each in url):
        raise ValueError("it holds what no address holds")
    found = urlsplit(url)
    scheme, host = found.scheme.lower(), (found.hostname or "").lower()
    if scheme not in PORTS:
        raise ValueError("it is neither http nor https")
    if found.username is not None or found.password is not None or "\\" in url:
        raise ValueError("a name or a mark stands before its host")
    if not (_NAME.fullmatch(host) or numeric(host)):
        raise ValueError("it names no host")
    port = found.port or PORTS[scheme]  # ValueError where it is none
    path = (found.path or "/") + (f"?{found.query}" if found.query else "")
    return scheme, host, port, path
