"""The steps of a screening in pages as jobs on the file of a draft: its columns, its matches, the result, a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opentier.graph.contribution.bare import Asked
from opentier.graph.errors import UsageError
from opentier.graph.model import sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import columns, entries, found, listing, matched, matches, returned, shelf
from opentier.graph.screening.entries import Entry
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.screened import Screened
from opentier.graph.tasks.lists import kept, parameters
from opentier.graph.tasks.task import Ended, Task


def look(task: Task) -> Ended:
    """Find out what the columns of a list are taken for."""
    task.progress("reading the list", 0, 1)
    said = task.said
    told = columns.look(
        task.sent, _asked(task), said.get("country") or "", said.get("meant") or {}, task.scratch,
        directory=lambda: task.view().directory,
    )  # fmt: skip
    shelf.write(task.results, told)
    return Ended({"rows": told.get("rows")}, shelf.FILES)


def compare(task: Task) -> Ended:
    """Find whom the rows of a list may be."""
    report, view = Report(), task.view()
    known = _listing(task, report)
    made = matches.match(
        known, view.matcher, view.directory, report, every=True, read=list(_read(task, known, report)),
        progress=task.progress,
    )  # fmt: skip
    shelf.write(task.results, matched.about(made), matched.rows(made, view.index))
    return Ended({"counts": made.counts()}, shelf.FILES)


def screen(task: Task) -> Ended:
    """Trace whom the rows of a list are likely to be, or are said to be, and give the list back."""
    made, release = _screened(task, whole=False)
    task.progress("writing the files", 0, 1)
    files, no_book = dict(shelf.FILES), ""
    task.write("csv", returned.to_csv(made), files)
    try:
        returned.to_xlsx(made, task.results / "result.xlsx")
        files["xlsx"] = "result.xlsx"
    except UsageError as error:  # a cell is longer than a workbook holds
        no_book = str(error)
    decided = task.said.get("decided") or {}
    about = {**found.about(made), "release": release, "decided": decided, "no_book": no_book}
    shelf.write(task.results, about, found.rows(made))
    first, *rows = made.about()
    task.write("limits.csv", sheet.text([str(cell) for cell in first], rows), files)
    return Ended({"counts": made.counts(), "verdict": made.verdict.result}, files)


def keep(task: Task) -> Ended:
    """Keep the answer to a list as a screening record; UsageError where the data is another one by now."""
    save, records = task.said["save"], task.screenings()
    record = kept(task) if task.again else None
    if record is None:
        records.free(save)
        made, release = _screened(task, whole=True)
        if release != task.said["release"]:
            raise UsageError(
                "The data is another one since this was answered: screen the list again, then save it."
            )
        record = records.keep_list(made, save)
    return Ended({"record": {"id": record["id"], "hash": record["hash"]}})


def _screened(task: Task, *, whole: bool) -> tuple[Screened, str]:
    report, view = Report(), task.view()
    known = _listing(task, report)
    read = list(_read(task, known, report))
    asked = parameters(task.said.get("parameters") or {})
    made = view.screen(known, asked, whole=whole, report=report, read=read, progress=task.progress)
    return made, view.release.id


def _asked(task: Task) -> Asked:
    said = task.said
    return Asked(
        tuple(said.get("map") or ()), sheet=said.get("sheet") or "", most=columns.MOST_ROWS,
        headless=bool(said.get("headless")), encoding=said.get("encoding") or "",
    )  # fmt: skip


def _listing(task: Task, report: Report) -> Listing:
    """Return the list, and report with which doubts it is read; UsageError where it cannot be as it is said to be."""
    task.progress("reading the list", 0, 1)
    read = listing.read(task.sent, _asked(task), task.scratch, report)
    if read is None or report.blocking:
        raise UsageError(next(each.message for each in report.sorted() if each.blocks))
    task.progress("reading the graph", 0, 1)
    return read


def _read(task: Task, known: Listing, report: Report) -> Iterator[Entry]:
    """Yield who stands in each row, with what was decided of whom it may be."""
    said = task.said
    decided = said.get("decided") or {}
    for each in entries.entries(known, said.get("country") or "", report, meant=said.get("meant") or {}):
        judged = {actor: same for actor, (same, _) in decided.get(str(each.row), {}).items()}
        yield replace(each, decided=tuple(judged.items())) if judged else each
