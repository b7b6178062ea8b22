"""The steps of a screening in pages as jobs: columns, matches, result, record; what comes of each lies with the upload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opentier.graph.contribution.bare import Asked
from opentier.graph.desk import columns, found, matched, shelf
from opentier.graph.desk.desk import Desk
from opentier.graph.desk.upload import COLUMNS, MATCHES, RESULT, Upload
from opentier.graph.errors import UsageError
from opentier.graph.model import sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import entries, listing, matches, returned
from opentier.graph.screening.entries import Entry
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.screened import Screened
from opentier.graph.tasks.lists import kept, parameters
from opentier.graph.tasks.task import Ended, Task


def look(task: Task) -> Ended:
    """Find out what the columns of an upload are taken for."""
    desk, upload = _upload(task)
    task.progress("reading the list", 0, 1)
    said = upload.said
    told = columns.look(
        desk.file(upload), _asked(upload), said.get("country") or "", said.get("namibia"), task.scratch
    )
    with shelf.made(desk.place(upload.id), COLUMNS) as folder:
        shelf.write(folder, told)
    return Ended({"rows": told.get("rows")})


def compare(task: Task) -> Ended:
    """Find whom the rows of an upload may be."""
    desk, upload = _upload(task)
    known = _listing(task, desk, upload)
    report, view = Report(), task.view()
    made = matches.match(
        known, view.matcher, view.directory, report, every=True,
        read=list(_read(known, upload, report, decided=False)), progress=task.progress,
    )  # fmt: skip
    about = {**matched.about(made), "release": view.release.id}
    with shelf.made(desk.place(upload.id), MATCHES) as folder:
        shelf.write(folder, about, matched.rows(made, view.index))
    return Ended({"counts": made.counts()})


def screen(task: Task) -> Ended:
    """Trace whom the rows of an upload are likely to be, or are said to be, and give the list back."""
    desk, upload = _upload(task)
    made, release = _screened(task, desk, upload, whole=False)
    about = {**found.about(made), "release": release, "round": upload.round}
    with shelf.made(desk.place(upload.id), RESULT) as folder:
        task.progress("writing the files", 0, 1)
        shelf.write(folder, about, found.rows(made))
        (folder / "result.csv").write_text(returned.to_csv(made), "utf-8")
        returned.to_xlsx(made, folder / "result.xlsx")
        first, *rows = made.about()
        (folder / "limits.csv").write_text(sheet.text([str(cell) for cell in first], rows), "utf-8")
    return Ended({"counts": made.counts(), "verdict": made.verdict.result})


def keep(task: Task) -> Ended:
    """Keep the answer to an upload as a screening record."""
    save, records = task.said["save"], task.screenings()
    record = kept(task) if task.again else None
    if record is None:
        records.free(save)
        desk, upload = _upload(task)
        shown = shelf.opened(desk.place(upload.id), RESULT)
        made, release = _screened(task, desk, upload, whole=True)
        if shown is None or shown.about["release"] != release:
            raise UsageError("The data is another one since this was answered: screen the list again, then save it.")
        record = records.keep_list(made, save)
    return Ended({"record": {"id": record["id"], "hash": record["hash"]}})


def _screened(task: Task, desk: Desk, upload: Upload, *, whole: bool) -> tuple[Screened, str]:
    known = _listing(task, desk, upload)
    report, view = Report(), task.view()
    read = list(_read(known, upload, report, decided=True))
    asked = parameters(upload.said.get("parameters") or {})
    made = view.screen(known, asked, whole=whole, report=report, read=read, progress=task.progress)
    return made, view.release.id


def _upload(task: Task) -> tuple[Desk, Upload]:
    desk = Desk(task.graph.store.path)
    upload = desk.get(task.said["upload"])
    if upload is None:
        raise UsageError("The list was deleted.")
    return desk, upload


def _asked(upload: Upload) -> Asked:
    return Asked(tuple(upload.said.get("map") or ()), sheet=upload.said.get("sheet") or "")


def _listing(task: Task, desk: Desk, upload: Upload) -> Listing:
    """Return the list; UsageError where it cannot be read any more as it could when its columns were looked at."""
    task.progress("reading the list", 0, 1)
    report = Report()
    read = listing.read(desk.file(upload), _asked(upload), task.scratch, report)
    if read is None or report.blocking:
        raise UsageError(next(each.message for each in report.sorted() if each.blocks))
    task.progress("reading the graph", 0, 1)
    return read


def _read(known: Listing, upload: Upload, report: Report, *, decided: bool) -> Iterator[Entry]:
    """Yield who stands in each row, with what was decided of whom it may be."""
    said = upload.said
    for each in entries.entries(known, said.get("country") or "", report, namibia=said.get("namibia")):
        judged = upload.judged(each.row) if decided else {}
        yield replace(each, decided=tuple(judged.items())) if judged else each
