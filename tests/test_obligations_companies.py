"""Companies whose answer was worked out by hand, each with the rule that it follows from and where that rule stands.

A fact is written as it would be told: metric, value, currency where it is money, place, year, and `group` or `own`
where it is stated whose figure it is. The answers were written down before the program was asked.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph

if TYPE_CHECKING:
    from tests.conftest import Command

TODAY = "2026-11-26"
#: The day after the amended directive applies.
THEN = "2029-07-27"

NO = "Norway, Transparency Act s. 3: over two of NOK 70 m turnover, NOK 35 m assets, 50 staff; or listed"
CH = "Switzerland, ordinance art. 6: small below two of CHF 20 m, CHF 40 m, 250 staff in two years running"
EU = "Directive 2024/1760 as amended by 2026/470: more than 5,000 staff and EUR 1.5 bn, two years; from 2029-07-26"
THIRD = (
    "Directive 2024/1760 as amended by 2026/470: from outside, over EUR 1.5 bn in the Union, no test of staff"
)
CAL = (
    "California Civil Code 1714.43 (a) (1): retail sellers and manufacturers, business there, over USD 100 m"
)
FR = "France, law 2017-399 art. 1: seat there; 5,000 staff there or 10,000 worldwide, two years running"
CA = "Canada, S.C. 2023, c. 9, s. 2: goods; listed there, or two of CAD 20 m, CAD 40 m, 250 staff in one of two years"
GB = "United Kingdom, SI 2015/1833: turnover of GBP 36 m or more, and business there"
AU = "Australia, Modern Slavery Act 2018 s. 5: consolidated revenue of AUD 100 m; Australian or in business there"
DE = "Germany, LkSG s. 1: seat or branch in Germany, at least 1,000 staff in Germany (3,000 in 2023)"
US = "Tariff Act s. 307, UFLPA s. 3: importers, whatever their size"
FAR = "FAR 22.1703: prohibitions bind every contractor; plan above an amount performed outside the United States"
BE = "Belgium, law of 3 September 2017: listed or of public interest, more than 500 staff and EUR 17 m or 34 m; ended"


@dataclass(frozen=True)
class Company:
    """A company, what is known of it, and which outcome each named law has for it."""

    id: str
    country: str
    facts: tuple[str, ...]
    outcomes: dict[str, str]
    source: str
    on: str = TODAY
    sector: str = ""


def of(
    id: str, country: str, *facts: str, source: str, on: str = TODAY, sector: str = "", **outcomes: str
) -> Company:
    return Company(
        id,
        country,
        facts,
        {law.replace("_", "-"): said for law, said in outcomes.items()},
        source,
        on,
        sector,
    )


def both(*facts: str, years: tuple[int, int] = (2025, 2024)) -> tuple[str, ...]:
    """The same facts in two years."""
    return tuple(f"{fact} {year}" for fact in facts for year in years)


LATE = (2028, 2027)
COMPANIES = (
    # Norway: two of three, exceeded; or listed.
    of("no-two-of-three", "NO", "turnover 80000000 NOK worldwide 2025", "assets 36000000 NOK worldwide 2025",
       "employees 40 worldwide 2025", no_apenhetsloven_2021="bound", source=NO),
    of("no-at-the-figures", "NO", "turnover 70000000 NOK worldwide 2025", "assets 35000000 NOK worldwide 2025",
       "employees 51 worldwide 2025", "listed 0 NO 2025", "public-limited 0 NO 2025",
       no_apenhetsloven_2021="not-bound", source=NO),
    of("no-one-of-three", "NO", "turnover 80000000 NOK worldwide 2025", "assets 9000000 NOK worldwide 2025",
       "employees 9 worldwide 2025", no_apenhetsloven_2021="unknown",
       source=f"{NO}; whether it is listed is not told"),
    of("no-small-listed", "NO", "employees 9 worldwide 2025", "listed 1 NO 2025",
       no_apenhetsloven_2021="bound", source=NO),
    of("no-from-sweden", "SE", "turnover 800000000 NOK worldwide 2025", "assets 350000000 NOK worldwide 2025",
       "business-in NO 2025", no_apenhetsloven_2021="unknown",
       source=f"{NO}; foreign ones where liable to tax there"),
    # Switzerland: small in two years running; suspicion of child labour is nothing that figures tell.
    of("ch-small", "CH",
       *both("employees 249 worldwide", "turnover 39000000 CHF worldwide", "assets 50000000 CHF worldwide"),
       "import-volume 0 CH 2025", ch_or_964j="not-bound", source=CH),
    of("ch-large", "CH",
       *both("employees 250 worldwide", "turnover 40000000 CHF worldwide", "assets 9000000 CHF worldwide"),
       ch_or_964j="unknown", source=f"{CH}; and a reasonable suspicion"),
    of("ch-grown", "CH", "employees 300 worldwide 2025", "turnover 50000000 CHF worldwide 2025",
       "employees 200 worldwide 2024", "turnover 30000000 CHF worldwide 2024", "assets 9000000 CHF worldwide 2024",
       "import-volume 0 CH 2025", ch_or_964j="not-bound", source=f"{CH}; one year is not two"),
    of("ch-listed", "CH", "listed 1 CH 2025", *both("employees 600 worldwide", "turnover 50000000 CHF worldwide"),
       ch_or_964a="bound",
       source="Switzerland, CO 964a: of public interest, over 500 staff and CHF 20 m or 40 m, two years"),
    # The directive on due diligence, as amended.
    of("eu-large", "ES", *both("employees 6000 worldwide", "turnover 2000000000 EUR worldwide", years=LATE), on=THEN,
       eu_csddd_2024="bound", source=EU),
    of("eu-large-before", "ES", *both("employees 6000 worldwide", "turnover 2000000000 EUR worldwide"),
       eu_csddd_2024="not-yet", source=EU),
    of("eu-at-the-figure", "ES", *both("employees 5000 worldwide", "turnover 2000000000 EUR worldwide",
       "royalties 0 EUR EU", years=LATE), on=THEN, eu_csddd_2024="not-bound", source=f"{EU} (more than)"),
    of("eu-of-the-old-size", "ES", *both("employees 3500 worldwide", "turnover 950000000 EUR worldwide",
       "royalties 0 EUR EU", years=LATE), on=THEN, eu_csddd_2024="not-bound", source=f"{EU}; not the text of 2024"),
    of("eu-one-year", "ES", "employees 6000 worldwide 2028", "turnover 2000000000 EUR worldwide 2028", on=THEN,
       eu_csddd_2024="unknown", source=f"{EU}; the year before is not told"),
    of("third-large", "US", *both("turnover 1600000000 EUR EU", "employees 90 worldwide", years=LATE), on=THEN,
       eu_csddd_2024="bound", source=THIRD),
    of("third-many-staff", "US", *both("turnover 400000000 EUR EU", "employees 60000 worldwide", "royalties 0 EUR EU",
       years=LATE), on=THEN, eu_csddd_2024="not-bound", source=THIRD),
    of("third-franchise", "US", *both("turnover 300000000 EUR EU", "royalties 80000000 EUR EU", years=LATE), on=THEN,
       eu_csddd_2024="unknown", source=f"{THIRD}; franchises over EUR 75 m and 275 m, where the agreements are such"),
    # California: more than the figure, and two sectors alone.
    of("cal-at-the-figure", "US", "turnover 100000000 USD worldwide 2025", "business-in US-CA 2025", sector="1410",
       us_ca_tscsa_2010="not-bound", source=CAL),
    of("cal-one-more", "US", "turnover 100000001 USD worldwide 2025", "business-in US-CA 2025", sector="1410",
       us_ca_tscsa_2010="bound", source=CAL),
    of("cal-wholesale", "US", "turnover 200000000 USD worldwide 2025", "business-in US-CA 2025", sector="4641",
       us_ca_tscsa_2010="not-bound", source=CAL),
    of("cal-business-not-told", "US", "turnover 200000000 USD US 2025", sector="4771",
       us_ca_tscsa_2010="unknown", source=CAL),
    of("cal-sector-not-told", "US", "turnover 200000000 USD worldwide 2025", "business-in US-CA 2025",
       us_ca_tscsa_2010="unknown", source=CAL),
    # France: seat, two years running, and the claim of a report.
    of("fr-us-firm", "US", *both("employees 6000 FR", "employees 20000 worldwide"), fr_vigilance_2017="not-bound",
       source=f"{FR}; a US firm without a seat in France"),
    of("fr-at-the-figure", "FR", *both("employees 5000 FR"), fr_vigilance_2017="bound", source=FR),
    of("fr-grown", "FR", "employees 5200 FR 2025", "employees 9000 worldwide 2025", "employees 4800 FR 2024",
       "employees 8000 worldwide 2024", fr_vigilance_2017="not-bound", source=FR),
    of("fr-one-year", "FR", "employees 6000 FR 2025", fr_vigilance_2017="unknown", source=FR),
    of("fr-of-the-claim", "FR", *both("employees 3000 FR", "employees 3000 worldwide"), fr_vigilance_2017="not-bound",
       source=f"{FR}; 500 in Europe stands in a report alone"),
    # Canada: two of three in one of two years, or listed; goods.
    of("ca-two-of-three", "CA", "turnover 50000000 CAD worldwide 2025", "employees 300 worldwide 2025", sector="1410",
       ca_s211_2023="bound", source=CA),
    of("ca-listed", "CA", "listed 1 CA 2025", "employees 3 worldwide 2025", sector="4771",
       ca_s211_2023="bound", source=CA),
    of("ca-last-year", "CA", *("turnover 1 CAD worldwide 2025", "assets 1 CAD worldwide 2025"),
       "turnover 40000000 CAD worldwide 2024", "assets 20000000 CAD worldwide 2024", sector="1410",
       ca_s211_2023="bound", source=CA),
    of("ca-one-of-three", "CA", *both("turnover 50000000 CAD worldwide", "assets 1 CAD worldwide",
       "employees 249 worldwide"), "listed 0 CA 2025", sector="1410", ca_s211_2023="not-bound", source=CA),
    of("ca-services", "CA", "turnover 50000000 CAD worldwide 2025", "employees 300 worldwide 2025", sector="6201",
       ca_s211_2023="unknown", source=f"{CA}; whether it deals in goods is not told"),
    # The United Kingdom and Australia.
    of("gb-at-the-figure", "GB", "turnover 36000000 GBP worldwide 2025 group", uk_msa_2015="bound", source=GB),
    of("gb-below", "GB", "turnover 35999999 GBP worldwide 2025 group", uk_msa_2015="not-bound", source=GB),
    of("gb-below-alone", "GB", "turnover 35999999 GBP worldwide 2025 own", uk_msa_2015="unknown",
       source=f"{GB}, with that of subsidiaries"),
    of("gb-from-abroad", "US", "turnover 40000000 GBP worldwide 2025", "business-in GB 2025",
       uk_msa_2015="bound", source=GB),
    of("gb-no-business", "US", "turnover 40000000 GBP worldwide 2025", "employees 4 GB 2025", "business-in:0 GB 2025",
       uk_msa_2015="not-bound", source=GB),
    of("gb-in-dollars", "GB", "turnover 90000000 USD worldwide 2025", uk_msa_2015="unknown",
       source=f"{GB}; nothing is converted"),
    of("gb-one-old-fact", "GB", "turnover 50000000 GBP worldwide 2011", uk_msa_2015="bound",
       source=f"{GB}; by a figure that is fifteen years old"),
    of("gb-newer-and-smaller", "GB", "turnover 50000000 GBP worldwide 2023", "turnover 20000000 GBP worldwide 2025",
       uk_msa_2015="not-bound", source=f"{GB}; the newest figure"),
    of("gb-next-year", "GB", "turnover 50000000 GBP worldwide 2027", uk_msa_2015="unknown",
       source=f"{GB}; a figure of after the asked day is none"),
    of("au-at-the-figure", "AU", "turnover 100000000 AUD worldwide 2025 group", au_msa_2018="bound", source=AU),
    of("au-alone", "AU", "turnover 90000000 AUD worldwide 2025 own", au_msa_2018="unknown", source=AU),
    # Germany and Belgium: two sets of thresholds, and a law that ended.
    of("de-at-the-figure", "DE", "employees 1000 DE 2025", de_lksg_2023="bound", source=DE),
    of("de-worldwide", "DE", "employees 1200 worldwide 2025", de_lksg_2023="unknown", source=DE),
    of("de-branch", "US", "branch DE 2025", "employees 1500 DE 2025", de_lksg_2023="bound", source=DE),
    of("de-no-branch-told", "US", "employees 1500 DE 2025", de_lksg_2023="unknown", source=DE),
    of("de-in-2023", "DE", "employees 1200 DE 2023", on="2023-06-30", de_lksg_2023="not-yet", source=DE),
    of("be-in-2020", "BE", "listed 1 BE 2019", "employees 600 worldwide 2019", "assets 20000000 EUR worldwide 2019",
       on="2020-06-30", be_due_diligence_2017="bound", source=BE),
    of("be-today", "BE", "listed 1 BE 2019", "employees 600 worldwide 2019", "assets 20000000 EUR worldwide 2019",
       be_due_diligence_2017="repealed", be_csrd_2024="conditional", source=BE),
    # Laws without a size, on hold, proposed; conditions that no fact tells.
    of("us-importer", "US", "importer-of-record US 2025", us_307_1930="bound", us_uflpa_2021="conditional",
       us_eo_customs_2026="not-yet", us_301_forced_labour_2026="proposed", source=US),
    of("us-no-importer", "US", "importer-of-record:0 US 2025", us_307_1930="not-bound",
       us_uflpa_2021="not-bound", source=US),
    of("us-contractor", "US", "contractor US 2025", "contract-value 800000 USD worldwide 2025",
       us_far_22_17="bound", source=FAR),
    of("nl-today", "NL", "employees 90000 NL 2025", nl_child_labour_2019="on-hold",
       source="Netherlands, act of 2019: never begun"),
    of("nz-today", "NZ", "turnover 200000000 NZD worldwide 2025", nz_modern_slavery_bill="proposed",
       source="New Zealand: a bill"),
    of("in-listed", "IN", "listed 1 IN 2025", in_brsr="conditional",
       source="India: the 1,000 of the highest market value"),
    of("mx-importer", "MX", "importer-of-record MX 2025", mx_import_ban_2023="conditional",
       source="Mexico: goods that are named"),
    of("eu-no-minerals", "FI", "import-volume 0 EU 2025", eu_2017_821="not-bound",
       source="Regulation 2017/821: importers alone"),
    # Where nobody looked, and where nothing is known.
    of("ke-trader", "KE", "turnover 1000000000 KES worldwide 2025", "employees 400 KE 2025",
       source="no law of Kenya is held"),
    of("at-maker", "AT", "employees 400 AT 2025", eu_flr_2024="not-yet",
       source="Austria: none known in November 2026"),
)  # fmt: skip
NAMED = {company.id: company for company in COMPANIES}
PLACED = ("seat", "branch", "business-in", "importer-of-record", "contractor")
CURRENCIES = {"NOK", "CHF", "EUR", "USD", "CAD", "GBP", "AUD", "NZD", "KES"}


def told(company: Company, fact: str) -> dict[str, str]:
    """A fact as a row: of a seat, a branch and the like the place is the value, as people write it."""
    words = fact.split(" ")
    row = {"actor": company.id, "metric": words[0]}
    if words[-1] in ("group", "own"):
        row["consolidated"] = "true" if words.pop() == "group" else "false"
    row["year"] = words.pop()
    metric, _, nothing = row["metric"].partition(":")
    row["metric"], row["scope"] = metric, words.pop()
    if nothing:
        return {**row, "value": nothing}
    if metric in PLACED:
        row["value"] = row.pop("scope")
        return row
    if words[-1] in CURRENCIES:
        row["currency"] = words.pop()
    return {**row, "value": words[1]}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the shipped laws and the companies."""
    folder = tmp_path_factory.mktemp("companies")
    graph = Graph.open(folder / "data", create=True)
    laws = Path(__file__).parents[1] / "graph" / "datasets" / "laws"
    assert graph.contribute(laws).new
    package = folder / "firms"
    package.mkdir()
    columns = ["actor", "metric", "value", "currency", "scope", "year", "consolidated"]
    facts = [told(company, fact) for company in COMPANIES for fact in company.facts]
    actors = [
        {"id": c.id, "name": c.id, "kind": "legal-entity", "country": c.country, "sector": c.sector}
        for c in COMPANIES
    ]
    for name, fields, rows in (("actors", list(actors[0]), actors), ("actor_facts", columns, facts)):
        with (package / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields)
            writer.writeheader()
            writer.writerows(rows)
    said = {
        "name": "firms", "title": "Firms (invented)", "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": name, "path": f"{name}.csv"} for name in ("actors", "actor_facts")],
    }  # fmt: skip
    (package / "datapackage.json").write_text(json.dumps(said), "utf-8")
    assert graph.contribute(package).new
    return graph


