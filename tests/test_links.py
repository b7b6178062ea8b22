"""Links read all at once: the same index as arc by arc, from the text that was loaded as from the store, and in bounds.

What records say is drawn as statements, also what no contribution lets in; both ways have to agree on all of it.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.engine.arrays import Array
from opentier.graph.errors import StoreError, UnreadableRecord
from opentier.graph.index import shelf, statements
from opentier.graph.index.build import build
from opentier.graph.index.links import columns
from opentier.graph.index.numbering import Rows, Taken
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.names import Names, concept, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.network import links as network
from opentier.graph.network.links import Links
from opentier.graph.network.survey import survey
from opentier.graph.store.directory import Store
from opentier.graph.store.release import Release
from opentier.graph.triples import embedded
from tests.counts import runs
from tests.oracles.draw import Tables, packages
from tests.oracles.tables import MEMORY, written
from tests.test_atomicity import package

NAMES = Names()
ALL = 10**9


def kept(folder: Path) -> dict[str, bytes]:
    """Return all that an index rests on, by file."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")
    }


def indexed(release: Release, few: int) -> Any:
    """Return the files of the index of a release, or what is said of a record that cannot be read."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as scratch, pytest.MonkeyPatch.context() as patched:
        patched.setattr(network, "FEW", few)
        try:
            build(survey(release), Path(scratch, "index"))
        except UnreadableRecord as error:
            return str(error)
        return kept(Path(scratch, "index"))


# Statements.


def said(text: str) -> IRI | Literal:
    """Return an IRI below the base or of the vocabulary, or a literal."""
    return IRI(text) if text.startswith("http") else Literal(text)


def record(local: str, table: str, dataset: str = "one", **values: str | list[str]) -> list[Triple]:
    """Return the statements of a record; actors are named by their local ids."""
    subject, terms = IRI(f"{NAMES.base}{dataset}/{local}"), {column.name: column for column in TABLES[table]}
    found = [Triple(subject, IRI(expand("rdf:type")), IRI(expand(TABLES[table].rdf_class)))]
    for name, each in values.items():
        for value in [each] if isinstance(each, str) else each:
            column = terms[name]
            if column.kind == "actor":
                value = NAMES.actor("one", value)
            elif column.kind in ("product", "record"):
                value = NAMES.base + value
            elif column.kind == "code":
                value = concept(column.scheme, value)
            found.append(Triple(subject, IRI(expand(column.term)), said(value)))
    return found


def graphs(folder: Path, *statements: list[Triple]) -> Release:
    """Return a release of datasets of which each makes some statements, and has them at hand as N-Triples."""
    engine, loaded, versions = embedded.in_memory(), dict[str, Path](), list[Version]()
    for number, made in enumerate(statements, 1):
        iri, file = NAMES.version(f"d{number}", 1), folder / f"{number}.nt"
        file.write_text("".join(f"{said} .\n" for said in dict.fromkeys(made)), "utf-8")
        engine.load(iri, file)
        loaded[iri] = file
        known: dict[str, Any] = {field.name: "" if field.type == "str" else 0 for field in fields(Version)}
        versions.append(
            Version(**known | {"dataset": f"d{number}", "number": 1, "iri": iri, "triples": len(made)})
        )
    release = Release(folder / "00000001", NAMES, engine)
    release.versions, release.loaded = versions, loaded
    return release


def in_memory(*statements: list[Triple]) -> tuple[Any, Any]:
    """Return what becomes of the index of statements: arc by arc, and all at once, from text and from store alike."""
    with tempfile.TemporaryDirectory() as scratch:
        release = graphs(Path(scratch), *statements)
        text = indexed(release, few=0)
        release.loaded = {}
        assert indexed(release, few=0) == text
        return indexed(release, few=ALL), text


DATES = ("2020", "2020-05", "2020-05-17", "1999-12-31", "", "2020-13", "17.5.2020", "0000")
CONFIDENCES = ("0.5", "0.50", "1", "1.0", "0", "0.0", "", "1.5", "-0.1", "high", "1e-3")
NUMBERS = ("3", "2.5", "", "NaN", "a lot", "1e400")
ACTORS = ("a", "b", "c", "d", "ghost")
SAID: Mapping[str, tuple[str, ...]] = {
    "start_date": DATES, "end_date": DATES, "observed_date": DATES, "confidence": CONFIDENCES,
    "status": ("closed", "retracted", "active"), "share": NUMBERS, "share_exact": NUMBERS, "share_minimum": NUMBERS,
    "declared_tier": ("2", "3", "", "-1", "two", "9999999999"), "product": ("hs/52", "hs/61", "one/product/x"),
    "input_to": ("hs/61", "hs/62"), "interest": ("controlling", "shareholding"), "direct": ("false", "true"),
    "evidence": ("one/evidence/e1", "one/evidence/e2", "one/evidence/e3"), "unit": ("kg", "t", ""),
    "source": ("https://example.org/?a=1&b=2", 'a "quoted" \\ text\nof two lines', "Ünïcödé \U0001f9f5", "tab\t\r", ""),
    "value": NUMBERS, "quantity": NUMBERS, "currency": ("EUR", "https://w3id.org/opentier/id/currency/USD"),
}  # fmt: skip
ENDS = {
    name: tuple(column.name for column in TABLES[name] if column.kind == "actor") for name in network.HOPS_OF
}


@st.composite
def records(draw: st.DrawFn) -> list[Triple]:
    """Draw what is said of a record of some table; one in some has more than one value, or lacks an end."""
    table = draw(st.sampled_from(sorted(ENDS)))
    values: dict[str, Any] = {
        name: draw(st.sampled_from(ACTORS)) for name in ENDS[table] if draw(st.integers(0, 19))
    }
    known = {column.name for column in TABLES[table]}
    for name in draw(st.lists(st.sampled_from(sorted(SAID.keys() & known)), max_size=6, unique=True)):
        least = 1 if name != "evidence" else 0
        # What can be read stands first; the rest is seldom drawn.
        some = SAID[name][: draw(st.sampled_from((3, 3, 3, 3, 3, 3, 3, 3, 5, 99)))]
        values[name] = draw(st.lists(st.sampled_from(some), min_size=least, max_size=2, unique=True))
    local = f"link/{draw(st.integers(0, 30))}"
    made = record(local, table, draw(st.sampled_from(("one", "two", "a%2Fb"))), **values)
    if draw(st.integers(0, 9)) == 9:
        made.append(
            Triple(made[0].subject, IRI(expand("prov:wasInvalidatedBy")), IRI(f"{NAMES.base}one/why"))
        )
    return made


SAME = [
    *record("a", "actors", name="A"), *record("b", "actors", name="B"), *record("c", "actors", name="C"),
    *record("j", "identity_judgements", left="b", right="d", judgement="positive"),
]  # fmt: skip


@runs(40)
@given(st.lists(records(), max_size=12), st.lists(records(), max_size=4))
def test_links_read_at_once_give_the_index_that_they_give_arc_by_arc(
    first: list[list[Triple]], second: list[list[Triple]]
) -> None:
    arcs, columns = in_memory(
        [*SAME, *(said for made in first for said in made)], [s for m in second for s in m]
    )
    event("an index" if isinstance(arcs, dict) else "an unreadable record")
    assert columns == arcs
    if isinstance(arcs, dict):
        event(
            f"{min(json.loads(arcs['00000001.json'])['tables']['counts']['arcs'] // 5 * 5, 10)} arcs or more"
        )


@runs(3)
@given(packages())
def test_a_package_gives_one_index_whichever_way_its_links_are_read(tables: Tables) -> None:
    for row in tables["co_locations"]:
        row.clear()  # a contribution states neither dates nor confidence of a co-location
        row.update(actor="a", other="b")
    with tempfile.TemporaryDirectory() as scratch:
        written(tables, Path(scratch, "package"))
        store = Store.open(Path(scratch, "data"), create=True)
        admission.contribute(Path(scratch, "package"), Options(), store, silent)
        arcs, columns = (indexed(store.release(), few) for few in (ALL, 0))
    assert isinstance(arcs, dict)
    assert columns == arcs


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"start_date": "17.5.2020"}, "invalid literal for int() with base 10: '17.5.2020'"),
        ({"end_date": "2020-13"}, "bad month number 13; must be 1-12"),
        ({"confidence": "1.5"}, "a confidence is from 0 to 1, not 1.5"),
        ({"quantity": "a lot"}, "could not convert string to float: 'a lot'"),
        ({"declared_tier": "two"}, "invalid literal for int() with base 10: 'two'"),
        ({"declared_tier": "-1"}, "-1 is no number of tiers"),
        ({"supplier": []}, "'ot:supplier'"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(fault: dict[str, Any], told: str) -> None:
    good = record("link/1", "supply_links", buyer="a", supplier="b")
    bad = record("link/2", "supply_links", **{"buyer": "b", "supplier": "c"} | fault)
    over = record("link/0", "supply_links", **{"buyer": "b", "supplier": "c", "status": "retracted"} | fault)
    arcs, columns = in_memory([*good, *bad, *over])
    assert columns == arcs == f"The record one/link/2 cannot be read: {told}."


def test_a_record_of_two_datasets_is_one_record_with_the_arcs_of_both() -> None:
    one = record("link/1", "supply_links", buyer="a", supplier="b", quantity="1", unit="kg")
    other = record("link/1", "supply_links", buyer="a", supplier="c", quantity="2", unit="t")
    arcs, columns = in_memory(one, other)
    assert columns == arcs
    tables = json.loads(arcs["00000001.json"])["tables"]
    assert (tables["counts"]["arcs"], tables["counts"]["record"]) == (2, 1)
    assert tables["measures"] == [["", ""], ["", "kg"]]


# From a contribution to the index.


def test_what_a_contribution_adds_is_the_same_whichever_way_its_links_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for few in (0, ALL):
        monkeypatch.setattr(network, "FEW", few)
        graph = Graph.open(tmp_path / f"{few}", create=True)
        for name, many in (("one", 30), ("two", 20)):
            assert graph.contribute(package(tmp_path / f"{name} {few}", name, many)).new
        (folder,) = (tmp_path / f"{few}" / "index").glob("0*")
        assert folder.name == "00000001"  # the second was added to it
        index = Index.open(folder, "00000002")
        records = [index.strings["record"][number] for number in range(50)]
        assert records == sorted(records[:30]) + sorted(records[30:])
        found.append({name: data for name, data in kept(folder).items() if name.endswith("npy")})
    assert found[0] == found[1]


def test_the_index_of_a_contribution_is_the_one_that_is_rebuilt_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "FEW", 0)
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(package(tmp_path / "one", "one", 30)).new
    contributed = kept(tmp_path / "data" / "index" / "00000001")
    shelf.rebuild(graph.store.release())
    assert kept(tmp_path / "data" / "index" / "00000001") == contributed


def test_a_build_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "FEW", 0)
    release = graphs(tmp_path, record("link/1", "supply_links", buyer="a", supplier="b"))
    release.loaded, told = {}, list[tuple[int, int]]()

    def stopping(at: int) -> Progress:
        def progress(stage: str, done: int, total: int) -> None:
            told.append((done, total))
            if done == at:
                raise KeyboardInterrupt

        return progress

    for at in range(9):
        with pytest.raises(KeyboardInterrupt):
            build(survey(release), tmp_path / "kept" / "index", stopping(at))
        assert told[-1] == (at, told[-1][1])
        assert list((tmp_path / "kept").iterdir()) == []
    build(survey(release), tmp_path / "kept" / "index", stopping(-1))
    assert told[-1][0] == told[-1][1]  # it says when it is through
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["index"]


def test_links_beyond_the_limit_of_memory_are_kept_on_disk_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, text = graphs(tmp_path, []), "long " * 1000
    with (file := tmp_path / "many.nt").open("w") as output:
        for number in range(20_000):
            said = record(f"{number}", "supply_links", buyer="a", supplier="b", source=f"{number} {text}")
            output.writelines(f"{statement} .\n" for statement in said)
    release.loaded = {release.graphs[0]: file}
    arcs, spilled = survey(release).arcs, set[str]()
    assert isinstance(arcs, Links)

    def progress(stage: str, done: int, total: int) -> None:
        spilled.update(path.name for path in (tmp_path / "spilled").glob("*"))

    much = columns(arcs, Rows.new((), ()), tmp_path)
    monkeypatch.setattr(statements, "MEMORY", "160MB")
    little = columns(arcs, Rows.new((), ()), tmp_path, progress)
    assert spilled
    assert not (tmp_path / "spilled").exists()
    assert len(little.records[0]) == 20_001
    for one, other in zip(arrays(little), arrays(much), strict=True):
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_links_that_no_memory_is_enough_for_are_read_arc_by_arc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = graphs(
        tmp_path, [*SAME, *record("link/1", "supply_links", buyer="b", supplier="c", confidence="0.5")]
    )
    known = indexed(release, few=0)
    monkeypatch.setattr(statements, "MEMORY", "1MB")
    arcs = survey(release).arcs
    assert isinstance(arcs, Links)
    with pytest.raises(statements.TooMuch):
        columns(arcs, Rows.new((), ()), tmp_path)
    assert indexed(release, few=0) == known


def arrays(taken: Taken) -> list[Array]:
    return [*taken.columns.values(), *taken.records, *taken.extras]


def test_a_file_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    release = graphs(tmp_path, record("link/1", "supply_links", buyer="a", supplier="b"))
    release.loaded[release.graphs[0]].write_bytes(b"<urn:a> <urn:b> \xff\xfe .\n")
    arcs = survey(release).arcs
    assert isinstance(arcs, Links)
    with pytest.raises(StoreError, match="The links cannot be read as columns: "):
        columns(arcs, Rows.new((), ()), tmp_path)


# The engine.


def test_an_engine_writes_the_triples_of_a_graph_and_nothing_else(tmp_path: Path) -> None:
    release = graphs(
        tmp_path,
        record("1", "supply_links", buyer="a", source='b "c"\n'),
        record("2", "supply_links", buyer="b"),
    )
    for graph, file in release.loaded.items():
        output = io.BytesIO()
        release.engine.write(graph, output)
        assert sorted(output.getvalue().splitlines()) == sorted(file.read_bytes().splitlines())


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_what_fails_while_an_engine_writes_is_raised(tmp_path: Path, error: BaseException) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise error

    release = graphs(tmp_path, record("1", "supply_links", buyer="a", supplier="b"))
    with pytest.raises(type(error)) as raised:
        release.engine.write(release.graphs[0], Full())
    assert raised.value is error
