"""The commands about other instances: subscribing to what they publish, following it, and what is published here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opentier.api.console.commands import Commands
from opentier.api.console.terminal import Data, Quiet, one_of, open_graph, progress, say, write

if TYPE_CHECKING:
    from opentier.graph.exchange.outcome import Outcome
    from opentier.graph.front import Graph

Format = Annotated[str, typer.Option("--format", help="table or json.")]
Subscription = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="A subscription; without any, all of them.")
]


def subscribe(
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="An instance, or its catalogue (DCAT): https://data.example.org/"),
    ],
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset", metavar="ID", help="A dataset to follow; all that it offers where none is named."
        ),
    ] = None,
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="KEY",
            help="The publisher's key (minisign): nothing counts that it did not sign.",
        ),
    ] = "",
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="NAME", help="Another host on which the publisher keeps files."),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="It is a machine that the public does not reach.")
    ] = False,
    visibility: Annotated[
        str, typer.Option("--visibility", help="Who may see here what is taken: public, restricted.")
    ] = "public",
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="It is followed already: what is said now counts; what was taken stays."
        ),
    ] = False,
    later: Annotated[bool, typer.Option("--later", help="Take nothing now: the next sync does.")] = False,
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Follow datasets of another instance: new versions are taken, and what is withdrawn there goes here, too."""
    from opentier.graph.exchange import joining, subscriptions

    one_of("format", format, ("table", "json"))
    made = subscriptions.new(url, dataset or (), key, host or (), private=private, seen=visibility)
    graph = open_graph(data, create=True)
    kept, found = joining.begin(graph.store, graph.audit, graph.who, made, again=again)
    say(f"subscribed to {kept.url} as {kept.id}; it offers {len(found.offers):,} datasets", quiet)
    if not later:
        _synced(graph, [kept.id], format, quiet, dry=False)


def subscriptions(format: Format = "table", data: Data = None) -> None:
    """All subscriptions: what is followed, what was taken, and what was refused the last time."""
    from opentier.api.console import show
    from opentier.graph.exchange.subscriptions import Subscriptions
    from opentier.graph.model import printed

    one_of("format", format, ("table", "json"))
    found = Subscriptions(open_graph(data).store.path).all().values()
    if format == "json":
        write(printed.text([each.to_dict() for each in found]), None)
        return
    names = ("id", "url", "datasets", "key", "taken", "refused", "synced", "failed")
    show.table(names, (
        (each.id, each.url, " ".join(each.datasets) or "all", each.key, " ".join(each.taken), " ".join(each.refused),
         each.synced or "never", each.failed)
        for each in found
    ))  # fmt: skip


def unsubscribe(
    id: Annotated[str, typer.Argument(metavar="ID", help="The subscription, as `subscriptions` names it.")],
    data: Data = None,
) -> None:
    """Follow an instance no more; what was taken of it stays, and is your own from now on."""
    from opentier.graph.exchange import joining

    graph = open_graph(data)
    gone = joining.end(graph.store, graph.audit, graph.who, id)
    kept = f": {', '.join(gone.taken)}" if gone.taken else "; nothing was"
    say(f"{gone.url} is followed no more. What was taken stays{kept}.")


def sync(
    id: Subscription = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    format: Format = "table",
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Take what is new of what is subscribed to, and withdraw what was withdrawn. Exit 1 where a part is not done."""
    one_of("format", format, ("table", "json"))
    _synced(open_graph(data), id or [], format, quiet, dry=dry_run)


def _synced(graph: Graph, ids: list[str], format: str, quiet: bool, *, dry: bool) -> None:
    """Follow some subscriptions, tell what became of them, and end with 1 where something was refused or failed."""
    from opentier.graph.exchange.sync import sync as follow
    from opentier.graph.model import printed

    with progress(quiet) as shown:
        found = follow(graph.store, lambda who: graph.acting(who).acts(shown, say), shown, ids, dry=dry)
    if format == "json":
        write(printed.text({"subscriptions": [each.to_dict() for each in found]}), None)
    else:
        _told(found)
    if not found:
        say("Nothing is subscribed to. See: opentier subscribe --help", quiet)
    for each in found:
        for note in each.notes:
            say(f"note: {each.id}: {note}", quiet)
        if each.failed:
            say(f"error: {each.id}: {each.failed}")
    if not all(each.well for each in found):
        raise typer.Exit(1)


def _told(found: list[Outcome]) -> None:
    """Print what became of each dataset."""
    from opentier.api.console import show

    rows = [(each.id, row) for each in found for row in each.rows if row.state != "left"]
    names = ("dataset", "state", "version", "licence", "here", "signed by", "why", "subscription")
    if rows:
        show.table(names, (
            (row.dataset, row.state, row.version, row.licence, str(row.here or ""), row.signed_by, row.why, id)
            for id, row in rows
        ))  # fmt: skip


def pack(
    context: typer.Context,
    dataset: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="A dataset; all of them where none is named.")
    ] = None,
    data: Data = None,
) -> None:
    """Make the packages that the catalogue offers to subscribers, however long that takes."""
    from opentier.graph.exchange.packages import Packages

    view = open_graph(data or context.obj).view()
    packages, left = Packages.of(view.release), list[str]()
    for each in dataset or [""]:
        left += packages.make(view.release, each and view.current(each).dataset, again=True)
    for each in left:
        say(f"warning: {each}")
    say(f"packages that are ready: {len(packages.published(view.release)[0]):,}")


def signing(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A secret key of minisign without a password."),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Another key takes its place: the one before says so, and is gone."),
    ] = False,
    data: Data = None,
) -> None:
    """Have what is published here signed from now on; print the public key, which subscribers pin."""
    from opentier.graph.errors import StoreError
    from opentier.graph.exchange.minisign import SecretKey
    from opentier.graph.exchange.signing import Signing

    graph = open_graph(data or context.obj, create=True)
    kept = Signing(graph.store.path)
    secret = SecretKey.read(file) if file else None
    if file and secret is None:
        raise StoreError(f"There is no key at {file}.")
    if (known := kept.key()) is None or secret is not None or replace:
        with graph.audit.act(graph.who, "signing-key") as told:
            given = secret or SecretKey.new()
            key = kept.replace(given) if replace else kept.keep(given)
            told.what = f"{known.public.id} is followed by {key.id}" if replace and known else key.id
    else:
        key = known.public
    write(f"{key}\n", None)
    say(f"What is published is signed with key {key.id}. Give the line above to those who subscribe (--key).")


def register(main: Commands, datasets: Commands, keys: Commands) -> None:
    """Add the commands to the command line, to that of datasets, and to that of keys."""
    for each in (subscribe, subscriptions, unsubscribe, sync):
        main.command()(each)
    datasets.command()(pack)
    keys.command()(signing)