def ask(graph: Graph, company: Company) -> dict[str, Any]:
    return graph.view().obligations(f"firms/{company.id}", company.on)


def law(found: dict[str, Any], id: str) -> dict[str, Any]:
    (one,) = (each for each in found["laws"] if each["law"]["id"] == f"laws/law/{id}")
    assert isinstance(one, dict)
    return one


def test_there_are_forty_companies_and_more_each_with_its_source() -> None:
    assert len(NAMED) == len(COMPANIES) >= 40
    assert all(company.source for company in COMPANIES)


@pytest.mark.parametrize("id", NAMED)
def test_a_company_has_the_outcome_that_was_worked_out_by_hand(graph: Graph, id: str) -> None:
    company, found = NAMED[id], ask(graph, NAMED[id])
    outcomes = {each["law"]["id"].removeprefix("laws/law/"): each["outcome"] for each in found["laws"]}
    assert {name: outcomes.get(name) for name in company.outcomes} == company.outcomes, company.source


@pytest.mark.parametrize("id", NAMED)
def test_what_is_unknown_or_depends_on_more_says_on_what(graph: Graph, id: str) -> None:
    for each in ask(graph, NAMED[id])["laws"]:
        figures = [
            t
            for s in each["by_source"]
            for g in s["groups"]
            for t in g["thresholds"]
            if t["verdict"] == "unknown"
        ]
        years = [
            y for s in each["by_source"] for g in s["groups"] for y in g["years"] if y["verdict"] == "unknown"
        ]
        if each["outcome"] in ("unknown", "conditional"):
            assert each["not_tested"] or figures or years, each["law"]["id"]
            assert all(item["condition"] and item["why"] for item in each["not_tested"])
        if each["outcome"] == "bound":
            assert each["law"]["status"] not in ("proposed", "on-hold", "not-enforced")


