"""How many connections there are, in all and from each address: what is one too many is told so, and closed."""

from __future__ import annotations

from opentier.api.http.rates import network

#: Connections at once; one more is told to come later.
MOST = 1000
#: Refused ones that may still read why; those that come beside them are closed without a word.
REFUSED = 100


class Connections:
    """The connections of a service.

    Parameters
    ----------
    each
        How many an address may have, of IPv6 a network; any number where it is 0.
    """

    def __init__(self, each: int = 0, most: int = MOST) -> None:
        self.each, self.most = each, most
        self.refused = 0
        self._many, self._from = 0, dict[str, int]()

    @property
    def many(self) -> int:
        """How many there are."""
        return self._many

    @property
    def addresses(self) -> int:
        """From how many addresses they are."""
        return len(self._from)

    def enter(self, host: str) -> str:
        """Count a connection, and return nothing; or why it may not be, where it is one too many."""
        where = network(host)
        if self._many >= self.most:
            return f"All {self.most:,} connections are taken. Ask again later."
        if self.each and self._from.get(where, 0) >= self.each:
            return f"Your address has {self.each:,} connections already. Close some, or use them again."
        self._many += 1
        self._from[where] = self._from.get(where, 0) + 1
        return ""

    def leave(self, host: str) -> None:
        """Count one less that had entered."""
        where = network(host)
        self._many -= 1
        self._from[where] -= 1
        if not self._from[where]:
            del self._from[where]
