"""The command that holds a chain against the documents that laws ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.terminal import (
    Data,
    Out,
    Quiet,
    Who,
    form,
    open_graph,
    progress,
    write,
    write_report,
    writing,
)
from opentier.api.filters import with_filters

if TYPE_CHECKING:
    from opentier.api.console.account import Page
    from opentier.graph.trace.parameters import Parameters

Json = Mapping[str, Any]

#: What a line says of a document, beside whether it is held.
_SAID = {"There": "there", "Lacks": "lacks"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(dossier)


@with_filters(alone=True, paths=1)
def dossier(
    actor: Who,
    asked: Parameters,
    law: Annotated[
        list[str], typer.Option(help="A law by its id, as us-uflpa-2021; several times for several.")
    ],
    format: Annotated[
        str | None,
        typer.Option("--format", help="table, json, csv, xlsx, or a report: html or pdf; else by --out."),
    ] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The documents that laws ask for, per purchase of the paths: which are there, which lack, whom to ask what."""
    from opentier.graph.dossier import rows
    from opentier.graph.model import printed
    from opentier.graph.printing import typeset
    from opentier.graph.printing.report import Report

    kind = form(format, out, ("table", "json", "csv", "xlsx", "html", "pdf"), ("xlsx", "pdf"))
    if kind == "pdf":
        typeset.ready()
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        graph = open_graph(data)
        view = graph.view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        shown("tracing", 0, 1)
        found = view.dossier(actor, law, asked)
        result = view.trace(actor, asked) if kind in ("html", "pdf") else None
        shown("tracing", 1, 1)
    if kind == "json":
        write(printed.text(found), out)
    elif kind == "csv":
        write(rows.csv(found), out)
        if out is not None and out.is_file():
            write(rows.questions_csv(found), out.with_suffix(".questions.csv"))
    elif kind == "xlsx":
        assert out is not None
        _book(found, out)
    elif result is not None:
        digest = graph.screenings().hashed(result, actor)
        write_report(Report(result.to_dict(), result.scene, digest=digest, dossier=found), kind, out)
    else:
        _print(found, out)


def _book(found: Json, out: Path) -> None:
    """Write a dossier as a workbook."""
    from opentier.graph.dossier import rows
    from opentier.graph.export.workbook import Book

    with writing(out), Book(out) as book:
        for name, columns, each in rows.sheets(found):
            book.add(name, [columns, *each], header=0)


def _print(found: Json, out: Path | None) -> None:
    """Print a dossier: the laws, then each path with its purchases, then whom to ask what."""
    from opentier.api.console.account import Page
    from opentier.api.console.show import printing
    from opentier.graph.exposure import words
    from opentier.graph.printing.papers import papers

    made = papers(found)
    with printing(out) as console:
        page, root = Page(console), found["root"]
        where = words.country_and_code(root["country"])
        page.say(f"Dossier of {root['name']}, {where}, {root['id']}", style="bold")
        for law in made["laws"]:
            page.say(law["title"], 0, 2, "bold")
            page.items(law["lines"])
        console.print()
        page.items(made["notes"])
        for path in made["paths"]:
            _path(path, page)
        page.say(made["more"])
        if made["questions"]:
            page.head(made["asking"])
        for number, question in enumerate(made["questions"], 1):
            page.say(f"{number}. {question['title']}", 0, 3, "bold")
            for line in question["lines"]:
                page.say(f"- {line}", 3, 2)
        page.say(made["more_questions"])


def _path(path: Json, page: Page) -> None:
    page.head(path["title"])
    for line in path["lines"]:
        page.say(line, 2, 2)
    for item in path["items"]:
        page.say(item["title"], 2, 2, "bold" if item["purchase"] else "")
        for line in item["lines"]:
            page.say(line, 4, 2)
        for row in item["rows"]:
            told = [f"{row['state'].capitalize()}: {row['document']} ({row['asked']})."]
            told += [f"{word}: {row[key]}." for word, key in _SAID.items() if row[key]]
            page.say(f"- {' '.join(filter(None, (*told, row['more'])))}", 4, 2)
    for part in path["unplaced"]:
        page.say(part["title"], 2, 2, "bold")
        for line in part["lines"]:
            page.say(f"- {line}", 4, 2)
