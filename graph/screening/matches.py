"""Matches: for each row of a list the actors that it may be. They are proposals: nothing is kept, and nobody merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.matching.matcher import Matcher
from opentier.graph.matching.parties import Party
from opentier.graph.matching.scoring import Band, Weights
from opentier.graph.model.versions import Version
from opentier.graph.report.report import Report
from opentier.graph.screening.entries import OTHER, SAME, UNSURE, Entry, entries
from opentier.graph.screening.listing import Left, Listing
from opentier.graph.trace.lookup import Directory

#: What is added to a list.
COLUMNS = ("match_id", "match_name", "match_score", "match_band", "match_why")
#: What is said of every answer.
_LIMITS = (
    "A match is a proposal, by what is written of both: nobody is judged to be one with anybody, and nothing is kept.",
    "accept: likely the same. review: possibly the same, a person has to look. reject: unlikely the same.",
    "No match says that no actor of this data is known by such a name; it says nothing about the company itself.",
)
#: Candidates beside the best one that are named.
_NAMED = 3
_LISTED = "a list names it"
#: Why a row is an actor whose id it has.
BY_ID = "the id of the row is that of this actor"
#: What is said of an actor of whom somebody decided whether the row is the same.
_DECIDED = {
    SAME: "whoever sent the list says that it is the same",
    UNSURE: "whoever sent the list is not sure",
}


@dataclass(frozen=True)
class Candidate:
    """An actor that a row may be: its id, its name, and how sure that is (see `Match`).

    `decided` is what whoever sent the list says of the two.
    """

    id: str
    name: str
    score: float
    band: Band
    why: str
    decided: str = ""

    @property
    def sure(self) -> bool:
        """Whether an equal strong identifier, the row's own id or a person says so: no name alone has that score."""
        return self.decided == SAME or (self.score == 1.0 and self.band == "accept")


@dataclass(frozen=True)
class Matches:
    """A list with what was found for each row.

    Attributes
    ----------
    entries, found
        Who stands in each row of the list, and the actors that they may be: the likeliest first.
    worth
        All candidates of each row from the review band on, whether they are given or not.
    report
        What could not be read of the list, and is left out of the comparison.
    actors, versions
        With how many actors they were compared, and of which dataset versions.
    """

    listing: Listing
    entries: list[Entry] = field(repr=False)
    found: list[Sequence[Candidate]] = field(repr=False)
    worth: list[Sequence[Candidate]] = field(repr=False)
    report: Report = field(repr=False)
    weights: Weights = field(repr=False)
    actors: int
    versions: list[Version]

    @property
    def columns(self) -> Sequence[str]:
        """What is added to the list."""
        return COLUMNS

    def cells(self) -> Iterator[Sequence[Sequence[object]]]:
        """Yield what is added to each row, a line for each candidate."""
        for candidates in self.found:
            yield [cells(each) for each in candidates or (None,)]

    def about(self) -> Iterator[Sequence[object]]:
        """Yield the rows of a sheet on what the list was compared with."""
        yield from ([line] for line in about(self))

    def counts(self) -> dict[str, int]:
        """Return how many rows say anything, the bands of their best candidates, and how many have none."""
        best = Counter(found[0].band for found in self.found if found)
        said = {where.row for where, _ in self.listing.survey.rows}
        without = [not each.party.called for each in self.entries if each.row in said]
        return {
            "rows": len(without),
            **{band: best[band] for band in ("accept", "review", "reject")},
            "no_candidate": len(without) - best.total(),
            "no_name": sum(without),
        }


def match(
    listing: Listing,
    matcher: Matcher,
    directory: Directory,
    report: Report,
    country: str = "",
    *,
    every: bool = False,
    read: Sequence[Entry] | None = None,
    progress: Progress = silent,
) -> Matches:
    """Return the actors that the rows of a list may be.

    A row whose id is an actor's is that actor; where it names another one, that one stands beside it. Equal rows are
    compared once.

    Parameters
    ----------
    report
        Gets what of the rows is not understood.
    country
        ISO 3166-1 code of rows that state no country.
    every
        Whether all candidates from the review band on are given; the best one alone otherwise, or where none is.
    read
        Who stands in each row, where that was read before.
    """
    read = list(entries(listing, country, report) if read is None else read)
    names, known = directory.index.names, dict[str, Candidate]()
    for id in dict.fromkeys(entry.id for entry in read if entry.id):
        if (node := directory.known(id)) is not None:
            actor = directory.index.actor(node)
            known[id] = Candidate(names.id(actor.iri), actor.name, 1.0, "accept", BY_ID)
    many = Counter(entry.party for entry in read)
    parties = [party for party in many if party.called or party.strong]
    done, total = 0, sum(many[party] for party in parties)
    of = dict[Party, list[Candidate]]()
    progress("matching rows", 0, total)
    for party, found in zip(parties, matcher.match(parties), strict=True):
        of[party] = [Candidate(names.id(m.iri), m.name, m.score, m.band, m.why) for m in found]
        done += many[party]
        progress("matching rows", done, total)
    rows = [
        _by_id(known[each.id], of.get(each.party, [])) if each.id in known else of.get(each.party, [])
        for each in read
    ]
    rows = [_decided(each, row, directory) for each, row in zip(read, rows, strict=True)]
    listed = {
        names.id(iri) for each in directory.index.designations for iri in (each.target, each.named) if iri
    }
    given = [_chosen(row, every, listed) for row in rows]
    worth: list[Sequence[Candidate]] = [_worth(row) for row in rows]
    versions = [book.version for book in matcher.books.books]
    return Matches(listing, read, given, worth, report, matcher.weights, len(matcher.books), versions)


