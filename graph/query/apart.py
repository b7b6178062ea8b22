"""Queries and graphs given apart, by a process that can be ended (`jobs/pool`): what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from opentier.graph.jobs.pool import UNLIMITED, Answer, Pool
from opentier.graph.model.names import plain
from opentier.graph.query.sparql import Asked

if TYPE_CHECKING:
    from opentier.graph.store.release import Release

#: What the processes run.
PROGRAM = "opentier.graph.query.worker"


def request(release: str, asked: Asked, formats: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what is asked of a process: a query over a release in a folder, a format for each kind of answer."""
    return {
        "work": "query", "release": release, "asked": asdict(asked), "formats": formats,
    }  # fmt: skip


def graphs(release: Release, graph: str | None) -> list[str] | None:
    """Return the graphs that a client means by one, or by the default graph (None); None where there is none such."""
    if graph is None:
        return release.whole
    named = plain(urljoin(release.names.base, graph))
    return [named] if named in release.named else None


def whole(release: str, graphs: Sequence[str], format: str) -> dict[str, Any]:
    """Return what is asked of a process: all that some graphs say, in a format."""
    return {"work": "graph", "release": release, "graphs": [*graphs], "format": format}


async def once(release: str, asked: Asked, formats: Mapping[str, str | None]) -> Answer:
    """Answer one query without limits: Ctrl-C ends it."""
    pool = Pool(PROGRAM, UNLIMITED)
    try:
        return await pool.ask(request(release, asked, formats))
    finally:
        await pool.close()
