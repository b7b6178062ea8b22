"""A list of suppliers screened: each row as the trace of whom it is likely of says, and never more reassuring."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UsageError
from opentier.graph.exposure.verdict import EXPOSED, NONE_FOUND, NOT_TESTABLE
from opentier.graph.front import View
from opentier.graph.model import printed, sheet
from opentier.graph.report.report import Report
from opentier.graph.screening import asking, listing, returned
from opentier.graph.screening.lines import COLUMNS, WORST, Line
from opentier.graph.screening.screened import Screened
from opentier.graph.trace.parameters import Parameters
from tests.test_cli import package
from tests.test_match import LEI, fine, listed, read

if TYPE_CHECKING:
    from tests.conftest import Command

#: A small world. `clear` buys from somebody whom nothing touches; `bare` from nobody; `ginner` sells to `mill` what is
#: listed where it is; `twin-a` and `twin-b` have one name, and the second is listed.
ACTORS: list[tuple[str, ...]] = [
    ("id", "name", "country", "identifiers"),
    ("importer", "Harbour Street Imports GmbH", "DE", ""),
    ("mill", "Kestrel Ridge Spinning Co., Ltd.", "VN", f"lei:{LEI}"),
    ("ginner", "Cedar Gate Ginning Works", "UZ", ""),
    ("clear", "Blue Heron Footwear Co., Ltd.", "VN", ""),
    ("behind", "Marigold Fastener Works", "KR", ""),
    ("bare", "Silkworm Lane Dyeing Ltd", "IN", ""),
    ("listed", "Yanqi Basin Tomato Company Limited", "CN", ""),
    ("twin-a", "Quartz Lagoon Trading Ltd", "MY", ""),
    ("twin-b", "Quartz Lagoon Trading Ltd", "MY", ""),
    ("apparel", "Bluebird Apparel Unit 2", "BD", ""),
]
TABLES: dict[str, list[tuple[str, ...]]] = {
    "actors": ACTORS,
    "supply-links": [
        ("buyer", "supplier", "product"),
        ("importer", "mill", "5205"),
        ("mill", "ginner", "5201"),
        ("clear", "behind", "9607"),
        ("importer", "listed", "2002"),
    ],
    "designations": [
        ("id", "kind", "authority", "target", "country", "product", "listing_date", "status"),
        ("d-listed", "entity-listing", "Watch Office", "listed", "", "", "2022-01-01", "active"),
        ("d-twin", "entity-listing", "Watch Office", "twin-b", "", "", "2022-01-01", "active"),
        ("d-apparel", "entity-listing", "Watch Office", "apparel", "", "", "2022-01-01", "active"),
        ("d-cotton", "goods-listing", "Goods Office", "", "UZ", "5201", "2010-01-01", "active"),
    ],
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the small world; nobody has judged anything, and no rule has proposed anything."""
    return world(tmp_path_factory.mktemp("screen"), TABLES)


