"""The commands about replies: whoever is named in a listing or an incident may answer, and it stands under it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from opentier.api.console.commands import Commands, Group
from opentier.api.console.terminal import Data, Quiet, one_of, open_graph, progress, say, write


class _Replies(Group):
    """Commands under one name; what is none of them is the record that is answered: ``reply TO``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return which command is meant."""
        known = not args or args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else ["to", *args])


app = Commands(
    help="Replies of those who are named: `reply TO` makes one; others wait to be accepted or refused."
)
app.info.cls = _Replies

Format = Annotated[str, typer.Option("--format", help="table or json.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The reply, as `reply list` names it.")]


@app.callback()
def replies(context: typer.Context, data: Data = None) -> None:
    """Replies of those who are named: `reply TO` makes one; others wait to be accepted or refused."""
    context.obj = data


@app.command()
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


@app.command("list")
def listed(
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


@app.command()
def accept(context: typer.Context, id: Id, data: Data = None, quiet: Quiet = False) -> None:
    """Publish a reply that waits; how to reach who sent it is forgotten."""
    graph = open_graph(data or context.obj)
    with progress(quiet) as shown:
        reply = graph.replies(shown, say).accept(id)
    _decided(f"The reply {reply.id} stands under {graph.store.names.id(reply.to)}.", reply.contact)


@app.command()
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
    main.add_typer(app, name="reply")
