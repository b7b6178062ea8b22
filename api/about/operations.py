"""What whoever runs the service asks: is it alive, is it ready, how much does it do."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool

from opentier.api.contract.described import answers
from opentier.api.http.meters import Meters
from opentier.api.http.problems import problem
from opentier.graph.errors import OpenTierError, StoreError
from opentier.graph.front import Graph
from opentier.graph.jobs.pool import Pool

router = APIRouter(tags=["Operations"])

#: Seconds in which the store and its index open, and a process answers, or the service is not ready.
READY = 10.0


@router.get("/health", response_model=None, responses=answers(schema="Health"))
async def health(request: Request) -> dict[str, Any]:
    """Tell that the service is up, and which release is current; it waits for nobody and opens nothing."""
    graph: Graph = request.app.state.graph
    try:
        release = graph.store.current
    except StoreError:  # whoever asks for data is told
        release = None
    return {"status": "ok", "release": release}


@router.get("/ready", responses=answers(schema="Ready"))
async def ready(request: Request) -> JSONResponse:
    """Tell whether questions are answered: the store and its index open, and a process that works is alive."""
    graph: Graph = request.app.state.graph
    pools: dict[str, Pool] = request.app.state.pools
    try:
        async with asyncio.timeout(READY):
            release = (await run_in_threadpool(graph.current)).release.id
    except (OpenTierError, TimeoutError) as error:
        for pool in pools.values():  # what they opened may be what is damaged, or mended meanwhile
            pool.renew()
        said = str(error) or f"the store did not open within {READY:g} seconds"
        return problem(503, "Not ready", _plain(said, graph), checks={"store": "failed"})
    stopped = [name for name, pool in pools.items() if pool.stopped]
    if stopped:
        return problem(
            503, "Not ready", "The service is shutting down.", checks=dict.fromkeys(stopped, "stopped")
        )
    return JSONResponse(
        {"status": "ready", "release": release, "workers": {n: p.counts for n, p in pools.items()}}
    )


def _plain(said: str, graph: Graph) -> str:
    """Return what is wrong without where the data lies."""
    return said.replace(str(graph.store.path.resolve()), "the data directory").replace(
        str(graph.store.path), "the data directory"
    )


@router.get("/metrics", response_class=Response, responses=answers(also={"text": "text/plain"}))
async def metrics(request: Request) -> Response:
    """Count requests, their seconds, work and memory, in the text format of Prometheus."""
    meters: Meters = request.app.state.meters
    return Response(meters.text(), media_type=CONTENT_TYPE_LATEST)
