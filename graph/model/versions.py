"""A version of a dataset and its withdrawals, as the catalogue has them."""

from __future__ import annotations

from dataclasses import dataclass


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

    def holds(self, day: str | None) -> bool:
        """Return whether the version is withdrawn at the end of a day (UTC), or now."""
        if day is None:
            return not self.ended
        return self.begun[:10] <= day and not (self.ended and self.ended[:10] <= day)
