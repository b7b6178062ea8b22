"""The errors of OpenTier.

::

    OpenTierError
    ├── UsageError            the call is wrong: an unknown option, dataset, format
    │   ├── UnknownActor      no actor goes by that name
    │   └── AmbiguousActor    several actors go by that name; they are listed
    ├── ContributionError     a contribution cannot be read or is refused; carries a report
    ├── StoreError            the data directory cannot be used
    │   └── StoreBusy         another process is writing
    └── QueryError            a SPARQL query is malformed or asks for what is not served
        ├── QueryTooLong      it took longer than its time
        ├── QueryTooLarge     it needs more memory, or gives a longer answer, than it may
        └── QueryBusy         nobody is free to answer it now
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentier.graph.report import Report


class OpenTierError(Exception):
    """Base of all errors that a user may meet; the message says what to do."""


class UsageError(OpenTierError):
    """The call is wrong."""


class UnknownActor(UsageError):
    """No actor goes by that name, identifier or IRI."""


class AmbiguousActor(UsageError):
    """Several actors go by that name."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        self.name = name
        self.candidates = tuple(candidates)
        listed = "\n".join(f"  {candidate}" for candidate in self.candidates)
        super().__init__(
            f"{name!r} is the name of {len(self.candidates)} actors; give one of these ids:\n{listed}"
        )


class ContributionError(OpenTierError):
    """A contribution is refused; `report` says where and why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.summary())


class StoreError(OpenTierError):
    """The data directory cannot be used."""


class StoreBusy(StoreError):
    """Another process is writing to the data directory."""


class QueryError(OpenTierError):
    """A SPARQL query is malformed or asks for what is not served."""


class QueryTooLong(QueryError):
    """A query took longer than its time."""


class QueryTooLarge(QueryError):
    """A query needs more memory, or gives a longer answer, than it may."""


class QueryBusy(QueryError):
    """Too many queries wait already, or the service is shutting down."""
