"""The command line: data on standard output, progress and messages on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from opentier.graph.admission import Progress
    from opentier.graph.contribution import Options
    from opentier.graph.graph import Graph
    from opentier.graph.report import Report
    from opentier.graph.trace import Parameters

app = typer.Typer(
    help="OpenTier: from a contribution to a deep-tier exposure path, with evidence on every hop.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
datasets_app = typer.Typer(help="The admitted datasets.", invoke_without_command=True)
app.add_typer(datasets_app, name="datasets")

Data = Annotated[Path | None, typer.Option("--data", help="Data directory [OPENTIER_DATA, ./opentier-data].")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write here instead of standard output.")]
Source = Annotated[
    Path, typer.Argument(help="A Data Package (folder or .zip), RDF, or a foreign file (--from).")
]
From = Annotated[
    str | None, typer.Option("--from", help="Adapter of a foreign file: sayari, ipis, palmwatch, ...")
]
Dataset = Annotated[str | None, typer.Option("--dataset", help="Dataset id, instead of the package's name.")]
Licence = Annotated[str | None, typer.Option("--licence", help="Licence, instead of the package's.")]
Publisher = Annotated[str | None, typer.Option("--publisher", help="Publisher, instead of the package's.")]
ReportFormat = Annotated[str, typer.Option("--format", help="table or json.")]


def main() -> None:
    """Run the command line; an error of OpenTier is a message and an exit code, never a traceback."""
    from opentier.graph.errors import OpenTierError, UsageError

    for stream, errors in (
        (sys.stdin, "strict"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, TextIOWrapper):  # UTF-8 whatever the locale
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        app()
    except UsageError as error:
        _say(f"error: {error}")
        sys.exit(2)
    except OpenTierError as error:
        _say(f"error: {error}")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _say(f"error: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        _say("stopped; nothing was changed that is not complete.")
        sys.exit(130)


@app.command()
def demo(data: Data = None, quiet: Quiet = False, out: Out = None) -> None:
    """The bundled example end to end: contribute, trace, draw, and where to look next."""
    from importlib.resources import as_file, files

    from opentier.api import show
    from opentier.graph.graph import data_directory
    from opentier.graph.picture import draw

    graph = _open(data, create=True)
    for name in ("initiatives", "example"):
        with as_file(files("opentier.graph") / "datasets" / name) as package, _progress(quiet) as progress:
            admission = graph.contribute(package, progress=progress)
        version = admission.version
        _say(f"{'admitted' if admission.new else 'already there'}: {version.dataset} version {version.number}, "
             f"{version.rows} rows, licence {version.licence}", quiet)  # fmt: skip
    result = graph.trace("example/aurora", product="6109")
    picture = out or Path("tier-picture.svg")
    picture.write_text(draw(result.to_dict()), "utf-8")
    show.trace(result.to_dict(), most=5)
    show.next_steps(str(data_directory(data)), str(picture))


@app.command()
def contribute(
    path: Source,
    adapter: From = None,
    dataset: Dataset = None,
    licence: Licence = None,
    publisher: Publisher = None,
    format: ReportFormat = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Admit a contribution as the next version of its dataset: all of it, or nothing."""
    from opentier.graph.errors import ContributionError

    _one_of("--format", format, ("table", "json"))
    graph = _open(data, create=True)
    try:
        with _progress(quiet) as progress:
            admission = graph.contribute(path, _options(adapter, dataset, licence, publisher), progress)
    except ContributionError as error:
        _report(error.report, format)
        raise typer.Exit(1) from None
    version = admission.version
    _say(f"admitted: {version.dataset} version {version.number}" if admission.new
         else f"nothing new: this is {version.dataset} version {version.number} already", quiet)  # fmt: skip
    _report(admission.report, format, {"version": version.number, "new": admission.new})


@app.command()
def validate(
    path: Source,
    adapter: From = None,
    dataset: Dataset = None,
    licence: Licence = None,
    publisher: Publisher = None,
    format: ReportFormat = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """The report on a contribution only; nothing is changed."""
    from opentier.graph import admission
    from opentier.graph.graph import data_directory
    from opentier.graph.store import Store

    _one_of("--format", format, ("table", "json"))
    directory = data_directory(data)
    store = Store.open(directory) if (directory / "opentier.json").exists() else None
    with _progress(quiet) as progress:
        report = admission.validate(path, _options(adapter, dataset, licence, publisher), store, progress)
    _report(report, format)
    if not report.conforms:
        raise typer.Exit(1)


@datasets_app.callback()
def datasets(context: typer.Context, data: Data = None) -> None:
    """List the admitted datasets."""
    context.obj = data
    if context.invoked_subcommand is None:
        datasets_list(context, "table", data)


@datasets_app.command("list")
def datasets_list(
    context: typer.Context,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    data: Data = None,
) -> None:
    """The current version of every dataset."""
    from opentier.api import show

    _one_of("--format", format, ("table", "json"))
    versions = list(_open(data or context.obj).view().release.current.values())
    show.versions(versions, format)


@datasets_app.command("show")
def datasets_show(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="ID")],
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    data: Data = None,
) -> None:
    """All versions of one dataset, with licence, counts and checksum."""
    from opentier.api import show
    from opentier.graph.errors import UsageError

    _one_of("--format", format, ("table", "json"))
    graph = _open(data or context.obj)
    versions = [version for version in graph.view().release.versions if version.dataset == dataset]
    if not versions:
        raise UsageError(f"No dataset is called {dataset!r}; see: opentier datasets list")
    show.dataset(versions, graph.store, format)


