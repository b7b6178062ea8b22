"""Every actor at once: the figures of the batch against the oracle of brute.py, and against one trace for each actor.

Random packages are asked every kind of question; plain ones are answered both ways, in one pass and trace by trace.
Value shares are held against a loop over hops. What is written is read again by other people's readers.
"""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from pyarrow import parquet

from opentier.graph import Graph
from opentier.graph.errors import UsageError
from opentier.graph.exposure import everybody
from opentier.graph.exposure.everybody import Exposures, Marks
from opentier.graph.exposure.exposures import expose
from opentier.graph.index.network import Network
from opentier.graph.index.opened import Index
from opentier.graph.model import sheet
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from tests.counts import runs
from tests.oracles.brute import Hop, Oracle, Walk
from tests.oracles.draw import DAYS, NAMES, Tables, packages, questions
from tests.oracles.tables import Rows, built, networked, parameters, roots

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.conftest import Command, Run

SIDES = ("left", "right")
Figures = dict[str, tuple[int, int]]


def figures(index: Index, nearest: Any, distinct: Any) -> Figures:
    """Return the nearest tier and the number of exposed actors for each actor."""
    return {
        iri: (int(nearest[node]), int(distinct[node]))
        for iri in index.actors
        if (node := index.node(iri)) is not None
    }


def expected(oracle: Oracle, rows: Rows) -> Figures:
    """Return the same as the oracle has it: of all walks of each actor those that end at an exposure."""
    found = {}
    for root in roots(rows.tables):
        ends = [walk for walk in oracle.walks(root) if any(True for _ in oracle.touches(walk))]
        nearest = min((walk.tiers for walk in ends), default=-1)
        found[rows.actor(root)] = nearest, len({walk.actor for walk in ends} - {root})
    return found


# --- Nearest tiers and exposed actors ----------------------------------------------------------------------------


@runs(300)
@given(packages(), questions())
def test_every_actor_has_the_figures_of_its_walks(tables: Tables, asked: Parameters) -> None:
    rows, index = Rows(tables), built(networked(tables))
    found = everybody.exposures(index, parameters(asked, rows))
    assert figures(index, found.nearest_tiers, found.distinct) == expected(Oracle(tables, asked), rows)
    assert found.tiers == (everybody.TIERS if asked.max_tier is None else asked.max_tier)


@runs(120)
@given(packages(), questions(), st.sampled_from(((), ("left",), ("right", "none"), ("none",))))
def test_every_actor_has_the_figures_of_its_trace(
    tables: Tables, asked: Parameters, datasets: tuple[str, ...]
) -> None:
    whole = networked(tables)
    arcs = [replace(arc, dataset=SIDES[number % 2]) for number, arc in enumerate(whole.arcs)]
    index = built(replace(whole, arcs=arcs))
    said = replace(parameters(asked, Rows(tables)), datasets=datasets)
    found = everybody.exposures(index, said)
    answers = {}
    for iri in index.actors:
        exposures = expose(trace(index, iri, said))
        # Where no path repeats no actor, a walk stands for it, and that has the fewest tiers.
        nearest = min((path.tiers for e in exposures for path in e.paths), default=-1)
        answers[iri] = nearest, len({e.actor for e in exposures} - {iri})
    assert figures(index, found.nearest_tiers, found.distinct) == answers


def simplified(tables: Tables) -> Tables:
    """Return a package without declared tiers."""
    links = [row | {"declared_tier": ""} for row in tables["supply_links"]]
    return tables | {"supply_links": links}


#: Questions that actors alone decide: supply links of one tier on one day.
PLAIN = st.builds(
    Parameters,
    on=st.sampled_from(DAYS),
    min_confidence=st.sampled_from((None, None, 0.5, 0.9)),
    observed_since=st.sampled_from((None, None, "2021-03-15")),
    kinds=st.just(("supply",)),
    countries=st.sampled_from(((), (), ("CN",), ("MY", "CN"))),
    past=st.booleans(),
)


@runs(250)
@given(packages(), PLAIN)
def test_plain_questions_are_answered_alike_in_one_pass_and_one_by_one(
    tables: Tables, asked: Parameters
) -> None:
    tables = simplified(tables)
    rows, index = Rows(tables), built(networked(tables))
    said = parameters(asked, rows)
    answers = expected(Oracle(tables, asked), rows)
    understood, marked = Asked.of(index, said), Marks(index, said)
    assert understood.plain
    for way in (everybody.together, everybody.one_by_one):
        told: list[tuple[int, int]] = []
        least, many = way(index, understood, marked, lambda stage, done, total: told.append((done, total)))  # noqa: B023
        own = np.flatnonzero(marked.exposed)
        least[own] = 0
        assert figures(index, least, many) == answers, way.__name__
        assert all(0 <= done < total for done, total in told)
    event(f"{len(own)} actors exposed themselves")
    found = everybody.exposures(index, said)
    assert figures(index, found.nearest_tiers, found.distinct) == answers


