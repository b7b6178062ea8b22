"""Commands that ask: search, obligations, initiatives, query and questions."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.commands import INPUTS, Command
from opentier.api.console.terminal import (
    AsKnown,
    Data,
    Out,
    Quiet,
    Who,
    form,
    one_of,
    open_graph,
    progress,
    write,
)
from opentier.graph.model import printed

if TYPE_CHECKING:
    from opentier.graph.front import View


class Asking(Command):
    """A command with an option for every input that some question has; they are read when it is run or asked about."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options of the command and the inputs of the questions."""
        return [*super().get_params(ctx), *_inputs()]


def _inputs() -> list[Any]:
    """Return the inputs of the questions as options, made by typer as those of a command are."""
    from opentier.graph.query import questions as examples

    def keep(context: typer.Context, param: typer.CallbackParam, value: str | None) -> None:
        if value is not None:
            context.meta.setdefault(INPUTS, {})[param.name] = value

    def asked() -> None:
        """Take the options."""

    asked.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                given.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=typer.Option(
                    None, expose_value=False, callback=keep, help=f"Input of some questions: {given.about}."
                ),
                annotation=str | None,
            )
            for given in examples.inputs().values()
        ]
    )
    asked.__annotations__ = dict.fromkeys(examples.inputs(), str | None)
    shell = typer.Typer(add_completion=False)
    shell.command()(asked)
    return [param for param in typer.main.get_command(shell).params if param.name in examples.inputs()]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(search)
    app.command()(obligations)
    app.command()(initiatives)
    app.command()(query)
    app.command(cls=Asking)(questions)


def search(
    text: Annotated[str, typer.Argument(help="What somebody types: a name, an identifier, words of them.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            help="actors, initiatives, laws, designations, registers, datasets, terms or products; all, without.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Of each kind, at most.")] = 10,
    offset: Annotated[int, typer.Option(min=0, max=10_000, help="How many of each kind to skip.")] = 0,
    as_known: AsKnown = None,
    format: Annotated[str | None, typer.Option("--format", help="table or json; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """Find actors, initiatives, laws, designations, registers, datasets, terms and products by what somebody types."""
    from opentier.api.console import answers
    from opentier.graph.search.things import GROUPS

    written = form(format, out, ("table", "json"))
    for each in kind or ():
        one_of("kind", each, GROUPS)
    view = open_graph(data).view().as_known(as_known)
    found, more = view.search(text, groups=kind or GROUPS, offset=offset, limit=limit)
    if written == "json":
        write(printed.text(found), out)
    else:
        answers.search(found, more, out)


def obligations(
    actor: Who,
    on: Annotated[
        str | None,
        typer.Option(help="A day: what does not yet apply is marked, facts of later are left out."),
    ] = None,
    as_known: AsKnown = None,
    format: Annotated[str | None, typer.Option("--format", help="table or json; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Which laws bind an actor, by which threshold, from which source; what was not tested, filed, due, looked at."""
    from opentier.api.console import answers

    kind = form(format, out, ("table", "json"))
    with progress(quiet) as shown:
        shown("reading the graph", 0, 1)
        found = open_graph(data).view().as_known(as_known).obligations(actor, on)
    if kind == "json":
        write(printed.text(found), out)
    else:
        answers.obligations(found, out)


def initiatives(
    type: Annotated[str | None, typer.Option(help="Initiative, NGO or Fund.")] = None,
    industry: Annotated[
        str | None, typer.Option(help="A customs centre of excellence, or an HS code.")
    ] = None,
    geography: Annotated[str | None, typer.Option(help="A region or a country, by name or code.")] = None,
    issue: Annotated[str | None, typer.Option(help="Forced Labour, Child Labour, ...")] = None,
    organiser: Annotated[
        str | None, typer.Option(help="An organisation that runs it, or a part of its name.")
    ] = None,
    as_known: AsKnown = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="Industries, regions, issues and listed goods without any.")
    ] = False,
    format: Annotated[str | None, typer.Option("--format", help="table or json; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """The directory of initiatives, filtered, or its gaps."""
    from opentier.api.console import answers
    from opentier.graph.errors import Named, UsageError

    kind = form(format, out, ("table", "json"))
    directory = open_graph(data).view().as_known(as_known).initiatives
    asked = {
        "type": type,
        "industry": industry,
        "geography": geography,
        "issue": issue,
        "organiser": organiser,
    }
    if gaps and (said := next((name for name, value in asked.items() if value is not None), None)):
        raise UsageError(Named("gaps"), " are those of the whole directory; take ", Named(said), " away.")
    found = directory.gaps() if gaps else [directory.described(i) for i in directory.find(**asked)]
    if kind == "json":
        write(printed.text(found), out)
    elif isinstance(found, dict):
        answers.gaps(found, out)
    else:
        answers.initiatives(found, out, known=bool(directory.initiatives))


def query(
    file: Annotated[
        str, typer.Argument(metavar="FILE.rq|-", help="A SPARQL query, or - for standard input.")
    ],
    format: Annotated[
        str | None,
        typer.Option("--format", help="table, json, xml, csv, tsv, turtle or jsonld; else by --out."),
    ] = None,
    as_known: AsKnown = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """Answer a SPARQL query over the current versions of all datasets."""
    from opentier.graph.errors import UsageError, unable
    from opentier.graph.query import forms

    kind = form(format, out, ("table", *forms.FORMATS))
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise UsageError(f"The query cannot be read: {unable(error)}") from None
    except UnicodeDecodeError:
        raise UsageError(f"The query cannot be read: {file} is not UTF-8.") from None
    _answer(open_graph(data).view().as_known(as_known), text, kind, out)


def questions(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="Answer this one.")] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="table or json; of an answer also xml, csv, tsv, or rq: its query; else by --out.",
        ),
    ] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """The questions that the graph must answer, each a SPARQL query; with a number, its answer."""
    from opentier.api.console import answers
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.query import questions as examples

    said: dict[str, str] = context.meta.get(INPUTS, {})
    kind = form(format, out, ("table", "json", *(() if number is None else ("xml", "csv", "tsv", "rq"))))
    if number is not None:
        view = open_graph(data).view()
        asked = view.question(number, said)
        if kind == "rq":
            write(asked.complete, out)
        else:
            _answer(view, asked.text, kind, out)
        return
    if said:
        raise UsageError(Named(next(iter(said))), " is an input of a question; give its number: questions N.")
    if kind == "json":
        listed = [one.to_dict() for one in examples.questions()]
        write(printed.text(listed), out)
    else:
        answers.questions(examples.questions(), out)


def _answer(view: View, text: str, format: str, out: Path | None) -> None:
    import asyncio

    from opentier.api.console import show
    from opentier.graph.errors import UsageError
    from opentier.graph.query import apart, forms, sparql

    release = view.release
    asked = sparql.prepare(release, text)
    wanted = forms.CELLS if format == "table" else format
    formats = {
        kind: wanted if wanted in (*known, forms.CELLS) else None for kind, known in forms.BY_KIND.items()
    }
    answer = asyncio.run(apart.once(str(release.path), asked, formats))
    if answer.head["format"] is None:
        raise UsageError(
            f"This answer can be given as {', '.join(forms.BY_KIND[answer.head['kind']])}; not as {format}."
        )
    if format == "table":
        show.rows(answer.body, out)
    else:
        write(answer.body.decode(), out)
