"""Matches: for each row of a list the actors that it may be. They are proposals: nothing is kept, and nobody merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.matching.matcher import Match, Matcher
from opentier.graph.matching.parties import Party
from opentier.graph.matching.scoring import Band, Weights
from opentier.graph.model.names import Names
from opentier.graph.model.versions import Version
from opentier.graph.report.report import Report
from opentier.graph.screening.entries import Entry, entries
from opentier.graph.screening.listing import Listing
from opentier.graph.trace.lookup import Directory

#: Candidates beside the best one that are named.
_NAMED = 3
_BY_ID = "the id of the row is that of this actor"


@dataclass(frozen=True)
class Candidate:
    """An actor that a row may be: its id, its name, and how sure that is (see `Match`)."""

    id: str
    name: str
    score: float
    band: Band
    why: str


@dataclass(frozen=True)
class Matches:
    """A list with what was found for each row.

    Attributes
    ----------
    entries, found
        Who stands in each row of the list, and the actors that they may be: the likeliest first.
    report
        What could not be read of the list, and is left out of the comparison.
    actors, versions
        With how many actors they were compared, and of which dataset versions.
    """

    listing: Listing
    entries: list[Entry] = field(repr=False)
    found: list[Sequence[Candidate]] = field(repr=False)
    report: Report = field(repr=False)
    weights: Weights = field(repr=False)
    actors: int
    versions: list[Version]

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
    progress: Progress = silent,
) -> Matches:
    """Return the actors that the rows of a list may be.

    A row whose id is an actor's is that actor. Equal rows are compared once.

    Parameters
    ----------
    report
        Gets what of the rows is not understood.
    country
        ISO 3166-1 code of rows that state no country.
    every
        Whether all candidates from the review band on are given; the best one alone otherwise, or where none is.
    """
    read = list(entries(listing, country, report))
    names, known = directory.index.names, dict[str, Candidate]()
    for id in dict.fromkeys(entry.id for entry in read if entry.id):
        if (node := directory.known(id)) is not None:
            actor = directory.index.actor(node)
            known[id] = Candidate(names.id(actor.iri), actor.name, 1.0, "accept", _BY_ID)
    many = Counter(entry.party for entry in read if entry.id not in known)
    parties = [party for party in many if party.called or party.strong]
    done, total = 0, sum(many[party] for party in parties)
    of = dict[Party, Sequence[Candidate]]()
    progress("matching rows", 0, total)
    for party, found in zip(parties, matcher.match(parties), strict=True):
        of[party] = _chosen(found, names, every)
        done += many[party]
        progress("matching rows", done, total)
    rows = [[known[each.id]] if each.id in known else of.get(each.party, ()) for each in read]
    versions = [book.version for book in matcher.books.books]
    return Matches(listing, read, rows, report, matcher.weights, len(matcher.books), versions)


def _chosen(found: Sequence[Match], names: Names, every: bool) -> list[Candidate]:
    """Return the candidates of a row that are given; the best one alone names those beside it that it hides."""
    told = [Candidate(names.id(each.iri), each.name, each.score, each.band, each.why) for each in found]
    worth = [each for each in told if each.band != "reject"]
    if every and worth:
        return worth
    beside = [f"{each.id} ({each.band})" for each in worth[1:]]
    more = (
        f"; others: {', '.join(beside[:_NAMED])}{', ...' if len(beside) > _NAMED else ''}" if beside else ""
    )
    return [replace(each, why=each.why + more) for each in told[:1]]
