"""A report as a workbook: the first page, and all companies, exposures, paths, limits and datasets as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opentier.graph.answer import documents, particulars, statements
from opentier.graph.answer.steps import steps
from opentier.graph.dossier import rows
from opentier.graph.export.workbook import Book
from opentier.graph.exposure.words import country_and_code, goods, said, severity
from opentier.graph.printing.onepage import called

Json = Mapping[str, Any]
_Row = tuple[Any, ...]

_COMPANIES = ("tier", "id", "name", "country", "kind", "exposures", "iri")
_EXPOSURES = (
    "number", "class", "state", "designation", "designation_id", "authority", "law", "register", "listing_date",
    "actor", "actor_id", "country", "tier", "reason", "why", "severity", "severity_factors", "path_confidence",
    "weakest_hop", "live_from", "live_to", "paths", "dataset", "licence",
)  # fmt: skip
#: Sheets of a dossier that are called as they are there; the others could be taken for our own.
_APART = ("Dossier", "Questions")
_PATHS = (
    "exposure", "path", "hop", "tier", "kind", "from", "from_id", "to", "to_id", "to_country", "relation", "goods",
    "start_date", "end_date", "observed_date", "confidence", "not_named", "documents_held", "documents_missing",
    "evidence", "evidence_urls", "record", "dataset", "version", "licence",
)  # fmt: skip


def write(found: Json, page: Json, path: Path, dossier: Json | None = None) -> None:
    """Write the workbook; UsageError where it holds more than a sheet can."""
    with Book(path) as book:
        lines = list(_report(page))
        heads = [number for number in range(len(lines) - 1) if number == 0 or lines[number - 1] == ()]
        book.add("Report", lines, bold=heads, widths=(14, 50, 60, 30, 40, 80, 18, 12))
        book.add("Companies", [_COMPANIES, *_companies(found)], header=0, widths=(6, 36, 40, 24, 16, 10, 60))
        book.add("Exposures", [_EXPOSURES, *_exposures(found)], header=0, widths=(8, 14, 10, 50, 36, 40, 40))
        book.add("Paths", [_PATHS, *_paths(found)], header=0, widths=(9, 6, 6, 6, 12, 40, 30, 40, 30, 20))
        for name, columns, each in rows.sheets(dossier) if dossier else ():
            book.add(name if name in _APART else f"Dossier {name.lower()}", [columns, *each], header=0)
        book.add("Limits", [("limit", "of", "value"), *statements.rows(found)], header=0, widths=(32, 40, 90))
        book.add(
            "Datasets", [("dataset", "version", "licence"), *_datasets(found)], header=0, widths=(40, 10, 30)
        )


def _report(page: Json) -> Iterator[_Row]:
    """Yield the rows of the first page: its parts one below the other."""
    yield (page["heading"], page["record"])
    yield (page["title"],)
    yield (page["question"],)
    yield ()
    yield from ((line,) for line in page["answer"])
    if chain := page["chain"]:
        yield ()
        yield (chain["title"],)
        yield (
            "tier",
            "company or site",
            "what it is",
            "supplies",
            "document held",
            "document missing",
            "live",
            "confidence",
        )
        names = ("tier", "name", "more", "goods", "held", "missing", "live", "sure")
        yield from (tuple(row[name] for name in names) for row in chain["rows"])
        yield (chain["none"] or chain["note"],)
    yield ()
    yield (page["touches"]["title"],)
    yield "class", "listing", "authority, law, date", "touches", "nearest"
    for row in page["touches"]["rows"]:
        yield tuple(row[name] for name in ("word", "title", "entry", "touches", "nearest"))
    yield (page["touches"]["more"] or page["touches"]["none"],)
    for heading, name in (("Tested", "tested"), ("Not testable", "untested"), ("Next", "next")):
        yield ()
        yield (heading,)
        yield from ((line,) for line in page[name])
    yield ()
    yield (page["foot"],)


def _companies(found: Json) -> Iterator[_Row]:
    touched: dict[str, int] = {}
    for exposure in found["exposures"]:
        touched[exposure["actor"]["iri"]] = touched.get(exposure["actor"]["iri"], 0) + 1
    for each in found["reached"]:
        where, count = country_and_code(each["country"]), touched.get(each["iri"], 0)
        yield each["tier"], each["id"], each["name"], where, each["kind"], count, each["iri"]


def _exposures(found: Json) -> Iterator[_Row]:
    for number, each in enumerate(found["exposures"], 1):
        actor, entry, path = each["actor"], each["designation"], each["paths"][0]
        yield (
            number, called([each])[1], each["state"], entry["title"], entry["id"], entry["authority"], entry["law"],
            entry["register"], entry["listing_date"], actor["name"], actor["id"], country_and_code(actor["country"]),
            actor["tier"], each["reason"], particulars.why(each), each["severity"]["value"], severity(each["severity"]),
            path["confidence"]["product"], path["confidence"]["minimum"], path["live"]["from"], path["live"]["to"],
            len(each["paths"]), entry["dataset"], entry["licence"],
        )  # fmt: skip


def _paths(found: Json) -> Iterator[_Row]:
    """Yield a row for each hop of each path of each exposure, from the traced actor outwards."""
    downstream = found["parameters"]["downstream"]
    for number, each in enumerate(found["exposures"], 1):
        for which in range(len(each["paths"])):
            for place, step in enumerate(steps(each, which, downstream=downstream), 1):
                hop = step.hop
                yield (
                    number, which + 1, place, step.tier, said("kinds", hop["kind"]), hop["from"]["name"],
                    hop["from"]["id"], hop["to"]["name"], hop["to"]["id"], country_and_code(hop["to"]["country"]),
                    step.relation, goods(hop["product"]), hop["start_date"], hop["end_date"], hop["observed_date"],
                    hop["confidence"], hop["gap"], "; ".join(documents.held(hop)), "; ".join(documents.missing(hop)),
                    "; ".join(one.get("title") or one["iri"] for one in hop["evidence"]) or hop["source"],
                    " ".join(one["url"] for one in hop["evidence"] if one.get("url")), hop["record"], hop["dataset"],
                    hop["version"], hop["licence"],
                )  # fmt: skip


def _datasets(found: Json) -> Iterator[_Row]:
    for each in found["limits"]["datasets"]:
        yield each["id"], each["version"], each["licence"] or said("report", "no-licence")