def _by_id(said: Candidate, named: Sequence[Candidate]) -> list[Candidate]:
    """Return the actor that a row has the id of, and those whom it names where that one is not among them."""
    others = _worth(named)
    return [said] if any(each.id == said.id for each in others) else [said, *others]


def _decided(entry: Entry, told: list[Candidate], directory: Directory) -> list[Candidate]:
    """Return the candidates of a row as whoever sent the list decided: who is meant first, and nobody who is not.

    Who was said to be the same is one, though what is written of both says so no longer.
    """
    if not entry.decided:
        return told
    said, found, names = dict(entry.decided), {each.id: each for each in told}, directory.index.names
    for id, what in entry.decided:
        if what == SAME and id not in found and (node := directory.known(id)) is not None:
            actor = directory.index.actor(node)
            found.setdefault(
                names.id(actor.iri), Candidate(names.id(actor.iri), actor.name, 0.0, "reject", "", "")
            )
            said.setdefault(names.id(actor.iri), what)
    left = [
        replace(
            each,
            decided=said.get(each.id, ""),
            band="accept" if said.get(each.id) == SAME else each.band,
            why="; ".join(filter(None, [_DECIDED.get(said.get(each.id, "")), each.why])),
        )
        for each in found.values()
        if said.get(each.id) != OTHER
    ]
    return sorted(left, key=lambda each: each.decided != SAME)


def _worth(told: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates from the review band on."""
    return [each for each in told if each.band != "reject"]


def _chosen(told: Sequence[Candidate], every: bool, listed: Set[str]) -> Sequence[Candidate]:
    """Return the candidates of a row that are given; the best one alone names those beside it that it hides.

    One that a list names says so, and is named before others: whoever contributed a list is its own best match.
    """
    worth, best = _worth(told), told[:1]
    if every and worth:
        best = worth
    rest = sorted(worth[len(best) :], key=lambda each: each.id not in listed)
    beside = [f"{each.id} ({each.band}{', listed' if each.id in listed else ''})" for each in rest]
    cut = ", ..." if len(beside) > _NAMED else ""
    more = [f"others: {', '.join(beside[:_NAMED])}{cut}"] if beside else []
    return [
        replace(each, why="; ".join([each.why, *([_LISTED] if each.id in listed else []), *more]))
        for each in best
    ]


# --- What is said of them --------------------------------------------------------------------------------------------


def about(found: Matches) -> Iterator[str]:
    """Yield sentences on what a list was compared with, and on the limits of that."""
    counts, weights = found.counts(), found.weights
    yield (
        f"{found.listing.file}: {counts['rows']:,} rows, compared with {found.actors:,} actors of "
        f"{len(found.versions):,} datasets."
    )
    yield (
        f"accept {counts['accept']:,}, review {counts['review']:,}, reject {counts['reject']:,}, no candidate "
        f"{counts['no_candidate']:,}; rows without a name: {counts['no_name']:,}."
    )
    yield f"accept from score {weights.accept:g}, review from {weights.review:g}; weights version {weights.version}."
    yield from _LIMITS
    for version in found.versions:
        yield f"Dataset {version.dataset}, version {version.number}, {version.licence or 'licence unknown'}."
    mapped = found.listing.survey.mapped
    for name, at in mapped.headers.items():
        yield f"Read as {name}: {' + '.join(at)}."
    for name, value in mapped.constants.items():
        yield f"Read as {name}, for all rows: {value}."
    yield from found.listing.unread()
    for kind in found.report.kinds():
        yield f"{kind.count:,} times, {kind.first.column or 'the list'}: {kind.message}"


def to_dict(found: Matches) -> dict[str, Any]:
    """Return the list and what was found as a JSON object."""
    listing, weights = found.listing, found.weights
    mapped = listing.survey.mapped
    return {
        "file": listing.file,
        "counts": found.counts(),
        "bands": {"accept": weights.accept, "review": weights.review},
        "weights": weights.version,
        "columns": {name: list(at) for name, at in mapped.headers.items()},
        "constants": dict(mapped.constants),
        "header": listing.header,
        "rows": [
            {
                "row": number,
                "cells": cells,
                "matches": list(map(named, candidates)),
            }
            for (number, cells), candidates in zip(listing.rows, found.found, strict=True)
        ],
        "limits": limits(found),
    }


def limits(found: Matches) -> dict[str, Any]:
    """Return what the rows were compared with, and what of them was not understood."""
    return {
        "actors": found.actors,
        "datasets": [
            {"id": each.dataset, "version": each.number, "licence": each.licence} for each in found.versions
        ],
        "not_read": [
            *map(_left, found.listing.left),
            *(
                {"column": kind.first.column, "message": kind.message, "count": kind.count}
                for kind in found.report.kinds()
            ),
        ],
    }


def _left(column: Left) -> dict[str, Any]:
    """Return what is told of a column that nothing is read from, with how many rows say something in it."""
    message = "Nothing is read from this column: what it says was not tested."
    if column.meant:
        message += f" Did you mean {column.meant}?"
    return {"column": column.label, "message": message, "count": column.rows}


def named(found: Candidate) -> dict[str, Any]:
    """Return a candidate as a JSON object."""
    return dict(zip(COLUMNS, cells(found), strict=True))


def cells(found: Candidate | None) -> Sequence[object]:
    """Return the cells of a candidate, empty ones where there is none."""
    return (found.id, found.name, found.score, found.band, found.why) if found else [""] * len(COLUMNS)
