"""The command `serve`."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from opentier.api.cli.terminal import Data, open_graph, say


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = 8087,
    query_seconds: Annotated[
        float, typer.Option("--query-seconds", min=0.1, help="Time that a SPARQL query may take.")
    ] = 60.0,
    data: Data = None,
) -> None:
    """Serve SPARQL, traces and every IRI over HTTP."""
    from opentier.api.service import Server, create_app
    from opentier.graph.jobs.pool import Limits

    graph = open_graph(data)
    graph.tended = True
    graph.view()
    listening = _listening(host, port)
    at = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"
    app = create_app(graph, Limits(seconds=query_seconds))
    told = f"OpenTier serves {at} (its routes: {at}openapi.json). Stop it with Ctrl-C."
    server = Server(app, host, port, lambda: say(told))
    try:
        server.run(sockets=[listening])
    except SystemExit:  # it has said why; its own exit code means something else here
        raise typer.Exit(1) from None


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address."""
    from opentier.graph.errors import OpenTierError

    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0].lower()
        raise OpenTierError(
            f"Nothing can be served at {host}, port {port}: {why}. "
            "Give another port (--port) or address (--host), or end what listens there."
        ) from error
