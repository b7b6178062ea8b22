"""Questions 1, 2, 4 and 5 say what a trace says, root by root: of the example, of drawn packages, and of real lists.

What a trace knows and a question does not is listed here; nothing else may make a difference.

dates
    Two links of one path that never lived together: a path of SPARQL compares no dates.
scope
    A designation that is confined to products touches only who supplies them: a path of SPARQL carries no product.
tiers, steps
    Question 2 ends at tier 5, question 4 follows at most two ownership links.
reasons
    Questions ask for the reasons that they name: 1 for direct and place, 4 for owners, 5 for goods.
itself
    Questions 1 and 2 do not name the root, and question 4 nobody as exposed to itself.

The first two are taken away from what is traced (`loosened`), the others are asked of it; then both have to be equal. A
trace as it is never says more than a question does, and the first two do make a difference.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

from opentier.graph import Graph
from opentier.graph.exposure.exposures import Exposure, expose
from opentier.graph.front import View
from opentier.graph.index.opened import Index
from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.network.survey import survey
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from opentier.graph.triples.engine import Rows
from tests.oracles.draw import ENDS, Tables, packages
from tests.oracles.tables import kept, written

#: Tiers of question 2, and ownership links of question 4.
TIERS, STEPS = 5, 2
PACKAGES = 24
DATASETS = Path(str(files("opentier.graph") / "datasets"))
Triple = tuple[str, str, str]


@dataclass
class Case:
    """A release, the roots that are asked, and the index in which the exceptions are taken away."""

    view: View
    roots: list[str]
    loosened: Index

    @cached_property
    def canonical(self) -> Mapping[str, str]:
        """The actor that each member of one is."""
        index = self.view.index
        found = (index.actor(node) for node in range(len(index)) if index.described(node))
        return {member: actor.iri for actor in found for member in actor.members}

    def id(self, iri: str) -> str:
        """Return the id of an actor."""
        return self.view.release.names.id(iri)

    def rows(self, number: int, **said: str) -> list[list[str]]:
        """Return the rows of a question, actors by the one that they are."""
        answer = self.view.query(self.view.question(number, said).text)
        assert isinstance(answer, Rows)
        texts = [["" if term is None else term.value for term in row] for row in answer]
        del answer  # in this thread: see api/sparql.py
        return [[self.canonical.get(text, text) for text in row] for row in texts]

    def tiers(self, index: Index, root: str) -> dict[str, int]:
        """Return the tiers of whom a trace reaches, without the root."""
        found = trace(index, node_of(index, root), Parameters(max_tier=TIERS))
        return {iri: tier for iri, tier in found.tiers.items() if iri != root}

    def exposures(self, index: Index, root: str, *kinds: str, paths: int = 1) -> list[Exposure]:
        """Return the exposures of a trace that walks some kinds of links."""
        asked = Parameters(kinds=kinds, paths=paths)
        return expose(trace(index, node_of(index, root), asked))


def node_of(index: Index, root: str) -> int:
    """Return the node of an actor of an index."""
    node = index.node(root)
    assert node is not None
    return node


# --- What is asked -----------------------------------------------------------------------------------------------


def example(path: Path) -> Graph:
    """Return the shipped datasets, the worked example among them."""
    graph = Graph.open(path, create=True)
    for name in ("initiatives", "laws", "registers", "example", "example-customs"):
        assert graph.contribute(DATASETS / name).new
    return graph


def drawn(path: Path) -> Graph:
    """Return packages that are drawn as the oracles have them, side by side in one dataset."""
    found: list[Tables] = []

    @settings(max_examples=PACKAGES, phases=(Phase.generate,))
    @given(packages())
    def draw(tables: Tables) -> None:
        found.append(tables)

    draw()
    together: Tables = {}
    for number, tables in enumerate(found):
        for name, table in tables.items():
            rows = [apart(name, row, number) for row in table]
            together.setdefault(name, []).extend(
                rows if name not in ("products", "product_inputs") else table
            )
    for name in ("products", "product_inputs"):
        together[name] = [
            dict(pairs) for pairs in dict.fromkeys(tuple(row.items()) for row in together[name])
        ]
    written(together, path.parent / "package")
    graph = Graph.open(path, create=True)
    assert graph.contribute(path.parent / "package").new
    return graph


def apart(name: str, row: Mapping[str, str], number: int) -> dict[str, str]:
    """Return a row whose actors, links and listings are those of one package."""
    own = ENDS | {"designation", "record"}
    if name in ("actors", "supply_links", "designations"):
        own |= {"id"}
    said = {column: f"p{number}-{cell}" if column in own and cell else cell for column, cell in row.items()}
    if "identifiers" in said:
        said["identifiers"] = said["identifiers"].replace("duns:1000", f"duns:1{number:03}")
    if name == "co_locations":
        return {column: said[column] for column in ("actor", "other")}
    return said


def loosened(view: View) -> Iterator[Index]:
    """Yield the index of a release whose links live always, and whose designations have no scope."""
    network = survey(view.release)
    network.arcs = [
        replace(arc, start=EVER, end=NEVER, start_date=None, end_date=None) for arc in network.arcs
    ]
    network.designations = [
        replace(entry, scope=entry.scope if entry.headed else ()) for entry in network.designations
    ]
    with kept(network) as index:
        yield index


@pytest.fixture(scope="module", params=["example", "drawn", pytest.param("lists", marks=pytest.mark.data)])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Return each release with its roots, fifty or all of them."""
    if request.param == "lists":
        view: View = request.getfixturevalue("lists").view()
        roots = buyers(view)
    else:
        made = {"example": example, "drawn": drawn}[request.param]
        view = made(tmp_path_factory.mktemp(request.param) / "data").view()
        roots = [view.index.iri(node) for node in range(len(view.index)) if view.index.described(node)]
    for index in loosened(view):
        yield Case(view, roots, index)
    gc.collect()  # what the engine holds of this module ends in this thread


