"""The lives of datasets: what differs between versions, what is withdrawn and restored, and what answers make of it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.api.cli import reference
from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.admission import edition
from opentier.graph.contribution.shipped import BESIDE_EXAMPLE, EXAMPLES, shipped
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreBusy, UnknownDataset, UsageError
from opentier.graph.identity import closure
from opentier.graph.index import shelf
from opentier.graph.index.opened import Index
from opentier.graph.model import formats
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import Literal, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.query import sparql
from opentier.graph.report.report import ContributionError
from opentier.graph.store import lock, union
from opentier.graph.store.scope import Scope
from opentier.graph.store.union import News
from opentier.graph.triples.engine import Engine
from opentier.graph.triples.engine import Rows as Answer
from opentier.graph.vocabulary import syntax
from tests import counts
from tests.broken import Rows, write
from tests.conftest import PATIENCE, Command, copied

Table = Sequence[Mapping[str, str]]
#: The datasets of the demo.
DEMO = sorted({shipped(name).dataset for name in (*BESIDE_EXAMPLE, *EXAMPLES)})


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


def live(index: Index) -> list[int]:
    return [number for number in index.rows().tolist() if index.tables.live[index.arcs.dataset[number]]]


@pytest.fixture
def two(tmp_path: Path) -> Graph:
    """Return a graph with two versions of a dataset, the second with one link more, and another one that is joined."""

    def make(data: Path) -> None:
        graph, folder = Graph.open(data, create=True), data.parent
        lei = "lei:5493001KJTIIGC8Y1R12"
        people = actors("a", "b", "c", country="VN")
        send(graph, folder, "chain", actors=people, supply_links=[link("1", "a", "b")])
        send(
            graph, folder, "chain", actors=[*people[:2], {**people[2], "identifiers": lei}],
            supply_links=[link("1", "a", "b"), link("2", "b", "c")],
        )  # fmt: skip
        send(
            graph, folder, "other", actors=[{"id": "x", "name": "X", "identifiers": lei}, *actors("y")],
            supply_links=[link("9", "x", "y")],
        )  # fmt: skip

    return copied(tmp_path, "two", make)


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
    assert found.to_svg().count(LINE) >= 2  # on the hop, and among what the picture cannot say
    assert [each["contradicts"]["id"] for each in contradicted.exposure().limits["contradictions"]] == told(
        found
    )
    links = [
        said["contradictions"]
        for *_, said in found.to_networkx().edges(data=True)
        if "contradictions" in said
    ]
    assert len(links) == 1


def told(found: Any) -> list[str]:
    return [each["contradicts"]["id"] for each in found.limits["contradictions"]]


def test_a_contradiction_of_what_is_not_walked_is_not_told(contradicted: Graph) -> None:
    assert told(contradicted.trace("chain/a", max_tier=1)) == [
        "chain/designation/d"
    ]  # which was searched for
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


# --- Older packages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "known", "order"),
    [
        ("2025-01-02", "2025-01-01", 1), ("2024-12-31T23:00:00Z", "2025-01-01", -1), ("2024", "2025-03", -1),
        ("2025-03-01T10:00:00Z", "2025-03-01T08:00:00Z", 0), ("2025", "2025-03", None), ("2025-03-04", "2025", None),
        ("1.10", "1.9", 1), ("v1.2.0", "1.2", 0), ("1.0.0-rc1", "1.0.0", -1), ("2.0", "2024-01-01", None),
        ("edition 3", "edition 2", None), ("2025.2", "2025.1", 1), ("2025-13-01", "2025-12-01", None),
    ],
)  # fmt: skip
def test_versions_are_compared_by_day_or_by_parts_or_not_at_all(
    new: str, known: str, order: int | None
) -> None:
    assert edition.compared(new, known) == order
    assert edition.compared(known, new) == (None if order is None else -order)


def edited(folder: Path, name: str, **said: str) -> Path:
    """Write a package of one actor with some properties of its descriptor."""
    package = write(folder / name, {"actors": rows([*actors("a"), *actors(name)])}, "one")
    descriptor = package / "datapackage.json"
    descriptor.write_text(json.dumps({**json.loads(descriptor.read_text("utf-8")), **said}), "utf-8")
    return package


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"version": "2025.2"}, {"version": "2025.1"}, "version is '2025.1', and that of version 1 of one"),
        (
            {"created": "2025-05-01T00:00:00Z"},
            {"created": "2025-04-30T23:59:59Z"},
            "created is '2025-04-30T23:59:59Z'",
        ),
        (
            {"version": "2", "created": "2025-05-01T00:00:00Z"},
            {"version": "3", "created": "2024-12-01T00:00:00Z"},
            "2024-12",
        ),
    ],
)
def test_an_older_package_is_refused_with_both_unless_that_is_meant(
    tmp_path: Path, call: Command, first: dict[str, str], second: dict[str, str], said: str
) -> None:
    data = ("--data", str(tmp_path / "data"), "--quiet")
    assert call("contribute", str(edited(tmp_path, "first", **first)), *data).code == 0
    package = str(edited(tmp_path, "second", **second))
    for word in ("validate", "contribute"):
        refused = call(word, package, "--format", "json", *data)
        assert refused.code == 1
        [finding] = [each for each in json.loads(refused.out)["findings"] if each["severity"] == "error"]
        assert said in finding["message"]
        assert "--older" in finding["advice"]
    assert seen(Graph.open(tmp_path / "data")) == {"one": 1}
    assert call("validate", package, "--older", *data).code == 0
    assert call("contribute", package, "--older", *data).code == 0
    assert seen(Graph.open(tmp_path / "data")) == {"one": 2}


@pytest.mark.parametrize(
    ("first", "second", "infos"),
    [
        ({"version": "edition B"}, {"version": "edition A"}, 1),
        ({"version": "1"}, {}, 0),
        ({}, {"version": "1"}, 0),
        ({"version": "1"}, {"version": "1"}, 0),
        ({"version": "1.0"}, {"version": "1.1"}, 0),
    ],
)
def test_what_cannot_be_compared_is_admitted_with_an_info(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], infos: int
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(edited(tmp_path, "first", **first))
    report = graph.contribute(edited(tmp_path, "second", **second)).report
    told = [found.message for found in report.findings if found.severity == "info"]
    assert len(told) == infos
    assert all("'edition A'" in each and "'edition B'" in each for each in told)


# --- References that break -------------------------------------------------------------------------------------------


@pytest.fixture
def relying(tmp_path: Path) -> Graph:
    """Return a graph in which two datasets name actors and a piece of evidence of a third."""

    def make(data: Path) -> None:
        graph, folder = Graph.open(data, create=True), data.parent
        send(
            graph, folder, "mine", actors=actors("a", "b", "c", country="VN"), supply_links=[link("1", "a", "b")],
            evidence=[{"id": "e", "type": "invoice"}],
        )  # fmt: skip
        links = [link(str(n), "x", f"mine/{local}", evidence=f"{graph.store.names.base}mine/evidence/e")
                 for n, local in enumerate("abbbb")]  # fmt: skip
        send(graph, folder, "yours", actors=actors("x", country="VN"), supply_links=links)
        send(
            graph, folder, "theirs", actors=actors("z"),
            operation_links=[{"operator": "z", "facility": "mine/c"}],
        )  # fmt: skip

    return copied(tmp_path, "relying", make)


def test_a_version_that_drops_what_others_name_lists_the_broken_references(
    relying: Graph, tmp_path: Path
) -> None:
    package = write(tmp_path / "p", {"actors": rows(actors("a", "new"))}, "mine")
    found = relying.contribute(package)
    warnings = [each.message for each in found.report.findings if each.severity == "warning"]
    assert warnings == [
        "1 reference of theirs (operation_links, facility) leads to what mine no longer holds: "
        + warnings[0].partition("holds: ")[2],
        "5 references of yours (supply_links, evidence) lead to what mine no longer holds: "
        "yours/supply-link/0 names mine/evidence/e, yours/supply-link/1 names mine/evidence/e, "
        "yours/supply-link/2 names mine/evidence/e, ....",
        "4 references of yours (supply_links, supplier) lead to what mine no longer holds: "
        "yours/supply-link/1 names mine/b, yours/supply-link/2 names mine/b, yours/supply-link/3 names mine/b, ....",
    ]
    kept = json.loads((relying.store.folder("mine", 2) / "report.json").read_text("utf-8"))
    assert [each["message"] for each in kept["findings"]] == sorted(warnings)
    assert seen(relying) == {"mine": 2, "theirs": 1, "yours": 1}
    limits = relying.trace("yours/x").limits
    assert limits["broken_references"] == 1
    assert reached(relying, "yours/x") == ["mine/a", "mine/b"]
    sound(relying)


def test_a_withdrawal_lists_the_broken_references(relying: Graph, call: Command) -> None:
    run = call(
        "datasets", "withdraw", "mine", "--reason", "wrong", "--data", str(relying.store.path), "--quiet"
    )
    assert run.code == 0
    assert (
        "warning: 5 references of yours (supply_links, supplier) lead to what mine no longer holds" in run.err
    )
    assert relying.trace("yours/x").limits["broken_references"] == 2
    [back] = [relying.restore_dataset("mine")]
    assert back.broken == []
    assert relying.trace("yours/x").limits["broken_references"] == 0


@pytest.mark.parametrize("how", ["withdrawn", "dropped"])
def test_who_named_what_is_gone_can_contribute_again_with_a_warning(
    relying: Graph, tmp_path: Path, how: str
) -> None:
    if how == "withdrawn":
        relying.withdraw("mine", "wrong")
    else:
        send(relying, tmp_path, "mine", actors=actors("a", "new"), evidence=[{"id": "e", "type": "invoice"}])
    tables = {
        "actors": rows(actors("z", "zz")), "operation_links": rows([{"operator": "z", "facility": "mine/c"}]),
    }  # fmt: skip
    found = relying.contribute(write(tmp_path / "again", tables, "theirs"))
    assert found.version.number == 2
    assert [each.message for each in found.report.findings if each.severity == "warning"] == [
        "mine no longer holds 1 record that this package names: mine/c."
    ]
    refused = relying.validate(write(tmp_path / "other", tables, "newcomer"))
    assert not refused.conforms  # who never named it cannot begin to
    assert relying.trace("theirs/z").limits["broken_references"] == 1


# --- Contributors at once --------------------------------------------------------------------------------------------


def test_two_processes_that_contribute_different_datasets_at_once_both_end_admitted(tmp_path: Path) -> None:
    data, ready = tmp_path / "data", Graph.open(tmp_path / "data", create=True)
    send(ready, tmp_path, "base", actors=actors("a"))
    packages = [
        write(tmp_path / name, {
            "actors": rows([{"id": f"{name}{n}", "name": f"{name} {n}"} for n in range(200)]),
            "supply_links": rows([link(str(n), f"{name}{n}", "base/a") for n in range(200)]),
        }, name.partition("-")[0])
        for name in ("one", "two", "same-1", "same-2")
    ]  # fmt: skip
    running = [started("contribute", str(package), "--data", str(data)) for package in packages]
    ends = [ended(process) for process in running]
    assert [code for code, _, _ in ends] == [0, 0, 0, 0]
    assert seen(ready) == {"base": 1, "one": 1, "two": 1, "same": 2}
    assert len(links(ready)) == 600
    sound(ready)
    assert not [*(data / "scratch").iterdir(), *(data / "contributions").glob(".new*")]


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "opentier.api.cli.main", *words], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, out, err


def test_who_waits_is_told_for_whom_and_can_stop_without_a_trace(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    send(graph, tmp_path, "base", actors=actors("a"))
    before = listing(graph.store.path)
    package = write(tmp_path / "p", {"actors": rows(actors("b"))}, "one")
    with graph.store.writing(purpose="a backup"):
        process = started("contribute", str(package), "--data", str(graph.store.path), "--quiet")
        assert process.stderr
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    assert f"(process {os.getpid()}, a backup, since 20" in said
    assert "Waiting for up to 600 seconds" in said
    assert (code, err.strip()) == (130, "stopped; nothing was changed that is not complete.")
    assert listing(graph.store.path) == before
    assert graph.contribute(package).version.number == 1


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_who_waits_in_vain_is_told_who_writes_and_changes_nothing(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    with (
        graph.store.writing(purpose="a backup"),
        pytest.raises(StoreBusy, match=rf"process {os.getpid()}, a backup, since .* nothing was changed"),
        Graph.open(tmp_path / "data").store.writing(patience=0.3),
    ):
        pass
    with graph.store.writing(patience=0.0):  # what is over bars nobody
        pass


def test_what_others_published_meanwhile_is_checked_again(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    send(graph, tmp_path, "base", actors=actors("a", "b"))
    tables = {"actors": rows(actors("x")), "supply_links": rows([link("1", "x", "base/b")])}
    package = write(tmp_path / "p", tables, "late")
    gone = write(tmp_path / "gone", {"actors": rows(actors("a"))}, "base")
    done = list[str]()

    def meanwhile(stage: str, now: int, total: int) -> None:
        if stage == "validating" and not done:  # the checks beside the first release are under way
            done.append(stage)
            assert Graph.open(tmp_path / "data").contribute(gone).version.number == 2

    with pytest.raises(ContributionError) as refused:
        graph.contribute(package, None, meanwhile)
    assert done
    [finding] = [each for each in refused.value.report.findings if each.blocks]
    assert (finding.file, finding.row, finding.column) == ("supply_links.csv", 2, "supplier")
    assert seen(graph) == {"base": 2}


# --- As known on a day -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return a graph whose dataset has a version of Monday and one of Wednesday, which was withdrawn on Friday."""
    folder = tmp_path_factory.mktemp("dated")
    graph = Graph.open(folder / "data", create=True)
    law = {"id": "l", "title": "A law", "jurisdiction": "VN", "kinds": "reporting", "in_force": "2020-01-01"}
    send(graph, folder, "chain", actors=actors("a", "b", country="VN"), supply_links=[link("1", "a", "b")])
    send(
        graph, folder, "chain", actors=actors("a", "b", "c", country="VN"), laws=[law],
        supply_links=[link("1", "a", "b"), link("2", "b", "c")],
    )  # fmt: skip
    graph.withdraw("chain", "wrong")
    moved(graph, {
        "chain/1/contribution http://www.w3.org/ns/prov#endedAtTime": "2026-03-02",
        "chain/2/contribution http://www.w3.org/ns/prov#endedAtTime": "2026-03-04",
        "chain/withdrawal/1 http://www.w3.org/ns/prov#startedAtTime": "2026-03-06",
    })  # fmt: skip
    return graph


