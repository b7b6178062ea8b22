"""The commands about who may do what over the network, and what was done: keys, the audit log, and replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from opentier.api.console.commands import Commands, Group
from opentier.api.console.terminal import Data, Out, Quiet, form, one_of, open_graph, progress, say, write

if TYPE_CHECKING:
    from opentier.graph.front import Graph

app = Commands(help="Keys: who may do what over the network.", invoke_without_command=True)

Format = Annotated[str, typer.Option("--format", help="table or json.")]


@app.callback()
def keys(context: typer.Context, data: Data = None) -> None:
    """List the keys."""
    context.obj = data
    if context.invoked_subcommand is None:
        listed(context, data=data)


@app.command("list")
def listed(context: typer.Context, format: Format = "table", data: Data = None) -> None:
    """All keys, revoked ones too: role, state, what each names. No key itself: only its hash is kept."""
    from opentier.api.console import show
    from opentier.graph.model import printed

    one_of("format", format, ("table", "json"))
    found = [each.to_dict() for each in open_graph(data or context.obj).keys.all().values()]
    if format == "json":
        write(printed.text(found), None)
        return
    names = ("id", "role", "state", "name", "until", "datasets", "own", "created", "revoked")
    show.table(names, ([_cell(each[name]) for name in names] for each in found))


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


@app.command()
def create(
    context: typer.Context,
    role: Annotated[
        str,
        typer.Option(
            "--role", help="reader, contributor, curator or admin; each may what those before it may."
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="What it is for, to tell keys apart.")] = "",
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset", metavar="ID", help="A restricted dataset that it sees; all where none is named."
        ),
    ] = None,
    own: Annotated[
        list[str] | None,
        typer.Option(
            "--own", metavar="ID", help="A dataset that it may replace, as if it had contributed it."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day on which it opens anything.")
    ] = None,
    data: Data = None,
) -> None:
    """Make a key; it is shown once, on standard output, and kept nowhere."""
    acts = open_graph(data or context.obj, create=True).acts()
    kept, key = acts.create_key(role, name=name, datasets=dataset or (), own=own or (), until=until)
    write(f"{key}\n", None)
    say(
        f"The key {kept.id} ({kept.role}). Nobody can show it again. To end it: opentier keys revoke {kept.id}"
    )


@app.command()
def revoke(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The key, as `keys list` names it.")],
    data: Data = None,
) -> None:
    """Have a key open nothing from now on, in a running service too."""
    kept = open_graph(data or context.obj).acts().revoke_key(id)
    say(f"The key {kept.id} ({kept.role}) opens nothing any more.")


def audit(
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only what was done from this day on (UTC).")
    ] = None,
    who: Annotated[
        str | None,
        typer.Option("--who", metavar="ID", help="Only what this key did; `local` is this machine."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Whether a line was altered, cut out or cut off. Exit 1 where one was."
        ),
    ] = False,
    format: Annotated[str | None, typer.Option("--format", help="table, json or csv; else by --out.")] = None,
    out: Out = None,
    data: Data = None,
) -> None:
    """What changed this data directory: who did what, when, and what came of it."""
    from dataclasses import asdict, astuple

    from opentier.api.console import show
    from opentier.graph.access import audit as log
    from opentier.graph.model import printed, sheet

    kind = form(format, out, ("table", "json", "csv"))
    graph = open_graph(data)
    if verify:
        _verify(graph)
        return
    found = list(graph.audit.lines(log.since(since) if since else "", who or ""))
    if kind == "json":
        write(printed.text([asdict(each) for each in found]), out)
    elif kind == "csv":
        write(sheet.text(log.NAMES, [astuple(each) for each in found]), out)
    else:
        names = ("at", "who", "act", "what", "outcome")
        show.table(names, ([getattr(each, name) for name in names] for each in found), out)


def _verify(graph: Graph) -> None:
    """Print what is wrong with the log, and end with 1 where anything is."""
    wrong = list(graph.audit.faults(graph.view().release.versions if graph.store.current else ()))
    for each in wrong:
        write(f"{each}\n", None)
    if wrong:
        raise typer.Exit(1)
    many, last = graph.audit.end()
    write(f"{many:,} lines, and none was altered. The hash of the last one: {last}\n", None)


# --- Replies ------------------------------------------------------------------------------------------------


class _Replies(Group):
    """Commands under one name; what is none of them is the record that is answered: ``reply TO``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return which command is meant."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["to", *args])


answers = Commands(
    help="Replies of those who are named: `reply TO` makes one; others wait to be accepted or refused."
)
answers.info.cls = _Replies

Id = Annotated[str, typer.Argument(metavar="ID", help="The reply, as `reply list` names it.")]


@answers.callback()
def replies(context: typer.Context, data: Data = None) -> None:
    """Replies of those who are named: `reply TO` makes one; others wait to be accepted or refused."""
    context.obj = data


@answers.command()
def to(
    context: typer.Context,
    to: Annotated[
        str, typer.Argument(metavar="TO", help="A listing or an incident: its IRI, as a trace prints it.")
    ],
    party: Annotated[
        str, typer.Option("--party", help="Who answers: an IRI, dataset/local-id, identifier or name.")
    ],
    text: Annotated[str, typer.Option("--text", help="What is answered, in plain text.")] = "",
    url: Annotated[str, typer.Option("--url", help="Where the answer stands.")] = "",
    day: Annotated[
        str | None, typer.Option("--date", metavar="DAY", help="When it was answered; today if not said.")
    ] = None,
    data: Data = None,
    quiet: Quiet = False,
) -> None:
    """Publish a reply under what it answers."""
    from opentier.graph.access import replies as made

    graph = open_graph(data or context.obj)
    reply = made.understood(graph.view(), to, party, text=text, url=url, date=day)
    with progress(quiet) as shown:
        graph.replies(shown, say).publish(reply)
    say(f"The reply {reply.id} stands under {graph.store.names.id(reply.to)}.", quiet)


@answers.command("list")
def waiting(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those too that are accepted or refused.")] = False,
    format: Format = "table",
    data: Data = None,
) -> None:
    """The replies that wait for somebody to decide, the first that came first."""
    from dataclasses import asdict

    from opentier.api.console import show
    from opentier.graph.model import printed

    one_of("format", format, ("table", "json"))
    kept = open_graph(data or context.obj).replies().kept
    found = [asdict(reply) for reply in (kept.all() if every else kept.waiting())]
    if format == "json":
        write(printed.text(found), None)
        return
    names = ("id", "received", "state", "to", "party", "date", "text", "url", "contact")
    show.table(names, ([each[name] for name in names] for each in found))


@answers.command()
def accept(context: typer.Context, id: Id, data: Data = None, quiet: Quiet = False) -> None:
    """Publish a reply that waits; how to reach who sent it is forgotten."""
    graph = open_graph(data or context.obj)
    with progress(quiet) as shown:
        reply = graph.replies(shown, say).accept(id)
    _decided(f"The reply {reply.id} stands under {graph.store.names.id(reply.to)}.", reply.contact)


@answers.command()
def refuse(
    context: typer.Context,
    id: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    data: Data = None,
) -> None:
    """Refuse a reply that waits: it is never shown, and how to reach who sent it is forgotten."""
    reply = open_graph(data or context.obj).replies().refuse(id, reason)
    _decided(f"The reply {reply.id} is refused.", reply.contact)


def _decided(said: str, contact: str) -> None:
    say(f"{said} Tell who sent it: {contact}" if contact else said)


def register(main: Commands) -> None:
    """Add the commands to the command line."""
    main.add_typer(app, name="keys")
    main.command("audit")(audit)
    main.add_typer(answers, name="reply")