def world(place: Path, tables: dict[str, list[tuple[str, ...]]]) -> Graph:
    """Return a graph of some tables."""
    folder = place / "watch"
    folder.mkdir()
    for name, rows in tables.items():
        listed(folder, *rows, name=f"{name}.csv")
    resources = [{"name": name, "path": f"{name}.csv"} for name in tables]
    said = {"name": "watch", "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    made = Graph.open(place / "data", create=True)
    assert made.contribute(folder, Options(match=False)).new
    return made


@pytest.fixture(scope="module")
def shipped(admitted: Path) -> View:
    """Return the release of the shipped datasets."""
    return Graph.open(admitted).view()


def screened(view: View, path: Path, asked: Parameters | None = None, **more: Any) -> Screened:
    """Screen the list at a path."""
    report = Report()
    return view.screen(listing.of(path, report), asked or Parameters(), report=report, **more)


def lines(graph: Graph, folder: Path, *rows: tuple[str, ...], **asked: Any) -> list[Line]:
    """Return what stands beside each row of a list, whose header is its first row."""
    found = screened(graph.view(), listed(folder, *rows), Parameters(**asked))
    return [each[0] for each in found.lines]


def one(graph: Graph, folder: Path, name: str, country: str = "", **asked: Any) -> Line:
    """Return what stands beside a row with a name."""
    (found,) = lines(graph, folder, ("Vendor name", "Country"), (name, country), **asked)
    return found


# --- The same as a trace, or less reassuring ---------------------------------------------------------------------

ASKED: list[dict[str, Any]] = [
    {},
    {"on": "2024-01-01", "kinds": ("supply", "operation", "ownership", "recruitment", "co-location")},
    {"product": "6109", "max_tier": 2},
    {"exploitation": ("forced-labour",), "past": True, "pending": True, "min_path_confidence": 0.5},
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: ",".join(asked) or "nothing")
def test_a_row_says_what_the_trace_of_its_actor_says(
    shipped: View, tmp_path: Path, asked: dict[str, Any]
) -> None:
    actors = shipped.index.actors
    ids = [shipped.index.names.id(iri) for iri in actors]
    path = listed(
        tmp_path, ("id", "name"), *((id, actors[iri].name) for id, iri in zip(ids, actors, strict=True))
    )
    found = screened(shipped, path, Parameters(**asked))
    verdicts = set()
    for id, (line,), row in zip(ids, found.lines, found.to_dict()["rows"], strict=True):
        result = shipped.trace(id, Parameters(**asked))
        alone, said = result.verdict.result, result.to_dict()
        verdicts.add(line.verdict)
        assert line.traced is not None
        assert line.traced.id == id
        if line.verdict != alone:  # nobody behind it was tested, or it sells what is listed
            assert (alone, line.verdict) == (NONE_FOUND, NOT_TESTABLE), id
            assert line.sells or not max((each["tier"] for each in said["reached"]), default=0), id
        current = [each for each in said["exposures"] if each["state"] == "current"]
        assert (line.verdict == EXPOSED) == bool(current)
        keys = [
            (each["actor"]["id"], each["designation"]["id"], each["reason"]) for each in said["exposures"]
        ]
        own = [(each["actor"]["id"], each["designation"]["id"], each["reason"]) for each in row["exposures"]]
        assert own == keys, id
        if not current:
            assert line.nearest is None
            continue
        nearest = min(current, key=lambda each: each["paths"][0]["tier"])
        assert line.nearest is not None
        for name in ("actor", "reason", "sentence", "group", "severity"):
            assert line.nearest[name] == nearest[name], (id, name)
        beside = {"incidents", "likelihoods"}
        hops = [{k: v for k, v in hop.items() if k not in beside} for hop in nearest["paths"][0]["hops"]]
        assert line.nearest["path"]["hops"] == hops
        assert line.nearest["designation"]["id"] == nearest["designation"]["id"]
        buyers = {each["actor"]["id"]: each["buyers"] for each in said["shared_suppliers"]}
        assert list(line.shared_with) == [each["id"] for each in buyers.get(nearest["actor"]["id"], ())]
    assert EXPOSED in verdicts


def test_screening_is_never_more_reassuring_than_the_lists(graph: Graph, tmp_path: Path) -> None:
    rows = [("id", "name"), *((f"watch/{id}", name) for id, name, *_ in ACTORS[1:])]
    found = lines(graph, tmp_path, *rows)
    said = {line.traced.id: line.verdict for line in found if line.traced}
    assert said == {
        "watch/importer": EXPOSED, "watch/mill": EXPOSED, "watch/ginner": NOT_TESTABLE, "watch/clear": NONE_FOUND,
        "watch/behind": NOT_TESTABLE, "watch/bare": NOT_TESTABLE, "watch/listed": EXPOSED,
        "watch/twin-a": NOT_TESTABLE, "watch/twin-b": EXPOSED, "watch/apparel": EXPOSED,
    }  # fmt: skip


def test_a_matched_supplier_without_upstream_links_was_tested_itself(graph: Graph, tmp_path: Path) -> None:
    bare, itself = one(graph, tmp_path, "Silkworm Lane Dyeing", "IN"), "the company itself was tested"
    assert bare.verdict == NOT_TESTABLE
    assert any(itself in sentence for sentence in bare.not_testable)
    touched = one(graph, tmp_path, "Yanqi Basin Tomato Co", "CN")
    assert touched.verdict == EXPOSED
    assert any(itself in sentence for sentence in touched.not_testable)
    assert not any(
        itself in sentence for sentence in one(graph, tmp_path, "Blue Heron Footwear").not_testable
    )


def test_what_a_supplier_sells_to_others_and_is_listed_is_not_lost(graph: Graph, tmp_path: Path) -> None:
    found = one(graph, tmp_path, "Cedar Gate Ginning Works", "UZ")
    assert (found.verdict, found.nearest, found.sells) == (NOT_TESTABLE, None, True)
    (sentence,) = [each for each in found.not_testable if each.startswith("To others it sells")]
    assert "raw cotton (HS 5201) of Uzbekistan" in sentence
    buyer = one(graph, tmp_path, "Kestrel Ridge Spinning", "VN")
    assert buyer.nearest is not None
    assert (buyer.nearest["reason"], buyer.nearest["actor"]["id"]) == ("goods", "watch/ginner")
    assert not buyer.sells


# --- Whom a row is likely of -------------------------------------------------------------------------------------


def test_what_nobody_has_judged_is_said_under_its_condition(graph: Graph, tmp_path: Path) -> None:
    rows = [
        ("id", "Vendor name", "LEI"),
        ("watch/mill", "x", ""),
        ("", "x", LEI),
        ("", "Kestrel Ridge Spinning", ""),
    ]
    by_id, by_lei, by_name = lines(graph, tmp_path, *rows)
    for line in (by_id, by_lei, by_name):
        assert line.traced is not None
        assert (line.traced.id, line.verdict) == ("watch/mill", EXPOSED)
    for sure in (by_id, by_lei):
        assert sure.why.startswith("Goods list: ")
        assert not any("nobody has decided" in each for each in sure.not_testable)
    assert by_name.why == f"If the same as Kestrel Ridge Spinning Co., Ltd. (watch/mill): {by_id.why}"
    assert "nobody has decided it" in by_name.not_testable[0]
    assert by_id.why == (
        "Goods list: raw cotton (HS 5201) of Uzbekistan. "
        "Upstream of it, at tier 1, is Cedar Gate Ginning Works, Uzbekistan. "
        "Of that: It sells the listed good, and is in the listed country."
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "The row names nobody"),
        ("n/a", "The row names nobody"),
        ("Togo Phosphates", "Not in the graph: its supply chain was not tested."),
        ("Trading", "Not in the graph: its supply chain was not tested."),
    ],
)
def test_a_row_without_a_likely_actor_is_not_testable_and_says_why(
    graph: Graph, tmp_path: Path, name: str, told: str
) -> None:
    (found,) = lines(graph, tmp_path, ("No", "Vendor name", "Note"), ("1", name, "x"))
    assert (found.verdict, found.traced, found.nearest, found.why) == (NOT_TESTABLE, None, None, "")
    (sentence,) = found.not_testable
    assert sentence.startswith(told)
    assert "nobody was tested" in sentence


