"""The commands `serve` and `mcp`: the graph for others, and for assistants."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import replace
from typing import Annotated, get_args
from urllib.parse import urlsplit

import typer

from opentier.api.console.terminal import Data, one_of, open_graph, say


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(serve)
    app.command("mcp")(assist)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = 8087,
    query_seconds: Annotated[
        float, typer.Option("--query-seconds", min=0.1, help="Time that a SPARQL query may take.")
    ] = 60.0,
    job_seconds: Annotated[
        float,
        typer.Option("--job-seconds", min=0.1, help="Time that a job may take: docs/jobs.md."),
    ] = 900.0,
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="A proxy that others reach stands before it: docs/serving.md."),
    ] = False,
    public_url: Annotated[
        str | None,
        typer.Option("--public-url", metavar="URL", help="Where others reach it; what it says holds that."),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option("--service", metavar="URL", help="An endpoint that SERVICE may ask; again for more."),
    ] = None,
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="Requests a second that each client may send; 0 is any.")
    ] = 20.0,
    burst: Annotated[
        int, typer.Option("--burst", min=1, help="Requests that each client may send at once, after a while.")
    ] = 100,
    connections: Annotated[
        int,
        typer.Option("--connections", min=0, help="Connections that each address may have; 0 is any number."),
    ] = 100,
    sync: Annotated[
        str | None,
        typer.Option(
            "--sync", metavar="TIME", help="Follow subscriptions every so often, such as 6h or 30m."
        ),
    ] = None,
    log: Annotated[
        str, typer.Option("--log", help="How it writes of itself: text, or json with every request.")
    ] = "text",
    data: Data = None,
) -> None:
    """Serve SPARQL, traces and every IRI over HTTP."""
    from opentier.api.http import guard, journal
    from opentier.api.http.connections import Connections
    from opentier.api.http.rates import Rates
    from opentier.api.service import JOBS, Server, create_app
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.jobs.pool import Limits
    from opentier.graph.query.federation import Services

    one_of("log", log, get_args(journal.Form))
    here = _loopback(host)
    graph = open_graph(data)
    keyed = bool(graph.keys.all())
    if not (here or behind_proxy or keyed):
        raise UsageError(
            Named("host"), f" {host} can be reached by others, and nothing protects the service there. Put a proxy "
            "before it, and say so with ", Named("behind_proxy"), " (docs/serving.md); or make a key: opentier keys "
            "create (docs/access.md).",
        )  # fmt: skip
    if not (here or behind_proxy):
        say("warning: without a proxy that speaks TLS, keys and answers cross the network in the open.")
    every = _seconds(sync)
    public = _public(public_url)
    if public is None and (behind_proxy or _anywhere(host)):
        say(
            f"warning: without --public-url its catalogue and its problems call it {host}, where others do not find it."
        )
    journal.begin(log)  # type: ignore[arg-type]
    services = Services.of(service or ()).listed  # what is wrong with one is told before anything is done
    listening = listening_at(host, port)
    graph.views.tending = graph.acts().renew
    graph.view()
    at = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"
    names = [public[0]] if public else [*guard.LOCAL, host] if here and not behind_proxy else []
    local = here and not behind_proxy and public is None
    allowed = Limits(seconds=query_seconds)
    app = create_app(
        graph, allowed, hosts=names and [*guard.LOCAL, *names], base=public[1] if public else at,
        services=services, local=local, rates=Rates.of(rate, burst) if rate and not local else None,
        jobs_within=replace(JOBS, seconds=job_seconds), sync=every,
    )  # fmt: skip
    told = f"OpenTier serves {at} (its routes: {at}openapi.json). Stop it with Ctrl-C."
    open = Connections(
        0 if behind_proxy or local else connections
    )  # all that come through a proxy have its address
    server = Server(app, host, port, lambda: say(told), proxied=behind_proxy, connections=open)
    try:
        server.run(sockets=[listening])
    except SystemExit:  # it has said why; its own exit code means something else here
        raise typer.Exit(1) from None


def assist(data: Data = None) -> None:
    """Let an assistant read the graph, by the Model Context Protocol on standard input and output."""
    from opentier.api.mcp import server

    server.available()
    server.run(open_graph(data))


def _seconds(said: str | None) -> float:
    """Return the seconds of a time such as 6h; 0 where none is said."""
    from opentier.graph.errors import Named, UsageError

    if said is None:
        return 0.0
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", said)
    if found is None:
        raise UsageError(Named("sync"), f" is a number and s, m, h or d, such as 6h; not {said!r}.")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[found[2]]


def _loopback(host: str) -> bool:
    """Return whether nobody but this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _anywhere(host: str) -> bool:
    """Return whether an address stands for all those of the machine, and so is none that others could follow."""
    return host in ("0.0.0.0", "::")


def _public(url: str | None) -> tuple[str, str] | None:
    """Return the name in an address where others reach the service, and the address with a slash at its end."""
    from opentier.graph.errors import Named, UsageError

    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(Named("public_url"), f" {url!r} is no address such as https://data.example.org/.")
    return parts.hostname, url.rstrip("/") + "/"


def listening_at(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address."""
    from opentier.graph.errors import OpenTierError

    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        made = socket.create_server((host, port), family=family)
        # What is accepted inherits it: else the second part of each short answer waits for a client's word, 40 ms.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0].lower()
        raise OpenTierError(
            f"Nothing can be served at {host}, port {port}: {why}. "
            "Give another port (--port) or address (--host), or end what listens there."
        ) from error