@pytest.mark.parametrize(
    ("id", "name", "condition"),
    [
        ("no-from-sweden", "no-apenhetsloven-2021", "seat in NO or liable to tax in NO"),
        ("ch-large", "ch-or-964j", "there is a reasonable suspicion of child labour"),
        ("cal-business-not-told", "us-ca-tscsa-2010", "business in US-CA"),
        ("cal-sector-not-told", "us-ca-tscsa-2010", "sector in ISIC 10-33, 47; not in ISIC 01-03, 05-09, 35-46, 49-99"),
        ("de-no-branch-told", "de-lksg-2023", "branch in DE or seat in DE"),
        ("ca-services", "ca-s211-2023", "sector in ISIC 01-03, 05-09, 10-33, 45-47"),
        ("fr-at-the-figure", "fr-vigilance-2017", "a controlled company that the plan of its parent covers"),
        ("gb-in-dollars", "uk-msa-2015", "public bodies are outside section 54"),
    ],
)  # fmt: skip
def test_a_condition_that_nothing_tells_is_named_as_not_tested(
    graph: Graph, call: Command, id: str, name: str, condition: str
) -> None:
    found = law(ask(graph, NAMED[id]), name)
    assert condition in [item["condition"] for item in found["not_tested"]]
    where = ("--data", str(graph.store.path), "--on", NAMED[id].on)
    assert f"not tested: {condition} (" in call("obligations", f"firms/{id}", *where, COLUMNS="400").out