def test_a_possible_actor_that_is_listed_is_told_and_decides_nothing(graph: Graph, tmp_path: Path) -> None:
    found = screened(graph.view(), listed(tmp_path, ("Vendor", "Country"), ("Bluebird Apparel Unit 3", "BD")))
    ((line,),) = found.lines
    assert line.match is not None
    assert (line.match.id, line.match.band) == ("watch/apparel", "review")
    assert (line.verdict, line.nearest, line.possibly) == (NOT_TESTABLE, None, True)
    assert "a person has to decide" in line.not_testable[0]
    assert line.not_testable[1].startswith("If the same as Bluebird Apparel Unit 2 (watch/apparel): ")
    assert line.not_testable[1].endswith("The list names this company.")
    assert found.verdict.reasons[-1].startswith("1 row that could not be tested is possibly of a company")
    assert found.counts()["possibly_exposed"] == 1
    assert found.counts()["names_alike"] >= 1  # which `--fail-on names-alike` fails on


def test_of_several_that_are_likely_meant_no_exposure_is_lost(graph: Graph, tmp_path: Path) -> None:
    rows = [("Vendor", "Country"), ("Quartz Lagoon Trading", "MY")]
    line = lines(graph, tmp_path, *rows)[0]
    assert line.match is not None
    assert line.traced is not None
    assert (line.match.id, line.traced.id, line.verdict) == ("watch/twin-a", "watch/twin-b", EXPOSED)
    assert line.why.startswith("If the same as Quartz Lagoon Trading Ltd (watch/twin-b): ")
    assert any("Quartz Lagoon Trading Ltd (watch/twin-a)" in each for each in line.not_testable)
    every = screened(graph.view(), listed(tmp_path, *rows), every=True)
    assert [(each.match and each.match.id, each.verdict) for each in every.lines[0]] == [
        ("watch/twin-a", NOT_TESTABLE), ("watch/twin-b", EXPOSED),
    ]  # fmt: skip
    assert every.counts()["exposed"] == 1
    (row,) = every.to_dict()["rows"]
    assert (row["verdict"], row["traced"], len(row["matches"])) == (EXPOSED, "watch/twin-b", 2)


def two(folder: Path) -> Graph:
    """Return a graph in which a company is on a risk list, and one of nearly its name in an import order."""
    graph = Graph.open(folder / "data", create=True)
    tables: dict[str, list[tuple[str, ...]]] = {
        "actors": [("id", "name", "country"), ("lake", "Heron Lake Mill", "CN"), ("lakes", "Heron Lake Mills", "CN"),
                   ("far", "Amber Field Looms", "CN")],
        "designations": [
            ("id", "kind", "authority", "target", "listing_date", "effect"),
            ("risk", "entity-listing", "Watch Office", "lake", "2022-01-01", ""),
            ("order", "import-order", "Customs Office", "lakes", "2022-01-01", "withhold"),
        ],
    }  # fmt: skip
    files = {name: "\n".join(",".join(row) for row in rows) + "\n" for name, rows in tables.items()}
    graph.contribute(package(folder / "two", "two", **files), Options(match=False))
    return graph


def test_of_several_likely_ones_a_measure_counts_before_a_risk_list_and_both_are_told(tmp_path: Path) -> None:
    ((line,),) = screened(
        two(tmp_path).view(), listed(tmp_path, ("Vendor", "Country"), ("Heron Lake Mill", "CN"))
    ).lines
    assert line.match is not None
    assert line.traced is not None
    assert line.nearest is not None
    assert (line.match.id, line.traced.id, line.nearest["group"]) == ("two/lake", "two/lakes", "measure")
    told = [
        each for each in line.not_testable if each.startswith("If the same as Heron Lake Mill (two/lake): ")
    ]
    assert [each.endswith("The list names this company.") for each in told] == [True]


def test_an_id_beside_the_name_of_another_company_hides_nothing_of_that_one(tmp_path: Path) -> None:
    rows = [
        ("id", "Vendor", "Country"), ("two/far", "Heron Lake Mills", "CN"), ("two/far", "Amber Field Looms Ltd", "CN"),
    ]  # fmt: skip
    (other,), (own,) = screened(two(tmp_path).view(), listed(tmp_path, *rows)).lines
    assert other.match is not None
    assert (other.match.id, other.match.sure, other.verdict, other.possibly) == (
        "two/far",
        True,
        NOT_TESTABLE,
        True,
    )
    assert any("(two/lakes)" in each and "Customs Office" not in each for each in other.not_testable)
    assert "two/lakes (" in other.match.why
    assert own.match is not None
    assert (own.match.id, own.possibly, "others" in own.match.why) == ("two/far", False, False)


