"""The lives of datasets: what differs between versions, what is withdrawn and restored, and what answers make of it."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.errors import UnknownDataset, UsageError
from opentier.graph.identity import closure
from opentier.graph.index import shelf
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import Literal, Triple
from opentier.graph.query import sparql
from opentier.graph.store import union
from opentier.graph.store.engine import Engine
from opentier.graph.store.engine import Rows as Answer
from opentier.graph.store.scope import Scope
from opentier.graph.store.union import News
from tests.broken import Rows, write
from tests.conftest import Command

Table = Sequence[Mapping[str, str]]


def rows(table: Table) -> Rows:
    header = list(dict.fromkeys(key for row in table for key in row))
    return [header, *([row.get(key, "") for key in header] for row in table)]


def send(graph: Graph, folder: Path, dataset: str, **tables: Table) -> None:
    """Contribute a small package as the next version of a dataset."""
    number = len(list(folder.glob(f"{dataset}-*")))
    package = write(
        folder / f"{dataset}-{number}", {name: rows(table) for name, table in tables.items()}, dataset
    )
    assert graph.contribute(package).new


def actors(*ids: str, **more: str) -> Table:
    return [{"id": id, "name": id.upper(), "kind": "organisation", **more} for id in ids]


def link(id: str, buyer: str, supplier: str, **more: str) -> Mapping[str, str]:
    return {"id": id, "buyer": buyer, "supplier": supplier, **more}


# --- Differences -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph with two versions of a dataset: records came, went and changed, in several tables."""
    folder = tmp_path_factory.mktemp("difference")
    graph = Graph.open(folder / "data", create=True)
    evidence = [{"id": "e", "type": "invoice", "url": "https://example.org/e"}]
    send(
        graph, folder, "chain",
        actors=[*actors("a", "b", country="VN"), *actors("gone")],
        supply_links=[link("1", "a", "b", product="6109", confidence="0.5", evidence="e"), link("2", "b", "gone")],
        evidence=evidence,
    )  # fmt: skip
    send(
        graph, folder, "chain",
        actors=[*actors("a", country="VN"), *actors("b", country="TH", also_known_as="Bee|Be"), *actors("new")],
        supply_links=[
            link("1", "a", "new", product="6109", confidence="0.9", start_date="2020", evidence="e"),
            link("2", "b", "new"),
        ],
        evidence=evidence,
        retractions=[{"record": "2", "reason": "wrong", "date": "2024-01-01"}],
    )  # fmt: skip
    return graph


RETRACTION = "chain/retraction/"


def test_a_difference_names_what_came_and_went_and_the_columns_that_changed(graph: Graph) -> None:
    found = graph.view().difference("chain", 1, 2)
    assert found.removed == {"chain/gone": "actors"}
    assert {table for record, table in found.added.items() if record != "chain/new"} == {"retractions"}
    changed = {record: (each.table, each.before, each.after) for record, each in found.changed.items()}
    [retraction] = [record for record in found.added if record.startswith(RETRACTION)]
    assert changed == {
        "chain/b": ("actors", {"country": {"VN"}}, {"country": {"TH"}, "also_known_as": {"Bee", "Be"}}),
        "chain/supply-link/1": (
            "supply_links",
            {"supplier": {"chain/b"}, "confidence": {"0.5"}},
            {"supplier": {"chain/new"}, "confidence": {"0.9"}, "start_date": {"2020"}},
        ),
        "chain/supply-link/2": (
            "supply_links", {"supplier": {"chain/gone"}}, {"supplier": {"chain/new"}, "retraction": {retraction}},
        ),
    }  # fmt: skip
    assert found.tables() == [
        {"table": "actors", "added": 1, "removed": 1, "changed": 1, "columns": {"also_known_as": 1, "country": 1}},
        {
            "table": "supply_links", "added": 0, "removed": 0, "changed": 2,
            "columns": {"confidence": 1, "retraction": 1, "start_date": 1, "supplier": 2},
        },
        {"table": "retractions", "added": 1, "removed": 0, "changed": 0, "columns": {}},
    ]  # fmt: skip


def test_a_difference_the_other_way_round_says_the_opposite(graph: Graph) -> None:
    forth, back = (graph.view().difference("chain", *pair) for pair in ((1, 2), (2, 1)))
    assert (forth.added, forth.removed) == (back.removed, back.added)
    assert {r: (c.before, c.after) for r, c in forth.changed.items()} == {
        r: (c.after, c.before) for r, c in back.changed.items()
    }
    same = graph.view().difference("chain", 2, 2)
    assert (same.added, same.removed, same.changed, same.tables()) == ({}, {}, {}, [])


