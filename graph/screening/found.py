"""What was found for the rows of a list, as pages show it: whom each is taken for, and what touches that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND
from opentier.graph.network.network import Designation
from opentier.graph.picture import marks
from opentier.graph.screening.asking import Answer
from opentier.graph.screening.columns import unread
from opentier.graph.screening.entries import SAME, UNSURE, Entry
from opentier.graph.screening.lines import Line
from opentier.graph.screening.matched import NOBODY, UNNAMED, band
from opentier.graph.screening.matches import BY_ID, Candidate
from opentier.graph.screening.screened import Screened

Json = dict[str, Any]
#: What rows are, by what was found: the marks of what touches them, and those that nothing touches or nobody tested.
KINDS = ("measure", "risk", "possible", "none", "untested", "place")


def about(found: Screened) -> Json:
    """Return what is told of all rows: the verdict, the question, and what all of them rest on."""
    counts = found.counts()
    return {
        "counts": counts,
        "verdict": found.verdict.result,
        "reasons": list(found.verdict.reasons),
        "question": found.question(),
        "actors": found.matches.actors,
        "limits": [[str(cell) for cell in row] for row in found.about()][1:],
        "unread": unread(found.matches.report, found.listing),
        "supposed": sum(_kind(line) == "measure" and not _decided(line) for _, line in found.rows()),
        "possibly": sum(_kind(line) == "possible" for _, line in found.rows()),
        "measured": sum(_kind(line) == "possible" and _measured(line, found) for _, line in found.rows()),
        "unsought": sum(line.answer is not None and not line.answer.sought for _, line in found.rows()),
        "alone": sum(line.answer is not None and line.answer.alone for _, line in found.rows()),
        "columns": list(found.columns),
    }


def rows(found: Screened) -> Iterator[tuple[list[str], Json]]:
    """Yield the rows that say anything, each with what it is: the worst first."""
    entries = {each.iri: each for each in found.answers.index.designations}
    for entry, line in found.worst():
        row = _row(entry, line, found, entries)
        kinds = [row["kind"]]
        if row["possibly"] and row["kind"] != "possible":
            kinds.append("possible")
        if row["risks"]:
            kinds.append("place")
        yield kinds, row


def _decided(line: Line) -> bool:
    """Return whether it is settled of whom the trace of a row is."""
    return line.traced is not None and line.traced.sure


def _answer(line: Line, found: Screened) -> Answer | None:
    """Return what was found of whom a row is, or possibly is where nobody was traced."""
    if line.possibly and line.match is not None and line.answer is None:
        return found.answers.of(line.match.id, line.goods, whatever=line.whatever)
    return line.answer


def _measured(line: Line, found: Screened) -> bool:
    """Return whether a measure touches whom a row possibly is."""
    answer = _answer(line, found)
    return answer is not None and answer.measure is not None


def _row(entry: Entry, line: Line, found: Screened, entries: Mapping[str, Designation]) -> Json:
    meant, answer = line.traced or line.match, _answer(line, found)

    def shown(each: Json | None) -> Json | None:
        said = each and found.answers.objects.entry(entries[each["designation"]["iri"]])
        return _nearest(each, said) if each and said else None

    return {
        "row": entry.row,
        "name": entry.party.called[0] if entry.party.called else "",
        "kind": _kind(line),
        "match": meant and _match(meant),
        "product": _product(line, meant, found),
        "nobody": None if meant else NOBODY if entry.party.called else UNNAMED,
        "nearest": shown(answer.nearest if answer else None),
        "measure": shown(answer.measure) if answer and answer.hidden else None,
        "behind": answer.behind if answer and not answer.measure else "",
        "supposed": not _decided(line),
        "possibly": line.possibly,
        "waits": line.answer is None and line.match is not None and line.match.band == "review",
        "untested": [each for each in line.not_testable if each not in _beside(line, meant)],
        "shared": len(line.shared_with),
        "alone": line.answer is not None and line.answer.alone,
        "goods": [words.goods(good.product.label) for good in line.goods],
        "risks": [
            _risk(each, found.answers.objects.entry(entries[each["designation"]["iri"]]))
            for each in line.risks
        ],
    }


def _product(line: Line, meant: Candidate | None, found: Screened) -> str | None:
    """Return by which product somebody was traced for a row; None where the question of the list says it."""
    if meant is None or meant.band == "reject":
        return None
    return found.answers.product(meant.id, line.goods, whatever=line.whatever)


def _risk(risk: Json, said: Json) -> Json:
    """Return what stands on a page of what a list says of a place and a good; `said` is the designation."""
    return {
        "mark": marks.mark(risk["group"], said["exploitation"]),
        "sentence": risk["sentence"],
        "since": said["effective_date"] or said["listing_date"],
        **{name: said[name] for name in ("iri", "title", "authority", "dataset", "licence")},
    }


def _beside(line: Line, meant: Candidate | None) -> list[str]:
    """Return what is said of whom a row is taken for, which stands in columns of their own."""
    if meant is None:
        return []
    who = {"name": meant.name, "id": meant.id}
    said = [words.said("screened", key, **who) for key in ("unjudged", "possible")]
    return [
        *said,
        *(
            each
            for each in line.not_testable
            if each.startswith(words.said("screened", "if-same", **who, said=""))
        ),
    ]


def _kind(line: Line) -> str:
    if line.verdict == EXPOSED and line.answer and (each := line.answer.foremost):
        group: str = each["group"]
        return group
    if line.possibly:
        return "possible"
    return "none" if line.verdict == NONE_FOUND else "untested"


def _match(meant: Candidate) -> Json:
    by = {SAME: "you", UNSURE: "unsure"}.get(meant.decided) or (
        "id" if meant.why.startswith(BY_ID) else "identifier" if meant.sure else "rule"
    )
    return {
        "id": meant.id,
        "name": meant.name,
        "band": band(meant),
        "score": meant.score,
        "by": by,
    }


def _nearest(nearest: Json, said: Json) -> Json:
    """Return what stands on a page of the nearest exposure; `said` is the designation."""
    return {
        "mark": marks.mark(nearest["group"], said["exploitation"]),
        "sentence": nearest["sentence"],
        "tier": nearest["path"]["tier"],
        "actor": {name: nearest["actor"][name] for name in ("id", "name")},
        "since": said["effective_date"] or said["listing_date"],
        **{name: said[name] for name in ("iri", "title", "authority", "law", "dataset", "licence")},
    }