def test_more_exposed_actors_than_one_pass_has_bits() -> None:
    many = everybody._BITS + 40
    names = ["root", *(f"n{number}" for number in range(many))]
    tables = plain_tables(names, [("root", name) for name in names[1:]], names[1:])
    found = everybody.exposures(built(networked(tables)), Parameters(kinds=("supply",)))
    rows = {row[0]: row[4:6] for row in found.rows()}
    assert rows["random/root"] == (1, many)
    assert rows["random/n0"] == rows[f"random/n{many - 1}"] == (0, 0)


def test_downstream_is_refused() -> None:
    index = built(networked(plain_tables(["a"], [], ["a"])))
    with pytest.raises(UsageError, match="upstream"):
        everybody.exposures(index, Parameters(downstream=True))


# --- Value shares ------------------------------------------------------------------------------------------------


class Loop:
    """Value shares as a loop over hops has them, by the rule in words."""

    def __init__(self, oracle: Oracle, rows: Rows, stated: Mapping[str, float | None]) -> None:
        self.oracle = oracle
        since, until = oracle.window
        self.exposed = {
            actor: any(True for _ in oracle.touches(oracle.start(actor))) for actor in roots(rows.tables)
        }
        self.inputs: dict[str, list[tuple[Hop, float]]] = {}
        for actor in self.exposed:
            hops = [h for h in oracle.onward[actor] if h.kind == "supply"]
            hops = [h for h in hops if max(h.first, since) <= min(h.last, until)]
            shares = [stated[rows.record(h.record[0], rows.tables[h.record[0]][h.record[1]])] for h in hops]
            self.inputs[actor] = list(zip(hops, self.weights(shares), strict=True))

    def weights(self, shares: list[float | None]) -> list[float]:
        """Return shares as parts of one; unknown ones split evenly what the known ones leave of a hundred."""
        left = max(100.0 - sum(share for share in shares if share is not None), 0.0)
        unknown = shares.count(None)
        parts = [left / unknown if share is None else share for share in shares]
        total = sum(parts)
        return [part / total if total > 0 else 0.0 for part in parts]

    def touched(self, hop: Hop) -> bool:
        """Return whether a hop is exposed as the only one of a walk."""
        walk = Walk((hop,), hop.end, 1, "", "", *self.oracle.window, Fraction(1), hop.product)
        return any(True for _ in self.oracle.touches(walk))

    def shares(self, rounds: int) -> dict[str, float]:
        """Return the shares after some rounds."""
        found = dict.fromkeys(self.exposed, 0.0)
        for _ in range(rounds):
            found = {
                actor: sum(weight * (1.0 if self.touched(hop) else found[hop.end]) for hop, weight in inputs)
                for actor, inputs in self.inputs.items()
            }
        return {actor: 1.0 if self.exposed[actor] else share for actor, share in found.items()}


STATED = st.lists(
    st.sampled_from((None, None, None, 0.0, 5.0, 12.5, 40.0, 60.0, 100.0)), min_size=12, max_size=12
)


def valued(network: Network, stated: list[float | None]) -> Network:
    """Return a network whose supply links state shares of the buyer's inputs."""
    given = iter(stated)
    arcs = [replace(arc, share=next(given)) if arc.kind == "supply" else arc for arc in network.arcs]
    return replace(network, arcs=arcs)


@runs(200)
@given(packages(), questions(), STATED)
def test_value_shares_are_those_of_a_loop(
    tables: Tables, asked: Parameters, stated: list[float | None]
) -> None:
    rows, network = Rows(tables), valued(networked(tables), stated)
    index = built(network)
    found = everybody.exposures(index, parameters(asked, rows))
    loop = Loop(Oracle(tables, asked), rows, {arc.record: arc.share for arc in network.arcs})
    answers = loop.shares(found.tiers)
    for row in found.rows():
        assert row[6] == pytest.approx(answers[str(row[0]).partition("/")[2]], abs=1e-8)
        assert 0.0 <= row[6] <= 1.0
    if any(0 < share < 1 for share in answers.values()):
        event("a share between nothing and all")


