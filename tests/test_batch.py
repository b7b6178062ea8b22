"""Every actor at once: the figures of the batch against the oracle of shares.py, and against one trace for each actor.

Random packages are asked every kind of question; steady ones are answered both ways, in one pass and trace by trace.
The cases of the shared conformance packages go the real way. What is written is read again by other people's readers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from pyarrow import parquet

from opentier.graph import Graph
from opentier.graph.batch import counts, everybody
from opentier.graph.batch.everybody import Exposures
from opentier.graph.batch.marks import Marks
from opentier.graph.errors import UsageError
from opentier.graph.exposure.exposures import expose
from opentier.graph.index.opened import Index
from opentier.graph.model import sheet
from opentier.graph.trace.asked import Asked
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.vicinity import Vicinity
from opentier.graph.trace.walks import trace
from tests.counts import runs
from tests.oracles.brute import Oracle
from tests.oracles.cells import KINDS
from tests.oracles.draw import DAYS, NAMES, Tables, packages, questions
from tests.oracles.shares import Batch
from tests.oracles.tables import Rows, built, networked, parameters, roots
from tests.test_conformance_trace import SECOND

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


def expected(batch: Batch, rows: Rows) -> Figures:
    """Return the same as the oracle has it."""
    found = {}
    for root in roots(rows.tables):
        said = batch.figures(root)
        found[rows.actor(root)] = -1 if said.nearest is None else said.nearest, said.distinct
    return found


# --- Nearest tiers and exposed actors ----------------------------------------------------------------------------


@runs(300)
@given(packages(), questions())
def test_every_actor_has_the_figures_of_its_walks(tables: Tables, asked: Parameters) -> None:
    rows, index = Rows(tables), built(networked(tables))
    found = everybody.exposures(index, parameters(asked, rows))
    batch = Batch(Oracle(tables, asked), found.tiers)
    assert figures(index, found.nearest_tiers, found.distinct) == expected(batch, rows)
    assert found.tiers == (everybody.TIERS if asked.max_tier is None else asked.max_tier)
    for row in found.rows():
        local = str(row[0]).partition("/")[2]
        said = batch.figures(local)
        assert row[6:9] == pytest.approx([float(s) for s in (said.share, said.lower, said.upper)], abs=1e-8)
        assert row[9] == said.basis
        assert 0 <= row[7] <= row[6] + 1e-8 <= row[8] + 2e-8 <= row[10] + 3e-8 <= 1 + 3e-8
        possible = 1.0 if said.nearest == 0 else float(batch.possible[local])
        # Of what lies around a supplier the engine is not sure who follows whom.
        assert row[10] >= possible - 1e-8
        assert row[10] <= possible + 1e-8 or "".join(asked.kinds) != "supply"
        if 0 < said.share < 1:
            event(f"a share between nothing and all, by {said.basis}")
        if said.lower < said.share < said.upper:
            event("bounds on both sides")


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


#: Questions whose walks the last hop decides alone: links of one tier on one day.
STEADY = st.builds(
    Parameters,
    on=st.sampled_from(DAYS),
    min_confidence=st.sampled_from((None, None, 0.5, 0.9)),
    observed_since=st.sampled_from((None, None, "2021-03-15")),
    kinds=st.sampled_from([kinds for kinds in KINDS if "supply" in kinds]),
    min_share=st.sampled_from((50.0, 0.0)),
    countries=st.sampled_from(((), (), ("CN",), ("MY", "CN"))),
    exploitation=st.sampled_from(((), (), ("forced-labour", "not-stated"))),
    past=st.booleans(),
    pending=st.booleans(),
)


@runs(250)
@given(packages(), STEADY)
def test_steady_questions_are_answered_alike_in_one_pass_and_one_by_one(
    tables: Tables, asked: Parameters
) -> None:
    tables = simplified(tables)
    rows, index = Rows(tables), built(networked(tables))
    said = parameters(asked, rows)
    answers = expected(Batch(Oracle(tables, asked), 0), rows)
    understood, marked = Asked.of(index, said), Marks(index, said)
    assert counts.steady(index, understood)
    told: list[tuple[int, int]] = []

    def shown(stage: str, done: int, total: int) -> None:
        told.append((done, total))

    vicinity = Vicinity(index, understood)
    for found in (
        counts.together(index, understood, marked, vicinity, shown),
        counts.one_by_one(index, understood, marked, shown),
    ):
        assert found is not None
        assert figures(index, *found) == answers
    assert all(0 <= done < total for done, total in told)
    event(
        f"{int(marked.exposed.sum())} actors exposed themselves, {'some' if len(vicinity) else 'no'} vicinity"
    )
    everyone = everybody.exposures(index, said)
    assert figures(index, everyone.nearest_tiers, everyone.distinct) == answers


def test_where_steps_would_be_too_many_actors_are_traced_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = plain_tables(["a", "b", "f", "x"], [("a", "b"), ("f", "x")], ["x"])
    tables["operation_links"] = [
        {"id": f"o{n}", "operator": "b", "facility": end, "start_date": "", "end_date": "", "confidence": ""}
        for n, end in enumerate(("f", "x"))
    ]
    index = built(networked(tables))
    known = {row[0]: row[4:6] for row in everybody.exposures(index, Parameters()).rows()}
    assert known["random/a"] == (1, 1)
    assert known["random/b"] == (0, 1)
    monkeypatch.setattr(counts, "_STEPS", 0)
    for most in (0, 3):
        monkeypatch.setattr(counts, "_MORE", most)
        assert counts.together(index, *asking(index)) is None
        assert {row[0]: row[4:6] for row in everybody.exposures(index, Parameters()).rows()} == known


def asking(index: Index) -> tuple[Asked, Marks, Vicinity]:
    """Return what is asked where nothing else is said."""
    asked = Asked.of(index, Parameters())
    return asked, Marks(index, Parameters()), Vicinity(index, asked)


def test_more_exposed_actors_than_one_pass_has_bits() -> None:
    many = counts._BITS + 40
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


# --- Shares of inputs --------------------------------------------------------------------------------------------


def plain_tables(names: list[str], links: list[tuple[str, str]], targets: list[str]) -> Tables:
    """Return a package of supply links and listed actors."""
    none = dict.fromkeys(
        ("product", "country", "region", "scope_products", "listing_date", "exploitation"), ""
    )
    none |= dict.fromkeys(("effective_date", "delisting_date", "observed_date", "status"), "")
    none["includes_subsidiaries"] = ""
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
    kinds = ("operation_links", "ownership_links", "recruitment_links", "co_locations", "product_inputs")
    more = ("status_changes", "organisation_changes", "products", "identity_judgements", "retractions")
    empty: Tables = {name: [] for name in (*kinds, *more)}
    return tables | empty


def test_shares_by_hand() -> None:
    # a: 30 % from x (listed), 50 % from b, the other 20 % split between c and d; b: half from x; c and d: from a.
    links = [
        ("a", "x", "30"), ("a", "b", "50"), ("a", "c", ""), ("a", "d", ""),
        ("b", "x", ""), ("b", "c", ""), ("c", "a", ""), ("d", "a", "7"),
    ]  # fmt: skip
    tables = plain_tables(["a", "b", "c", "d", "x"], [link[:2] for link in links], ["x"])
    for row, (_, _, share) in zip(tables["supply_links"], links, strict=True):
        row["share"] = share
    index = built(networked(tables))
    found, bounds = {}, {}
    for tiers in (0, 1, 2):
        rows = list(everybody.exposures(index, Parameters(max_tier=tiers)).rows())
        found[tiers] = {row[0].partition("/")[2]: row[6] for row in rows}
        bounds[tiers] = {row[0].partition("/")[2]: row[7:9] for row in rows}
        if tiers:
            assert [row[9] for row in rows] == ["share", "evenly", "evenly", "share", None]
    assert found[0] == {"a": 0, "b": 0, "c": 0, "d": 0, "x": 1}
    assert found[1] == pytest.approx({"a": 0.3, "b": 0.5, "c": 0, "d": 0, "x": 1})
    assert found[2] == pytest.approx({"a": 0.55, "b": 0.5, "c": 0.3, "d": 0.021, "x": 1})
    assert bounds[1] == {"a": (0.3, 0.5), "b": (0, 1), "c": (0, 0), "d": (0, 0.93), "x": (1, 1)}
    assert bounds[2] == {"a": (0.3, 1), "b": (0, 1), "c": (0.3, 0.5), "d": (0.021, 0.965), "x": (1, 1)}


MIXED = [
    # What links state (share, value, currency, quantity, unit): of the first, which is exposed, and of the others.
    ([("40", "", "", "", ""), ("", "9", "USD", "", "")], "share", (0.4, 0.4, 1.0)),
    ([("80", "", "", "", ""), ("120", "", "", "", "")], "share", (0.4, 0.4, 0.4)),
    ([("", "9", "USD", "", ""), ("", "1", "USD", "1", "t")], "value", (0.9, 0.9, 0.9)),
    ([("", "9", "USD", "3", "t"), ("", "1", "EUR", "1", "t")], "quantity", (0.75, 0.75, 0.75)),
    ([("", "", "", "", ""), ("", "9", "USD", "", ""), ("", "1", "USD", "", "")], "value", (1 / 3, 0.0, 1.0)),
    ([("", "9", "USD", "", ""), ("", "", "", "", ""), ("", "1", "USD", "", "")], "value", (0.6, 0.0, 0.9)),
    ([("", "0", "USD", "", ""), ("", "", "", "", "")], "evenly", (0.5, 0.0, 1.0)),
    ([("", "9", "USD", "3", "t"), ("", "1", "EUR", "1", "kg")], "evenly", (0.5, 0.0, 1.0)),
]


@pytest.mark.parametrize(("stated", "basis", "shares"), MIXED)
def test_inputs_are_weighed_by_what_is_stated_alike(
    stated: list[tuple[str, ...]], basis: str, shares: tuple[float, float, float]
) -> None:
    names = [f"n{number}" for number in range(len(stated))]
    tables = plain_tables(["a", *names], [("a", name) for name in names], ["n0"])
    columns = ("share", "value", "currency", "quantity", "unit")
    for row, said in zip(tables["supply_links"], stated, strict=True):
        row |= dict(zip(columns, said, strict=True))
    found = {row[0]: row for row in everybody.exposures(built(networked(tables)), Parameters()).rows()}
    assert found["random/a"][6:9] == pytest.approx(shares)
    assert found["random/a"][9] == basis
    assert found["random/n1"][6:10] == (0, 0, 0, None)


# --- The cases ---------------------------------------------------------------------------------------------------

#: How many packages say what the batch has to be, and of how many actors.
CASES, ACTORS_IN_ALL = 4, 8
BATCHES = sorted(SECOND.glob("*/batch.json"))
KEYS = ("nearest", "distinct", "share", "lower", "upper", "basis")


@pytest.mark.skipif(not BATCHES, reason=f"no conformance cases at {SECOND}")
def test_no_case_is_missing() -> None:
    said = [json.loads(file.read_text("utf-8"))["actors"] for file in BATCHES]
    assert (len(said), sum(map(len, said))) == (CASES, ACTORS_IN_ALL)


@pytest.mark.parametrize("file", BATCHES, ids=lambda file: file.parent.name)
def test_figures_are_those_of_the_cases(file: Path, tmp_path: Path) -> None:
    graph = Graph.open(tmp_path, create=True)
    graph.contribute(file.parent)
    found = {
        row[0].partition("/")[2]: dict(zip(KEYS, row[4:10], strict=True)) for row in graph.exposure().rows()
    }
    for actor, said in json.loads(file.read_text("utf-8"))["actors"].items():
        told = {name: found[actor][name] for name in said}
        assert told == {n: pytest.approx(v) if isinstance(v, float) else v for n, v in said.items()}, actor


# --- What is written ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written() -> Exposures:
    """Return figures of a few actors: exposed, before an exposed one, and neither; and an actor nobody describes."""
    links = [("a", "b"), ("b", "x"), ("b", "ghost"), ("a", 'q,"1')]
    tables = plain_tables(["a", "b", "x", 'q,"1'], links, ["x", "ghost"])
    return everybody.exposures(built(networked(tables)), Parameters())


ROWS = [
    ("random/a", "A", "DE", "actor", 2, 2, 0.5, 0.0, 1.0, "evenly", 1.0, None),
    ("random/b", "B", "DE", "actor", 1, 2, 1.0, 1.0, 1.0, "evenly", 1.0, None),
    ('random/q,"1', 'Q,"1', "DE", "actor", None, 0, 0.0, 0.0, 0.0, None, 1.0, "no-upstream-links"),
    ("random/x", "X", "DE", "actor", 0, 0, 1.0, 1.0, 1.0, None, 1.0, "no-upstream-links"),
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
        kinds = ["string"] * 4 + ["int32", "int64"] + ["double"] * 3
        kinds += ["string", "double", "string", "string"]
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
    with pytest.raises(UsageError, match=r"pip install pyarrow"):
        written.write(tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


# --- What was searched -------------------------------------------------------------------------------------------


def test_the_verdict_tells_nobody_exposed_from_nothing_to_find() -> None:
    tables = plain_tables(["a", "b", "x"], [("a", "b")], ["x"])
    row = tables["designations"][0]
    verdicts = {}
    for name, said in {
        "some": {"target": "b"}, "none": {"target": "x"}, "over": {"delisting_date": "2020-01-01"},
        "later": {"listing_date": "2024-01-01"},
    }.items():  # fmt: skip
        index = built(networked(tables | {"designations": [row | said]}))
        found = everybody.exposures(index, Parameters(on="2022-01-01"))
        verdicts[name] = found.verdict.result
        assert found.verdict.reasons
        assert found.told()[0] == found.verdict.reasons[0]
        assert found.limits["designations"][0]["in_force"] == (name in ("some", "none"))
    assert verdicts == {"some": "exposed", "none": "exposed", "over": "not-testable", "later": "not-testable"}
    nobody = built(networked(tables | {"designations": []}))
    assert everybody.exposures(nobody, Parameters()).verdict.result == "not-testable"
    bare = built(networked(plain_tables(["a", "x"], [], ["x"])))
    assert everybody.exposures(bare, Parameters()).verdict.result == "exposed"
    ghost = plain_tables(["a", "b"], [("a", "b")], ["ghost"])
    assert everybody.exposures(built(networked(ghost)), Parameters()).verdict.result == "none-found"
    ghost["supply_links"] = []
    assert everybody.exposures(built(networked(ghost)), Parameters()).verdict.result == "not-testable"


def test_places_alone_and_no_country_are_not_testable() -> None:
    tables = plain_tables(["a", "b"], [("a", "b")], ["x"])
    tables["designations"][0] |= {"target": "", "country": "CN", "kind": "regional-presumption"}
    found = everybody.exposures(built(networked(tables)), Parameters())
    assert found.verdict.result == "none-found"
    tables["actors"] = [row | {"country": ""} for row in tables["actors"]]
    found = everybody.exposures(built(networked(tables)), Parameters())
    assert found.verdict.result == "not-testable"
    assert "country" in found.verdict.reasons[0]


def test_past_designations_count_where_they_are_asked_for_and_that_is_told() -> None:
    tables = plain_tables(["a", "b", "c"], [("a", "b")], ["b", "c"])
    tables["designations"][0]["delisting_date"] = "2020-01-01"
    index = built(networked(tables))
    assert everybody.exposures(index, Parameters()).nearest_tiers.tolist() == [-1, -1, 0]
    found = everybody.exposures(index, Parameters(past=True))
    assert found.nearest_tiers.tolist() == [1, 0, 0]
    assert any("past" in line for line in found.told())
    del tables["designations"][1]
    found = everybody.exposures(built(networked(tables)), Parameters(past=True))
    assert found.nearest_tiers.tolist() == [1, 0, -1]
    assert found.verdict.result == "not-testable"


def test_kinds_not_walked_and_filters_are_told() -> None:
    tables = plain_tables(["a", "b"], [("a", "b")], ["b"])
    tables["operation_links"] = [
        {"id": "o", "operator": "a", "facility": "b", "start_date": "", "end_date": "", "confidence": ""}
    ]
    tables["designations"].append(tables["designations"][0] | {"id": "e", "exploitation": "child-labour"})
    said = Parameters(kinds=("supply",), exploitation=("not-stated",))
    found = everybody.exposures(built(networked(tables)), said)
    assert found.limits["kinds_not_walked"] == {
        "operation": 1,
        "ownership": 0,
        "recruitment": 0,
        "co-location": 0,
    }
    assert found.limits["filters"] == {"exploitation": ["not-stated"]}
    assert found.limits["filtered_designations"] == 1
    assert found.limits["truncated"] is False
    told = " ".join(found.told())
    assert "operation (1)" in told
    assert "not-stated" in told
    written = json.loads(found.to_json())
    assert list(written) == ["verdict", "parameters", "tiers", "actors", "limits"]
    assert written["limits"] == found.limits
    assert written["verdict"] == {"result": "exposed", "reasons": list(found.verdict.reasons)}
    assert written["parameters"]["kinds"] == ["supply"]


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
    names = ["x.csv", "x.limits.csv", "x.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
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


def test_the_command_tells_what_was_searched_beside_the_figures(
    call: Command, admitted: Path, graph: Graph
) -> None:
    run = call("exposure", "--data", str(admitted))
    told = graph.exposure().told()
    assert len(told) > 2
    assert all(line in run.err for line in told)
    assert not any(line in run.out for line in told)
    run = call("exposure", "--data", str(admitted), "--format", "json", "--quiet")
    assert json.loads(run.out) == json.loads(graph.exposure().to_json())
    nothing = ("--exploitation", "trafficking", "--quiet")
    untested = graph.exposure(exploitation=("trafficking",)).verdict.reasons
    assert call("exposure", "--data", str(admitted), *nothing).err.splitlines() == list(untested)


def test_the_service_tells_what_was_searched_beside_the_figures(client: TestClient, graph: Graph) -> None:
    answer = client.get("/exposure", params={"max_tier": "2"})
    assert answer.headers["opentier-verdict"] == "exposed"
    described = answer.links["describedby"]["url"]
    assert client.get(described).json() == json.loads(graph.exposure(max_tier=2).to_json())
    answer = client.get("/exposure", params={"exploitation": "trafficking"})
    assert answer.headers["opentier-verdict"] == "not-testable"


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