def test_a_seat_elsewhere_says_why_a_law_does_not_bind(graph: Graph) -> None:
    sources = law(ask(graph, NAMED["fr-us-firm"]), "fr-vigilance-2017")["by_source"]
    (group,) = next(each for each in sources if each["outcome"] != "claim")["groups"]
    assert (group["size"], group["verdict"]) == ("yes", "no")
    assert group["conditions"] == [
        {"condition": "seat in FR", "verdict": "no", "why": "it is established in US"}
    ]


def test_the_french_claim_is_shown_beside_the_law_and_never_counted(graph: Graph) -> None:
    found = law(ask(graph, NAMED["fr-of-the-claim"]), "fr-vigilance-2017")
    report, text = found["by_source"]
    assert (report["source"], report["outcome"]) == ("2017 OSCE workshop report, France paragraph", "claim")
    assert [t["minimum"] for t in report["groups"][0]["thresholds"] if t["verdict"] == "yes"] == [500]
    assert text["outcome"] == found["outcome"] == "not-bound"


def test_an_old_fact_says_how_old_it_is(graph: Graph, call: Command) -> None:
    found = ask(graph, NAMED["gb-one-old-fact"])
    assert found["facts"][0]["age"] == 15
    fact = law(found, "uk-msa-2015")["by_source"][0]["groups"][0]["thresholds"][0]["fact"]
    assert (fact["year"], fact["age"]) == ("2011", 15)
    where = ("--data", str(graph.store.path), "--on", TODAY)
    shown = call("obligations", "firms/gb-one-old-fact", *where, COLUMNS="400").out
    assert "turnover 50,000,000 GBP (worldwide, 2011, 15 years old)" in shown