def buyers(view: View) -> list[str]:
    """Return fifty of those who buy something, spread over all of them by how much they buy."""
    answer = view.query("""SELECT ?buyer (COUNT(*) AS ?many) { ?buyer ot:sourcesFrom ?supplier } GROUP BY ?buyer
        ORDER BY ?many ?buyer""")
    assert isinstance(answer, Rows)
    found = [term.value for term, _ in answer if term is not None]
    del answer
    known = list(dict.fromkeys(iri for iri in found if view.index.node(iri) is not None))
    return known[:: max(1, len(known) // 50)][:50]


# --- The questions -----------------------------------------------------------------------------------------------


def test_there_are_fifty_roots_or_nearly_all_of_the_example(asked: Case) -> None:
    assert len(asked.roots) >= 45


def test_question_1_names_whom_a_designation_touches(asked: Case) -> None:
    how = {"direct": "named", "place": "place"}

    def touched(index: Index, root: str) -> set[Triple]:
        found = asked.exposures(index, root, "supply", "operation")
        return {
            (e.actor, e.designation.iri, how[e.reason]) for e in found if e.reason in how and e.actor != root
        }

    for root in asked.roots:
        said = {(row[0], row[3], row[2]) for row in asked.rows(1, actor=asked.id(root))}
        assert said == touched(asked.loosened, root), root
        assert said >= touched(asked.view.index, root), root


def test_question_2_gives_the_tiers_of_a_trace(asked: Case) -> None:
    for root in asked.roots:
        rows = asked.rows(2, actor=asked.id(root))
        said = {row[0]: int(row[2]) for row in rows}
        assert len(said) == len(rows), root
        assert said == asked.tiers(asked.loosened, root), root
        assert all(said[iri] <= tier for iri, tier in asked.tiers(asked.view.index, root).items()), root


def test_question_4_names_whom_owners_expose(asked: Case) -> None:
    ways = {"owner-up": "up", "owner-down": "down"}
    said = {(row[0], row[4], row[5], row[1]) for row in asked.rows(4)}
    roots = {row[0] for row in said} | set(asked.roots)
    for root in sorted(roots):
        mine = {row[1:] for row in said if row[0] == root}
        loose = exposed(asked.exposures(asked.loosened, root, "ownership", paths=1000), root, ways)
        assert mine == {key for key, steps in loose.items() if steps <= STEPS}, root
        assert (
            exposed(asked.exposures(asked.view.index, root, "ownership"), root, ways).keys() <= loose.keys()
        )


def exposed(found: list[Exposure], root: str, ways: Mapping[str, str]) -> dict[Triple, int]:
    """Return whom owners expose to what by which way, with the fewest links of a path."""
    return {
        (e.actor, e.designation.iri, ways[e.reason]): min(len(path.arcs) for path in e.paths)
        for e in found
        if e.reason in ways and e.actor != root
    }


def test_question_5_names_who_supplies_listed_goods(asked: Case) -> None:
    rows = asked.rows(5)
    for root in asked.roots:
        reached = {root, *trace(asked.loosened, node_of(asked.loosened, root), Parameters()).tiers}
        said = {(row[2], row[5]) for row in rows if row[1] in reached}
        assert said == goods(asked, asked.loosened, root), root
        assert said >= goods(asked, asked.view.index, root), root


def goods(asked: Case, index: Index, root: str) -> set[tuple[str, str]]:
    found = asked.exposures(index, root, "supply", "operation")
    return {(e.actor, e.designation.iri) for e in found if e.reason == "goods"}
