"""The directory of initiatives: filters, gaps, what fits a hop of a trace; and the due diligence triggers."""

from __future__ import annotations

import csv
import json
import tomllib
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.errors import UsageError
from opentier.graph.front import View
from opentier.graph.law import commodities, triggers
from opentier.graph.law.entries import industry
from opentier.graph.model.tables import SCHEMES
from opentier.graph.trace.parameters import Parameters
from opentier.graph.vocabulary.extents import areas, industries
from tests.broken import Rows, write

if TYPE_CHECKING:
    from tests.conftest import Command

DATASETS = Path(str(files("opentier.graph") / "datasets"))
APPAREL = "Apparel, Footwear & Textiles"
#: The columns of the directory by the filter that looks at them.
COLUMNS = {
    "type": "type", "industry": "industry", "geography": "geography", "issue": "issues", "organiser": "organisers",
}  # fmt: skip
ISSUE = {"industry": APPAREL, "geography": "Asia", "issue": "Forced Labour"}


def directory() -> list[dict[str, str]]:
    """Return the rows of the directory as they are in the package."""
    with (DATASETS / "initiatives" / "initiatives.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(column: str) -> list[str]:
    return sorted({cell for row in directory() for cell in row[column].split("|") if cell})


#: What a word of the directory takes in beside itself: a country lies in its region, too.
ALSO = {"Thailand": {"Thailand", "Asia"}}


def expected(asked: dict[str, str]) -> set[str]:
    return {
        row["id"]
        for row in directory()
        if all(ALSO.get(value, {value}) & set(row[COLUMNS[key]].split("|")) for key, value in asked.items())
    }


def ids(found: list[dict[str, Any]]) -> set[str]:
    return {item["id"].removeprefix("initiatives/initiative/") for item in found}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the directory, the laws and the example."""
    graph = Graph.open(tmp_path_factory.mktemp("initiatives") / "data", create=True)
    for name in ("initiatives", "laws", "example"):
        assert graph.contribute(DATASETS / name).new
    return graph


def find(view: View, **asked: str) -> set[str]:
    return ids([view.initiatives.described(found) for found in view.initiatives.find(**asked)])


# Filters.


def test_the_filter_of_the_issue_gives_what_the_directory_holds(
    view: View, client: TestClient, call: Command, graph: Graph
) -> None:
    wanted = expected(ISSUE)
    assert wanted == {"cotton-campaign", "cotton-program"}
    assert find(view, **ISSUE) == wanted
    assert ids(client.get("/initiatives", params=ISSUE).json()["initiatives"]) == wanted
    words = [word for key, value in ISSUE.items() for word in (f"--{key}", value)]
    where = ("--data", str(graph.store.path))
    assert ids(json.loads(call("initiatives", *words, "--format", "json", *where).out)) == wanted
    shown = call("initiatives", *words, *where, COLUMNS="200").out
    assert "Cotton Campaign" in shown
    assert "2 initiatives." in shown


def test_the_whole_directory_is_there_by_name(view: View) -> None:
    assert find(view) == {row["id"] for row in directory()}
    names = [found.name.casefold() for found in view.initiatives.find()]
    assert len(names) == 92
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, column in COLUMNS.items() for value in cells(column)]
)
def test_a_filter_alone(view: View, key: str, value: str) -> None:
    assert find(view, **{key: value}) == expected({key: value}) != set()
    assert find(view, **{key: value.upper()}) == find(view, **{key: value.lower()}) == expected({key: value})


@given(st.fixed_dictionaries({}, optional={key: st.sampled_from(cells(COLUMNS[key])) for key in COLUMNS}))
def test_filters_together(graph: Graph, asked: dict[str, str]) -> None:
    assert find(graph.view(), **asked) == expected(asked)


def test_nothing_is_found_where_there_is_nothing(view: View, call: Command, graph: Graph) -> None:
    assert find(view, industry="Machinery") == set()
    for asked in ({"issue": "orced"}, {"organiser": ""}, {"geography": "Atlantis"}, {"industry": "palm"}):
        with pytest.raises(UsageError, match="in the directory"):
            find(view, **asked)
    with pytest.raises(UsageError, match="no chapter '77'"):
        find(view, industry="7701")
    with pytest.raises(UsageError, match=r"KP .*KR"):
        find(view, geography="korea")
    shown = call("initiatives", "--industry", "Machinery", "--data", str(graph.store.path))
    assert (shown.code, shown.out) == (0, "0 initiatives.\n")


@pytest.mark.parametrize(
    ("key", "said", "meant"),
    [
        ("geography", "TH", ["Asia", "Thailand"]),
        ("geography", "tha", ["Asia", "Thailand"]),
        ("geography", "thailand", ["Asia", "Thailand"]),
        ("geography", "Türkiye", ["Asia", "MENA"]),
        ("geography", "142", ["Asia"]),
        ("geography", "africa", ["Sub-Saharan Africa"]),
        ("geography", "america", ["Latin America and the Caribbean", "North America"]),
        ("issue", "child-labour", ["Child Labour"]),
        ("issue", "labour", ["Child Labour", "Forced Labour"]),
        ("industry", "textiles", ["Apparel, Footwear & Textiles"]),
        ("industry", "base-metals", ["Base Metals"]),
        ("industry", "61", ["Apparel, Footwear & Textiles"]),
        ("organiser", "winrock", ["Winrock International"]),
        ("type", "ngo", ["NGO"]),
    ],
)
def test_a_filter_takes_a_code_a_name_or_a_part_of_a_name(
    view: View, client: TestClient, key: str, said: str, meant: list[str]
) -> None:
    wanted = {row["id"] for row in directory() if set(meant) & set(row[COLUMNS[key]].split("|"))}
    assert find(view, **{key: said}) == wanted != set()
    assert ids(client.get("/initiatives", params={key: said}).json()["initiatives"]) == wanted


def test_what_one_organisation_runs_in_one_country_is_found(call: Command, graph: Graph) -> None:
    words = ("--geography", "TH", "--organiser", "winrock", "--format", "json")
    found = ids(json.loads(call("initiatives", *words, "--data", str(graph.store.path)).out))
    assert found == {
        row["id"]
        for row in directory()
        if "Winrock International" in row["organisers"].split("|")
        and {"Asia", "Thailand"} & set(row["geography"].split("|"))
    }
    assert "thailand-counter-trafficking-in-persons-program" in found


def test_an_industry_by_hs_code_is_what_works_on_that_product(view: View) -> None:
    palm = find(view, industry="1511.10")
    assert {"roundtable-on-sustainable-palm-oil", "usaid-supply-unchained"} <= palm
    assert "multistakeholder-initiative-for-accountable-supply-chain-of-thai-fisheries" not in palm
    assert "kimberley-process" in find(view, industry="hs:710231")


def test_a_country_that_an_initiative_names_is_found_as_a_country(tmp_path: Path) -> None:
    rows = [["id", "name", "type", "industry", "geography", "issues"],
            ["one", "One", "NGO", "Electronics", "Viet Nam", "Forced Labour"]]  # fmt: skip
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "package", {"initiatives": rows}))
    initiatives = graph.view().initiatives
    assert [found.name for found in initiatives.find(geography="VN")] == ["One"]
    assert [why for _, why in initiatives.fitting("8517", "VN")] == ["Electronics, Viet Nam, Forced Labour"]
    assert initiatives.fitting("8517", "TH") == []


def test_an_initiative_is_described_as_the_directory_has_it(view: View) -> None:
    (found,) = view.initiatives.find(organiser="Bristol City Council")
    (row,) = [row for row in directory() if row["name"] == "Anti-Slavery Partnership"]
    said = view.initiatives.described(found)
    assert said["id"] == f"initiatives/initiative/{row['id']}"
    assert (said["website"], said["source"], said["type"]) == (row["website"], row["source"], row["type"])
    assert said["organisers"] == sorted(row["organisers"].split("|"))
    (found,) = view.initiatives.find(organiser="partners of the americas")
    assert view.initiatives.described(found)["funders"] == ["U.S. Department of Labor"]
    assert view.initiatives.described(found)["focus_areas"] == ["Palm oil"]


# Gaps.


def test_the_gaps_are_what_no_row_of_the_directory_names(
    view: View, client: TestClient, call: Command, graph: Graph
) -> None:
    named = {key: {cell for row in directory() for cell in row[key].split("|")} for key in COLUMNS.values()}
    wanted = {
        "industries": sorted(set(industries()) - named["industry"]),
        "geographies": sorted(set(areas()) - {"EU", "Thailand"} - named["geography"]),
        "issues": sorted(set(view.release.labels("issue")) - named["issues"]),
    }
    risks = view.initiatives.gaps()["risks"]
    assert wanted == {
        "industries": ["Machinery", "Pharmaceuticals, Health & Chemicals"],
        "geographies": [],
        "issues": [],
    }
    wanted["risks"] = risks
    assert view.initiatives.gaps() == wanted == client.get("/initiatives/gaps").json()
    where = ("--data", str(graph.store.path))
    assert json.loads(call("initiatives", "--gaps", "--format", "json", *where).out) == wanted
    assert "industries without any initiative: Machinery, Pharmaceuticals, Health & Chemicals" in (
        call("initiatives", "--gaps", *where, COLUMNS="200").out
    )


def test_in_a_directory_of_one_everything_else_is_a_gap(tmp_path: Path) -> None:
    rows = [["id", "name", "type", "industry", "geography", "issues"],
            ["one", "One", "NGO", "Machinery", "Oceania", "Recruitment"]]  # fmt: skip
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "package", {"initiatives": rows}))
    gaps = graph.view().initiatives.gaps()
    assert set(gaps["industries"]) == set(industries()) - {"Machinery"}
    assert set(gaps["geographies"]) == set(areas()) - {"EU", "Oceania", "Thailand"}
    assert gaps["issues"] == ["Child Labour", "Forced Labour", "Organ Removal", "Sexual Exploitation"]


def test_the_vocabulary_knows_every_word_of_the_directory(view: View) -> None:
    assert set(cells("industry")) == set(view.release.labels("industry")) - set(
        view.initiatives.gaps()["industries"]
    )
    assert set(cells("geography")) == set(view.release.labels("geography"))
    assert set(cells("issues")) == set(view.release.labels("issue"))
    assert set(industries()) | {"Cross-Industry"} == set(view.release.labels("industry"))


# What fits a hop.


def test_an_exposure_names_initiatives_that_fit_and_why(view: View) -> None:
    result = view.trace("example/aurora", Parameters()).to_dict()
    assert result["exposures"]
    rows = {row["name"]: row for row in directory()}
    for exposure in result["exposures"]:
        actor = view.index.actors[exposure["actor"]["iri"]]
        for named in exposure["initiatives"]:
            row = rows[named["name"]]
            what, place, issue = named["why"].rsplit(", ", 2)
            assert issue == "Forced Labour"
            assert issue in row["issues"].split("|")
            assert what in row["industry"].split("|") or what in row["focus_areas"].split("|")
            assert place in row["geography"].split("|")
            assert place == "Global" or actor.country in areas()[place]
            assert (what, place) != ("Cross-Industry", "Global")
    yarn = next(e for e in result["exposures"] if e["actor"]["id"] == "example/quiet-river-yarn")
    assert {i["name"]: i["why"] for i in yarn["initiatives"][:2]} == {
        "Cotton Campaign": "Cotton, Asia, Forced Labour",
        "Cotton Program": "Cotton, Asia, Forced Labour",
    }


def test_the_most_particular_fit_comes_first(view: View) -> None:
    reasons = [why for _, why in view.initiatives.fitting("610910", "BD")]
    assert reasons == [
        "Cotton, Asia, Forced Labour",
        "Cotton, Asia, Forced Labour",
        "Cotton, Global, Forced Labour",
        f"{APPAREL}, Global, Forced Labour",
        "Cross-Industry, Asia, Forced Labour",
    ]


def test_a_product_meets_the_initiatives_about_it_and_none_about_another_one(view: View) -> None:
    for hs, kinds in product(("1511", "120710", "151110"), (("forced-labour",), ("child-labour",), ())):
        names = [found.name for found, _ in view.initiatives.fitting(hs, "ID", kinds)]
        assert "Palm" in names[0]
        assert not any("Fisheries" in name or "Seafood" in name for name in names)
    fish = view.initiatives.fitting("030617", "TH")
    assert [why for _, why in fish[:2]] == [
        f"Seafood, {place}, Forced Labour" for place in ("Asia", "Thailand")
    ]
    assert not any("Palm" in found.name for found, _ in fish)


def test_an_initiative_about_the_product_says_that_it_works_elsewhere_or_on_something_else(
    view: View,
) -> None:
    found = {i.name: why for i, why in view.initiatives.fitting("151110", "MY", ("child-labour",))}
    assert found["Roundtable on Sustainable Palm Oil"] == (
        "Palm oil, Asia; works on Forced Labour, not on Child Labour"
    )
    assert found["Palma Futuro: Reducing Child Labor and Forced Labor in Palm Oil Supply Chains"] == (
        "Palm oil, Child Labour; works in Latin America and the Caribbean"
    )
    assert view.initiatives.fitting("7102", "BR", ("not-stated",))[0][1] == "Diamonds, Global, Forced Labour"


def test_what_an_initiative_is_about_follows_from_its_words() -> None:
    assert commodities.named(["Roundtable on Sustainable Palm Oil"]) == {"Palm oil"}
    assert commodities.named(["Palmer Group", "Tearfund", "Goldsmiths"]) == frozenset()
    assert commodities.of("120710") == {"Palm oil"}
    assert commodities.of("15") == frozenset()
    assert commodities.of(None) == commodities.of("") == frozenset()
    for good in commodities.commodities():
        assert good.words
        assert all(code.isdigit() and len(code) in (2, 4, 6) and industry(code) for code in good.hs)


def test_a_gap_is_a_listed_good_of_a_country_without_an_initiative(tmp_path: Path, call: Command) -> None:
    initiatives = [["id", "name", "type", "industry", "geography", "issues"],
                   ["palm", "Palm Works", "NGO", "Agriculture & Prepared Products", "Asia", "Forced Labour"],
                   ["all", "Everything", "NGO", "Cross-Industry", "Asia|Global", "Child Labour|Forced Labour"],
                   ["metal", "Metal Works", "NGO", "Base Metals", "Global", "Forced Labour"]]  # fmt: skip
    listed = [
        ["id", "kind", "authority", "product", "country", "exploitation", "status"],
        ["palm-id", "goods-listing", "A ministry", "1511", "ID", "forced-labour", "active"],
        ["palm-child", "goods-listing", "A ministry", "1511", "ID", "child-labour", "active"],
        ["palm-co", "goods-listing", "A ministry", "1511", "CO", "forced-labour", "active"],
        ["rice-id", "goods-listing", "A ministry", "1006", "ID", "forced-labour", "active"],
        ["steel", "goods-listing", "A ministry", "7208", "CN", "forced-labour", "active"],
        ["over", "goods-listing", "A ministry", "1801", "CI", "forced-labour", "revoked"],
        ["order", "import-order", "A ministry", "1801", "CI", "forced-labour", "active"],
    ]
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(
        write(tmp_path / "package", {"initiatives": initiatives, "designations": listed})
    ).new
    risks = graph.view().initiatives.gaps()["risks"]
    assert [risk["designation"].rpartition("/")[2] for risk in risks] == ["palm-co", "palm-child", "rice-id"]
    assert {key: risks[0][key] for key in ("good", "hs", "country", "exploitation")} == {
        "good": "palm oil (HS 1511)", "hs": "1511", "country": "CO", "exploitation": ["forced-labour"],
    }  # fmt: skip
    shown = call("initiatives", "--gaps", "--data", str(graph.store.path), COLUMNS="200").out
    assert "listed goods of a country without any initiative: 3" in shown
    assert "rice-id" in shown


@pytest.mark.parametrize(
    ("exploitation", "issues"),
    [
        (("child-labour",), {"Child Labour"}),
        (("forced-labour",), {"Forced Labour"}),
        (("child-labour", "forced-labour"), {"Child Labour", "Forced Labour"}),
        (("not-stated",), {"Forced Labour"}),
        ((), {"Forced Labour"}),
    ],
)
def test_initiatives_fit_what_is_listed_for(
    view: View, exploitation: tuple[str, ...], issues: set[str]
) -> None:
    fitting = view.initiatives.fitting("610910", "BD", exploitation)
    assert fitting
    for initiative, why in fitting:
        found, said = set(initiative.issues) & issues, why.partition("; ")[0]
        assert found or initiative.goods
        assert {issue for issue in ("Child Labour", "Forced Labour", "Recruitment") if issue in said} == found


@pytest.mark.parametrize(
    ("hs", "country", "reasons"),
    [
        ("611030", None, {f"{APPAREL}, Global, Forced Labour"}),  # nobody knows where
        (None, "BD", {"Cross-Industry, Asia, Forced Labour"}),  # nobody knows what
        (None, None, set()),
        ("840810", None, set()),  # machinery: a gap
    ],
)
def test_what_is_not_known_of_a_hop_fits_nothing(
    view: View, hs: str | None, country: str | None, reasons: set[str]
) -> None:
    assert {why for _, why in view.initiatives.fitting(hs, country)} == reasons


def test_every_chapter_of_the_harmonized_system_has_one_industry() -> None:
    chapters = [chapter for chapters in industries().values() for chapter in chapters]
    assert len(chapters) == len(set(chapters))
    assert set(chapters) == {f"{number:02}" for number in range(1, 98)} - {"77"}  # 77 is reserved
    assert industry("610910") == APPAREL
    assert industry("77") is None
    assert industry(None) is None


# Triggers.

RULES = tomllib.loads((files("opentier.graph.law") / "triggers.toml").read_text("utf-8"))["trigger"]


def due(view: View, actor: str) -> dict[str, dict[str, Any]]:
    return {step["trigger"]: step for step in view.obligations(actor)["due"]}


def test_the_steps_due_for_the_importer_of_the_example(view: View) -> None:
    found = due(view, "example/aurora")
    assert {name: step["count"] for name, step in found.items()} == {
        "import-order-upstream": 2,  # Quiet River by name, Saxaul by its cotton; the towels of Willow Lake not
        "regional-presumption-upstream": 10,
        "listed-company-upstream": 4,
        "listed-good-upstream": 8,
        "worker-paid-fees-upstream": 2,  # Lotus Pond and Brickfield, not Rhododendron
        "incident-upstream": 2,
        "alleged-incident-upstream": 1,
        "declared-tier-gap": 1,
    }
    assert found["incident-upstream"]["because"] == [
        "example/incident/inc-klang-fees: corroborated",
        "example/incident/inc-quiet-river: administratively-found",
    ]
    assert found["alleged-incident-upstream"]["because"] == ["example/incident/inc-unit-2-overtime: alleged"]
    assert found["declared-tier-gap"]["because"] == ["example/supply-link/sl-016"]
    assert found["import-order-upstream"]["because"] == [
        "example/quiet-river-yarn: direct, example/designation/d-cbp-quiet-river",
        "example/saxaul-cotton: goods, example/designation/d-cbp-tm-cotton",
    ]
    for step in found.values():
        assert len(step["because"]) <= step["count"]


def test_nothing_is_due_where_nothing_is_upstream(view: View) -> None:
    for actor in ("lindenhof", "wattlebird", "mistral", "cloudberry-quartz"):
        assert due(view, f"example/{actor}") == {}


def test_the_rules_name_steps_of_the_vocabulary_and_their_sources() -> None:
    assert [rule["id"] for rule in RULES] == [rule["id"] for rule in triggers.rules()]
    assert len({rule["id"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["step"] in SCHEMES["step"]
        assert rule["source"]
        assert rule["due"].endswith(".")
        assert set(rule.get("statuses", ())) <= set(SCHEMES["evidentiary-status"])
        assert set(rule.get("fee_policies", ())) <= set(SCHEMES["fee-policy"])


ACTORS: Rows = [
    ["id", "name", "kind", "country", "region"],
    ["buyer", "Buyer (invented)", "legal-entity", "DE", ""],
    ["mill", "Mill (invented)", "facility", "CN", "CN-GD"],
    ["gin", "Gin (invented)", "facility", "CN", "CN-XJ"],
    ["other", "Other (invented)", "facility", "CN", "CN-XJ"],
    ["agent", "Agent (invented)", "labour-intermediary", "BD", ""],
]
LINKS = [["id", "buyer", "supplier", "product", "declared_tier", "declared_by"]]
DESIGNATIONS = [["id", "kind", "authority", "target", "product", "country", "region", "status"]]
INCIDENTS = [
    ["id", "status", "facility", "country", "indicators", "population_min", "population_max", "evidence"]
]
EVIDENCE: Rows = [["id", "type", "url"], ["ev", "ngo-report", "https://example.org/ev"]]
RECRUITMENT = [["recruiter", "employer", "fee_policy"]]


def designated(*cells: str) -> dict[str, Rows]:
    """Return a table with one designation."""
    return {"designations": [*DESIGNATIONS, ["d", *cells]]}


#: By case: what is in the package beside actors and a link from the buyer to the mill, and which rules fire.
CASES: dict[str, tuple[dict[str, Rows], set[str]]] = {
    "nothing": ({}, set()),
    "an order": (designated("import-order", "Customs", "mill", "", "", "", "active"), {"import-order-upstream"}),
    "an order on somebody else": (designated("import-order", "Customs", "other", "", "", "", "active"), set()),
    "a revoked order": (designated("import-order", "Customs", "mill", "", "", "", "revoked"), set()),
    "a listed company": (
        designated("entity-listing", "A task force", "mill", "", "", "", "active"), {"listed-company-upstream"}),
    "another kind of entry": (designated("exclusion", "A fund", "mill", "", "", "", "active"), set()),
    "a region": (
        designated("regional-presumption", "Customs", "", "", "CN", "CN-GD", "active"),
        {"regional-presumption-upstream"},
    ),
    "another region": (designated("regional-presumption", "Customs", "", "", "CN", "CN-XJ", "active"), set()),
    "a listed good": (designated("goods-listing", "Labour", "", "5205", "CN", "", "active"), {"listed-good-upstream"}),
    "another good": (designated("goods-listing", "Labour", "", "5201", "CN", "", "active"), set()),
    "the good of another country": (designated("goods-listing", "Labour", "", "5205", "IN", "", "active"), set()),
    "a declared tier": (
        {"supply_links": [*LINKS, ["l2", "buyer", "gin", "5201", "3", "buyer"]]},
        {"declared-tier-gap"}),
    "a direct tier": ({"supply_links": [*LINKS, ["l2", "buyer", "gin", "5201", "1", "buyer"]]}, set()),
} | {
    f"an incident that is {status}": (
        {"incidents": [*INCIDENTS, ["i", status, "mill", "CN", "debt-bondage", "20", "40", "ev"]]},
        rules,
    )
    for statuses, rules in (
        (
            ("corroborated", "under-investigation", "administratively-found", "judicially-established"),
            {"incident-upstream"},
        ),
        (("alleged", "disputed"), {"alleged-incident-upstream"}),
        (("refuted",), set[str]()),
    )
    for status in statuses
} | {
    "an incident elsewhere": (
        {"incidents": [*INCIDENTS, ["i", "corroborated", "other", "CN", "debt-bondage", "20", "40", "ev"]]},
        set(),
    ),
} | {
    f"fees: {policy}, at the {employer}": (
        {"recruitment_links": [*RECRUITMENT, ["agent", employer, policy]]},
        {"worker-paid-fees-upstream"} if employer == "mill" and policy in ("worker-pays", "shared") else set(),
    )
    for policy, employer in product(("worker-pays", "shared", "employer-pays", "unknown"), ("mill", "other"))
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_rule_fires_where_it_should_and_nowhere_else(tmp_path: Path, case: str) -> None:
    more, fired = CASES[case]
    link = ["l1", "buyer", "mill", "5205", "", ""]
    tables = {"actors": ACTORS, "evidence": EVIDENCE, "supply_links": [*LINKS, link]} | more
    if "supply_links" in more:
        tables["supply_links"] = [*more["supply_links"], link]
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "package", tables))
    assert set(due(graph.view(), "probe/buyer")) == fired


def test_every_rule_is_tried_both_ways() -> None:
    fired = [rules for _, rules in CASES.values()]
    for rule in RULES:
        assert any(rule["id"] in rules for rules in fired)
        assert any(rule["id"] not in rules for rules in fired)


def test_without_a_directory_nothing_is_called_a_gap(tmp_path: Path, call: Command) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "package", {"actors": ACTORS}))
    where = ("--data", str(tmp_path / "data"))
    gaps = call("initiatives", "--gaps", *where)
    assert (gaps.code, "opentier reference" in gaps.err) == (2, True)
    assert "opentier reference" in call("initiatives", *where).out
    assert "No law is in this data: nothing was looked at." in call("obligations", "probe/buyer", *where).out
