"""Upgrade: a data directory that an earlier version made becomes one of this version, and nothing in it is lost.

Versions, dates of admission, reports and contributed files stay. The statements of every version, superseded ones
included, get what records get today (`completion`): individuals for texts, classes above a record's own, bounds of
dates. It is published like a contribution, all of it or nothing; done again it changes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

from opentier.graph.admission.admission import vocabulary
from opentier.graph.admission.completion import completed
from opentier.graph.identity import closure
from opentier.graph.jobs.progress import Progress
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Triple
from opentier.graph.store.directory import Ready, Store
from opentier.graph.store.release import Release
from opentier.graph.store.union import News
from opentier.graph.triples.engine import Engine
from opentier.graph.vocabulary import syntax

#: Statements that are written at once.
_MANY = 10_000


def upgrade(store: Store, progress: Progress, ready: Ready) -> int:
    """Publish all that a directory of an earlier version holds as this version says it; return how many versions.

    Parameters
    ----------
    ready
        Makes the release ready before it is published.
    """
    with store.writing(purpose="an upgrade"), store.scratch() as scratch:
        if store.current is None:
            store.renew()
            return 0
        before = store.release()

        def rewrite(draft: Engine) -> None:
            for done, version in enumerate(before.versions):
                progress("upgrading", done, len(before.versions))
                file = scratch / "version.nt"
                _write(before, version.iri, file)
                draft.remove(version.iri)
                draft.load(version.iri, file)
            said = list(_catalogue(before, draft))
            draft.remove(store.names.catalogue)
            draft.change(store.names.catalogue, (), said)
            progress("upgrading", len(before.versions), len(before.versions))

        news = News(vocabulary=vocabulary(store.names.base))
        store.publish(news, closure.pairs, ready=ready, rewrite=rewrite)
        store.renew()
        return len(before.versions)


def _write(release: Release, graph: str, file: Path) -> None:
    """Write the statements of a version with all that they lack today."""

    def values(subject: IRI | Blank, name: str) -> Iterable[str]:
        return [said.object.value for said in release.engine.match(graph, subject, name)]

    said = completed(release.engine.match(graph), release.names, values)
    with file.open("wb") as out:
        for first in said:
            out.write(syntax.write(chain([first], islice(said, _MANY)), "ntriples"))


def _catalogue(before: Release, draft: Engine) -> Iterable[Triple]:
    """Yield what the catalogue says, with the number of statements that each version has now."""
    triples = expand("void:triples")
    versions = {version.iri for version in before.versions}
    for said in before.engine.match(before.names.catalogue):
        if said.predicate.value == triples and said.subject.value in versions:
            count = Literal(str(draft.count(said.subject.value)), expand("xsd:integer"))
            yield Triple(said.subject, said.predicate, count)
        else:
            yield said