def plain_tables(names: list[str], links: list[tuple[str, str]], targets: list[str]) -> Tables:
    """Return a package of supply links and listed actors."""
    none = dict.fromkeys(("product", "country", "region", "scope_products", "listing_date"), "")
    none |= dict.fromkeys(("effective_date", "delisting_date", "status"), "")
    tables: Tables = {
        "actors": [
            {"id": name, "name": name.upper(), "country": "DE", "region": "", "identifiers": ""}
            for name in names
        ],
        "supply_links": [
            {"id": f"s{number}", "buyer": buyer, "supplier": supplier, "declared_tier": ""}
            for number, (buyer, supplier) in enumerate(links)
        ],
        "designations": [
            {"id": f"d{number}", "kind": "entity-listing", "authority": "A", "target": name, **none}
            for number, name in enumerate(targets)
        ],
    }
    more = ("operation_links", "ownership_links", "recruitment_links", "co_locations", "product_inputs")
    empty: Tables = {name: [] for name in (*more, "products", "identity_judgements", "retractions")}
    return tables | empty


def test_shares_by_hand() -> None:
    # a: 30 % from x (listed), 50 % from b, the other 20 % split between c and d; b: half from x; c and d: from a.
    links = [
        ("a", "x", 30.0), ("a", "b", 50.0), ("a", "c", None), ("a", "d", None),
        ("b", "x", None), ("b", "c", None), ("c", "a", None), ("d", "a", 7.0),
    ]  # fmt: skip
    tables = plain_tables(["a", "b", "c", "d", "x"], [link[:2] for link in links], ["x"])
    index = built(valued(networked(tables), [share for _, _, share in links]))
    found = {}
    for tiers in (0, 1, 2, 3):
        rows = everybody.exposures(index, Parameters(max_tier=tiers)).rows()
        found[tiers] = {row[0].partition("/")[2]: row[6] for row in rows}
    assert found[0] == {"a": 0, "b": 0, "c": 0, "d": 0, "x": 1}
    assert found[1] == pytest.approx({"a": 0.3, "b": 0.5, "c": 0, "d": 0, "x": 1})
    assert found[2] == pytest.approx({"a": 0.55, "b": 0.5, "c": 0.3, "d": 0.3, "x": 1})
    assert found[3] == pytest.approx({"a": 0.61, "b": 0.65, "c": 0.55, "d": 0.55, "x": 1})


# --- What is written ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written() -> Exposures:
    """Return figures of a few actors: exposed, before an exposed one, and neither; and an actor nobody describes."""
    links = [("a", "b"), ("b", "x"), ("b", "ghost"), ("a", 'q,"1')]
    tables = plain_tables(["a", "b", "x", 'q,"1'], links, ["x", "ghost"])
    return everybody.exposures(built(networked(tables)), Parameters())


ROWS = [
    ("random/a", "A", "DE", "actor", 2, 2, 0.5),
    ("random/b", "B", "DE", "actor", 1, 2, 1.0),
    ('random/q,"1', 'Q,"1', "DE", "actor", None, 0, 0.0),
    ("random/x", "X", "DE", "actor", 0, 0, 1.0),
]


def told(row: tuple[Any, ...]) -> tuple[str, ...]:
    """Return a row as CSV has it."""
    return tuple("" if cell is None else str(cell) for cell in row)


def test_rows_are_the_described_actors(written: Exposures) -> None:
    assert len(written.index) == 5
    assert [row[:-1] for row in written.rows()] == ROWS
    assert [row[-1] for row in written.rows()] == [
        NAMES.actor("random", row[0].partition("/")[2]) for row in ROWS
    ]


def test_csv_is_read_as_it_was_written(written: Exposures, tmp_path: Path) -> None:
    written.write(tmp_path / "out.csv")
    written.write(tmp_path / "out.txt", "csv")
    text = (tmp_path / "out.csv").read_text("utf-8")
    assert (tmp_path / "out.txt").read_text("utf-8") == text
    assert text.startswith(sheet.MARK)
    head, *rows = csv.reader(io.StringIO(text.removeprefix(sheet.MARK)))
    assert tuple(head) == everybody.COLUMNS
    assert [tuple(row) for row in rows] == [told(row) for row in written.rows()]


def test_parquet_is_read_as_it_was_written(written: Exposures, tmp_path: Path) -> None:
    written.write(tmp_path / "out.parquet")
    written.write(tmp_path / "out", "parquet")
    for name in ("out.parquet", "out"):
        table = parquet.read_table(tmp_path / name)
        assert tuple(table.column_names) == everybody.COLUMNS
        assert [tuple(row.values()) for row in table.to_pylist()] == list(written.rows())
        kinds = ["string"] * 4 + ["int32", "int64", "double", "string"]
        assert [str(field.type) for field in table.schema] == kinds


