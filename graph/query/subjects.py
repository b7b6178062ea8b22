"""All that is described and has an address, part by part in the order of the store: what a sitemap lists."""

from __future__ import annotations

from string import Template

from opentier.graph.query import sparql
from opentier.graph.query.sparql import Asked
from opentier.graph.store.graphs import query_text
from opentier.graph.store.release import Release


def counted(release: Release) -> Asked:
    """Return the query that counts it."""
    return _asked(release, "counted")


def listed(release: Release, offset: int, limit: int) -> Asked:
    """Return the query that lists a part of it."""
    return _asked(release, "subjects", offset=offset, limit=limit)


def _asked(release: Release, name: str, **given: int) -> Asked:
    text = Template(query_text(name)).substitute(base=release.names.base, **given)
    return sparql.prepare(release, text)
