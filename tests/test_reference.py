"""The reference datasets: what ships, how it is counted, and that it reaches a chain of somebody's own.

`brought` is one data directory that ``opentier reference`` made; a test that adds to it works on a copy.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opentier.api.cli import reference
from opentier.api.console import account
from opentier.graph import Graph
from opentier.graph.answer import statements
from opentier.graph.answer.result import TraceResult
from opentier.graph.contribution import shipped
from opentier.graph.contribution.foreign import describe
from opentier.graph.contribution.submission import Options
from opentier.graph.exposure import words
from tests.conftest import Command
from tests.lists import DATASETS, FACTS, tables

#: What `official_lists.csv` says of each list.
COUNTS = {
    "presumptions": {"presumptions": 2},
    "cbp": {"orders and findings": 67},
    "uflpa": {"listings": 160},
    "uflpa-sectors": {"sectors": 12},
    "ilab": {"goods of countries": 467},
}
EDITIONS = {
    "cbp": "2026-06-23",
    "uflpa": "2026-07-09",
    "uflpa-sectors": "2025-08-19",
    "presumptions": "2022-06-21",
}
#: The names of a list that was never the agency's, in two parts, so that they do not stand here.
FALSE_NAMES = (("Top", " Glove"), ("Nat", "chi"), ("Super", "max"), ("cbp_wro_active", "_fy26dec"))


@pytest.fixture(scope="module")
def run(command: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    data = tmp_path_factory.mktemp("reference") / "data"
    done = command("reference", "--data", str(data), "--quiet", "--format", "json")
    assert (done.code, done.err) == (0, "")
    return data, json.loads(done.out)


@pytest.fixture(scope="module")
def brought(run: tuple[Path, list[dict[str, Any]]]) -> Path:
    return run[0]


def rows(dataset: str, table: str) -> list[dict[str, str]]:
    with (DATASETS / dataset / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def package(folder: Path, name: str, tables: dict[str, str], **more: str) -> Path:
    """Write a Data Package of tables as text."""
    folder.mkdir(parents=True)
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, "utf-8")
    resources = [{"name": table.replace("_", "-"), "path": f"{table}.csv"} for table in tables]
    said = {"name": name, "licenses": [{"name": "CC0-1.0"}], "resources": resources, **more}
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    return folder


# --- What the command brings ---------------------------------------------------------------------------------------


def test_each_dataset_says_publisher_edition_date_count_and_licence(
    run: tuple[Path, list[dict[str, Any]]],
) -> None:
    found = {said["dataset"]: said for said in run[1]}
    assert list(found) == list(shipped.REFERENCE)
    for said in found.values():
        assert all(said[name] for name in ("title", "publisher", "edition", "date", "counts", "licence"))
        assert said["new"]
        assert said["version"] == 1
    assert {name: found[name]["counts"] for name in COUNTS} == COUNTS
    assert {name: (found[name]["edition"], found[name]["date"]) for name in EDITIONS} == {
        name: (day, day) for name, day in EDITIONS.items()
    }
    assert found["ilab"]["edition"] == "2022 (replaced 2024-09-05)"


def test_again_it_changes_nothing(brought: Path, call: Command) -> None:
    release = Graph.open(brought).store.current
    again = call("reference", "--data", str(brought), "--quiet")
    assert again.code == 0
    lines = again.out.splitlines()
    for name in shipped.REFERENCE:
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert "was there" in line
        assert shipped.shipped(name).date in line
    assert Graph.open(brought).store.current == release


def test_the_example_is_not_there(brought: Path) -> None:
    current = Graph.open(brought).view().release.current
    assert current
    assert not any(name.startswith("example") for name in current)
    assert {entry.dataset for entry in Graph.open(brought).view().index.designations} == {
        "presumptions", "cbp", "uflpa", "ilab",
    }  # fmt: skip


def test_a_later_edition_of_ones_own_stays(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    actors = {"actors": "id,name\na,A later edition\n"}
    graph.contribute(
        package(tmp_path / "later", "presumptions", actors, version="2", created="2026-12-01T00:00:00Z")
    )
    ((version, new),) = reference.bring(graph, ("presumptions",), True)
    assert (version.number, version.package_version, new) == (1, "2", False)


def test_a_newer_list_is_the_next_version_and_stays(
    brought: Path, shared: Path, tmp_path: Path, call: Command
) -> None:
    data, newer = tmp_path / "data", tmp_path / "orders-2026-09-29.csv"
    shutil.copytree(brought, data)
    shutil.copy(shared / FACTS["cbp"], newer)
    done = call("contribute", str(newer), "--from", "cbp", "--data", str(data), "--quiet")
    assert done.code == 0
    ((version, new),) = reference.bring(Graph.open(data), ("cbp",), True)
    assert (version.number, version.package_version, version.created, new) == (
        2,
        "2026-09-29",
        "2026-09-29T00:00:00Z",
        False,
    )

    again = call("reference", "--data", str(data), "--quiet", "--format", "json")
    (kept,) = [said for said in json.loads(again.out) if said["dataset"] == "cbp"]
    told = (kept["edition"], kept["date"], kept["version"], kept["new"], kept["shipped"], kept["counts"])
    assert told == ("2026-09-29", "2026-09-29", 2, False, False, {"rows": version.rows})
    table = call("reference", "--data", str(data), "--quiet").out.splitlines()
    (line,) = [line for line in table if line.startswith("cbp ")]
    assert "2026-09-29" in line
    assert "your own, kept" in line


def test_a_part_of_a_list_is_refused_with_what_to_do(tmp_path: Path, shared: Path, call: Command) -> None:
    part = tmp_path / "orders-2026-09-29.csv"
    lines = (shared / FACTS["cbp"]).read_text("utf-8").splitlines(keepends=True)
    part.write_text("".join(lines[:20]), "utf-8")
    refused = call("contribute", str(part), "--from", "cbp", "--data", str(tmp_path / "data"), "--quiet")
    assert refused.code == 1
    said = " ".join(refused.out.replace("│", " ").split())
    assert "The file has 19 records; 60 to 110 are expected." in said
    assert "get the whole file from the publisher's page" in said


def test_contributing_brings_no_list_and_a_trace_without_one_names_the_command(
    tmp_path: Path, call: Command
) -> None:
    links = "buyer,supplier\na,b\n"
    own = package(tmp_path / "own", "own", {"actors": "id,name\na,A\nb,B\n", "supply_links": links})
    data = ("--data", str(tmp_path / "data"), "--quiet")
    assert call("contribute", str(own), *data).code == 0
    assert list(Graph.open(tmp_path / "data").view().release.current) == ["own"]
    traced = call("trace", "own/a", *data, "--format", "json", "--fail-on", "not-testable")
    assert traced.code == 4
    (reason,) = json.loads(traced.out)["verdict"]["reasons"]
    assert "opentier reference" in reason


# --- What ships, held against the facts ----------------------------------------------------------------------------


@pytest.mark.parametrize("adapter", FACTS)
def test_the_shipped_tables_are_what_the_adapter_makes_of_the_facts(shared: Path, adapter: str) -> None:
    made = tables(adapter, shared / FACTS[adapter])
    held = {path.name: path.read_text("utf-8") for path in (DATASETS / adapter).glob("*.csv")}
    assert held == made, "OPENTIER_SHARED=... python -m tests.lists"


def test_the_import_orders_are_those_of_the_facts_row_by_row(shared: Path) -> None:
    orders = rows("cbp", "designations")
    superseded = {
        row["designation"] for row in rows("cbp", "status_changes") if row["reason"].startswith("Superseded")
    }
    effects, headings = {"WRO": "withhold", "Finding": "seize"}, describe("cbp")["lookups"]["merchandise"]
    found = set()
    with (shared / FACTS["cbp"]).open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    for fact in facts:
        of = [
            row
            for row in orders
            if row["effective_date"] == fact["effective_date"]
            and row["effect"] == effects[fact["kind"]]
            and f"Merchandise as printed: {fact['merchandise']}." in row["note"]
            and f"Status as printed: {fact['status']}." in row["note"]
            and (row["target"] or row["product"])
            and _named(row, fact["name"])
        ]
        assert of, fact
        for row in of:
            assert ("superseded" in fact["remarks"]) == (row["id"] in superseded), fact
            if row["target"]:
                assert row["scope_products"].split("|") == headings[fact["merchandise"]].get("hs", [""]), fact
        found |= {row["id"] for row in of}
    assert found == {row["id"] for row in orders}
    assert len(facts) == 67


def _named(row: dict[str, str], printed: str) -> bool:
    """Return whether an order is of what a row of the facts names."""
    if f"Listed as: {printed.rstrip('.')}." in row["note"]:
        return True
    return {each["id"]: each["name"] for each in rows("cbp", "actors")}.get(row["target"]) == printed


def test_the_import_orders_are_counted_as_the_list_of_lists_says(shared: Path) -> None:
    with (shared / FACTS["cbp"]).open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    assert Counter(row["kind"] for row in facts) == {"WRO": 58, "Finding": 9}
    assert Counter(row["status"] for row in facts) == {
        "Active": 62, "Partially Modified": 4, "Inactive-Pending Litigation": 1,
    }  # fmt: skip
    assert sum("superseded" in row["remarks"] for row in facts) == 11
    # a row may name several makers: each is an order of its own
    assert Counter(row["status"] for row in rows("cbp", "designations")) == {
        "active": 70, "partially-active": 6, "revoked": 4, "inactive": 1,
    }  # fmt: skip


def test_the_entity_list_is_that_of_the_facts_row_by_row(shared: Path) -> None:
    listed = rows("uflpa", "designations")
    names = {row["id"]: [row["name"], *row["also_known_as"].split("|")] for row in rows("uflpa", "actors")}
    with (shared / FACTS["uflpa"]).open(encoding="utf-8", newline="") as file:
        facts = list(csv.DictReader(file))
    assert len(facts) == len(listed) == 160
    for fact, row in zip(facts, listed, strict=True):
        assert row["effective_date"] == fact["effective_date"]
        assert row["note"].startswith(f"Section {fact['statutory_list']}: ")
        assert row["note"].endswith(f"Printed as: {fact['as_printed'].rstrip('.')}.")
        assert any(fact["name"].startswith(name) for name in names[row["target"]] if name), fact
    assert len(names) == 144
    assert Counter(row["id"].rpartition("-")[2] for row in listed) == {"i": 9, "ii": 43, "v": 108}
    dates = Counter(row["effective_date"] for row in listed)
    assert (dates["2022-06-21"], dates["2025-01-15"]) == (27, 41)


def test_the_goods_are_counted_by_edition_and_never_dated_by_one() -> None:
    listed = rows("ilab", "designations")
    off = {row["designation"]: row["date"] for row in rows("ilab", "status_changes")}
    held = [row for row in listed if off.get(row["id"], "2024-09-05") == "2024-09-05"]
    assert (len(held), len({row["country"] for row in held}), len(listed)) == (467, 78, 475)
    assert not {"listing_date", "effective_date"} & listed[0].keys()
    assert Counter(row["observed_date"] for row in held)["2016"] > 300
    goods = {(row["note"].partition(". HS by hand")[0], row["country"]) for row in listed}
    assert len(goods) == len(listed)  # one node for a good and a country
    assert sorted(name for name, day in off.items() if day == "2024-09-05") == [
        "blueberries-ar", "fluorspar-mineral-mn", "salt-kh", "shrimp-th",
    ]  # fmt: skip


def test_the_sectors_are_twelve_and_nothing_but_observations() -> None:
    seen = rows("uflpa-sectors", "observations")
    assert {path.name for path in (DATASETS / "uflpa-sectors").glob("*.csv")} == {"observations.csv"}
    added = {row["sector"]: row["period"] for row in seen}
    assert Counter(added.values()) == {"2022-06": 4, "2024-07-09": 3, "2025-08-19": 5}
    assert all("no presumption" in row["method"] and "by hand" in row["method"] for row in seen)


def test_nothing_of_the_false_list_is_left() -> None:
    root = DATASETS.parents[1]
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    if listed.returncode:
        pytest.skip("this is no working copy")
    for file in listed.stdout.splitlines():
        path = root / file
        text = path.read_bytes() if path.is_file() else b""
        for first, second in FALSE_NAMES:
            assert f"{first}{second}".encode() not in text, file


# --- Behind three tiers of one's own -------------------------------------------------------------------------------

ACTORS = """id,name,country,region
importer,Importer,US,
one,One,VN,
two,Two,TH,
camel,Camel Group Company Limited,CN,
harbour,Harbour Works,CN,CN-XJ
gin,A gin of one's own,TM,
mill,A mill of one's own,CN,
works,A works of one's own,KP,
"""
LINKS = """buyer,supplier,product
importer,one,
one,two,
two,camel,8507
two,harbour,7604
two,gin,520100
two,mill,720610
two,works,6203
two,cbp/giant-manufacturing-co-ltd,871200
two,cbp/needle-craft-ltd,940360
two,cbp/hetian-taida-apparel-co-ltd,610910
two,cbp/tangshan-sanyou-group,283620
two,cbp/kingtom-aluminio-s-r-l,760410
"""
JUDGED = "left,right,judgement,decided_by,date\ncamel,uflpa/camel-group-co-ltd,positive,a person,2026-11-01\n"


@pytest.fixture(scope="module")
def traced(brought: Path, tmp_path_factory: pytest.TempPathFactory) -> TraceResult:
    folder = tmp_path_factory.mktemp("chain")
    shutil.copytree(brought, folder / "data")
    graph = Graph.open(folder / "data")
    own = {"actors": ACTORS, "supply_links": LINKS, "identity_judgements": JUDGED}
    graph.contribute(package(folder / "own", "own", own))
    return graph.trace("own/importer")


@pytest.fixture(scope="module")
def chain(traced: TraceResult) -> dict[str, Any]:
    return traced.to_dict()


def met(chain: dict[str, Any], actor: str) -> dict[str, dict[str, Any]]:
    """Return the exposures of one actor of tier 3, by designation."""
    found = {e["designation"]["id"]: e for e in chain["exposures"] if e["actor"]["id"] == actor}
    assert all(exposure["actor"]["tier"] == 3 for exposure in found.values())
    return found


@pytest.mark.parametrize(
    ("actor", "designation", "reason", "authority", "law", "date", "edition"),
    [
        ("own/camel", "uflpa/designation/camel-group-co-ltd-ii", "direct",
         "Forced Labor Enforcement Task Force", "Uyghur Forced Labor Prevention Act", "2023-08-02", "2026-07-09"),
        ("cbp/giant-manufacturing-co-ltd", "cbp/designation/giant-manufacturing-co-ltd-wro-2025-09-24", "direct",
         "U.S. Customs and Border Protection", "Tariff Act of 1930", "2025-09-24", "2026-06-23"),
        ("own/harbour", "presumptions/designation/xinjiang", "place",
         "U.S. Customs and Border Protection", "Uyghur Forced Labor Prevention Act", "2022-06-21", "2022-06-21"),
        ("own/works", "presumptions/designation/north-korean-labour", "place",
         "U.S. Customs and Border Protection", "22 U.S.C. 9241a", "2017-08-02", "2022-06-21"),
        ("own/gin", "cbp/designation/turkmenistan-cotton-wro-2018-05-18", "goods",
         "U.S. Customs and Border Protection", "Tariff Act of 1930", "2018-05-18", "2026-06-23"),
        ("own/gin", "ilab/designation/cotton-tm", "goods",
         "Department of Labor", "Trafficking Victims Protection", None, "2022 (replaced 2024-09-05)"),
    ],
)  # fmt: skip
def test_a_listed_actor_place_or_good_is_found_behind_three_tiers(
    chain: dict[str, Any],
    actor: str,
    designation: str,
    reason: str,
    authority: str,
    law: str,
    date: str | None,
    edition: str,
) -> None:
    exposure = met(chain, actor)[designation]
    entry = exposure["designation"]
    assert exposure["reason"] == reason
    assert authority in entry["authority"]
    assert law in entry["law"]
    assert entry["effective_date"] == date
    assert entry["class"] == ("risk" if entry["dataset"] == "ilab" else "measure")
    assert "forced-labour" in entry["exploitation"]
    assert entry["licence"] == "US-Government-Work"
    searched = {each["dataset"]: each for each in chain["limits"]["designations"]}[entry["dataset"]]
    assert searched["edition"] == edition


def test_merchandise_is_the_scope_of_an_order(chain: dict[str, Any]) -> None:
    (order,) = met(chain, "cbp/giant-manufacturing-co-ltd").values()
    assert order["designation"]["scope_products"] == ["hs:871160", "hs:8712", "hs:8714"]
    assert order["scope_match"] == "exact"
    assert met(chain, "cbp/needle-craft-ltd") == {}  # what it sells here is no garment


def test_a_join_by_judgement_is_shown_and_one_by_reference_needs_none(chain: dict[str, Any]) -> None:
    (listing,) = [e for e in met(chain, "own/camel").values() if e["designation"]["dataset"] == "uflpa"]
    assert [hop["kind"] for hop in listing["paths"][0]["hops"]][-1] == "identity"
    (order,) = met(chain, "cbp/giant-manufacturing-co-ltd").values()
    assert {hop["kind"] for hop in order["paths"][0]["hops"]} == {"supply"}


def test_a_superseded_and_a_modified_order_say_so(chain: dict[str, Any]) -> None:
    superseded = met(chain, "cbp/hetian-taida-apparel-co-ltd")[
        "cbp/designation/hetian-taida-apparel-co-ltd-wro-2019-09-30"
    ]["designation"]
    assert superseded["status"] == "active"
    assert superseded["status_history"] == [{"date": "2022-06-21", "status": "modified"}]
    assert "Superseded: enforced since then as the presumption" in superseded["note"]
    modified = met(chain, "cbp/tangshan-sanyou-group")[
        "cbp/designation/tangshan-sanyou-group-wro-2016-03-29"
    ]["designation"]
    assert modified["status"] == "partially-active"
    assert modified["status_history"] == [{"date": "2016-10-12", "status": "modified"}]


def test_the_table_of_a_trace_says_what_became_of_an_order(traced: TraceResult, tmp_path: Path) -> None:
    account.trace(traced.to_dict(grouped=5), tmp_path / "trace.txt")
    said = " ".join((tmp_path / "trace.txt").read_text("utf-8").split())
    assert "Status: active; modified 2022-06-21." in said
    assert "Superseded: enforced since then as the presumption" in said
    assert "Status: partially-active; modified 2016-10-12." in said
    assert "Status as printed: Partially Modified." in said


def test_the_text_of_a_trace_says_how_far_a_measure_goes_and_what_was_read_by_hand(
    traced: TraceResult, tmp_path: Path
) -> None:
    account.trace(traced.to_dict(grouped=5), tmp_path / "trace.txt")
    said = " ".join((tmp_path / "trace.txt").read_text("utf-8").split())
    assert "Merchandise as printed: Cotton. HS by hand: Cotton, its yarn and its fabrics." in said
    assert "A presumption on who worked, not where" in said
    assert "value left out" not in said
    assert "lithium-ion batteries (HS 8507.60): no value stated (2025-08-19)" in said


def test_a_past_finding_without_the_day_of_its_end_is_never_said_to_be_in_force(
    brought: Path, tmp_path: Path, call: Command
) -> None:
    data = tmp_path / "data"
    shutil.copytree(brought, data)
    links = {"actors": ACTORS, "supply_links": LINKS, "identity_judgements": JUDGED}
    Graph.open(data).contribute(package(tmp_path / "own", "own", links))
    out = call("trace", "own/importer", "--past", "--quiet", "--data", str(data)).out
    past = " ".join(out.partition("Past: no longer in force")[2].split())
    assert "Kingtom Aluminio" in past
    assert "begun 2024-12-04, no longer in force; since when, nobody states;" in past
    assert "in force since 2024-12-04" not in past


def test_names_alike_are_told_once_where_a_list_names_one_twice(
    brought: Path, tmp_path: Path, call: Command
) -> None:
    data = tmp_path / "data"
    shutil.copytree(brought, data)
    own = {
        "actors": 'id,name,country\na,A,US\nb,"Baoding LYSZD Trade and Business Co., Ltd.",CN\n',
        "supply_links": "buyer,supplier\na,b\n",
    }
    Graph.open(data).contribute(package(tmp_path / "own", "own", own), Options(match=False))
    out = " ".join(call("trace", "own/a", "--quiet", "--data", str(data)).out.split())
    line = "- Baoding LYSZD Trade and Business Co., Ltd.: Presumption of forced labour"
    assert out.count(line) == 1


def test_of_names_alike_that_are_not_told_it_is_told_how_many(
    brought: Path, tmp_path: Path, call: Command
) -> None:
    data, names = (
        tmp_path / "data",
        ["XPCC", "KTK Group Ltd.", "Western Gold", "Ninestar", "Da Wang", "Camel Group"],
    )
    shutil.copytree(brought, data)
    own = {
        "actors": "id,name\na,A\n" + "".join(f"b{n},{name}\n" for n, name in enumerate(names)),
        "supply_links": "buyer,supplier\n" + "".join(f"a,b{n}\n" for n in range(len(names))),
    }
    graph = Graph.open(data)
    graph.contribute(package(tmp_path / "own", "own", own), Options(match=False))
    alike = graph.trace("own/a").limits["names_alike"]
    told = {(each["actor"]["id"], each["designation"]["title"]) for each in alike}
    out = " ".join(call("trace", "own/a", "--quiet", "--data", str(data)).out.split())
    assert len(told) > statements.NAMED
    assert f"- ... and {len(told) - statements.NAMED} more; --format json has all of them." in out


def test_an_inactive_finding_is_past(chain: dict[str, Any]) -> None:
    assert met(chain, "cbp/kingtom-aluminio-s-r-l") == {}


def test_a_priority_sector_is_a_likelihood_and_no_exposure(chain: dict[str, Any]) -> None:
    assert met(chain, "own/mill") == {}
    assert "uflpa-sectors" not in {e["designation"]["dataset"] for e in chain["exposures"]}
    likely = [each for each in chain["likelihoods"]["listed"] if each["dataset"] == "uflpa-sectors"]
    assert {each["good"] for each in likely} == {"hs:61", "hs:72", "hs:76", "hs:850760"}
    assert all("no presumption" in each["method"] for each in likely)


def test_a_listed_good_of_several_headings_is_one_exposure_by_any_of_them(
    brought: Path, tmp_path: Path
) -> None:
    shutil.copytree(brought, tmp_path / "data")
    graph = Graph.open(tmp_path / "data")
    links = "buyer,supplier,product\na,b,610910\na,c,620342\na,d,6302\n"
    actors = "id,name,country\na,A,US\nb,B,AR\nc,C,AR\nd,D,AR\n"
    graph.contribute(package(tmp_path / "own", "own", {"actors": actors, "supply_links": links}))
    found = graph.trace("own/a").to_dict()["exposures"]
    assert sorted((e["actor"]["id"], e["designation"]["id"], e["scope_match"]) for e in found) == [
        ("own/b", "ilab/designation/garments-ar", "exact"),
        ("own/c", "ilab/designation/garments-ar", "exact"),
    ]
    assert {e["designation"]["title"] for e in found} == {
        "Goods list: Garments (HS 61 and HS 62) of Argentina"
    }
    assert found[0]["designation"]["scope_products"] == ["hs:61", "hs:62"]


def test_no_two_goods_of_a_list_carry_one_title_and_each_is_called_as_printed(brought: Path) -> None:
    view = Graph.open(brought).view()
    listed = [
        entry
        for entry in view.index.designations
        if entry.product is not None and entry.target is None and entry.dataset in ("ilab", "cbp")
    ]
    titles = {view.release.names.id(entry.iri): words.title(entry, None) for entry in listed}
    assert len(titles) == len(set(titles.values())) > 450
    assert titles["ilab/designation/photovoltaic-ingots-cn"] == (
        "Goods list: Photovoltaic Ingots (HS 2804.61) of China"
    )
    assert titles["ilab/designation/polysilicon-cn"] == "Goods list: Polysilicon (HS 2804.61) of China"
    for entry in listed:
        printed = re.match(r"Listed as (.*?)\. HS by hand", entry.note or "")
        if printed is not None:
            assert f": {printed[1]}" in titles[view.release.names.id(entry.iri)]


def test_palm_oil_is_told_of_the_fruit_that_the_list_names_now(brought: Path, tmp_path: Path) -> None:
    shutil.copytree(brought, tmp_path / "data")
    graph = Graph.open(tmp_path / "data")
    links = "buyer,supplier,product\na,b,1511\na,c,151329\na,d,151311\n"
    actors = "id,name,country\na,A,US\nb,B,MY\nc,C,MY\nd,D,MY\n"
    graph.contribute(package(tmp_path / "own", "own", {"actors": actors, "supply_links": links}))
    found = graph.trace("own/a").to_dict()
    assert sorted((e["actor"]["id"], e["designation"]["id"], e["reason"]) for e in found["exposures"]) == [
        ("own/b", "ilab/designation/palm-fruit-my", "goods-input"),
        ("own/c", "ilab/designation/palm-fruit-my", "goods-input"),
    ]
    assert found["limits"]["links_without_inputs"] == 1  # coconut oil


def test_a_listed_good_without_initiative_is_one_gap_under_all_its_headings(brought: Path) -> None:
    risks = Graph.open(brought).view().initiatives.gaps()["risks"]
    found = {risk["designation"]: risk for risk in risks}
    assert len(found) == len(risks) > 10
    (dates,) = [risk for risk in risks if risk["designation"] == "ilab/designation/brazil-nuts-chestnuts-bo"]
    assert (dates["good"], dates["hs"], dates["country"]) == ("Brazil Nuts/Chestnuts", "080121|080122", "BO")
    assert "ilab/designation/shrimp-th" not in found  # no longer on the list


# --- Apart from the example ----------------------------------------------------------------------------------------


def test_a_trace_of_anothers_dataset_never_meets_the_example(directory: Path, tmp_path: Path) -> None:
    graph = Graph.open(directory)
    links = "buyer,supplier,product\na,b,5201\na,c,5201\n"
    actors = "id,name,country,region\na,A,US,\nb,B,CN,CN-XJ\nc,C,TM,\n"
    graph.contribute(package(tmp_path / "own", "own", {"actors": actors, "supply_links": links}))
    found = graph.trace("own/a").to_dict()
    assert found["exposures"] == []
    assert found["verdict"]["result"] == "not-testable"
    assert "opentier reference" in found["verdict"]["reasons"][0]
    assert found["limits"]["designations"] == []
    assert graph.trace("example/aurora").to_dict()["verdict"]["result"] == "exposed"
    tiers = {row["id"]: row["nearest_tier"] for row in graph.exposure().to_dict()["actors"]}
    assert tiers["own/a"] is None


# --- The page about it --------------------------------------------------------------------------------------------


def test_the_page_on_reference_data_lists_every_dataset_as_it_ships() -> None:
    page = (DATASETS.parents[1] / "docs" / "reference-data.md").read_text("utf-8")
    for name in shipped.REFERENCE:
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        said = shipped.shipped(name)
        for figure in (
            () if name in shipped.BESIDE_EXAMPLE else (said.edition, *map(str, said.counts.values()))
        ):
            assert figure in line
