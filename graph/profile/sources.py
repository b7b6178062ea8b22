"""Records with where they come from: dataset, version and licence, and the document that each names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentier.graph.model.versions import Version
from opentier.graph.store.release import Release, one
from opentier.graph.triples.engine import Fields

Json = dict[str, Any]


def of(version: Version, document: str | None = None) -> Json:
    """Return where a statement comes from: the version that makes it, and the document that it names."""
    return {
        "document": document,
        "dataset": version.dataset,
        "version": version.number,
        "licence": version.licence,
    }


def current(release: Release) -> dict[str, Json]:
    """Return the current version of each dataset as where statements come from, by dataset."""
    return {name: of(version) for name, version in release.current.items()}


def each(release: Release, table: str) -> Iterator[tuple[str, Fields, Json]]:
    """Yield the records of a table in the current versions, each with its source, by dataset and IRI.

    A record that several versions describe comes once for each of them.
    """
    for _, version in sorted(release.current.items()):
        for iri, fields in sorted(release.each(table, version.iri), key=lambda record: record[0]):
            yield iri, fields, of(version, one(fields, "dcterms:source"))
