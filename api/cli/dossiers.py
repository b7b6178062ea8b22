"""The command that holds a chain against the documents that laws ask for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.cli.terminal import Data, Out, Quiet, Who, form, open_graph, progress, write, writing
from opentier.api.filters import with_filters

if TYPE_CHECKING:
    from opentier.api.cli.account import Page
    from opentier.graph.trace.parameters import Parameters

Json = Mapping[str, Any]

#: Paths, and questions, that are printed.
PATHS, QUESTIONS = 10, 25
_ALL = "--format json, csv or xlsx has all of them."


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
        str | None, typer.Option("--format", help="table, json, csv or xlsx; else by --out.")
    ] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The documents that laws ask for, per purchase of the paths: which are there, which lack, whom to ask what."""
    from opentier.graph.dossier import rows
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.model import printed

    kind = form(format, out, ("table", "json", "csv", "xlsx"))
    if kind == "xlsx" and out is None:
        raise UsageError(Named("format"), " xlsx is for a file; name it with ", Named("out"), ".")
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        view = open_graph(data).view()
        shown("reading the graph", len(view.index.actors), len(view.index.actors))
        shown("tracing", 0, 1)
        found = view.dossier(actor, law, asked)
        shown("tracing", 1, 1)
    if kind == "json":
        write(printed.text(found, ()), out)
    elif kind == "csv":
        write(rows.csv(found), out)
        if out is not None and out.is_file():
            write(rows.questions_csv(found), out.with_suffix(".questions.csv"))
    elif kind == "xlsx":
        assert out is not None
        _book(found, out)
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
    from opentier.api.cli.account import Page
    from opentier.api.cli.show import printing
    from opentier.graph.exposure import words

    with printing(out) as console:
        page, root = Page(console), found["root"]
        where = words.country_and_code(root["country"])
        page.say(f"Dossier of {root['name']}, {where}, {root['id']}", style="bold")
        for law in found["laws"]:
            page.say(f"{law['title']} ({law['local']})", 0, 2, "bold")
            page.items(law["said"])
        console.print()
        page.items(found["notes"])
        told: dict[str, int] = {}
        for number, path in enumerate(found["paths"][:PATHS], 1):
            _path(number, path, told, page)
        if len(found["paths"]) > PATHS:
            page.say(f"... and {len(found['paths']) - PATHS:,} more paths; {_ALL}")
        _questions(found["questions"], page)


def _path(number: int, path: Json, told: dict[str, int], page: Page) -> None:
    """Print a path; a purchase that an earlier path has told alike is named alone."""
    page.head(f"Path {number}: to {path['to']['name']}, tier {path['tier']}")
    for touch in path["touches"]:
        page.say(f"{touch['designation']['title']}: {touch['actor']['name']}, tier {touch['tier']}", 2, 2)
    for line in path["said"]:
        page.say(line, 2, 2)
    for item in path["items"]:
        key = repr({**item, "import_of": None})
        _item(item, told.get(key), page)
        told.setdefault(key, number)
    why = ""
    for document in path["unplaced"]:
        if document["why"] != why:
            page.say(f"Asked for, too. {document['why']}", 2, 2, "bold")
        why = document["why"]
        page.say(f"- {document['document']} ({_asked(document)})", 4, 2)


def _item(item: Json, before: int | None, page: Page) -> None:
    from opentier.graph.exposure import words

    buyer, seller = item["from"]["name"], item["to"]["name"]
    if item["item"] == "gap":
        page.say(item["said"], 2, 2)
        return
    held = "; ".join(item["held"]) or "nothing"
    if item["item"] != "purchase":
        kind = words.said("kinds", item["kind"])
        page.say(f"{kind.capitalize()}: {buyer}, {seller}. Held: {held}.", 2, 2)
        return
    goods = words.goods(item["product"]) or "goods not stated"
    page.say(f"Tier {item['tier']}: {buyer} buys {goods} from {seller}", 2, 2, "bold")
    if before is not None:
        page.say(f"As on path {before}.", 4, 2)
        return
    stages = [
        words.said("stages", stage) for stage in (*item["stages"], *(["import"] if item["import_of"] else []))
    ]
    page.say(f"Stage: {words.listed(stages)}. {item['said']}".strip() if stages else item["said"], 4, 2)
    page.say(f"Held: {held}. Missing: {'; '.join(item['missing']) or '-'}.", 4, 2)
    for document in item["documents"]:
        page.say(f"- {_document(document)}", 4, 2)


def _document(document: Json) -> str:
    """Return a document about a purchase: whether it is held, what it is, by what it is asked for, how sure."""
    from opentier.graph.dossier import rows
    from opentier.graph.exposure import words

    state = words.said("answered", document["state"]).capitalize()
    told = [f"{state}: {document['document']} ({_asked(document)})."]
    if document["held"]:
        told.append(f"There: {'; '.join(_piece(each) for each in document['held'])}.")
    if document["missing"]:
        told.append(f"Lacks: {rows.lacking(document)}.")
    return " ".join(filter(None, (*told, rows.also(document), document["note"])))


def _piece(piece: Json) -> str:
    from opentier.graph.exposure import words

    named = piece["title"] or piece["id"]
    about = [words.said("documents", piece["type"]), piece["retrieved"], piece["dataset"]]
    if piece["stands_for"]:
        about.append(words.said("dossier", "stands-for"))
    return f"{named} ({', '.join(filter(None, about))})"


def _asked(document: Json) -> str:
    """Return how much a document is asked for, under which law, on what basis, when, and how sure that is."""
    from opentier.graph.exposure import words

    law, by = document["law"].rpartition("/")[2], words.said("bases", document["basis"])
    told = [
        law,
        document["asked"],
        by if document["binding"] or document["need"] != "required" else "",
        document["when"],
    ]
    if document["certainty"]:
        told.append(words.said("certainties", document["certainty"]))
    return "; ".join(filter(None, told))


def _questions(found: list[Json], page: Page) -> None:
    from opentier.graph.exposure import words

    if found:
        page.head("Whom to ask what")
    for number, each in enumerate(found[:QUESTIONS], 1):
        could = f"{words.Figure(each['exposures']):exposure} and {words.Figure(each['limits']):limit}"
        page.say(
            f"{number}. {each['ask']['name']} about {each['about']['name']}: could settle {could}",
            0,
            3,
            "bold",
        )
        for point in each["points"]:
            page.say(f"- {point['ask']}", 3, 2)
    if len(found) > QUESTIONS:
        page.say(f"... and {len(found) - QUESTIONS:,} more questions; {_ALL}")
