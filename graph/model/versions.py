"""A version of a dataset and its withdrawals, as the catalogue has them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from opentier.graph.model.visibility import PUBLIC


@dataclass(frozen=True)
class Version:
    """One admitted dataset version, as the catalogue has it."""

    dataset: str
    number: int
    iri: str
    title: str
    licence: str
    publisher: str
    package_version: str
    checksum: str
    adapter: str
    admitted: str
    homepage: str
    description: str
    triples: int
    rows: int
    accepted: int
    warned: int
    refused: int
    created: str = ""
    #: Who may see it now: no part of what it is.
    visibility: str = field(default=PUBLIC, compare=False)


@dataclass(frozen=True)
class Withdrawal:
    """The time in which a version (an IRI) is withdrawn, and why; `ended` is empty as long as it is.

    Withdrawals of a dataset are numbered in the order in which they began.
    """

    dataset: str
    number: int
    version: str
    reason: str
    begun: str
    ended: str = ""

    def on(self, day: str | None) -> Withdrawal | None:
        """Return it as it was known at the end of a day (UTC), or is now; None where it had not begun."""
        if day is None:
            return self
        if self.begun[:10] > day:
            return None
        return self if self.ended[:10] <= day else replace(self, ended="")

    def holds(self, day: str | None) -> bool:
        """Return whether the version is withdrawn at the end of a day (UTC), or now."""
        known = self.on(day)
        return known is not None and not known.ended
