"""The default graph: what the current versions say, once, with what is derived from it, whatever came and went."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.admission.admission import vocabulary
from opentier.graph.identity import closure
from opentier.graph.model.names import OT, expand
from opentier.graph.model.rdf import IRI, Blank, Literal, Term, Triple
from opentier.graph.query import sparql
from opentier.graph.store import durable, union
from opentier.graph.store.graphs import CURRENT_VERSION, query_text
from opentier.graph.store.release import Release
from opentier.graph.store.scope import CURRENT, Scope
from opentier.graph.store.union import VOCABULARY, News, Vocabulary
from opentier.graph.triples import embedded
from opentier.graph.triples import engine as engines
from opentier.graph.triples.engine import DEFAULT
from tests.broken import Rows, write

Table = Sequence[Mapping[str, str]]
LEI = "lei:5493001KJTIIGC8Y1R12"


def send(graph: Graph, folder: Path, dataset: str, **tables: Table) -> None:
    """Contribute a small package."""
    found: dict[str, Rows] = {}
    for name, table in tables.items():
        header = list(dict.fromkeys(key for row in table for key in row))
        found[name] = [header, *([row.get(key, "") for key in header] for row in table)]
    assert graph.contribute(write(folder, found, dataset)).new


def actors(*ids: str, **more: str) -> Table:
    return [{"id": id, "name": id.upper(), "kind": "organisation", **more} for id in ids]


def link(id: str, buyer: str, supplier: str, **more: str) -> Mapping[str, str]:
    return {"id": id, "buyer": buyer, "supplier": supplier, "observed_date": "2020-01-01", **more}


def rows(graph: Graph, text: str) -> list[tuple[str, ...]]:
    answer = graph.query(text)
    assert isinstance(answer, engines.Rows)
    names = graph.store.names
    return sorted(tuple(names.id(term.value) for term in row if term is not None) for row in answer)


def edges(graph: Graph, property: str = "sourcesFrom") -> list[tuple[str, ...]]:
    return rows(graph, f"SELECT ?one ?other {{ ?one ot:{property} ?other }}")


def together(release: Release) -> set[Triple]:
    return {said for part in release.parts for said in release.engine.match(part)}


def whole(graph: Graph) -> None:
    """Hold the default graph against its parts, each way that there is."""
    release = graph.store.release()
    said = list(release.engine.match(DEFAULT))
    assert set(said) == together(release)
    assert len(said) == len(set(said))
    assert list(union.faults(release)) == []
    assert graph.verify() == []


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    return Graph.open(tmp_path / "data", create=True)


def test_a_statement_of_two_versions_stays_when_one_of_them_goes(graph: Graph, tmp_path: Path) -> None:
    heading = f"{graph.store.names.hs('5201')}"
    goods = [{"id": "lint", "name": "Lint", "hs": "5201"}]
    send(graph, tmp_path / "1", "one", actors=actors("a", identifiers=LEI), products=goods)
    send(graph, tmp_path / "2", "two", actors=actors("b", identifiers=LEI), products=goods)
    shared = f"SELECT ?p {{ <{graph.store.names.record('identifier', 'lei', LEI[4:])}> ?p ?o }}"
    before = rows(graph, shared)
    assert before
    assert rows(graph, f"SELECT (COUNT(*) AS ?n) {{ <{heading}> a ?kind }}") >= [("1",)]
    whole(graph)
    send(graph, tmp_path / "3", "one", actors=actors("a"))
    assert rows(graph, shared) == before
    whole(graph)
    send(graph, tmp_path / "4", "two", actors=actors("b"))
    assert rows(graph, shared) == []
    whole(graph)


def test_a_version_that_is_superseded_is_in_its_own_graph_alone(graph: Graph, tmp_path: Path) -> None:
    send(graph, tmp_path / "1", "one", actors=actors("a", "b"), supply_links=[link("x", "a", "b")])
    send(graph, tmp_path / "2", "one", actors=actors("a", "c"), supply_links=[link("y", "a", "c")])
    assert edges(graph) == [("one/a", "one/c")]
    assert rows(graph, "SELECT ?x { ?x a ot:SupplyLink }") == [("one/supply-link/y",)]
    every = "SELECT ?x { GRAPH ?g { ?x a ot:SupplyLink } }"
    assert len(rows(graph, every)) == 2
    now = "SELECT ?x { ?series ot:currentVersion ?g . GRAPH ?g { ?x a ot:SupplyLink } }"
    assert rows(graph, now) == [("one/supply-link/y",)]
    assert rows(graph, "SELECT ?a ?b { GRAPH ?g { ?a ot:sourcesFrom ?b } }") == [
        ("one/a", "one/b"),
        ("one/a", "one/c"),
    ]
    whole(graph)


def test_a_vocabulary_is_written_where_it_says_something_else(graph: Graph, tmp_path: Path) -> None:
    def said() -> set[Triple]:
        return set(graph.store.release().engine.match(graph.store.names.vocabulary))

    def publish(statements: Sequence[Triple], hash: str) -> None:
        with graph.store.writing():
            graph.store.publish(News(vocabulary=Vocabulary(statements, hash)), closure.pairs)
        assert union.vocabulary(graph.store.release().path) == hash
        whole(graph)

    send(graph, tmp_path / "1", "one", actors=actors("a"))
    ours, known = said(), union.vocabulary(graph.store.release().path)
    assert ours == set(vocabulary(graph.store.names.base).said)
    other = [Triple(IRI(f"{OT}Other"), IRI(f"{OT}meant"), IRI(f"{OT}something"))]
    publish(other, known)
    assert said() == ours
    publish(other, "0" * 64)
    assert said() == set(other)
    send(graph, tmp_path / "2", "one", actors=actors("a", "b"))
    assert (said(), union.vocabulary(graph.store.release().path)) == (ours, known)
    graph.withdraw("one", "wrong")
    assert (said(), union.vocabulary(graph.store.release().path)) == (ours, known)
    whole(graph)


def test_edges_are_of_the_links_that_a_trace_walks(graph: Graph, tmp_path: Path) -> None:
    links = [
        link("open", "a", "b"),
        link("ended", "a", "c", status="closed", end_date="2020-05"),
        link("closed", "a", "d", status="closed"),
        link("withdrawn", "a", "e", status="retracted"),
        link("retracted", "a", "f"),
        link("doubted", "a", "g", confidence="0"),
        link("itself", "a", "a"),
        link("gap", "a", "h", declared_tier="3", declared_by="a"),
    ]
    send(
        graph, tmp_path / "1", "one", actors=actors(*"abcdefgh"), supply_links=links,
        operation_links=[
            {"operator": "a", "facility": "b"},
            {"operator": "a", "facility": "c", "confidence": "0"},
        ],
        retractions=[{"record": "retracted", "reason": "wrong", "date": "2024-01-01"}],
    )  # fmt: skip
    gap = "one/supply-link/gap/unknown-"
    assert edges(graph) == [
        ("one/a", "one/b"), ("one/a", "one/c"), ("one/a", f"{gap}1"), (f"{gap}1", f"{gap}2"), (f"{gap}2", "one/h")
    ]  # fmt: skip
    assert edges(graph, "operates") == [("one/a", "one/b")]
    whole(graph)


def walked(said: set[Triple]) -> set[Triple]:
    """Return the direct edges of a graph, read link by link."""
    found: set[Triple] = set()

    def values(link: IRI | Blank, name: str) -> list[Term]:
        return [each.object for each in said if each[:2] == (link, IRI(expand(name)))]

    for link in {each.subject for each in said}:
        states, kinds = values(link, "ot:status"), values(link, "rdf:type")
        if values(link, "prov:wasInvalidatedBy") or IRI(f"{OT}link-status-retracted") in states:
            continue
        if IRI(f"{OT}link-status-closed") in states and not values(link, "ot:endDate"):
            continue
        if any(float(each.value) == 0 for each in values(link, "ot:confidence")):
            continue
        tiers = [int(each.value) for each in values(link, "ot:declaredTier") if int(each.value) > 1]
        for one, other in product(values(link, "ot:buyer"), values(link, "ot:supplier")):
            between = [
                IRI(f"{link.value}/unknown-{n}") for n in range(1, min([*tiers, 10] if tiers else [1]))
            ]
            ends = [one, *between, other]
            if one != other and (tiers or IRI(f"{OT}SupplyLink") in kinds):
                found |= {Triple(a, IRI(f"{OT}sourcesFrom"), b) for a, b in pairwise(ends)}  # type: ignore[arg-type]
        if IRI(f"{OT}OperationLink") in kinds:
            found |= {
                Triple(a, IRI(f"{OT}operates"), b)  # type: ignore[arg-type]
                for a, b in product(values(link, "ot:operator"), values(link, "ot:facility"))
            }
    return found


@pytest.mark.parametrize("seed", range(10))
def test_edges_are_those_that_one_finds_link_by_link(seed: int) -> None:
    rng, said = random.Random(seed), set[Triple]()
    actors = [IRI(f"urn:x:{name}") for name in "abcdef"]
    decimal = "http://www.w3.org/2001/XMLSchema#"
    choices: dict[str, list[Term]] = {
        "ot:status": [IRI(f"{OT}link-status-{name}") for name in ("closed", "retracted", "open", "open")],
        "ot:endDate": [Literal("2020-01-01", f"{decimal}date")],
        "ot:confidence": [Literal(each, f"{decimal}decimal") for each in ("0", "0.0", "0.5", "1")],
        "prov:wasInvalidatedBy": [IRI("urn:x:retraction")],
    }
    for number in range(80):
        link = IRI(f"urn:x:link-{number}")
        kind, ends = rng.choice(
            [("SupplyLink", ("buyer", "supplier")), ("OperationLink", ("operator", "facility"))]
        )
        said |= {Triple(link, IRI(f"{OT}{end}"), rng.choice(actors)) for end in ends if rng.random() < 0.95}
        if rng.random() < 0.9:
            said.add(Triple(link, IRI(expand("rdf:type")), IRI(f"{OT}{kind}")))
        if rng.random() < 0.2:
            tier = Literal(str(rng.choice([1, 2, 3, 12])), f"{decimal}integer")
            said.add(Triple(link, IRI(f"{OT}declaredTier"), tier))
        for name, values in choices.items():
            if rng.random() < 0.2:
                said.add(Triple(link, IRI(expand(name)), rng.choice(values)))
    engine = embedded.in_memory()
    engine.change("urn:x:graph", (), said)
    found = engine.query(query_text("derived"), ["urn:x:graph"])
    assert isinstance(found, engines.Triples)
    assert set(found) == (expected := walked(said))
    assert len(expected) > 10


def test_who_is_one_is_said_both_ways_round_and_no_longer_than_judgements_say_so(
    graph: Graph, tmp_path: Path
) -> None:
    send(graph, tmp_path / "1", "one", actors=actors("a", identifiers=LEI))
    assert edges(graph, "sameActorAs") == []
    send(graph, tmp_path / "2", "two", actors=actors("b", identifiers=LEI))
    assert edges(graph, "sameActorAs") == [("one/a", "two/b"), ("two/b", "one/a")]
    judged = {
        "left": "c",
        "right": "two/b",
        "judgement": "positive",
        "decided_by": "us",
        "date": "2024-01-01",
    }
    send(graph, tmp_path / "3", "three", actors=actors("c"), identity_judgements=[judged])
    assert len(edges(graph, "sameActorAs")) == 6
    assert ("one/a", "three/c") in edges(graph, "sameActorAs")
    whole(graph)
    [(judgement,)] = rows(graph, "SELECT ?j { ?j a ot:IdentityJudgement }")
    withdrawn = [{"record": graph.store.names.base + judgement, "reason": "wrong", "date": "2024-02-01"}]
    send(
        graph,
        tmp_path / "4",
        "three",
        actors=actors("c"),
        identity_judgements=[judged],
        retractions=withdrawn,
    )
    assert edges(graph, "sameActorAs") == [("one/a", "two/b"), ("two/b", "one/a")]
    send(graph, tmp_path / "5", "two", actors=actors("b"))
    assert edges(graph, "sameActorAs") == []
    whole(graph)


def test_labels_of_codes_the_catalogue_and_the_questions_are_in_the_default_graph(
    graph: Graph, tmp_path: Path
) -> None:
    send(graph, tmp_path / "1", "one", actors=actors("a"))
    assert rows(graph, "SELECT ?l { ot:link-status-closed skos:prefLabel ?l FILTER (LANG(?l) = 'en') }") == [
        ("closed",)
    ]
    assert rows(graph, "SELECT ?t { ?v a ot:DatasetVersion ; dcterms:license ?t }") == [("CC0-1.0",)]
    assert len(rows(graph, "SELECT ?q { ?q a sh:SPARQLExecutable }")) == 15
    assert ("ot",) in rows(graph, "SELECT ?p { ?x sh:prefix ?p ; sh:namespace ?n }")


def test_the_whole_vocabulary_may_change_under_a_graph(graph: Graph, tmp_path: Path) -> None:
    """A newer package says other things of its terms; what it no longer says is gone."""
    send(graph, tmp_path / "1", "one", actors=actors("a"))
    release = graph.store.release()
    old = Triple(IRI(f"{OT}Old"), IRI(f"{OT}meant"), IRI(f"{OT}something"))
    rewritten(graph, release.names.vocabulary, (), [old])
    assert rows(graph, "SELECT ?o { ot:Old ?p ?o }")
    send(graph, tmp_path / "2", "two", actors=actors("b"))
    assert rows(graph, "SELECT ?o { ot:Old ?p ?o }") == []
    whole(graph)


def rewritten(graph: Graph, part: str, gone: Sequence[Triple], come: Sequence[Triple]) -> None:
    """Change a graph of the current release where it lies, and the default graph with it."""
    path = graph.store.release().path
    engine = embedded.writable(path)
    for name in {part, DEFAULT}:
        engine.change(name, gone, come)
    engine.flush()
    del engine
    (path / VOCABULARY).unlink()  # as earlier versions left it
    durable.write_hashes(path)


@pytest.mark.parametrize("damage", ["lacks", "has", "pointer", "edge", "same"])
def test_a_default_graph_that_is_not_what_its_parts_make_is_found_and_made_anew(
    graph: Graph, tmp_path: Path, damage: str
) -> None:
    send(
        graph,
        tmp_path / "1",
        "one",
        actors=actors("a", "b", identifiers=""),
        supply_links=[link("x", "a", "b")],
    )
    release, names = graph.store.release(), graph.store.names
    a, b = IRI(names.actor("one", "a")), IRI(names.actor("one", "b"))
    edge = Triple(a, IRI(f"{OT}sourcesFrom"), b)
    version = release.graphs[0]
    match damage:
        case "lacks":
            rewritten(graph, DEFAULT, [edge], ())
        case "has":
            rewritten(graph, DEFAULT, (), [Triple(b, IRI(f"{OT}sourcesFrom"), a)])
        case "pointer":
            pointer = IRI(CURRENT_VERSION)
            rewritten(graph, names.catalogue, [Triple(IRI(names.series("one")), pointer, IRI(version))],
                      [Triple(IRI(names.series("one")), pointer, IRI(f"{version}0"))])  # fmt: skip
        case "edge":
            rewritten(graph, names.derived_of(version), [edge], ())
        case "same":
            rewritten(graph, names.derived, (), [Triple(a, IRI(f"{OT}sameActorAs"), b)])
    again = Graph.open(graph.store.path)
    found = again.verify()
    assert {(fault.where, fault.derived) for fault in found} == {("default graph", True)}
    assert again.repair(found) == found
    assert edges(again) == [("one/a", "one/b")]
    whole(again)


def test_a_release_of_before_is_answered_from_and_gets_its_default_graph_with_the_next_contribution(
    graph: Graph, tmp_path: Path
) -> None:
    send(
        graph,
        tmp_path / "1",
        "one",
        actors=actors("a", "b", identifiers=""),
        supply_links=[link("x", "a", "b")],
    )
    path, names = graph.store.release().path, graph.store.names
    engine = embedded.writable(path)
    for part in (DEFAULT, names.derived_of(names.version("one", 1))):
        engine.remove(part)
    engine.change(names.catalogue, list(engine.match(names.catalogue, predicate=CURRENT_VERSION)), ())
    engine.flush()
    del engine
    (path / VOCABULARY).unlink()  # as earlier versions left it
    durable.write_hashes(path)

    again = Graph.open(graph.store.path)
    assert sparql.prepare(again.store.release(), "ASK {}").united
    assert rows(again, "SELECT ?x { ?x a ot:SupplyLink }") == [("one/supply-link/x",)]
    assert again.verify() == []
    send(again, tmp_path / "2", "two", actors=actors("c"))
    assert not sparql.prepare(again.store.release(), "ASK {}").united
    assert edges(again) == [("one/a", "one/b")]
    whole(again)


def test_a_scope_of_other_versions_puts_their_graphs_together_and_says_so(
    graph: Graph, tmp_path: Path
) -> None:
    send(graph, tmp_path / "1", "one", actors=actors("a", "b"), supply_links=[link("x", "a", "b")])
    send(graph, tmp_path / "2", "two", actors=actors("c"))
    release = graph.store.release()
    text = "SELECT ?a { ?a ot:sourcesFrom ?b }"
    assert sparql.prepare(release, text).default is None
    for scope, many in (
        (CURRENT.leaving_out("one"), 0),
        (CURRENT.of("one"), 1),
        (Scope.as_known("1999-12-31"), 0),
    ):
        seen = release.within(scope)
        asked = sparql.prepare(seen, text)
        assert asked.united == len(asked.default or ())
        assert asked.united
        found = sparql.run(release.engine, asked)
        assert isinstance(found, engines.Rows)
        assert len(list(found)) == many
