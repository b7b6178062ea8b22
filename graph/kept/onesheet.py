"""A screening record as one page to print (PDF): what was asked and found then, what was not testable, and the hash.

It is made of the record alone, so that the same record gives the same bytes, whatever the data is by now.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from opentier.graph.answer import particulars, statements
from opentier.graph.exposure.words import few, said
from opentier.graph.kept import record as records
from opentier.graph.kept import told
from opentier.graph.kept.record import LIST
from opentier.graph.picture.marks import CALLED, mark
from opentier.graph.printing import onepage, typeset
from opentier.graph.printing.onepage import Size
from opentier.graph.screening.screened import NOTHING

Json = Mapping[str, Any]
#: Rows that are named of each designation.
_ROWS = 5


def pdf(record: Json) -> bytes:
    """Return a record as one page of PDF; NotInstalled where the extra `print` is not."""
    return typeset.single(lambda size: page(record, size))


def page(record: Json, size: Size = onepage.SIZES[0]) -> Json:
    """Return the page of a record as data (see `onepage.page`)."""
    record = json.loads(json.dumps(record, sort_keys=True))  # as it is kept
    if record["kind"] != LIST:
        return onepage.page(_traced(record), size, digest=record["hash"], kept=record["id"])
    untested = [*_counted(record), *told.untested(record)] or [said("untested", "nothing")]
    tested = statements.sources({"limits": {**record["limits"], "datasets": _datasets(record)}})
    foot = [said("report", "hash", hash=record["hash"]), said("report", "same")]
    made: Json = onepage.shortened(
        {
            "heading": said("report", "heading"),
            "record": said("report", "record", id=record["id"]),
            "title": record["question"]["list"]["file"],
            "question": told.question(record),
            "answer": told.answer(record),
            "chain": None,
            "touches": _touches(record, size.rows),
            "tested": onepage.first(tested, size.lines),
            "untested": onepage.first(untested, size.lines),
            "next": [],
            "foot": " ".join(foot),
            "points": size.points,
        },
        size.letters,
    )
    return made


def _traced(record: Json) -> Json:
    """Return the record of a trace as the object of one, as far as a page needs it; what a record has not is empty."""
    exposures = [
        {
            **each,
            "designation": records.entry(record, each["designation"]),
            "paths": [{**each["path"], "hops": records.path(record, each)}],
            "initiatives": [],
        }
        for each in record["results"]
    ]
    return {
        **record,
        "root": record["question"]["actor"],
        "parameters": record["question"]["parameters"],
        "exposures": exposures,
        "chokepoints": [],
        "limits": {**NOTHING, **record["limits"], "refused_first": [], "datasets": _datasets(record)},
    }


def _datasets(record: Json) -> list[Json]:
    """Return the datasets of a record; what is made of the others has no version."""
    return [{**each, "version": each["version"] or "made of the others"} for each in record["datasets"]]


def _touches(record: Json, most: int) -> Json:
    """Return what touches rows: a line for each designation that is the nearest, or the nearest measure, of any."""
    by: dict[tuple[str, str], list[tuple[int, Json]]] = {}
    for row in record["rows"]:
        nearest, measure = row["nearest"], row.get("measure")
        for near in filter(None, (nearest, measure if measure != nearest else None)):
            entry = records.entry(record, near["designation"])
            group = "possible" if near["reason"] == "possible-identity" else entry["class"]
            by.setdefault((group, near["designation"]), []).append((row["row"], near))
    every = sorted(by.items(), key=lambda each: (onepage.force(each[0][0], 0), -len(each[1]), each[0][1]))
    left = len(every) - most
    return {
        "title": said("report", "touches"),
        "rows": [_touch(records.entry(record, iri), group, rows) for (group, iri), rows in every[:most]],
        "more": said("report", "more", n=left) if left > 0 else "",
        "none": "" if every else said("report", "nothing"),
    }


def _touch(entry: Json, group: str, rows: list[tuple[int, Json]]) -> Json:
    found = mark(group, entry["exploitation"])
    by = Counter(said("by", near["reason"]) for _, near in rows)
    numbers = few([str(number) for number, _ in rows], _ROWS)
    return {
        "mark": found,
        "word": CALLED[found].partition(",")[0].removesuffix(" in force"),
        "title": entry["title"],
        "entry": particulars.entry(entry)
        + (said("report", "not-binding") if entry["class"] == "risk" else ""),
        "touches": f"{len(rows):,}: {', '.join(by)}",
        "nearest": f"row {numbers}",
    }


def _counted(record: Json) -> list[str]:
    """Return how many rows could not be tested, and by how many what stands beside them by place and good."""
    rows = [row for row in record["rows"] if row["verdict"] == "not-testable"]
    placed = sum(bool(row.get("risk_by_place_and_good")) for row in rows)
    lines = [said("screened", "untested", n=len(rows), rows=f"{record['counts']['rows']:,}")] if rows else []
    return lines + ([said("screened", "placed", n=placed)] if placed else [])