@pytest.fixture
def served(dated: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(dated)) as client:
        yield client


ASKED = "SELECT ?link { ?link a ot:SupplyLink }"
#: Days with the version that was current at their end, and how many links that has.
DAYS = [
    ("2026-03-01", None, 0),
    ("2026-03-03", 1, 1),
    ("2026-03-04", 2, 2),
    ("2026-03-06", 1, 1),
    (None, 1, 1),
]


@pytest.mark.parametrize(("day", "version", "many"), DAYS)
def test_every_command_answers_as_known_on_a_day(
    dated: Graph, call: Command, day: str | None, version: int | None, many: int
) -> None:
    more = ("--data", str(dated.store.path), *(("--as-known", day) if day else ()))
    listed = json.loads(call("datasets", "list", "--format", "json", *more).out)
    assert [each["number"] for each in listed] == ([version] if version else [])
    found = call("query", "-", "--format", "csv", *more, stdin=ASKED)
    assert (found.code, len(found.out.split()) - 1) == (0, many)
    exposure = call("exposure", "--format", "json", "--quiet", *more)
    assert exposure.code == 0
    assert json.loads(exposure.out)["limits"]["dates"]["as_known"] == day
    assert [each["version"] for each in json.loads(exposure.out)["limits"]["datasets"]] == (
        [version] if version else []
    )
    shown = call("datasets", "show", "chain", "--format", "json", *more)
    obliged = call("obligations", "chain/a", "--format", "json", "--quiet", *more)
    traced = call("trace", "chain/a", "--format", "json", "--quiet", *more)
    if version is None:
        assert [shown.code, obliged.code, traced.code] == [2, 2, 2]
        return
    said = json.loads(shown.out)
    assert [each["number"] for each in said if each["current"]] == [version]
    withdrawn = [each["reason"] for version in said for each in version["withdrawals"]]
    assert withdrawn == (["wrong"] if day in (None, "2026-03-06") else [])
    assert len(json.loads(traced.out)["reached"]) == many
    laws = json.loads(obliged.out)
    assert len(laws["laws"]) + laws["not_considered"] == (1 if version == 2 else 0)