def test_a_changed_class_is_a_change_of_its_column(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    for kind in ("organisation", "legal-entity"):
        send(graph, tmp_path, "one", actors=[{"id": "a", "name": "A", "kind": kind}])
    [each] = graph.view().difference("one", 1, 2).changed.values()
    assert each.after == {"kind": {"legal-entity"}}


def test_the_command_and_the_service_say_the_same_of_a_difference(
    graph: Graph, client: TestClient, call: Command, tmp_path: Path
) -> None:
    found, data = graph.view().difference("chain", 1, 2), str(graph.store.path)
    said = call("datasets", "diff", "chain", "1", "2", "--format", "json", "--data", data)
    assert (said.code, json.loads(said.out)) == (0, found.to_dict())
    served = client.get("/datasets/chain/diff", params={"from": 1, "to": 2})
    assert (served.status_code, served.json()) == (200, found.to_dict())
    table = call("datasets", "diff", "chain", "1", "2", "--data", data).out
    assert table.startswith("chain, version 1 to 2: 2 added, 1 removed, 3 changed.")
    assert "also_known_as 1, country 1" in table
    out = tmp_path / "diff.csv"
    assert call("datasets", "diff", "chain", "1", "2", "--out", str(out), "--data", data).code == 0
    written = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [tuple(row.values()) for row in written] == list(found.rows())
    assert ("changed", "actors", "chain/b", "country", "VN", "TH") in list(found.rows())
    text = client.get("/datasets/chain/diff?from=1&to=2", headers={"Accept": "text/csv"}).text
    assert text == out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chian", "1", "2"), "No dataset is called 'chian'. Did you mean chain?"),
        (("chain", "1", "7"), "chain has no version 7. There are: 1, 2."),
        (("chain", "1", "two"), "V2"),
    ],
)
def test_an_unknown_version_is_refused_with_those_there_are(
    graph: Graph, client: TestClient, call: Command, words: tuple[str, str, str], said: str
) -> None:
    run = call("datasets", "diff", *words, "--data", str(graph.store.path))
    assert run.code == 2
    assert said in run.err
    served = client.get(f"/datasets/{words[0]}/diff", params={"from": words[1], "to": words[2]})
    assert served.headers["content-type"] == "application/problem+json"
    assert served.status_code == (400 if words[2] == "two" else 404)


# --- Withdrawals -----------------------------------------------------------------------------------------------------

ATTRIBUTES = ("prov:endedAtTime", "prov:startedAtTime")


def moved(graph: Graph, days: Mapping[str, str]) -> None:
    """Publish the same with other days in the catalogue: what ends in a key happened on its day, at noon."""
    catalogue = graph.store.names.catalogue
    release = graph.store.release()
    gone, come = [], []
    for name in map(expand, ATTRIBUTES):
        for said in release.engine.match(catalogue, predicate=name):
            for key, day in days.items():
                if f"{said.subject.value} {name}".endswith(key):
                    gone.append(said)
                    value = Literal(f"{day}T12:00:00+00:00", expand("xsd:dateTime"))
                    come.append(Triple(said.subject, said.predicate, value))
    assert len(come) == len(days)

    def rewrite(engine: Engine) -> None:
        engine.change(catalogue, gone, come)

    with graph.store.writing():
        graph.store.publish(News(), closure.pairs, rewrite=rewrite)


def seen(graph: Graph) -> dict[str, int]:
    return {name: version.number for name, version in graph.view().release.current.items()}


def links(graph: Graph) -> list[str]:
    """Return the links that a query of the default graph finds."""
    found = sparql.answer(graph.view().release, "SELECT ?link { ?link a ot:SupplyLink }")
    assert isinstance(found, Answer)
    return sorted(graph.store.names.id(link.value).rpartition("/")[2] for (link,) in found if link)


def edges(graph: Graph) -> int:
    found = sparql.answer(graph.view().release, "SELECT ?a ?b { ?a ot:sourcesFrom ?b }")
    assert isinstance(found, Answer)
    return len(list(found))


def reached(graph: Graph, actor: str, **asked: str) -> list[str]:
    return [graph.store.names.id(found.iri) for _, found in graph.trace(actor, **asked).reached]


