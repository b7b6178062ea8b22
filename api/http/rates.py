"""How often each may ask: a bucket of tokens for each key, and for each address where there is no key.

A bucket is one number, the moment at which it is full again (the generic cell rate algorithm): it costs a look into a
dictionary, and nothing runs in between. The library `limits` has windows instead of buckets, forgets nothing that it
was told within a window however many clients there are, and has a thread look at all of them.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import Scope

from opentier.graph.errors import TooOften

#: Clients that are remembered; more are more than a machine serves, and the longest silent ones are forgotten.
MOST = 50_000
#: What everybody may ask for as often as he likes.
FREE = frozenset({"/health", "/ready", "/metrics"})
#: What is sent with POST and asks only.
ASKING = frozenset({"/sparql", "/reconcile"})
#: How an address of IPv4 begins in IPv6.
_MAPPED = bytes(10) + b"\xff\xff"
#: Replies that one address without a key may send in a day: those that wait have so many places together.
REPLIES, DAY = 30, 86_400.0
#: Requests that change or upload something have buckets of their own, so many times smaller.
SMALLER = 10


class Buckets:
    """A bucket of tokens for each of many clients.

    Parameters
    ----------
    rate, burst
        Tokens that come in a second, and those that a full bucket holds.
    """

    def __init__(
        self, rate: float, burst: int, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._each, self._ahead = 1 / rate, (max(burst, 1) - 1) / rate
        self._most, self._clock = most, clock
        self._full: dict[str, float] = {}

    def take(self, who: str) -> float:
        """Take a token; return 0, or the seconds until there is one, where none is taken."""
        now = self._clock()
        full = max(self._full.get(who, now), now)
        if (wait := full - now - self._ahead) > 0:
            return wait
        self._full[who] = full + self._each
        if len(self._full) > self._most:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Forget whose buckets are full again, and, where these are few, those that are so soonest."""
        left = sorted((full, who) for who, full in self._full.items() if full > now)
        self._full = {who: full for full, who in left[-self._most // 2 :]}

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._full)


@dataclass(frozen=True)
class Rates:
    """How often each client may ask, how often it may act, and how many replies it may send without a key."""

    asks: Buckets
    acts: Buckets
    replies: Buckets = field(default_factory=lambda: Buckets(REPLIES / DAY, REPLIES))

    @classmethod
    def of(cls, rate: float, burst: int) -> Rates:
        """Return them for so many requests a second, and so many at once."""
        return cls(Buckets(rate, burst), Buckets(rate / SMALLER, -(-burst // SMALLER)))

    def count(self, scope: Scope, key: str) -> None:
        """Count a request of a key, or of an address where the key is "".

        Raises
        ------
        TooOften
            If there were too many.
        """
        path, reads = scope["path"], scope["method"] in ("GET", "HEAD", "OPTIONS")
        if path in FREE:
            return
        buckets = self.asks if reads or path in ASKING else self.acts
        who = key or address(scope)
        wait = buckets.take(who)
        if not wait and not key and path == "/responses" and not reads:
            wait = self.replies.take(who)
        if wait:
            raise TooOften(f"You ask too often. Ask again in {wait:.0f} seconds." if wait >= 1 else
                           "You ask too often. Ask again in a second.", wait)  # fmt: skip


def address(scope: Scope) -> str:
    """Return from where a request comes."""
    return network(scope["client"][0] if scope.get("client") else "")


def network(host: str) -> str:
    """Return what counts as one address: of IPv6 the network, since whoever has one address there has them all."""
    if ":" not in host:
        return host
    try:
        packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except OSError:
        return host
    return socket.inet_ntoa(packed[12:]) if packed.startswith(_MAPPED) else packed[:8].hex()