@pytest.mark.parametrize(("day", "version", "many"), DAYS)
def test_every_route_answers_as_known_on_a_day(
    served: TestClient, day: str | None, version: int | None, many: int
) -> None:
    asked = {"as_known": day} if day else {}
    listed = served.get("/datasets", params=asked).json()["datasets"]
    assert [each["number"] for each in listed] == ([version] if version else [])
    for answer in (
        served.get("/sparql", params={"query": ASKED, **asked}),
        served.post("/sparql", data={"query": ASKED, **asked}),
        served.post(
            "/sparql", params=asked, content=ASKED, headers={"Content-Type": "application/sparql-query"}
        ),
    ):
        assert answer.status_code == 200
        assert len(answer.json()["results"]["bindings"]) == many
    exposure = served.get("/exposure", params={"format": "json", **asked}).json()
    assert exposure["limits"]["dates"]["as_known"] == day
    for path in ("/trace?actor=chain/a", "/obligations?actor=chain/a", "/datasets/chain", "/initiatives"):
        answer = served.get(f"{path}{'&' if '?' in path else '?'}{urlencode(asked)}")
        assert answer.status_code == (404 if version is None and path != "/initiatives" else 200), path


def test_what_is_no_day_is_refused(dated: Graph, served: TestClient, call: Command) -> None:
    for words in (
        ("datasets", "list"),
        ("obligations", "chain/a"),
        ("query", "-"),
        ("exposure",),
        ("initiatives",),
    ):
        run = call(*words, "--as-known", "2026-03", "--data", str(dated.store.path), stdin=ASKED)
        assert run.code == 2
        assert "--as-known '2026-03' is not a day; write YYYY-MM-DD." in run.err
    for path in ("/datasets", f"/sparql?query={ASKED}", "/obligations?actor=chain/a", "/exposure"):
        answer = served.get(f"{path}{'&' if '?' in path else '?'}as_known=2026-03")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "as_known"), path