def sound(graph: Graph) -> None:
    """Assert that the default graph is what its parts make, who is one follows from the judgements, the index fits."""
    release = graph.store.release()
    assert graph.verify() == []
    assert list(union.faults(release)) == []
    assert not closure.differs(release)
    known = graph.view().index
    arcs = Counter((arc.record, arc.tail, arc.head, arc.hop) for arc in map(known.arc, live(known)))
    built = shelf.passing(release)
    assert arcs == Counter((arc.record, arc.tail, arc.head, arc.hop) for arc in map(built.arc, live(built)))
    assert known.versions == release.current


def live(index: shelf.Index) -> list[int]:
    return [number for number in index.rows().tolist() if index.tables.live[index.arcs.dataset[number]]]


@pytest.fixture
def two(tmp_path: Path) -> Graph:
    """Return a graph with two versions of a dataset, the second with one link more, and another one that is joined."""
    graph = Graph.open(tmp_path / "data", create=True)
    lei = "lei:5493001KJTIIGC8Y1R12"
    people = actors("a", "b", "c", country="VN")
    send(graph, tmp_path, "chain", actors=people, supply_links=[link("1", "a", "b")])
    send(
        graph, tmp_path, "chain", actors=[*people[:2], {**people[2], "identifiers": lei}],
        supply_links=[link("1", "a", "b"), link("2", "b", "c")],
    )  # fmt: skip
    send(
        graph, tmp_path, "other", actors=[{"id": "x", "name": "X", "identifiers": lei}, *actors("y")],
        supply_links=[link("9", "x", "y")],
    )  # fmt: skip
    return graph


def test_a_withdrawn_version_gives_way_to_the_one_before_and_comes_back(two: Graph) -> None:
    assert (seen(two), links(two), edges(two)) == ({"chain": 2, "other": 1}, ["1", "2", "9"], 3)
    assert reached(two, "chain/a") == ["chain/b", "chain/c", "other/y"]
    before = two.store.current
    gone = two.withdraw("chain", "sent by mistake")
    assert (gone.version.number, gone.current and gone.current.number, gone.broken) == (2, 1, [])
    assert two.store.current != before
    assert (seen(two), links(two), edges(two)) == ({"chain": 1, "other": 1}, ["1", "9"], 2)
    assert reached(two, "chain/a") == ["chain/b"]
    assert two.trace("chain/a").limits["datasets"][0]["version"] == 1
    sound(two)
    back = two.restore_dataset("chain")
    assert (back.version.number, back.current and back.current.number) == (2, 2)
    assert (seen(two), links(two), edges(two)) == ({"chain": 2, "other": 1}, ["1", "2", "9"], 3)
    assert reached(two, "chain/a") == ["chain/b", "chain/c", "other/y"]
    sound(two)


def test_a_dataset_whose_versions_are_all_withdrawn_is_seen_by_nobody_and_stays_known(two: Graph) -> None:
    two.withdraw("chain", "second")
    last = two.withdraw("chain", "first")
    assert (last.version.number, last.current) == (1, None)
    assert (seen(two), links(two), edges(two)) == ({"other": 1}, ["9"], 1)
    assert "chain" not in {each["id"] for each in two.trace("other/x").limits["datasets"]}
    with pytest.raises(UsageError, match="chain/a"):
        two.trace("chain/a")
    sound(two)
    said = two.view().described("chain")
    assert [(each["number"], each["current"]) for each in said] == [(1, False), (2, False)]
    assert [[w["reason"] for w in each["withdrawals"]] for each in said] == [["first"], ["second"]]
    with pytest.raises(UsageError, match="withdrawn already: first"):
        two.withdraw("chain", "again")
    assert two.restore_dataset("chain").version.number == 1  # the last one first
    assert seen(two) == {"chain": 1, "other": 1}
    assert two.restore_dataset("chain").version.number == 2
    assert seen(two) == {"chain": 2, "other": 1}
    with pytest.raises(UsageError, match="Nothing of chain is withdrawn"):
        two.restore_dataset("chain")
    sound(two)


def test_the_number_of_a_withdrawn_version_is_given_to_no_other(two: Graph, tmp_path: Path) -> None:
    two.withdraw("chain", "wrong")
    send(two, tmp_path, "chain", actors=actors("a", "b"), supply_links=[link("3", "a", "b")])
    assert (seen(two)["chain"], links(two)) == (3, ["3", "9"])
    back = two.restore_dataset("chain")
    assert (back.version.number, back.current and back.current.number) == (2, 3)
    assert links(two) == ["3", "9"]
    sound(two)


