"""What the service counts of itself, and who counts it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opentier.api.http import ids
from opentier.graph.errors import StoreError
from opentier.graph.exchange import subscriptions
from opentier.graph.front import Graph
from opentier.graph.jobs.pool import Pool

_LOG = logging.getLogger("opentier.requests")
#: Upper bounds of the seconds of requests that are counted.
_SECONDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)


class Meters:
    """What the service counts; each app has its own."""

    def __init__(self, pools: Mapping[str, Pool], graph: Graph | None) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        made: dict[str, Any] = {"registry": self.registry}
        self.requests = Counter(
            "opentier_requests", "Requests by route and status.", ["route", "status"], **made
        )
        self.seconds = Histogram(
            "opentier_request_seconds",
            "Seconds until an answer is sent.",
            ["route"],
            buckets=_SECONDS,
            **made,
        )
        self.under_way = Gauge("opentier_requests_under_way", "Requests that are not answered yet.", **made)
        self.connections = Gauge("opentier_connections", "Connections that are open.", **made)
        work = Gauge("opentier_work", "Processes that work or wait for work, and who waits for one.",
                     ["pool", "state"], **made)  # fmt: skip
        for name, pool in pools.items():
            for state in pool.counts:
                work.labels(name, state).set_function(partial(_count, pool, state))
        release = Gauge("opentier_release", "Number of the current release.", **made)
        release.set_function(partial(_number, graph))
        followed = Gauge(
            "opentier_subscriptions",
            "Subscriptions, those that failed the last time, datasets taken and refused.",
            ["what"],
            **made,
        )
        for what in subscriptions.COUNTS:
            followed.labels(what).set_function(partial(_followed, graph, what))

    def text(self) -> bytes:
        """Return all of it in the text format of Prometheus."""
        return generate_latest(self.registry)


def _count(pool: Pool, state: str) -> float:
    return pool.counts[state]


def _number(graph: Graph | None) -> float:
    try:
        return float(graph.store.current or 0) if graph else 0.0
    except StoreError:
        return float("nan")


def _followed(graph: Graph | None, what: str) -> float:
    try:
        return float(dict(subscriptions.counts(graph.store.path))[what]) if graph else 0.0
    except StoreError:
        return float("nan")


class Metered:
    """Counts requests by the route that answers, so that no address of a client's making becomes a series."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app, self.meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self.meters.under_way.track_inprogress():
            try:
                await self.app(scope, receive, counted)
            finally:
                route = getattr(scope.get("route"), "path", "none")
                seconds = time.perf_counter() - begun
                self.meters.requests.labels(route, str(status)).inc()
                self.meters.seconds.labels(route).observe(seconds)
                said = {
                    "request": ids.current().id,
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "seconds": round(seconds, 4),
                }
                _LOG.info("request", extra=said)  # what was asked of whom is nobody's business
