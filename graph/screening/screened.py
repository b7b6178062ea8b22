"""A screened list: each row traced as if it were the actor that it is likely to be. Nothing is kept, nobody merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from opentier.graph.answer import statements
from opentier.graph.exposure import severity, words
from opentier.graph.exposure.objects import Json
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE, Verdict
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.matching.matcher import Matcher
from opentier.graph.matching.scoring import Weights
from opentier.graph.report.report import Report
from opentier.graph.screening import matches
from opentier.graph.screening.answers import Answers
from opentier.graph.screening.entries import Entry
from opentier.graph.screening.goods import Goods
from opentier.graph.screening.lines import COLUMNS, WORST, Beside, Line, to_dict
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.matches import Matches
from opentier.graph.screening.placed import Placed
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters, named
from opentier.graph.trace.unindexed import Unindexed

#: The sentences of the verdict, each with the count that it is said of.
_TOLD = {
    "exposed": "exposed", "untested": "not_testable", "none-found": "none_found", "possibly": "possibly_exposed",
    "sellers": "sells_listed", "placed": "risk_by_place_and_good",
}  # fmt: skip


@dataclass(frozen=True)
class Screened:
    """A list with what was found for each row.

    Attributes
    ----------
    matches
        The list, and whom its rows may be.
    parameters
        What was asked of each trace, as it is understood.
    lines
        What is said beside each row of the list: a line for each candidate that is given.
    answers
        The traces.
    """

    matches: Matches
    parameters: Parameters
    lines: list[list[Line]] = field(repr=False)
    answers: Answers = field(repr=False)

    @property
    def listing(self) -> Listing:
        """The list as it was sent."""
        return self.matches.listing

    @property
    def columns(self) -> Sequence[str]:
        """What is added to it."""
        return COLUMNS

    def cells(self) -> Iterator[Sequence[Sequence[object]]]:
        """Yield what is added to each row, a line for each candidate."""
        for lines in self.lines:
            yield [line.cells() for line in lines]

    def rows(self) -> Iterator[tuple[Entry, Line]]:
        """Yield the rows that say anything, each with its worst line."""
        for entry, lines in zip(self.matches.entries, self.lines, strict=True):
            if any(line.verdict for line in lines):
                yield entry, min(lines, key=lambda line: line.force)

    def worst(self) -> list[tuple[Entry, Line]]:
        """Return the rows that say anything from the worst on: measures first, the nearest of them first."""

        def order(row: tuple[Entry, Line]) -> tuple[Any, ...]:
            line = row[1]
            each = line.answer.foremost if line.answer else None
            if each is None:
                measured = any(risk["group"] == "measure" for risk in line.risks)
                return (
                    WORST.index(line.verdict),
                    not line.possibly,
                    not line.sells,
                    not measured,
                    not line.risks,
                )
            return *line.force, -each["severity"]["value"]

        return sorted(self.rows(), key=order)

    def counts(self) -> dict[str, int]:
        """Return how many rows say anything, how many have which verdict and which match, and how many were traced."""
        rows = [line for _, line in self.rows()]
        found = Counter(line.verdict for line in rows)
        return {
            **self.matches.counts(),
            **{verdict.replace("-", "_"): found[verdict] for verdict in WORST},
            "possibly_exposed": sum(line.possibly for line in rows if line.verdict != EXPOSED),
            "sells_listed": sum(line.sells for line in rows),
            "risk_by_place_and_good": sum(bool(line.risks) for line in rows if line.verdict == NOT_TESTABLE),
            "names_alike": sum(
                (line.answer is not None and line.answer.alike) or (line.possibly and line.verdict != EXPOSED)
                for line in rows
            ),
            "traced": len(self.answers),
        }

    @property
    def verdict(self) -> Verdict:
        """Whether any row is exposed, or any could not be tested; no exposure is found only where each was tested."""
        counts = self.counts()
        rows, none, many = counts["rows"], counts["none_found"], {"rows": f"{counts['rows']:,}"}
        told = [
            words.said("screened", key, n=counts[counted], **many)
            for key, counted in _TOLD.items()
            if counts[counted]
        ]
        result = EXPOSED if counts["exposed"] else NONE_FOUND if rows == none else NOT_TESTABLE
        if not rows:
            result, told = NOT_TESTABLE, [words.said("screened", "no-rows")]
        return Verdict(result, tuple(told))

    def limits(self) -> Json:
        """Return what all rows rest on; what could not be tested of each stands beside it."""
        return {**self.answers.limits(), **matches.limits(self.matches)}

    def question(self) -> str:
        """Return what was asked, in words."""
        said = {"parameters": self._parameters(), "limits": self.limits()}
        return " ".join(f"{each}." for each in statements.conditions(said))

    def about(self) -> Iterator[tuple[str, str, Any]]:
        """Yield what the answer rests on as rows of a table, its header first: which limit, of what, its value."""
        found = {"verdict": self._verdict(), "limits": self.limits()}
        yield "limit", "of", "value"
        yield "question", "", self.question()
        yield from statements.basis(found)
        for said in statements.lacking({**NOTHING, **self.limits()}, kinds=False):
            yield "not_testable", "all rows", said
        for said in matches.about(self.matches):
            yield "list", "", said

    def to_dict(self) -> Json:
        """Return the list and what was found as a JSON object; the same data gives the same object."""
        matched = matches.to_dict(self.matches)
        said = zip(self.matches.entries, matched["rows"], self.matches.worth, self.lines, strict=True)
        return {
            "verdict": self._verdict(),
            "question": self.question(),
            "parameters": self._parameters(),
            **{
                name: matched[name] for name in ("file", "bands", "weights", "columns", "constants", "header")
            },
            "counts": self.counts(),
            "whole": self.answers.whole,
            "rows": [
                {**row, "candidates": [matches.named(each) for each in worth], **to_dict(lines)}
                for _, row, worth, lines in said
            ],
            "limits": self.limits(),
        }

    def _verdict(self) -> Json:
        return {"result": self.verdict.result, "reasons": list(self.verdict.reasons)}

    def _parameters(self) -> Json:
        return named(self.parameters, alone=False)


#: Limits of traces that a list has beside its rows alone.
NOTHING: Json = dict.fromkeys(
    ("names_alike", "doubtful_matches", "continued_elsewhere", "contradictions", "judgements_overruled"), ()
)


# --- Screening ---------------------------------------------------------------------------------------------------


class Known(Protocol):
    """What is known of a release: its actors, how they are matched, and its index."""

    @property
    def index(self) -> Index:
        """The index."""

    @property
    def matcher(self) -> Matcher:
        """What finds whom a name may stand for."""

    @property
    def directory(self) -> Directory:
        """The names of the actors."""

    def unindexed(self, index: Index) -> Unindexed:
        """Return what the index does not hold."""


def screen(
    listing: Listing,
    known: Known,
    asked: Parameters,
    *,
    severities: severity.Weights = None,
    weights: Weights | None = None,
    country: str = "",
    every: bool = False,
    whole: bool = True,
    report: Report | None = None,
    read: Sequence[Entry] | None = None,
    progress: Progress = silent,
) -> Screened:
    """Match the rows of a list and trace whom they are likely to be.

    Parameters
    ----------
    asked
        What is asked of each trace, as it is understood.
    severities, weights
        TOML file with the weights of severity; the weights of the matcher; those that ship where none are given.
    country
        ISO 3166-1 code of rows that state no country.
    every
        Whether each candidate from the review band on gets a line; the best one alone otherwise.
    whole
        Whether all exposures of each row are given; else no farther than the nearest, which is much quicker.
    report
        Gets what of the rows is not understood.
    read
        Who stands in each row, where that was read before.
    """
    index, table = known.index, severity.weights(severities)
    matcher = known.matcher.weighing(weights) if weights else known.matcher
    report = Report() if report is None else report
    found = matches.match(
        listing, matcher, known.directory, report, country, every=every, read=read, progress=progress
    )
    answers = Answers(index, asked, table, known.unindexed(index), whole=whole)
    beside = Beside(
        answers, Goods(known.directory, asked, listing.file, report), Placed(answers.touches, answers.objects)
    )
    said, lines, total = {where.row for where, _ in listing.survey.rows}, list[list[Line]](), len(found.found)
    progress("reading listed names", 0, 1)
    answers.ready()  # or the first row would seem to take as long as many
    progress("tracing rows", 0, total)
    for done, (entry, given, worth) in enumerate(
        zip(found.entries, found.found, found.worth, strict=True), 1
    ):
        if entry.row in said:
            lines.append([beside.line(entry, each, worth, every=every) for each in given or (None,)])
        else:
            lines.append([Line()])
        progress("tracing rows", done, total)
    return Screened(found, asked, lines, answers)
