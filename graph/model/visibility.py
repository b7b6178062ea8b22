"""Visibility: who may see a dataset, as it is written: everybody, some, or some until a day."""

from __future__ import annotations

import re

from opentier.graph.errors import Named, UsageError
from opentier.graph.model.dates import first_day

PUBLIC, RESTRICTED = "public", "restricted"
#: What tells of other datasets that are not public: for those who see all.
CLOSED = "closed"
_EMBARGOED = re.compile(r"embargoed:(\d{4}-\d{2}-\d{2})", re.ASCII)


def closed(said: str, day: str) -> bool:
    """Return whether not everybody may see a dataset on a day; from the day on that ends an embargo everybody may."""
    embargoed = _EMBARGOED.fullmatch(said)
    return day < embargoed[1] if embargoed else said != PUBLIC


def check(said: str, day: str) -> str:
    """Return a visibility that a dataset can be given on a day.

    Raises
    ------
    UsageError
        If it is none, or an embargo that is over already.
    """
    if said in (PUBLIC, RESTRICTED):
        return said
    embargoed = _EMBARGOED.fullmatch(said)
    try:
        first_day(embargoed[1] if embargoed else "")
    except ValueError:
        raise UsageError(
            Named("visibility"), f" is public, restricted or embargoed:YYYY-MM-DD; not {said[:100]!r}."
        ) from None
    if not closed(said, day):
        raise UsageError(
            Named("visibility"), f" {said} is over: today is {day} (UTC). Give a later day, or public."
        )
    return said