def test_two_years_running_are_shown_year_by_year(graph: Graph) -> None:
    source = law(ask(graph, NAMED["fr-grown"]), "fr-vigilance-2017")["by_source"][1]
    assert [(year["year"], year["verdict"]) for year in source["groups"][0]["years"]] == [
        ("2025", "yes"),
        ("2024", "no"),
    ]


def test_the_german_report_is_told_as_not_enforced_and_the_due_diligence_as_due(
    graph: Graph, call: Command
) -> None:
    duties = law(ask(graph, NAMED["de-at-the-figure"]), "de-lksg-2023")["obligations"]
    assert {duty["kind"]: duty["status"] for duty in duties} == {
        "due-diligence": None,
        "report": "not-enforced",
    }


def test_of_an_amended_law_both_sets_are_shown_and_one_counts(graph: Graph) -> None:
    sources = law(ask(graph, NAMED["eu-of-the-old-size"]), "eu-csddd-2024")["by_source"]
    assert [each["outcome"] for each in sources] == ["not-bound", "superseded"]
    assert [group["size"] for group in sources[1]["groups"]] == ["yes", "yes"]
    before = graph.view().obligations("firms/eu-of-the-old-size", "2026-03-01")
    assert law(before, "eu-csddd-2024")["outcome"] == "not-yet"