def test_links_that_stand_for_several_tiers_hide_nobody_behind_them(tmp_path: Path) -> None:
    """A chain in which each link stands for so many tiers: its end is listed, and found from every place in it."""
    steps, end = (3, 1, 4, 2), "Salt Pan Weaving"
    names = ["Orchid Bay Imports", "Kestrel Ridge Spinning", "Cedar Gate Ginning", "Marigold Fasteners", end]
    aside = "Blue Heron Footwear"
    tables: dict[str, list[tuple[str, ...]]] = {
        "actors": [("id", "name"), *((f"a{n}", name) for n, name in enumerate(names)), ("aside", aside)],
        "supply-links": [
            ("buyer", "supplier", "declared_tier"),
            *((f"a{n}", f"a{n + 1}", str(tiers)) for n, tiers in enumerate(steps)),
            ("a0", "aside", "2"),
        ],
        "designations": [
            ("id", "kind", "authority", "target", "listing_date", "status"),
            ("d", "entity-listing", "Watch Office", "a4", "2022-01-01", "active"),
        ],
    }
    graph = world(tmp_path, tables)
    assert graph.view().index.tables.gaps
    for at, name in enumerate(names):
        found = one(graph, tmp_path, name)
        assert found.verdict == EXPOSED, name
        assert found.answer is not None
        assert found.answer.nearest is not None
        assert found.answer.nearest["path"]["tier"] == sum(steps[at:]), name
    assert one(graph, tmp_path, aside).verdict != EXPOSED


def test_screening_keeps_and_merges_nothing(graph: Graph, tmp_path: Path) -> None:
    def traced() -> str:
        return Graph.open(graph.store.path).trace("watch/importer", kinds=("supply", "ownership")).to_json()

    before, release = traced(), graph.store.current
    rows = [("Vendor name", "Country"), *((name.upper(), country) for _, name, country, _ in ACTORS[1:])]
    assert screened(graph.view(), listed(tmp_path, *rows)).counts()["accept"] == len(rows) - 1
    assert (traced(), graph.store.current) == (before, release)


def test_an_actor_is_traced_once_for_all_of_its_rows(graph: Graph, tmp_path: Path) -> None:
    rows = [
        ("Vendor", "Country"),
        *[("Kestrel Ridge Spinning", "VN")] * 7,
        *[("KESTREL RIDGE SPINNING CO", "VN")] * 2,
    ]
    told: list[tuple[str, int, int]] = []
    found = screened(graph.view(), listed(tmp_path, *rows), progress=lambda *said: told.append(said))
    assert (found.counts()["exposed"], found.counts()["traced"]) == (9, 1)
    assert [said for said in told if said[0] == "tracing rows"] == [("tracing rows", n, 9) for n in range(10)]


#: What is said where no measure was found.
NONE = "None was found in its chain, as it was asked about."


@pytest.fixture
def hidden(tmp_path: Path) -> Graph:
    """Return a world in which a risk list touches what a row buys, and an order what lies behind that."""
    orders = ("id", "kind", "authority", "target", "country", "product", "effect", "delisting_date")
    return world(
        tmp_path,
        {
            "actors": ACTORS,
            "supply-links": [
                ("buyer", "supplier", "product"),
                ("importer", "mill", "5205"),
                ("mill", "ginner", "5201"),
                ("ginner", "behind", "1207"),
                ("apparel", "ginner", "5201"),
                ("clear", "twin-a", "5201"),
                ("twin-a", "twin-b", "5201"),
            ],
            "designations": [
                orders,
                ("d-cotton", "goods-listing", "Goods Office", "", "UZ", "5201", "", ""),
                ("d-risk", "entity-listing", "Watch Office", "twin-a", "", "", "", ""),
                ("d-order", "import-order", "Customs", "behind", "", "", "withhold", ""),
                ("d-over", "import-order", "Customs", "twin-b", "", "", "withhold", "2020-01-01"),
            ],
        },
    )