def test_who_asks_as_known_before_a_withdrawal_still_sees_the_version(two: Graph) -> None:
    two.withdraw("chain", "wrong")
    two.restore_dataset("chain")
    two.withdraw("chain", "wrong again")
    moved(two, {
        "chain/1/contribution http://www.w3.org/ns/prov#endedAtTime": "2026-03-01",
        "other/1/contribution http://www.w3.org/ns/prov#endedAtTime": "2026-03-01",
        "chain/2/contribution http://www.w3.org/ns/prov#endedAtTime": "2026-03-02",
        "chain/withdrawal/1 http://www.w3.org/ns/prov#startedAtTime": "2026-03-04",
        "chain/withdrawal/1 http://www.w3.org/ns/prov#endedAtTime": "2026-03-06",
        "chain/withdrawal/2 http://www.w3.org/ns/prov#startedAtTime": "2026-03-08",
    })  # fmt: skip
    days = {1: 1, 2: 2, 3: 2, 4: 1, 5: 1, 6: 2, 7: 2, 8: 1, 9: 1}
    release = two.store.release()
    known = {day: release.within(Scope.as_known(f"2026-03-0{day}")).current["chain"].number for day in days}
    assert known == days
    assert release.current["chain"].number == 1
    for day, number in days.items():
        found = ["chain/b", *(["chain/c", "other/y"] if number == 2 else [])]
        assert reached(two, "chain/a", as_known=f"2026-03-0{day}") == found


@pytest.mark.parametrize("reason", ["", " ", "a\x07b"])
def test_a_withdrawal_needs_a_reason_and_a_dataset_that_is_there(two: Graph, reason: str) -> None:
    before = two.store.current
    with pytest.raises(UsageError, match="reason"):
        two.withdraw("chain", reason)
    with pytest.raises(UnknownDataset, match="Did you mean chain"):
        two.withdraw("chian", "wrong")
    with pytest.raises(UnknownDataset, match="Did you mean chain"):
        two.restore_dataset("chian")
    assert two.store.current == before


def test_withdraw_and_restore_on_the_command_line(two: Graph, call: Command) -> None:
    data = ("--data", str(two.store.path), "--quiet")
    assert call("datasets", "withdraw", "chain", *data).code == 2  # no reason
    gone = call("datasets", "withdraw", "chain", "--reason", "sent by mistake", "--format", "json", *data)
    assert (gone.code, gone.err) == (0, "")
    assert json.loads(gone.out) == {
        "dataset": "chain", "version": 2, "reason": "sent by mistake", "current": 1, "broken_references": [],
    }  # fmt: skip
    shown = call("datasets", "show", "chain", *data[:2])
    assert "sent by mistake" in shown.out
    assert "to now: sent by mistake" in " ".join(shown.out.split())
    back = call("datasets", "restore", "chain", *data[:2])
    assert (back.code, back.out) == (0, "")
    assert "restored: chain version 2 (sent by mistake); version 2 is current" in back.err
    assert call("datasets", "restore", "chain", *data).code == 2
    assert call("datasets", "withdraw", "nope", "--reason", "x", *data).code == 2


# --- Contradictions --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contradicted(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph in which another dataset contradicts a link and a designation of a chain."""
    folder = tmp_path_factory.mktemp("contradicted")
    graph = Graph.open(folder / "data", create=True)
    send(
        graph, folder, "chain", actors=actors("a", "b", "c", country="VN"),
        supply_links=[link("1", "a", "b"), link("2", "b", "c")],
        designations=[{"id": "d", "kind": "entity-listing", "authority": "Customs", "target": "c", "effect": "withhold",
                       "listing_date": "2020-01-01"}],
    )  # fmt: skip
    send(
        graph, folder, "answer", evidence=[{"id": "letter", "type": "filing", "title": "A letter"}],
        contradictions=[
            {"record": "chain/supply-link/2", "reason": "C never sold to B", "by": "C Ltd", "date": "2024-05",
             "evidence": "letter"},
            {"record": f"{graph.store.names.base}chain/designation/d", "reason": "it was lifted", "by": "", "date": ""},
        ],
    )  # fmt: skip
    return graph