@app.command()
def trace(
    actor: Annotated[
        str, typer.Argument(help="An IRI, dataset/local-id, an identifier (lei:...) or a name.")
    ],
    downstream: Annotated[bool, typer.Option("--downstream", help="Who is exposed to this actor?")] = False,
    product: Annotated[str | None, typer.Option(help="HS digits, or a product of a dataset.")] = None,
    on: Annotated[str | None, typer.Option(help="A day: every link is live on it.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day of a window.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day of a window.")] = None,
    max_tier: Annotated[int | None, typer.Option(help="No tier beyond this one.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Of every link, 0 to 1.")] = None,
    min_path_confidence: Annotated[float | None, typer.Option(help="Of the path's product, 0 to 1.")] = None,
    observed_since: Annotated[
        str | None, typer.Option(help="Supply links seen on or after this day.")
    ] = None,
    kinds: Annotated[
        str, typer.Option(help="supply,operation,ownership,recruitment,co-location")
    ] = "supply,operation",
    min_share: Annotated[float, typer.Option(help="Ownership below this percentage is not walked.")] = 50.0,
    strict_product: Annotated[
        bool, typer.Option("--strict-product", help="Refuse links without a product.")
    ] = False,
    countries: Annotated[str, typer.Option(help="Only suppliers in these countries: CN,MY")] = "",
    datasets: Annotated[str, typer.Option(help="Only links of these datasets.")] = "",
    past: Annotated[bool, typer.Option("--past", help="Show designations that are past, too.")] = False,
    paths: Annotated[int, typer.Option(help="Best paths for each exposure.")] = 3,
    weights: Annotated[Path | None, typer.Option(help="TOML file with severity weights.")] = None,
    format: Annotated[str, typer.Option("--format", help="table, json, csv or svg.")] = "table",
    out: Out = None,
    fail_on: Annotated[str | None, typer.Option(help="exposure: exit 3 when there is one.")] = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Trace an actor: tiers reached, exposures, and the paths with their evidence."""
    from opentier.graph.trace import Parameters

    _one_of("--format", format, ("table", "json", "csv", "svg"))
    if fail_on is not None:
        _one_of("--fail-on", fail_on, ("exposure",))
    asked = Parameters(
        downstream=downstream, product=product, on=on, since=since, until=until, max_tier=max_tier,
        min_confidence=min_confidence, min_path_confidence=min_path_confidence, observed_since=observed_since,
        kinds=_list(kinds), min_share=min_share, strict_product=strict_product,
        countries=_list(countries.upper()), datasets=_list(datasets), past=past, paths=paths,
    )  # fmt: skip
    exposed = _trace(_open(data), actor, asked, weights, format, out, quiet)
    if fail_on and exposed:
        raise typer.Exit(3)


def _trace(
    graph: Graph,
    actor: str,
    asked: Parameters,
    weights: Path | None,
    format: str,
    out: Path | None,
    quiet: bool,
) -> bool:
    from opentier.api import show

    with _progress(quiet) as progress:
        progress("reading the graph", 0, 1)
        view = graph.view()
        progress("reading the graph", len(view.index.actors), len(view.index.actors))
        progress("tracing", 0, 1)
        result = view.trace(actor, asked, weights)
        progress("tracing", 1, 1)
    match format:
        case "json":
            _write(result.to_json(), out)
        case "csv":
            _write(result.to_csv(), out)
        case "svg":
            from opentier.graph.picture import draw

            _write(draw(result.to_dict()), out)
        case _:
            show.trace(result.to_dict(), out=out)
    return bool(result.exposures)


@app.command()
def query(
    file: Annotated[
        str, typer.Argument(metavar="FILE.rq|-", help="A SPARQL query, or - for standard input.")
    ],
    format: Annotated[
        str, typer.Option("--format", help="table, json, xml, csv, tsv, turtle or jsonld.")
    ] = "table",
    out: Out = None,
    data: Data = None,
) -> None:
    """Answer a SPARQL query over the current versions of all datasets."""
    from opentier.api import show
    from opentier.graph import export
    from opentier.graph.errors import UsageError

    _one_of("--format", format, ("table", *export.FORMATS))
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    view = _open(data).view()
    answer = view.query(text)
    if format == "table":
        show.rows(answer, out)
    else:
        _write(export.serialize(answer, format).decode(), out)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8087,
    data: Data = None,
) -> None:
    """Serve SPARQL, traces and every IRI over HTTP."""
    import uvicorn

    from opentier.api.app import create_app

    graph = _open(data)
    graph.view()
    _say(f"OpenTier serves http://{host}:{port}/ (its routes: /openapi.json). Stop it with Ctrl-C.")
    try:
        uvicorn.run(create_app(graph), host=host, port=port, log_level="warning")
    except SystemExit:  # it has said why; its own exit code means something else here
        raise typer.Exit(1) from None


def _open(data: Path | None, *, create: bool = False) -> Graph:
    from opentier.graph.graph import Graph

    return Graph.open(data, create=create)


def _options(adapter: str | None, dataset: str | None, licence: str | None, publisher: str | None) -> Options:
    from opentier.graph.contribution import Options

    return Options(adapter, dataset, licence, publisher)


def _report(report: Report, format: str, more: dict[str, Any] | None = None) -> None:
    from opentier.api import show

    show.report(report, format, more or {})


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    from opentier.graph.errors import UsageError

    if value not in known:
        raise UsageError(f"{option} is one of {', '.join(known)}; not {value!r}.")


def _say(text: str, quiet: bool = False) -> None:
    if not quiet:
        print(text, file=sys.stderr)  # noqa: T201


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8")


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Show stages as bars on standard error; on a file or a pipe, a line when a stage is done."""
    if quiet:
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bare = not console.is_terminal
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=bare) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)
            if done == total and total > 1:
                console.print(f"{stage}: {total:,}", highlight=False)

        yield show


if __name__ == "__main__":
    main()