# --- Exports ---------------------------------------------------------------------------------------------------------


def statements(graph: Graph, version: Version) -> set[str]:
    return {str(said) for said in graph.store.release().engine.match(version.iri)}


def again(graph: Graph, folder: Path, dataset: str) -> None:
    """Assert that a dataset exported as a Data Package and contributed again as it is gives the same graph."""
    file, before = folder / f"{dataset}.zip", graph.view().current(dataset)
    graph.view().export(dataset, before.number, "datapackage", file)
    after = graph.contribute(file, Options(older=True)).version
    assert after.number == before.number + 1
    assert statements(graph, after) == statements(graph, before)
    for name in (
        "title",
        "licence",
        "publisher",
        "package_version",
        "created",
        "homepage",
        "description",
        "triples",
    ):
        assert getattr(after, name) == getattr(before, name), name


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the datasets of the demo."""
    graph = Graph.open(tmp_path_factory.mktemp("demo") / "data", create=True)
    for _ in reference.bring(graph, (*BESIDE_EXAMPLE, *EXAMPLES), True):
        pass
    return graph


@pytest.mark.parametrize("name", DEMO)
def test_an_exported_data_package_of_the_demo_gives_the_same_graph(
    demo: Graph, tmp_path: Path, name: str
) -> None:
    again(demo, tmp_path, name)


def test_an_exported_package_of_every_kind_of_cell_gives_the_same_graph(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    send(graph, tmp_path, "base", actors=actors("far"))
    send(
        graph, tmp_path, "odd",
        actors=[
            {"id": "ä/b c", "name": "Ä, \"B\"\nC", "kind": "mine", "country": "HK", "also_known_as": "Z|A",
             "identifiers": "lei:5493001KJTIIGC8Y1R12|tax-number:7"},
            {"id": "007", "name": "=1+1", "kind": "", "country": "Ivory Coast", "region": "Somewhere"},
        ],
        products=[{"id": "p", "name": "Yarn", "hs": "5205"}],
        supply_links=[
            {"buyer": "ä/b c", "supplier": "base/far", "product": "p", "confidence": "0.50", "evidence": "z|a"},
            {"buyer": "007", "supplier": "ä/b c", "product": "some text", "quantity": "10.00", "start_date": "2020-05"},
        ],
        ownership_links=[
            {"owner": "007", "asset": "ä/b c", "share_exact": "50.0", "evidence": "z|a", "start_date": "2001"},
            {"owner": "base/far", "asset": "007", "share_minimum": "25", "interest": "controlling"},
        ],
        designations=[{"id": "d", "kind": "import-order", "authority": "CBP", "register": "WRO list", "country": "TM",
                       "region": "", "product": "52", "exploitation": "forced-labour|child-labour",
                       "includes_subsidiaries": "yes", "law": "19 U.S.C. 1307"}],
        status_changes=[{"designation": "d", "status": "modified", "date": "2020-01"}],
        actor_facts=[{"actor": "007", "metric": "seat", "value": "FR"},
                     {"actor": "007", "metric": "employees", "value": "1200", "year": "2024", "consolidated": "false"}],
        identity_judgements=[{"left": "base/far", "right": "007", "judgement": "unsure", "score": "0.70"}],
        retractions=[{"record": "d", "reason": "wrong", "date": "2024-01-01", "by": "us"}],
        contradictions=[{"record": "base/far", "reason": "no such firm", "evidence": "a|z"}],
        evidence=[{"id": "z", "type": "invoice", "retrieved": "2024-01-02"},
                  {"id": "a", "type": "filing", "derived_from": "z"}],
        risk_assessments=[{"id": "r", "subject": "CN-XJ", "likelihood": "high"}],
        observations=[{"indicator": "debt-bondage", "area": "worldwide", "period": "2020", "value": "100"}],
    )  # fmt: skip
    again(graph, tmp_path, "odd")


IDS = st.text("abz09-_.ä /", min_size=1, max_size=6).filter(
    lambda text: text == text.strip() and "//" not in text
)
NUMBERS = st.decimals(0, 100, places=2).map(str) | st.integers(0, 100).map(str)


@counts.runs(15)
@given(st.data())
def test_an_exported_generated_package_gives_the_same_graph(data: st.DataObject) -> None:
    ids = data.draw(st.lists(IDS, min_size=2, max_size=4, unique=True))
    any_of, dates = st.sampled_from(ids), st.sampled_from(["", "2020", "2020-02", "2020-02-29"])
    evidence = st.lists(any_of, max_size=3, unique=True).map("|".join)
    common = {
        "start_date": dates,
        "confidence": st.sampled_from(["", "0.5", "0.50", "1"]),
        "evidence": evidence,
    }
    ownership = st.fixed_dictionaries({"owner": any_of, "asset": any_of, "share_exact": NUMBERS, **common})
    supply = st.fixed_dictionaries(
        {
            "buyer": any_of,
            "supplier": any_of,
            "quantity": NUMBERS,
            "product": st.sampled_from(["", "6109", "x y"]),
            **common,
        }
    )
    tables: dict[str, Table] = {
        "actors": [{"id": id, "name": id} for id in ids],
        "evidence": [{"id": id, "type": "invoice"} for id in ids],
        "ownership_links": data.draw(st.lists(ownership, max_size=3)),
        "supply_links": data.draw(st.lists(supply, max_size=3)),
    }
    with tempfile.TemporaryDirectory() as scratch:
        graph = Graph.open(Path(scratch) / "data", create=True)
        send(graph, Path(scratch), "made", **{name: table for name, table in tables.items() if table})
        again(graph, Path(scratch), "made")


@pytest.mark.parametrize("format", ["trig", "nquads", "turtle", "ntriples"])
def test_an_export_as_rdf_says_all_of_the_version_and_nothing_else(
    graph: Graph, call: Command, tmp_path: Path, format: str
) -> None:
    names, file = formats.FORMATS[format].suffixes, tmp_path / f"out.{formats.suffix(format)}"
    run = call(
        "datasets", "export", "chain", "--version", "1", "--out", str(file), "--data", str(graph.store.path)
    )
    assert (run.code, run.out, names[0]) == (0, "", file.suffix[1:])
    version = graph.view().version("chain", 1)
    found = syntax.read(file.read_bytes(), format)
    assert {str(said) for said in found} == {
        str(said) for said in graph.view().release.engine.match(version.iri)
    }
    assert (version.iri in file.read_text("utf-8")) == (format in ("trig", "nquads"))


def test_an_export_is_the_same_bytes_and_needs_no_name(graph: Graph, call: Command, tmp_path: Path) -> None:
    data = ("--data", str(graph.store.path))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        assert call("datasets", "export", "chain", *data, cwd=tmp_path / name).code == 0
    assert (tmp_path / "one" / "chain-2.zip").read_bytes() == (tmp_path / "two" / "chain-2.zip").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("chain", "--format", "dwg"),
            "--format is one of datapackage, trig, nquads, turtle, ntriples, jsonld, ftm,",
        ),
        (("chian",), "Did you mean chain?"),
        (("chain", "--version", "9"), "chain has no version 9. There are: 1, 2."),
    ],
)
def test_what_cannot_be_exported_is_refused(
    graph: Graph, call: Command, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    run = call("datasets", "export", *words, "--data", str(graph.store.path), cwd=tmp_path)
    assert (run.code, said in run.err) == (2, True), run.err
    assert list(tmp_path.iterdir()) == []


def test_what_no_table_says_is_not_exported_as_one(
    tmp_path: Path, call: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    file = tmp_path / "own.ttl"
    file.write_text(
        "@prefix ot: <https://w3id.org/opentier/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<a> a ot:Organisation ; rdfs:label "A" . <b> a ot:Organisation ; rdfs:label "B" .\n'
        "<co-location/mine> a ot:CoLocation ; ot:actor <a> ; ot:other <b> .\n", "utf-8",
    )  # fmt: skip
    graph.contribute(file, Options(dataset="own", licence="CC0-1.0"))
    less = {name: table for name, table in TABLES.items() if name != "co_locations"}
    monkeypatch.setattr("opentier.graph.export.rows.TABLES", less)
    run = call("datasets", "export", "own", "--data", str(graph.store.path), cwd=tmp_path)
    assert run.code == 2
    assert "own version 1 cannot be said in tables: it states " in run.err
    assert "ns#other, which no table has (1 times). Give --format trig or nquads" in run.err
    assert not (tmp_path / "own-1.zip").exists()
    assert (
        call(
            "datasets", "export", "own", "--format", "nquads", "--data", str(graph.store.path), cwd=tmp_path
        ).code
        == 0
    )


# --- The page --------------------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parents[1] / "docs" / "datasets.md").read_text("utf-8")


def test_the_page_on_datasets_names_every_command_and_only_those(call: Command) -> None:
    said = set(re.findall(r"`opentier datasets (\w+)", PAGE))
    helped = call("datasets", "--help").out
    for name in said:
        assert re.search(rf"\b{name}\b", helped), name
        assert call("datasets", name, "--help").code == 0
    assert said == {"list", "show", "diff", "withdraw", "restore", "export", "visibility"}


def test_the_page_on_datasets_says_how_long_is_waited() -> None:
    assert f"After {lock.PATIENCE:g} seconds" in PAGE
