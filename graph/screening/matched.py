"""Whom the rows of a list may be, as pages show it: each row with its candidates, their bands in words, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.index.opened import Index
from opentier.graph.screening.columns import unread
from opentier.graph.screening.entries import Entry
from opentier.graph.screening.matches import Candidate, Matches

Json = dict[str, Any]
#: How sure a match is, the surest first; and rows that nobody is found for, or that name nobody.
BANDS = ("sure", "likely", "possible", "unlikely")
NOBODY, UNNAMED = "none", "no-name"
KINDS = (*BANDS, NOBODY, UNNAMED)
_CALLED = {"accept": "likely", "review": "possible", "reject": "unlikely"}
#: Candidates of a row that are shown.
_SHOWN = 5


def band(found: Candidate) -> str:
    """Return what the band of a candidate is called."""
    return "sure" if found.sure else _CALLED[found.band]


def about(found: Matches) -> Json:
    """Return what is told of all rows: with how many actors they were compared, and what was not understood."""
    return {
        "counts": found.counts(),
        "actors": found.actors,
        "datasets": len(found.versions),
        "unread": unread(found.report, found.listing),
    }


def rows(found: Matches, index: Index) -> Iterator[tuple[list[str], Json]]:
    """Yield the rows that say anything, each with what it is."""
    said = {where.row for where, _ in found.listing.survey.rows}
    listed = {index.names.id(iri) for each in index.designations for iri in (each.target, each.named) if iri}
    for entry, given, worth in zip(found.entries, found.found, found.worth, strict=True):
        if entry.row not in said:
            continue
        # The best one says in its reasons which others there are; here these stand beside it.
        told = [*(worth or given[:1])][:_SHOWN]
        kind = band(told[0]) if told else NOBODY if entry.party.called else UNNAMED
        candidates = [_candidate(each, index, each.id in listed) for each in told]
        yield (
            [kind],
            {**_entry(entry), "kind": kind, "candidates": candidates, "more": max(len(worth) - _SHOWN, 0)},
        )


def _entry(entry: Entry) -> Json:
    """Return who stands in a row: the name, and what else was compared."""
    party = entry.party
    where = [
        *filter(None, [party.address]),
        *map(words.region, party.regions),
        *map(words.country, party.countries),
    ]
    return {
        "row": entry.row,
        "name": party.called[0] if party.called else "",
        "said": [*where, *party.identifiers],
    }


def _candidate(found: Candidate, index: Index, listed: bool) -> Json:
    node = index.node(index.names.of_id(found.id) or "")
    country = None if node is None else index.actor(node).country
    return {
        "id": found.id,
        "name": found.name,
        "country": words.country(country) if country else "",
        "band": band(found),
        "score": found.score,
        "why": list(_reasons(found.why.split("; "))),
        "listed": listed,
    }


def _reasons(said: Iterable[str]) -> Iterator[str]:
    yield from (each for each in said if not each.startswith("others: "))