@pytest.mark.parametrize("whole", [True, False])
def test_a_measure_behind_a_risk_list_that_is_nearer_is_told(
    hidden: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    asked = listed(tmp_path, ("name",), *((row[1],) for row in ACTORS[1:]))

    def told() -> dict[str, tuple[object, ...]]:
        found = screened(hidden.view(), asked, Parameters(on="2024-06-30"), whole=whole)
        said = {}
        for [line] in found.lines:
            assert line.match is not None
            cells = dict(zip(COLUMNS, line.cells(), strict=True))
            said[line.match.id.partition("/")[2]] = tuple(
                cells[name]
                for name in ("exposure_tier", "exposure_designation", "measure_tier", "measure_why")
            )
        return said

    rows = told()
    upstream = "Upstream of it, at tier {}, is Marigold Fastener Works, South Korea"
    assert rows["importer"][:3] == (2, "watch/designation/d-cotton", 3)
    assert upstream.format(3) in str(rows["importer"][3])
    assert rows["mill"][:3] == (1, "watch/designation/d-cotton", 2)
    assert rows["ginner"][:3] == (1, "watch/designation/d-order", 1)
    assert rows["behind"][:3] == (0, "watch/designation/d-order", 0)
    assert rows["clear"] == (1, "watch/designation/d-risk", "", NONE)
    assert rows["bare"] == ("", "", "", "")
    assert upstream.format(2) in str(rows["apparel"][3])

    monkeypatch.setattr(asking, "_WIDE", 0)
    few = told()
    if whole:  # all is traced for the other exposures
        assert few == rows
    else:
        assert few["importer"][2:] == (
            "",
            "None was found as far as tier 2, and none looked for behind it: trace it.",
        )
        assert few["ginner"] == rows["ginner"]


def test_a_measure_is_looked_for_in_what_was_asked_and_whatever_a_product_hides(
    hidden: Graph, tmp_path: Path
) -> None:
    [near] = lines(hidden, tmp_path, ("name",), (ACTORS[1][1],), max_tier=2)
    assert (near.measure, near.behind.removeprefix("If the same as ").rpartition(": ")[2]) == (None, NONE)
    [line] = lines(hidden, tmp_path, ("name", "product"), (ACTORS[3][1], "1207"))
    assert line.measure is not None
    assert line.measure == line.nearest
    [seller] = lines(hidden, tmp_path, ("name",), ("Quartz Lagoon Trading Ltd",))
    assert not any("No link leads to a supplier" in said for said in seller.not_testable)


def test_what_may_be_a_measure_is_told_and_of_several_who_are_likely_the_nearest_measure(
    tmp_path: Path,
) -> None:
    kinds = ("id", "kind", "authority", "target", "effect")
    risk, order = "entity-listing", "import-order"
    graph = world(
        tmp_path,
        {
            "actors": [
                ("id", "name", "country"), ("buyer", "Plover Street Imports", "DE"), ("works", "Sandpiper Works", "KR"),
                ("other", "Wholly Otherwise Fasteners", "KR"), ("one", "Heron Trading", "MY"),
                ("two", "Heron Trading", "MY"),
                ("far", "Far Away Gins", "UZ"),
            ],
            "supply-links": [
                ("buyer", "supplier", "product"), ("buyer", "works", "9607"), ("one", "works", "9607"),
                ("one", "far", "1207"), ("works", "far", "5201"), ("two", "other", "9607"), ("works", "one", "8501"),
            ],
            "designations": [
                kinds, ("d-risk", risk, "Watch", "one", ""), ("d-risk-2", risk, "Watch", "works", ""),
                ("d-order", order, "Customs", "other", "withhold"),
            ],
            "identity-judgements": [("left", "right", "judgement"), ("far", "other", "unsure")],
        },
    )  # fmt: skip
    [may] = lines(graph, tmp_path, ("name",), ("Plover Street Imports",))
    assert may.measure is None
    assert f"{NONE} Possibly, which nobody has decided: Import order" in may.behind
    found = screened(graph.view(), listed(tmp_path, ("name", "country"), ("Heron Trading", "MY")))
    [[line]] = found.lines
    assert line.traced is not None
    assert (line.traced.id, line.measure and line.measure["path"]["tier"]) == ("watch/two", 1)
    every = screened(graph.view(), listed(tmp_path, ("name", "country"), ("Heron Trading", "MY")), every=True)
    told = every.to_dict()["rows"][0]
    assert (told["traced"], told["measure"]["path"]["tier"]) == ("watch/two", 1)


def test_the_whole_finds_nothing_only_where_each_row_was_tested(graph: Graph, tmp_path: Path) -> None:
    def whole(*names: str) -> tuple[str, tuple[str, ...]]:
        said = screened(
            graph.view(), listed(tmp_path, ("Name", "No"), *((name, "1") for name in names))
        ).verdict
        return said.result, said.reasons

    assert whole("Blue Heron Footwear") == (
        NONE_FOUND, ("1 row of 1: no exposure found within the limits that stand beside it.",),
    )  # fmt: skip
    assert whole("Blue Heron Footwear", "Nobody of Them")[0] == NOT_TESTABLE
    assert whole("Blue Heron Footwear", "Nobody of Them", "Yanqi Basin Tomato")[0] == EXPOSED
    assert whole() == (NOT_TESTABLE, ("The list has no row that says anything.",))


def test_rows_without_an_exposure_never_stand_without_limits(graph: Graph, tmp_path: Path) -> None:
    rows = [("id", "name"), *((f"watch/{id}", name) for id, name, *_ in ACTORS[1:])]
    for line in lines(graph, tmp_path, *rows):
        assert line.not_testable


# --- What comes back ---------------------------------------------------------------------------------------------

KEPT = [
    ["Our suppliers 2024", "", ""],
    ["No.", "Vendor name", "Note"],
    ["007", " Blue Heron Footwear ", "=1+1"],
    ["", "", ""],
    ["8", "", "no name"],
    ["9", "Yanqi Basin Tomato", 'Sons, "B"'],
    ["9", "Yanqi Basin Tomato", 'Sons, "B"'],
]


def kept(folder: Path) -> Path:
    """Write a list as people keep it."""
    return listed(folder, *map(tuple, KEPT), name="kept.csv")


def test_rows_and_cells_come_back_with_our_columns_after_them(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    data = ("--data", str(graph.store.path))
    fine(call("screen", str(kept(tmp_path)), *data, "--out", str(tmp_path / "out.csv"), "--quiet"))
    rows = read(tmp_path / "out.csv")
    assert [[cell.removeprefix("'") for cell in row[:3]] for row in rows] == KEPT
    assert rows[2][2] == "'=1+1"
    assert rows[1][3:] == list(COLUMNS)
    assert list(COLUMNS) == [
        "match_id", "match_name", "match_score", "match_band", "match_why", "verdict", "exposure_tier",
        "exposure_reason", "exposure_why", "exposure_designation", "exposure_severity", "not_testable", "shared_with",
        "product_read", "risk_by_place_and_good", "risk_designations", "measure_tier", "measure_why",
    ]  # fmt: skip
    at = COLUMNS.index("verdict") + 3
    assert [row[at] for row in rows[2:]] == [NONE_FOUND, "", NOT_TESTABLE, EXPOSED, EXPOSED]
    assert rows[5][at + 1 : at + 3] == ["0", "direct"]
    assert rows[5][at + 4] == "watch/designation/d-listed"
    assert 0 < float(rows[5][at + 5]) <= 1
    assert rows[5][at + 7] == "watch/importer"
    limits = read(tmp_path / "out.limits.csv")
    assert limits[0] == ["limit", "of", "value"]
    said = {(row[0], row[1]) for row in limits}
    assert {
        ("verdict", EXPOSED),
        ("dataset", "watch"),
        ("designations", "Goods Office"),
        ("question", ""),
    } <= said


def test_a_workbook_has_the_list_and_a_sheet_of_its_limits(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    from python_calamine import CalamineWorkbook

    words = ("screen", str(kept(tmp_path)), "--data", str(graph.store.path), "--quiet", "--out")
    for name in ("one.xlsx", "two.xlsx"):
        fine(call(*words, str(tmp_path / name)))
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())
    book_ = CalamineWorkbook.from_path(tmp_path / "one.xlsx")
    assert book_.sheet_names == ["List", "About"]
    first = book_.get_sheet_by_name("List").to_python()
    assert [[str(cell) for cell in row[:3]] for row in first] == KEPT
    about = book_.get_sheet_by_name("About").to_python()
    assert about[0][:3] == ["limit", "of", "value"]
    told = {str(row[0]): str(row[2]) for row in about}
    assert told["question"] == "At any time. Any product. Supply and operation links."
    assert told["dataset"] == "version 1, CC0-1.0"


def test_the_json_is_the_object_of_the_library(graph: Graph, tmp_path: Path, call: Command) -> None:
    path = kept(tmp_path)
    run = fine(call("screen", str(path), "--data", str(graph.store.path), "--format", "json", "--quiet"))
    found = screened(graph.view(), path)
    assert run.out == printed.text(found.to_dict())
    said = json.loads(run.out)
    assert [row["row"] for row in said["rows"]] == [3, 4, 5, 6, 7]
    assert [row["verdict"] for row in said["rows"]] == [NONE_FOUND, None, NOT_TESTABLE, EXPOSED, EXPOSED]
    assert said["rows"][0]["cells"] == KEPT[2]
    assert said["rows"][3]["exposure"]["why"] == found.lines[3][0].why
    counts = said["counts"]
    assert sum(counts[verdict.replace("-", "_")] for verdict in WORST) == counts["rows"] == 4
    assert said["parameters"]["kinds"] == ["supply", "operation"]


def test_the_text_has_the_worst_rows_first(graph: Graph, tmp_path: Path, call: Command) -> None:
    rows = [
        ("Vendor", "No"),
        ("Blue Heron Footwear", "1"),
        ("Nobody of Them", "2"),
        ("Cedar Gate Ginning Works", "3"),
    ]
    path = listed(tmp_path, *rows, ("Kestrel Ridge Spinning", "4"), ("Yanqi Basin Tomato", "5"))
    run = fine(call("screen", str(path), "--data", str(graph.store.path)))
    assert re.findall(r"^- row (\d):", run.out, re.MULTILINE) == ["6", "5", "4", "3", "2"]
    assert "Rows without an exposure within the limits that stand beside each" in run.out
    assert "tracing rows: 5" in run.err


@pytest.mark.parametrize(
    ("names", "fails", "code"),
    [
        (("Yanqi Basin Tomato", "Nobody of Them"), "exposure,not-testable", 3),
        (("Yanqi Basin Tomato", "Nobody of Them"), "not-testable", 4),
        (("Yanqi Basin Tomato",), "not-testable", 0),
        (("Blue Heron Footwear", "Nobody of Them"), "exposure,not-testable", 4),
        (("Blue Heron Footwear", "Nobody of Them"), "exposure", 0),
        (("Blue Heron Footwear",), "exposure,not-testable", 0),
        (("Quartz Lagoon Trading",), "exposure", 3),
        ((), "not-testable", 4),
    ],
)
def test_the_exit_code_tells_an_exposed_row_before_one_that_was_not_tested(
    graph: Graph, tmp_path: Path, call: Command, names: tuple[str, ...], fails: str, code: int
) -> None:
    path = listed(tmp_path, ("Vendor", "No"), *((name, "1") for name in names))
    words = ("screen", str(path), "--data", str(graph.store.path), "--quiet", "--format", "json")
    run = call(*words, "--fail-on", fails)
    assert run.code == code, run.err
    assert json.loads(run.out)["file"] == "list.csv"
    assert call(*words).code == 0


def test_what_means_nothing_is_refused_before_anything_is_read(
    graph: Graph, tmp_path: Path, call: Command
) -> None:
    path, data = listed(tmp_path, ("Vendor",), ("Holm",)), ("--data", str(graph.store.path))
    (tmp_path / "out.limits.csv").write_bytes(path.read_bytes())
    for words, told in (
        ((str(path), "--out", str(path)), "is your list; give --out another name."),
        (
            (str(tmp_path / "out.limits.csv"), "--out", str(tmp_path / "out.csv")),
            "is your list; give --out another",
        ),
        ((str(path), "--format", "xlsx"), "add --out NAME.xlsx."),
        ((str(path), "--format", "svg"), "--format is one of table, json, csv, xlsx"),
        ((str(path), "--fail-on", "exposed"), "--fail-on is one of"),
        ((str(path), "--product", "99999"), "--product"),
        ((str(path), "--accept", "2"), "Thresholds are 0 to 1"),
        ((str(tmp_path / "nothing.csv"),), "There is nothing at"),
        ((str(path), "--min-confidence", "2"), "min"),
    ):
        run = call("screen", *words, *data)
        assert run.code == 2, f"{words}\n{run.err}"
        assert told in " ".join(run.err.replace("│", " ").split()), f"{words}\n{run.err}"
    assert path.read_bytes() == b"Vendor\r\nHolm\r\n"
    with pytest.raises(UsageError, match="There is nothing at"):
        graph.screen(tmp_path / "nothing.csv")


def test_the_filters_of_a_trace_are_those_of_a_screening(graph: Graph, tmp_path: Path) -> None:
    assert one(graph, tmp_path, "Kestrel Ridge Spinning", "VN").verdict == EXPOSED
    assert one(graph, tmp_path, "Kestrel Ridge Spinning", "VN", max_tier=0).verdict == NOT_TESTABLE
    assert one(graph, tmp_path, "Kestrel Ridge Spinning", "VN", on="2009-01-01").verdict == NOT_TESTABLE
    assert (
        one(graph, tmp_path, "Blue Heron Footwear", "VN", countries=("Korea, Republic of",)).verdict
        == NONE_FOUND
    )


def test_what_was_known_on_a_day_is_what_rows_are_matched_with_and_traced_in(
    graph: Graph, tmp_path: Path
) -> None:
    found = screened(
        graph.view(), listed(tmp_path, ("Name",), ("Kestrel Ridge",)), Parameters(as_known="2020-01-01")
    )
    assert (found.matches.actors, found.verdict.result) == (0, NOT_TESTABLE)
    assert found.question().startswith("At any time. As known at the end of 2020-01-01.")


def test_a_list_screened_in_python_is_that_of_the_command(graph: Graph, tmp_path: Path) -> None:
    path = listed(tmp_path, ("Who", "Where"), ("Kestrel Ridge Spinning", "VN"))
    found = graph.screen(path, "name=Who", "country=Where", max_tier=1)
    assert (found.verdict.result, found.parameters.max_tier) == (EXPOSED, 1)
    assert returned.to_csv(found).count("\n") == 2


def test_a_real_list_comes_back_whole_and_is_never_more_reassuring_than_traces(
    lists: Graph, shared: Path, tmp_path: Path
) -> None:
    said = (shared / "data" / "cargill_mills" / "cargill_global_mill_list_2018Q3.csv").read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(said)))[:349]
    rows += [
        ["349", "", "Colgate Palmolive", "", "", "", ""],
        ["350", "", "", "", "", "", ""],
        ["351", "", "Nestle"],
    ]
    assert len(rows) == 352
    path, view = listed(tmp_path, *map(tuple, rows)), lists.view()
    report = Report()
    found = view.screen(
        listing.of(path, report, "name=millName", "country=country", "region=stateOrProvince"), Parameters(),
        report=report, whole=False,
    )  # fmt: skip
    back = list(csv.reader(io.StringIO(returned.to_csv(found).removeprefix(sheet.MARK))))
    wide = max(map(len, rows))
    assert [row[:wide] for row in back] == [[*row, *[""] * (wide - len(row))] for row in rows]
    counts, result = found.counts(), found.verdict.result
    assert (counts["rows"], result) == (351, EXPOSED)
    assert counts["accept"] > 100
    assert counts["sells_listed"] > 50  # palm oil of Malaysia and of Indonesia is on a list
    judged = [line for (line,) in found.lines if line.traced]
    for line in (*judged[:: len(judged) // 12], *(line for line in judged if line.verdict == EXPOSED)):
        assert line.traced is not None
        alone = view.trace(line.traced.id, Parameters()).verdict.result
        assert WORST.index(line.verdict) <= WORST.index(alone), line.traced
        assert (line.verdict == EXPOSED) == (alone == EXPOSED), line.traced


# --- The page ----------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "screen.md"


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page."""
    return PAGE.read_text("utf-8")


def test_the_page_names_every_column_every_verdict_and_every_option(page: str, call: Command) -> None:
    for name in (*COLUMNS, *WORST):
        assert f"`{name}`" in page, name
    told = fine(call("screen", "--help", COLUMNS="200")).out
    for option in (
        "--match-weights",
        "--weights",
        "--fail-on",
        "--all",
        "--map",
        "--sheet",
        "--country",
        "--accept",
    ):
        assert option in page, option
        assert option in told, option


def test_the_keys_that_the_page_names_are_those_of_the_json(page: str, graph: Graph, tmp_path: Path) -> None:
    found = screened(graph.view(), kept(tmp_path)).to_dict()

    def keys(value: Any, depth: int = 0) -> Iterator[str]:
        if isinstance(value, dict):
            for key, each in value.items():
                yield key
                yield from keys(each, depth + 1) if depth < 2 else ()
        elif isinstance(value, list | tuple):
            for each in value:
                yield from keys(each, depth)

    rows = {key for row in found["rows"] for key in row}
    named = {
        *found,
        *found["counts"],
        *rows,
        *next(row for row in found["rows"] if row.get("exposure"))["exposure"],
    }
    assert {key for key in named if f"`{key}`" not in page} == set()


def test_the_commands_of_the_page_run_as_they_stand_there(
    page: str, admitted: Path, tmp_path: Path, call: Command
) -> None:
    (suppliers,) = re.findall(r"^```csv\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "suppliers.csv").write_text(suppliers, "utf-8")
    commands = re.findall(r"^\$ opentier (.*)$", page, re.MULTILINE)
    codes = [call(*shlex.split(line), OPENTIER_DATA=str(admitted)).code for line in commands]
    assert codes == [3 if "--fail-on" in line else 0 for line in commands]
    assert len(commands) > 3
    shown = re.findall(r"^```text\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    out = call("screen", "suppliers.csv", OPENTIER_DATA=str(admitted)).out
    assert shown[0].rstrip() in out
    back = read(tmp_path / "screened.csv")
    assert [row[1] for row in back] == [row.split(";")[1] for row in suppliers.splitlines()]


def test_columns_that_nothing_is_read_from_stand_among_the_limits(graph: Graph, tmp_path: Path) -> None:
    rows = [
        ("Vendor name", "Country", "Order desk"),
        ("Kestrel Ridge Spinning", "VN", "7"),
        ("Nobody", "VN", ""),
    ]
    made = screened(graph.view(), listed(tmp_path, *rows))
    left = [each for each in made.limits()["not_read"] if each["column"] == "Order desk"]
    assert [each["count"] for each in left] == [1]
    assert "Did you mean" not in left[0]["message"]
    said = "1 column of the list is not read, so that nothing was tested of what it says: Order desk."
    assert ("list", "", said) in made.about()


def test_whoever_reads_the_answer_as_text_is_told_of_columns_that_are_not_read(
    call: Command, admitted: Path, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Vendor name,HS cdoe,Colour\nKestrel Ridge Spinning,5205,red\n", "utf-8")
    run = call("screen", str(path), "--quiet", OPENTIER_DATA=str(admitted))
    said = " ".join(run.out.split())
    assert "Not read of the list - 2 columns of the list are not read, so that nothing was tested of" in said
    assert "what they say: HS cdoe (did you mean product?), Colour." in said


def test_of_many_columns_that_are_not_read_those_with_a_slip_are_named_first(
    graph: Graph, tmp_path: Path
) -> None:
    header = ("Vendor name", *(f"Colour {number}" for number in range(40)), "Suplier cuntry")
    rows = listed(tmp_path, header, ("Kestrel Ridge Spinning", *["x"] * 41))
    found = screened(graph.view(), rows).listing
    (said,) = found.unread()
    assert said.startswith("41 columns of the list are not read")
    assert "say: Suplier cuntry (did you mean country?), Colour 0, " in said
    assert said.endswith(", Colour 18 and 21 more.")
    assert [*screened(graph.view(), listed(tmp_path, ("Vendor name",), ("Nobody",))).listing.unread()] == []


@pytest.mark.parametrize(("header", "meant"), [("Suplier cuntry", "country"), ("HS cdoe", "product")])
def test_a_column_whose_header_has_a_slip_comes_with_what_it_may_mean(
    graph: Graph, tmp_path: Path, header: str, meant: str
) -> None:
    made = screened(graph.view(), listed(tmp_path, ("Vendor name", header), ("Kestrel Ridge Spinning", "VN")))
    (left,) = [each for each in made.limits()["not_read"] if each["column"] == header]
    assert left["message"].endswith(f" Did you mean {meant}?")
    with pytest.raises(UsageError, match=r"Suplier \(did you mean name\?\)"):
        screened(graph.view(), listed(tmp_path, ("Suplier", "Colour"), ("Kestrel Ridge Spinning", "red")))
