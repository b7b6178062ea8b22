"""The service: one app over one data directory."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache, partial
from socket import socket

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api import site
from opentier.api.about import documentation, explained, operations
from opentier.api.contract import described, forms
from opentier.api.http import access, answered, aside, guard, ids, meters, problems
from opentier.api.http.connections import Connections
from opentier.api.http.deps import declared
from opentier.api.http.protocol import LONGEST, speaking
from opentier.api.http.rates import Rates
from opentier.api.http.waiting import Waits
from opentier.api.linked import carried, catalogue, graphs, resources, sitemap, sparql, terms, vocabulary
from opentier.api.pages import route, trouble
from opentier.api.reconciliation import reconcile
from opentier.api.routes import (
    analytics,
    audited,
    countries,
    datasets,
    dossiers,
    jobs,
    judgements,
    laws,
    maps,
    points,
    questions,
    responses,
    screenings,
    search,
    submissions,
    traces,
)
from opentier.api.screening import results
from opentier.graph import __version__
from opentier.graph.front import Graph
from opentier.graph.jobs.pool import Limits, Pool
from opentier.graph.profile import map as atlas
from opentier.graph.query import apart
from opentier.graph.query.federation import Services
from opentier.graph.tasks import readers
from opentier.graph.tasks.queue import PROGRAM, Queue
from opentier.graph.tasks.schedule import Schedule

#: The program of the processes that trace.
TRACING = "opentier.graph.worker"
#: What a long act may take.
JOBS = Limits(seconds=900.0, bytes=None, memory=4 << 30, workers=min(2, os.cpu_count() or 1))
#: Where the service is, unless told otherwise.
BASE = "http://127.0.0.1:8087/"
_ABOUT = "The open system of record for forced-labour due diligence. Nothing here is an accusation without a source."


class HeadAsGet:
    """Answers HEAD as GET without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, headers_only)


def create_app(
    graph: Graph,
    limits: Limits | None = None,
    hosts: Iterable[str] = (),
    base: str = BASE,
    services: Iterable[str] = (),
    *,
    local: bool = False,
    rates: Rates | None = None,
    jobs_within: Limits | None = None,
    sync: float = 0.0,
) -> FastAPI:
    """Return the service over a graph; it follows the graph's releases. Long work runs within limits.

    Parameters
    ----------
    hosts
        The names that the service goes by, and no other; any where none are given.
    base
        The address of the service in what it says of itself, with a slash at its end.
    jobs_within
        The limits of long acts; their time and memory are those of traces that a page waits for.
    local
        Whether nobody but the machine itself reaches it: whoever asks is its owner, until there is a key.
    rates
        How often each client may ask; as often as it likes where nothing is said.
    services
        The other endpoints that a query may ask by ``SERVICE``.
    sync
        After how many seconds subscriptions are followed again; never where that is 0.

    Raises
    ------
    UsageError
        If one of these is no address.
    """
    allowed, acting = limits or Limits(), jobs_within or JOBS
    # Who looks at a page that waits goes on asking: what is traced for it has the time and the memory of a long act.
    looked = replace(allowed, seconds=acting.seconds, memory=acting.memory, patience=acting.seconds or 900.0)
    pools = {
        "queries": Pool(apart.PROGRAM, allowed),
        "traces": Pool(TRACING, allowed),
        "pages": Pool(TRACING, looked),
        "jobs": Pool(PROGRAM, acting),
    }
    queue = Queue(pools["jobs"], seen=readers.seen_by(graph))
    counted = meters.Meters(pools, graph)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pools["queries"].start()
        graph.views.kept = [atlas.sites]
        await queue.start(graph.store.path)
        following = asyncio.ensure_future(Schedule(queue, graph.store.path, sync).run()) if sync else None
        yield
        app.state.waits.close()
        if following is not None:
            following.cancel()
            await asyncio.wait([following])
        await queue.close()
        await asyncio.gather(*(pool.close() for pool in pools.values()))

    app = FastAPI(
        title="OpenTier",
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(declared)],
        responses=problems.RESPONSES,
        lifespan=lifespan,
    )
    app.state.pools, app.state.meters = pools, counted
    app.state.graph, app.state.base, app.state.jobs = graph, base, queue
    app.state.waits, app.state.packing = Waits(), {}
    app.state.services, app.state.aside = Services.of(services), aside.Room()
    app.add_middleware(forms.Suffixes, service=app)
    app.state.callers = access.Callers(graph, local=local)
    app.add_middleware(access.Checked, callers=app.state.callers, rates=rates)
    app.add_middleware(route.Filled)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["DELETE", "GET", "HEAD", "POST"],
        allow_headers=["*"],
        max_age=86_400,
        expose_headers=[
            "ETag",
            ids.HEADER,
            "OpenTier-Inbound",
            "OpenTier-Release",
            "OpenTier-Limit",
            "OpenTier-United",
            "OpenTier-Verdict",
            "OpenTier-Warning",
            "Link",
            "Location",
            "Retry-After",
        ],
    )
    app.add_middleware(trouble.Shown)
    app.add_middleware(carried.Carrying, service=app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(HeadAsGet)
    app.add_middleware(guard.Guarded, service=app, hosts=hosts)
    app.add_middleware(meters.Metered, meters=counted)
    app.add_middleware(answered.Answered, service=app)
    problems.install(app)
    for router in site.ROUTERS:  # pages come first: they let everybody through who wants none
        app.include_router(router)
    for module in (
        sparql,
        terms,
        graphs,
        questions,
        traces,
        analytics,
        dossiers,
        judgements,
        laws,
        countries,
        points,
        maps,
        resources,
        sitemap,
        vocabulary,
        catalogue,
        datasets,
        reconcile,
        search,
        responses,
        audited,
        submissions,
        jobs,
        screenings,
        operations,
        explained,
        documentation,
    ):
        app.include_router(module.router)
    for more in (submissions.lists, analytics.versions, results.files):
        app.include_router(more)

    app.openapi = cache(partial(described.document, app))  # type: ignore[method-assign]

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(app.openapi())

    @app.get("/", include_in_schema=False)
    def root() -> RedirectResponse:
        return RedirectResponse("/docs")

    return app


class Server(uvicorn.Server):
    """A server that ends within ten seconds of a signal: queries first, then whatever else is under way."""

    def __init__(
        self,
        app: FastAPI,
        host: str,
        port: int,
        listens: Callable[[], None],
        *,
        proxied: bool = False,
        connections: Connections | None = None,
    ) -> None:
        kept = connections or Connections()
        app.state.meters.connections.set_function(lambda: kept.many)
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                http=speaking(kept),
                h11_max_incomplete_event_size=LONGEST,
                server_header=False,
                proxy_headers=proxied,
            )
        )
        self._listens = listens

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin, and tell once it is listened."""
        await super().startup(sockets)
        if self.started:
            self._listens()

    #: Seconds in which queries may end by themselves, and after which the process is left as it is.
    GRACE, LAST = 5.0, 9.0

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Take no new work, let what runs end, and end what does not."""
        state = self.config.app.state  # type: ignore[union-attr]
        await state.jobs.pause()
        for pool in state.pools.values():
            asyncio.get_running_loop().call_later(self.GRACE, pool.stop)
        # A thread that computes cannot be ended, only the process: what it writes is complete or not there at all.
        leaving = threading.Timer(self.LAST, os._exit, (1,))
        leaving.daemon = True
        leaving.start()
        await super().shutdown(sockets)
