"""A screening record as files: its rows or exposures as a table, in words, and all of it together."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from opentier.graph.export import workbook
from opentier.graph.exposure import words
from opentier.graph.kept import listed, record, told
from opentier.graph.kept.record import LIST
from opentier.graph.kept.rows import RISK
from opentier.graph.model import printed, sheet
from opentier.graph.screening import matches, placed, returned
from opentier.graph.screening.lines import COLUMNS
from opentier.graph.screening.listing import Listing

Json = Mapping[str, Any]
#: The columns of the table of a trace.
_TRACE = (
    "tier", "actor_id", "actor_name", "country", "group", "reason", "sentence", "designation_id", "designation",
    "state", "severity", "path",
)  # fmt: skip


class _Kept:
    """The list of a record, with what was found for its rows then (see `returned.Beside`)."""

    columns: Sequence[str] = COLUMNS

    def __init__(self, said: Json) -> None:
        self._said = said
        self._answers = {(each["actor"], each.get("product")): each["results"] for each in said["answers"]}
        self._entries = {each["iri"]: each for each in said["designations"]}

    @cached_property
    def listing(self) -> Listing:
        """The list as it was sent."""
        return listed.question(self._said).listing

    def cells(self) -> Iterator[Sequence[Sequence[object]]]:
        """Yield what is added to each row."""
        for row in self._said["rows"]:
            yield [self._line(row)]

    def _line(self, row: Json) -> Sequence[object]:
        best = next(iter(row["matches"]), None)
        match = [best[name] if best else "" for name in matches.COLUMNS]
        untested, shared = " ".join(row["not_testable"]), "|".join(row["shared_with"])
        risks = [{**each, "designation": self._entries[each["designation"]]} for each in row.get(RISK, ())]
        more = (
            "|".join(words.goods(each) or "" for each in row.get("goods", ())),
            " ".join(map(placed.told, risks)),
        )
        listed = "|".join(each["designation"]["id"] for each in risks)
        tier = (row.get("measure") or {}).get("tier", "")
        own = row["verdict"] or "", *self._nearest(row), untested, shared, *more, listed, tier
        return [*match, *own, row.get("measure_why", "")]

    def _nearest(self, row: Json) -> Sequence[object]:
        near = row["nearest"]
        if near is None:
            return [""] * 5
        key = near["actor"]["iri"], near["designation"], near["reason"]
        found = next(
            each
            for each in record.results(self._answers, row, row["traced"]) or ()
            if (each["actor"]["iri"], each["designation"], each["reason"]) == key
        )
        id = self._entries[near["designation"]]["id"]
        return [found["path"]["tier"], near["reason"], near["why"], id, found["severity"]["value"]]

    def about(self) -> Iterator[Sequence[object]]:
        """Yield what it rests on."""
        yield from about(self._said)


def about(said: Json) -> Iterator[Sequence[object]]:
    """Yield what a record rests on, as rows of a table, the header first."""
    yield "what", "of", "value"
    yield "record", said["id"], said["hash"]
    yield "question", "", told.question(said)
    for line in told.answer(said):
        yield "verdict", "", line
    for each in said["datasets"]:
        version = f"version {each['version']}" if each["version"] else "made of the others"
        yield "dataset", each["id"], f"{version}, {each['licence'] or 'licence unknown'}"
    for each in said["judgements"]:
        sides = f"{each['left']} and {each['right']}"
        yield "judgement", sides, f"{each['judgement']}, by {each['decided_by'] or 'nobody named'}"
    for line in told.untested(said):
        yield "not_testable", "", line


def rows(said: Json) -> Iterator[Sequence[object]]:
    """Yield the table of a record, its header first: of a list its rows as they were sent, of a trace its exposures."""
    if said["kind"] == LIST:
        yield from returned.rows(_Kept(said))
        return
    yield _TRACE
    for each in said["results"]:
        entry, actor = record.entry(said, each["designation"]), each["actor"]
        yield (
            each["path"]["tier"], actor["id"], actor["name"], actor["country"], each["group"], each["reason"],
            each["sentence"], entry["id"], entry["title"], each["state"], each["severity"]["value"],
            " > ".join(hop["to"]["name"] for hop in record.path(said, each)),
        )  # fmt: skip


def to_csv(said: Json) -> str:
    """Return the table of a record as CSV for people."""
    first, *more = rows(said)
    return sheet.text([str(cell) for cell in first], more)


def to_xlsx(said: Json) -> bytes:
    """Return it as a workbook, with a second sheet on what it rests on."""
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        path = Path(scratch) / "record.xlsx"
        if said["kind"] == LIST:
            returned.to_xlsx(_Kept(said), path)
        else:
            with workbook.Book(path) as book:
                book.add("Exposures", rows(said), header=0)
                book.add("About", about(said))
        return path.read_bytes()


def to_zip(said: Json) -> bytes:
    """Return all forms of a record in one file; the same record gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for form, content in (
            ("json", printed.text(said).encode()), ("txt", "\n".join([*told.record(said), ""]).encode()),
            ("csv", to_csv(said).encode()), ("xlsx", to_xlsx(said)),
        ):  # fmt: skip
            archive.writestr(zipfile.ZipInfo(f"{said['id']}.{form}"), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