def test_parquet_of_nobody(tmp_path: Path) -> None:
    index = built(networked(plain_tables([], [], [])))
    everybody.exposures(index, Parameters()).write(tmp_path / "out.parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert (table.num_rows, tuple(table.column_names)) == (0, everybody.COLUMNS)


def test_pandas(written: Exposures) -> None:
    frame = written.to_pandas()
    assert tuple(frame.columns) == everybody.COLUMNS
    assert str(frame["nearest_tier"].dtype) == "Int64"
    frame = frame.astype(object).where(frame.notna(), None)
    assert list(frame.itertuples(index=False, name=None)) == list(written.rows())


@pytest.mark.parametrize("name", ["out.xlsx", "out", "parquet"])
def test_another_suffix_is_refused(written: Exposures, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="ends in none of"):
        written.write(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_parquet_without_pyarrow(written: Exposures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'opentier\[parquet\]'"):
        written.write(tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


# --- Command and service -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def lines(graph: Graph) -> list[tuple[Any, ...]]:
    """Return the figures of the shipped datasets, among them actors before an exposed one."""
    rows = list(graph.exposure().rows())
    assert sum(row[4] is not None and row[4] > 0 for row in rows) > 3
    assert any(0 < row[6] < 1 for row in rows)
    return rows


def fine(run: Run) -> str:
    assert run.code == 0, run.err
    return run.out


def texts(text: str) -> list[tuple[str, ...]]:
    assert text.startswith(sheet.MARK)
    head, *rows = csv.reader(io.StringIO(text.removeprefix(sheet.MARK)))
    assert tuple(head) == everybody.COLUMNS
    return [tuple(row) for row in rows]


def test_the_command_writes_csv_to_standard_output(
    call: Command, admitted: Path, lines: list[tuple[Any, ...]]
) -> None:
    out = fine(call("exposure", "--data", str(admitted), "--quiet"))
    assert texts(out) == [told(row) for row in lines]


def test_the_command_writes_files(
    call: Command, admitted: Path, tmp_path: Path, lines: list[tuple[Any, ...]]
) -> None:
    for name in ("x.csv", "x.parquet"):
        assert fine(call("exposure", "--data", str(admitted), "--quiet", "--out", str(tmp_path / name))) == ""
    assert texts((tmp_path / "x.csv").read_text("utf-8")) == [told(row) for row in lines]
    frame = pd.read_parquet(tmp_path / "x.parquet")
    assert len(frame) == len(lines)
    assert frame["id"].tolist() == [row[0] for row in lines]
    assert frame["exposed_share"].tolist() == [row[6] for row in lines]
    tiers = [None if math.isnan(tier) else int(tier) for tier in frame["nearest_tier"].tolist()]
    assert tiers == [row[4] for row in lines]


def test_the_command_takes_the_filters(
    call: Command, admitted: Path, graph: Graph, lines: list[tuple[Any, ...]]
) -> None:
    words = ("--max-tier", "1", "--kinds", "supply", "--from", "2020", "--past")
    out = fine(call("exposure", "--data", str(admitted), "--quiet", *words))
    asked = graph.exposure(max_tier=1, kinds=("supply",), since="2020", past=True)
    assert texts(out) == [told(row) for row in asked.rows()]
    assert texts(out) != [told(row) for row in lines]


@pytest.mark.parametrize(
    "words",
    [("--out", "x.xlsx"), ("--format", "tsv"), ("--format", "parquet"), ("--out", "x")],
)
def test_the_command_refuses_other_formats(
    call: Command, admitted: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    run = call("exposure", "--data", str(admitted), "--quiet", *words)
    assert run.code == 2
    assert run.out == ""
    assert "error" in run.err
    assert not list(tmp_path.glob("x*"))


def answered(client: TestClient, **asked: str) -> Iterator[tuple[str, ...]]:
    answer = client.get("/exposure", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    yield from texts(answer.text)


def test_the_service_answers_with_csv(client: TestClient, graph: Graph, lines: list[tuple[Any, ...]]) -> None:
    assert list(answered(client)) == [told(row) for row in lines]
    release = client.get("/exposure").headers["opentier-release"]
    assert release == graph.view().release.id
    found = list(answered(client, max_tier="1", kinds="supply"))
    assert found == [told(row) for row in graph.exposure(max_tier=1, kinds=("supply",)).rows()]


def test_the_service_refuses_what_makes_no_sense(client: TestClient) -> None:
    answer = client.get("/exposure", params={"max_tier": "-1"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
