"""Queries answered apart, in a process that can be ended (`jobs/pool`): what is asked of it, and one asked alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentier.graph.jobs.pool import UNLIMITED, Answer, Pool
from opentier.graph.query.sparql import Asked

#: What the processes run.
PROGRAM = "opentier.graph.query.worker"


def request(release: str, asked: Asked, formats: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what is asked of a process: a query over a release in a folder, a format for each kind of answer."""
    return {
        "work": "query", "release": release, "text": asked.text, "default": asked.default, "named": asked.named,
        "formats": formats,
    }  # fmt: skip


async def once(release: str, asked: Asked, formats: Mapping[str, str | None]) -> Answer:
    """Answer one query without limits: Ctrl-C ends it."""
    pool = Pool(PROGRAM, UNLIMITED)
    try:
        return await pool.ask(request(release, asked, formats))
    finally:
        await pool.close()