def test_a_contractor_is_bound_by_prohibitions_and_the_plan_is_not_tested(graph: Graph) -> None:
    (source,) = law(ask(graph, NAMED["us-contractor"]), "us-far-22-17")["by_source"]
    verdicts = {
        group["group"]: (group["size"], group["verdict"], group["superseded"]) for group in source["groups"]
    }
    assert verdicts == {
        "compliance-plan-2015": ("yes", "unknown", True),
        "compliance-plan-2020": ("yes", "unknown", True),
        "compliance-plan-2025": ("yes", "unknown", False),
        "prohibitions": ("yes", "yes", False),
    }


# What is covered.


@pytest.mark.parametrize(("id", "looked", "missing"), [
    ("no-two-of-three", {"NO": ("held", "2026-11")}, []),
    ("ch-small", {"CH": ("held", "2026-11")}, []),
    ("at-maker", {"AT": ("none-known", "2026-11"), "EU": ("held", "2026-11")}, []),
    ("nl-today", {"NL": ("none-in-force", "2026-11"), "EU": ("held", "2026-11")}, []),
    ("eu-large", {"EU": ("held", "2026-11")}, ["ES"]),  # the acts of the Union, and nothing of Spain
    ("ke-trader", {}, ["KE"]),
    ("cal-one-more", {"US": ("held", "2026-11"), "US-CA": ("held", "2026-11")}, []),
])  # fmt: skip
def test_a_company_is_told_what_was_looked_at_and_what_was_not(
    graph: Graph, id: str, looked: dict[str, tuple[str, str]], missing: list[str]
) -> None:
    found = ask(graph, NAMED[id])["coverage"]
    assert {row["jurisdiction"]: (row["result"], row["checked"]) for row in found["jurisdictions"]} == looked
    assert found["not_covered"] == missing
    assert len(found["looked_at"]) == 29


def test_silence_about_kenya_is_not_that_nothing_binds_there(graph: Graph, call: Command) -> None:
    assert ask(graph, NAMED["ke-trader"])["laws"] == []
    where = ("--data", str(graph.store.path))
    shown = call("obligations", "firms/ke-trader", *where, COLUMNS="400").out
    assert "Not looked at: KE. That no law of KE is listed does not mean that nothing binds there." in shown
    assert "All that was looked at: AT, AU, AU-NSW, BE," in shown
    shown = call("obligations", "firms/no-two-of-three", *where, COLUMNS="400").out
    assert "Looked at: NO (checked 2026-11; its laws are held)" in shown


@pytest.mark.parametrize("id", ["no-two-of-three", "ke-trader", "eu-large", "us-contractor", "fr-grown"])
def test_command_and_service_say_the_same_of_a_company(graph: Graph, call: Command, id: str) -> None:
    company = NAMED[id]
    said = call(
        "obligations",
        f"firms/{id}",
        "--on",
        company.on,
        "--format",
        "json",
        "-q",
        "--data",
        str(graph.store.path),
    )
    with TestClient(create_app(graph)) as client:
        answer = client.get("/obligations", params={"actor": f"firms/{id}", "on": company.on})
    assert json.loads(said.out) == answer.json()