def test_a_contradiction_stands_on_the_hop_and_both_records_stay(contradicted: Graph) -> None:
    found = contradicted.trace("chain/a").to_dict()
    assert found["verdict"]["result"] == "exposed"
    [exposure] = found["exposures"]
    first, second = exposure["paths"][0]["hops"]
    assert first["contradictions"] == []
    [said] = second["contradictions"]
    assert said["contradicts"] == {"iri": second["record"], "id": "chain/supply-link/2"}
    assert (said["reason"], said["by"], said["date"]) == ("C never sold to B", "C Ltd", "2024-05")
    assert (said["dataset"], said["version"], said["licence"]) == ("answer", 1, "CC0-1.0")
    assert [each["title"] for each in said["evidence"]] == ["A letter"]
    [listed] = exposure["designation"]["contradictions"]
    assert (listed["reason"], listed["by"]) == ("it was lifted", None)
    told = [each["contradicts"]["id"] for each in found["limits"]["contradictions"]]
    assert told == ["chain/designation/d", "chain/supply-link/2"]


LINE = "chain/supply-link/2: contradicted by C Ltd on 2024-05: C never sold to B"


def test_every_form_of_an_answer_tells_a_contradiction(
    contradicted: Graph, call: Command, tmp_path: Path
) -> None:
    data = ("--data", str(contradicted.store.path), "--quiet")
    table = " ".join(call("trace", "chain/a", *data).out.split())
    assert table.count(LINE) == 2  # in the account of the limits, and on the hop
    assert "chain/designation/d: contradicted by answer: it was lifted" in table
    assert "C never sold to B" in call("trace", "chain/a", "--format", "json", *data).out
    out = tmp_path / "a.csv"
    assert call("trace", "chain/a", "--out", str(out), *data).code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    [against] = [row["contradictions"] for row in rows if row["id"] == "chain/c"]
    assert all(each.startswith("answer/contradiction/") for each in against.split("|"))
    assert len(against.split("|")) == 2
    limits = list(csv.DictReader(io.StringIO(out.with_suffix(".limits.csv").read_text("utf-8-sig"))))
    assert {"limit": "contradictions", "of": "chain/supply-link/2", "value": LINE} in limits
    found = contradicted.trace("chain/a")
    assert LINE in found._repr_html_()
    assert "contradicted by C Ltd: C never sold to B" in found.to_svg()
    assert [each["contradicts"]["id"] for each in contradicted.exposure().limits["contradictions"]] == told(
        found
    )
    edges = found.to_networkx().edges(data="contradictions")
    assert sum(bool(said) for *_, said in edges) == 1


def told(found: Any) -> list[str]:
    return [each["contradicts"]["id"] for each in found.limits["contradictions"]]


def test_a_contradiction_of_what_is_not_walked_is_not_told(contradicted: Graph) -> None:
    assert told(contradicted.trace("chain/a", max_tier=1)) == ["chain/designation/d"]  # which was searched for
    assert told(contradicted.trace("chain/c")) == ["chain/designation/d"]


def test_a_retracted_contradiction_contradicts_nothing(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    send(graph, tmp_path, "chain", actors=actors("a", "b"), supply_links=[link("1", "a", "b")])
    said = [{"record": "chain/supply-link/1", "reason": "no"}]
    send(graph, tmp_path, "answer", contradictions=said)
    assert told(graph.trace("chain/a")) == ["chain/supply-link/1"]
    [(iri, _)] = graph.store.release().records("contradictions")
    send(
        graph, tmp_path, "answer", contradictions=said,
        retractions=[{"record": iri, "reason": "it was true", "date": "2024-06-01"}],
    )  # fmt: skip
    assert told(graph.trace("chain/a")) == []


@pytest.mark.parametrize(
    "record", ["chain/supply-link/7", "nope/supply-link/1", "supply-link/1", "https://example.org/x", "7"]
)
def test_a_contradiction_of_a_record_that_nobody_has_is_refused_with_its_row(
    tmp_path: Path, contradicted: Graph, record: str
) -> None:
    package = write(tmp_path / "p", {"contradictions": rows([{"record": record, "reason": "no"}])}, "other")
    [finding] = [found for found in contradicted.validate(package).findings if found.blocks]
    assert (finding.file, finding.row, finding.column) == ("contradictions.csv", 2, "record")
    assert finding.value == record
    assert "an admitted dataset has such a record" in finding.message


@pytest.mark.parametrize("record", ["chain/a", "chain/c", "own"])
def test_a_contradiction_may_be_of_any_record(tmp_path: Path, contradicted: Graph, record: str) -> None:
    tables = {"contradictions": rows([{"record": record, "reason": "no"}]), "actors": rows(actors("own"))}
    assert contradicted.validate(write(tmp_path / "p", tables, "other")).conforms
