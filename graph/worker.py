"""The program of the processes that trace for a service: wide traces, reports, dossiers, the exposure of everybody.

They say what traces say together, and write versions of datasets as files, too.

Each keeps one release open.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentier.graph import analytics
from opentier.graph.answer.result import TraceResult
from opentier.graph.errors import StoreError, unable
from opentier.graph.exchange.packages import Packages
from opentier.graph.index import shelf
from opentier.graph.jobs import worker
from opentier.graph.jobs.frames import PART, Output
from opentier.graph.model import printed
from opentier.graph.model.formats import NETWORKS
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release
from opentier.graph.trace.parameters import Parameters, given
from opentier.graph.view import View

if TYPE_CHECKING:
    from opentier.graph.printing.report import Report

_opened: dict[tuple[str, str], View] = {}


def trace(asked: Mapping[str, Any], output: Output) -> None:
    """Trace an actor; its verdict is told first. A page is what one shows, as JSON."""
    view = _view(asked)
    parameters = _parameters(asked["parameters"])
    found = view.trace(asked["actor"], parameters, told=output.progress)
    head = {"verdict": found.verdict.result, "doubt": view.doubt(parameters)}
    form = asked["form"]
    if form in TEXTS:
        output.head(head)
        _write(output, written(found, form, asked["grouped"]))
        return
    if form == "page":
        from opentier.graph.printing import webpage

        shown = json.dumps(webpage.page(found, asked["page"]), ensure_ascii=False)
        output.head(head)
        _write(output, shown)
        return
    from opentier.graph.printing.report import Report

    laws = asked["laws"]
    papers = view.dossier(asked["actor"], laws, replace(parameters, paths=1)) if laws else None
    made = _report(Report(found.to_dict(), found.scene, dossier=papers), form)
    output.head(head)
    _send(output, made)


#: The forms of a trace that are texts; the others are reports.
TEXTS = ("json", "csv", "svg", *NETWORKS)


def written(found: TraceResult, form: str, grouped: int | None) -> str:
    """Return a trace in a form."""
    if form == "json":
        return found.to_json(grouped)
    if form in NETWORKS:
        from opentier.graph.standards import results

        return results.text(found, form)
    return found.to_csv() if form == "csv" else found.to_svg()


def exposure(asked: Mapping[str, Any], output: Output) -> None:
    """Say how exposed every actor is; the verdict is told first."""
    view = _view(asked)
    parameters = _parameters(asked["parameters"])
    found = view.exposure(parameters)
    output.head({"verdict": found.verdict.result, "doubt": view.doubt(parameters)})
    _write(output, found.to_json() if asked["form"] == "json" else found.to_csv())


def dossier(asked: Mapping[str, Any], output: Output) -> None:
    """Hold the chain of an actor against the documents that laws ask for."""
    from opentier.graph.dossier import rows
    from opentier.graph.export.workbook import Book
    from opentier.graph.printing.report import Report

    view, parameters, form = _view(asked), _parameters(asked["parameters"]), asked["form"]
    found = view.dossier(asked["actor"], asked["laws"], parameters)
    if form == "json":
        made = printed.text(found).encode()
    elif form == "csv":
        made = rows.csv(found).encode()
    elif form == "xlsx":

        def sheets(path: Path) -> None:
            with Book(path) as book:
                for name, columns, each in rows.sheets(found):
                    book.add(name, [columns, *each], header=0)

        made = _file(sheets)
    else:
        traced = view.trace(asked["actor"], parameters)
        made = _report(Report(traced.to_dict(), traced.scene, dossier=found), form)
    output.head({"verdict": found["verdict"]["result"], "doubt": view.doubt(parameters)})
    _send(output, made)


def analysis(asked: Mapping[str, Any], output: Output) -> None:
    """Say what traces say together."""
    view, parameters = _view(asked), _parameters(asked["parameters"])
    if asked["what"] == analytics.SHARED:
        found = analytics.shared(view, asked["a"], asked["b"], parameters)
    elif asked["what"] == analytics.NEAREST:
        found = analytics.nearest(view, asked["actor"], parameters)
    else:
        found = analytics.without(view, asked["actor"], asked["drop"], parameters)
    output.head({"doubt": " ".join(found.found.get("untestable", ())) or view.doubt(parameters)})
    _write(output, found.to_json() if asked["form"] == "json" else found.to_csv())


def affected(asked: Mapping[str, Any], output: Output) -> None:
    """Say whom the step from one version of a dataset to another affects."""
    from opentier.graph.kept import affected as kept

    view = _view(asked)
    numbers = kept.numbers(view, asked["dataset"], asked["before"], asked["after"])
    found = kept.affected(view, asked["dataset"], *numbers, None, asked["roots"])
    output.head({})
    _write(output, printed.text(found.to_dict()) if asked["form"] == "json" else kept.to_csv(found))


def export(asked: Mapping[str, Any], output: Output) -> None:
    """Give a version of a dataset as a file, or (`limits`: json, csv) what that cannot say; counts are told first."""
    view = _view(asked)
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        file = Path(scratch) / "version"
        limits = view.export(asked["dataset"], asked["number"], asked["form"], file)
        output.head({} if limits is None else {"unsaid": limits.told()})
        if asked["limits"] and limits is not None:
            _write(output, printed.text(limits.to_dict()) if asked["limits"] == "json" else limits.to_csv())
            return
        with file.open("rb") as made:
            while part := made.read(PART):
                output.write(part)


def pack(asked: Mapping[str, Any], output: Output) -> None:
    """Make the packages of the current versions that lack; of which none can be made is told."""
    release = _view(asked).release
    try:
        output.head({"left": list(Packages.of(release).make(release, asked["only"]))})
    except OSError as error:
        raise StoreError(unable(error)) from error


def _report(report: Report, form: str) -> bytes:
    """Return a report in a form."""
    return report.to_html().encode() if form == "html" else _file(lambda path: report.write(form, path))


def _file(write: Callable[[Path], object]) -> bytes:
    """Return what is written to a file."""
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        file = Path(scratch) / "report"
        write(file)
        return file.read_bytes()


def seen(release: Release) -> dict[str, Any]:
    """Return what a process is told of a release, and of what whoever asks may not see of it."""
    hidden = sorted(release.scope.hidden)
    return {"release": str(release.path), "base": release.names.base, "hidden": hidden}


def _view(asked: Mapping[str, Any]) -> View:
    key = asked["release"], asked["base"]
    if key not in _opened or shelf.changed(_opened[key].index):
        _opened.clear()
        _opened[key] = View(Release(Path(key[0]), Names(key[1])))
    return _opened[key].hiding(frozenset(asked["hidden"]))


def _parameters(said: dict[str, Any]) -> Parameters:
    return given({name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


def _write(output: Output, text: str) -> None:
    _send(output, text.encode())


def _send(output: Output, made: bytes) -> None:
    data = memoryview(made)
    for begin in range(0, len(data), PART):
        output.write(data[begin : begin + PART])


if __name__ == "__main__":
    worker.main(
        {
            "trace": trace,
            "exposure": exposure,
            "dossier": dossier,
            "analysis": analysis,
            "affected": affected,
            "export": export,
            "pack": pack,
        }
    )
