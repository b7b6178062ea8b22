"""What is said about an IRI: its own statements, and page by page those of others that name it.

The default graph is asked first. What only a superseded version describes is still described, by the last one that
does. Graphs, and the reports of versions, are described though no graph speaks of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from opentier.graph.model.names import PREFIXES, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.store.graphs import query_text
from opentier.graph.store.release import Release
from opentier.graph.triples.engine import DEFAULT, Rows

#: Statements of others on a page, and up to how many are counted.
PAGE, MOST = 100, 100_000
#: Nodes that are described with an IRI, since they are parts of it.
_PARTS = 5_000
_TYPE = IRI(expand("rdf:type"))
_SD = "http://www.w3.org/ns/sparql-service-description#"


@dataclass(frozen=True)
class About:
    """What is said about an IRI.

    Attributes
    ----------
    own
        Its statements, and those of its parts: nodes without a name, and names that are its own with more behind #.
    naming
        Statements of others that name it, those of one page, in order.
    kinds
        The classes of these others.
    page
        The number of that page, from 1.
    total
        How many statements of others there are; `MOST` where there may be more.
    then
        The superseded version that says all that; None where it is true now.
    """

    iri: str
    own: list[Triple]
    naming: list[Triple]
    kinds: list[Triple]
    page: int
    total: int
    then: str | None = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.total // PAGE), 1)

    @property
    def triples(self) -> list[Triple]:
        """All of it, each statement once."""
        return list(dict.fromkeys((*self.own, *self.naming, *self.kinds)))


def about(release: Release, iri: str, url: str, page: int = 1) -> About | None:
    """Return what is said about an IRI, by a service at an address; None where nothing is.

    Parameters
    ----------
    url
        The address of the service, with a slash at its end.
    """
    extra = [*_graph(release, iri, url), *_report(release, iri)]
    try:
        found = _said(release, release.whole, iri, page, extra)
        if found is None and (last := _last(release, iri)):
            found = _said(release, [last], iri, page, [], last)
    except ValueError:  # not an IRI at all, so nothing is said about it
        return None
    return found


def _last(release: Release, iri: str) -> str | None:
    """Return the last of the superseded versions that say something of an IRI, or name it."""
    parts = {*release.parts}
    older = [graph for graph in release.named if graph not in parts]
    if not older:
        return None
    rows = release.engine.query(query_text("speaking"), [], older, {"iri": str(IRI(iri))[1:-1]})
    assert isinstance(rows, Rows)
    saying = {graph.value for graph, _ in rows if graph is not None}
    return next((graph for graph in reversed(older) if graph in saying), None)


def query(iri: str) -> str:
    """Return what is asked for the own statements of an IRI as a table, with the graph of each."""
    return query_text("about").partition("\n")[2].replace("?iri", f"<{iri}>").strip()


def _said(
    release: Release,
    graphs: Sequence[str],
    iri: str,
    page: int,
    extra: list[Triple],
    then: str | None = None,
) -> About | None:
    own = dict.fromkeys(extra)
    waiting: dict[IRI | Blank, str] = {IRI(iri): ""}
    seen: set[Term] = {*waiting}
    while waiting:
        found, waiting = _of(release, waiting, graphs), {}
        for where, said in found:
            own[said] = None
            part = said.object
            if part in seen or len(seen) == _PARTS:
                continue
            if isinstance(part, Blank) or (isinstance(part, IRI) and part.value.startswith(f"{iri}#")):
                seen.add(part)
                waiting[part] = where
    counted = _naming(release, graphs, iri)
    first = (page - 1) * PAGE
    total = sum(1 for _ in islice(counted, first))
    those = list(islice(counted, PAGE))
    naming = [said for _, said in those]
    if graphs == [DEFAULT]:
        total = min(_many(release, iri), MOST)
    else:
        total += len(naming) + sum(1 for _ in islice(counted, max(MOST - total - len(naming), 0)))
    if not (own or total):
        return None
    others = {said.subject: graph for graph, said in those}
    kinds = dict.fromkeys(said for _, said in _of(release, others, graphs, [_TYPE.value]))
    return About(iri, list(own), sorted(naming, key=str), list(kinds), page, total, then)


def _of(
    release: Release,
    nodes: Mapping[IRI | Blank, str],
    graphs: Sequence[str],
    predicates: Iterable[str] | None = None,
) -> Iterator[tuple[str, Triple]]:
    """Yield what graphs say of some nodes, each with its graph: of one without a name, the graph that named it."""
    by = None if predicates is None else [*predicates]
    yield from release.engine.among(graphs, [node for node in nodes if isinstance(node, IRI)], by)
    blank = defaultdict[str, list[Blank]](list)
    for node, graph in nodes.items():
        if isinstance(node, Blank):
            blank[graph].append(node)
    for graph, those in blank.items():
        yield from release.engine.among([graph], those, by)


def _naming(release: Release, graphs: Sequence[str], iri: str) -> Iterator[tuple[str, Triple]]:
    """Yield the statements of others that name an IRI, with their graphs, each once, in the order of the store."""
    node, seen = IRI(iri), set[Triple]()
    for graph, said in release.engine.among(graphs, object=node):
        if len(graphs) > 1:
            if said in seen:
                continue
            seen.add(said)
        yield graph, said


def _many(release: Release, iri: str) -> int:
    """Return how many statements of the default graph name an IRI."""
    found = release.engine.query(query_text("naming"), bound={"named": iri})
    assert isinstance(found, Rows)
    return sum(int(many.value) for many, _ in found if isinstance(many, Literal))


def _graph(release: Release, iri: str, url: str) -> list[Triple]:
    """Return what is said of a graph: that it is one, of what, and where all of it is."""
    if iri not in release.named:
        return []
    node, names = IRI(iri), release.names
    version = iri.removesuffix("/derived")
    if iri in release.catalogues:
        label = "The catalogue: the datasets, their versions and what became of them"
    elif iri == names.vocabulary:
        label = "The vocabulary, its codes, and the questions"
    elif version in release.named and version != iri:
        label = "What is derived from one version of a dataset: direct edges between actors"
    else:
        label = "What is derived from all current versions together: who is one with whom"
    dump = IRI(f"{url}rdf-graph-store?graph={iri}")
    found = [Triple(node, _TYPE, IRI(f"{_SD}NamedGraph")), Triple(node, _void("dataDump"), dump)]
    if any(each.iri == iri for each in release.versions):
        return found  # the catalogue says the rest
    found.append(
        Triple(node, IRI(expand("rdfs:label")), Literal(label, PREFIXES["rdf"] + "langString", "en"))
    )
    if version != iri and version in release.named:
        found.append(Triple(node, IRI(expand("prov:wasDerivedFrom")), IRI(version)))
    return found


def _report(release: Release, iri: str) -> list[Triple]:
    """Return what everybody may know of the report on a version: of which rows it speaks, and none of its findings.

    What was refused, and why, is for whoever contributed it.
    """
    version = next((each for each in release.versions if iri == f"{each.iri}/report"), None)
    if version is None or version.iri not in release.named:
        return []
    node = IRI(iri)
    counts = {"rows": version.rows, "acceptedRows": version.accepted, "warnedRows": version.warned}
    counts["refusedRows"] = version.refused
    conforms = Literal(str(not version.refused).lower(), expand("xsd:boolean"))
    return [
        Triple(node, _TYPE, IRI(expand("sh:ValidationReport"))),
        Triple(node, _TYPE, IRI(expand("ot:ValidationRun"))),
        Triple(node, IRI(expand("dcterms:subject")), IRI(version.iri)),
        Triple(node, IRI(expand("sh:conforms")), conforms),
        *(
            Triple(node, IRI(expand(f"ot:{name}")), Literal(str(many), expand("xsd:integer")))
            for name, many in counts.items()
        ),
    ]


def _void(name: str) -> IRI:
    return IRI(PREFIXES["void"] + name)
