"""The shipped laws, row by row against the tables of facts that they were made from, where these are at hand."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

LAWS = Path(__file__).parents[1] / "graph" / "datasets" / "laws"
SHARED = Path(os.environ.get("OPENTIER_SHARED") or Path(__file__).parents[2] / "shared")
FACTS = SHARED / "facts"
Row = dict[str, str]

#: Tests of every row are not there where the tables are not.
here = pytest.mark.skipif(
    not (FACTS / "laws_2026-11.csv").is_file(), reason="the tables of facts are not here"
)


def rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHIPPED = {row["id"]: row for row in rows(LAWS / "laws.csv")}
THRESHOLDS = rows(LAWS / "thresholds.csv")
DUTIES = rows(LAWS / "obligations.csv")
COVERAGE = {row["jurisdiction"]: row for row in rows(LAWS / "law_coverage.csv")}
NOW = rows(FACTS / "laws_2026-11.csv")
CONDITIONS = rows(FACTS / "law_conditions_2026-11.csv")
ERRORS = rows(FACTS / "laws_shipped_errors.csv")
FIRST = rows(FACTS / "laws.csv")

#: How a row of the facts says that it is not of a law.
NO_LAW = {"at-none"}
#: What their words for a status are as a code.
STATUS = {
    "in force": "in-force", "duties in force": "in-force", "due diligence postponed": "in-force",
    "list maintained": "in-force",
    "amended; binds": "adopted", "amended; national": "adopted", "amended; transposition": "in-force",
    "signed": "adopted", "determination": "proposed", "not in force": "proposed", "published 2019": "on-hold",
    "replaces": "in-force", "voluntary": "", "two bills": "proposed", "draft": "proposed", "no binding act": "proposed",
    "introduced": "proposed",
}  # fmt: skip
KINDS = {
    "reporting": "reporting", "procurement": "procurement", "criminal": "criminal", "voluntary": "voluntary",
    "trade restriction": "trade-restriction", "human rights due diligence": "human-rights-due-diligence",
    "recruitment regulation": "recruitment-regulation", "public register": "public-register",
}  # fmt: skip
#: What the facts call what a law is bound by, as codes of ours; the rest of it is a condition in words.
BOUND = {
    "au-entity-or-business-in-AU": {"seat", "business-in"},
    "business-or-assets-in-CA+goods": {"business-in", "assets-in"},
    "listed-in-CA+goods": set(),  # the metric says it
    "seat-or-branch-in-DE": {"seat", "branch"},
    "eu-company": {"seat"},
    "eu-company+franchise": {"seat"},
    "third-country-company": {"third-country"},
    "third-country-company+franchise": {"third-country"},
    "third-country-group+EU-subsidiary-or-branch": {"third-country"},
    "seat-in-FR": {"seat"},
    "business-in-GB": {"business-in"},
    "business-in-US-CA+retail-or-manufacturer": {"business-in"},
    "contractor+not-COTS": {"contractor"},
    "resident-in-NO-or-taxable-in-NO": {"seat", "taxable"},
    "public-limited-or-listed-in-NO": {"seat", "taxable"},
    "seat-in-CH+suspicion-of-child-labour": {"seat"},
    "places-batteries-on-EU-market": set(),
    "listed-or-PIE-in-BE": {"listed", "public-interest-entity"},
    "business-in-NZ": {"business-in"},
}
#: Where the facts add that more must hold, the condition in words speaks of it.
MORE = {"franchise": "franchise", "suspicion": "suspicion", "COTS": "off-the-shelf", "batteries": "batteries"}
SURE = {
    "general": "general", "secondary": "secondary", "primary": "primary", "primary (old text)": "primary",
    "shipped": "general",
    "general (check FAC 2025-06)": "unverified",
}  # fmt: skip
METRICS = {"turnover-of-EU-subsidiary-or-branch": "subsidiary-turnover"}
#: Laws whose exceptions are what their conditions leave out.
IN_CONDITIONS = ("us-far-22-17", "au-nsw-msa-2018", "mx-import-ban-2023")
#: Groups that the facts hold in words, not as conditions.
WORDS = {
    ("fr-vigilance-2017", "osce-report"), ("us-far-22-17", "prohibitions"), ("ch-or-964j", "minerals"),
    ("ch-or-964a", "assets"), ("ch-or-964a", "turnover"), ("eu-2017-821", "volumes"),
    ("be-due-diligence-2017", "turnover"), ("no-apenhetsloven-2021", "public-limited"),
}  # fmt: skip


def days(text: str) -> list[str]:
    return re.findall(r"\d{4}-\d{2}-\d{2}", text)


def sure(text: str) -> str:
    """How sure the facts say they are, as a code: the first that they name."""
    first = re.split(r"[;:(]", text)[0]
    for word, code in (("primary", "primary"), ("secondary", "secondary"), ("general", "general")):
        if word in first:
            return code
    raise AssertionError(text)


@pytest.mark.parametrize("row", NOW, ids=lambda row: row["id"])
def test_a_law_of_november_2026_is_shipped_as_the_facts_have_it(row: Row) -> None:
    if row["id"] in NO_LAW:
        assert COVERAGE[row["jurisdiction"]]["result"] == "none-known"
        return
    law = SHIPPED[row["id"]]
    assert law["jurisdiction"] == row["jurisdiction"]
    assert law["checked"] == "2026-11"
    assert law["confidence"] == sure(row["confidence"])
    status = next(code for word, code in STATUS.items() if row["status_2026_11"].startswith(word))
    assert law["status"] == status
    stated = {code for word, code in KINDS.items() if word in row["kind"]}
    assert set(law["kinds"].split("|")) == stated
    if days(row["in_force"]):
        assert law["in_force"] == days(row["in_force"])[0]
    if days(row["applies_from"]):
        assert law["applies_from"] or law["in_force"]
        assert (
            days(row["applies_from"])[0] in (law["applies_from"], law["in_force"])
            or row["id"] == "de-lksg-2023"
        )
    seen = [
        part.strip().split(" ")[0]
        for part in row["source_seen"].split(";")
        if part.strip().startswith("http")
    ]
    assert all(address in law["source"] for address in seen)
    if row["exceptions"] and not row["exceptions"].startswith("none"):
        assert law["exceptions"] or row["id"] in IN_CONDITIONS


def test_nothing_of_how_the_facts_were_collected_is_shipped() -> None:
    for path in LAWS.iterdir():
        assert not re.search(
            r"_file id|_crosscheck|mission\.md|importer\.md|code hits", path.read_text("utf-8")
        ), path


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row["id"])
def test_a_law_of_the_founding_documents_is_shipped(row: Row) -> None:
    law = SHIPPED[row["id"]]
    assert law["jurisdiction"] == row["jurisdiction"].upper()
    if row["year"]:
        assert law["year"] == row["year"]
    if row["threshold_amount"]:
        same = [t for t in THRESHOLDS if t["law"] == row["id"] and t["minimum"] == row["threshold_amount"]]
        assert {t["currency"] for t in same} == {row["threshold_currency"]}
    assert law["kinds"]


@pytest.mark.parametrize(
    "row", CONDITIONS, ids=lambda row: f"{row['law']}-{row['group']}-{row['metric']}-{row['scope']}"
)
def test_a_condition_is_a_threshold_as_the_facts_have_it(row: Row) -> None:
    metric = METRICS.get(row["metric"], row["metric"])
    scope = {"outside-US": "worldwide", "unverified": ""}.get(row["scope"], row["scope"])
    (found,) = (
        t
        for t in THRESHOLDS
        if (t["law"], t["group"], t["metric"], t["scope"]) == (row["law"], row["group"], metric, scope)
    )
    assert Decimal(found["minimum"]) == Decimal(row["minimum"].rstrip("?"))
    assert found["comparator"] == row["comparator"].replace("unverified", "")
    assert found["currency"] == row["currency"]
    assert found["years"] == row["years"]
    assert found["rule"] == row["rule"]
    assert found["valid_from"] == row["valid_from"].replace("proposed", "")
    assert found["valid_to"] == row["valid_to"].removeprefix("superseded ")
    assert found["confidence"] == SURE[row["source_confidence"]]
    assert found["checked"] == "2026-11"
    assert found["source"]
    group = {"": {""}, "own": {"false"}}.get(row["consolidated"], {"true"})
    assert found["consolidated"] in group or row["law"] == "nz-modern-slavery-bill"
    law = SHIPPED[row["law"]]
    bound = found["bound_class"] or law["bound_class"]
    assert set(filter(None, bound.split("|"))) == BOUND[row["bound_class"]]
    said = f"{found['conditions']} {law['conditions']}"
    assert all(said.count(word) for name, word in MORE.items() if name in row["bound_class"])
    assert "goods" not in row["bound_class"] or law["sectors_in"]
    assert "retail" not in row["bound_class"] or law["sectors_in"] == "10-33|47"
    assert row["scope"] != "outside-US" or "outside the United States" in said


@here
def test_no_threshold_is_shipped_that_the_facts_do_not_hold() -> None:
    held = {(row["law"], row["group"]) for row in CONDITIONS}
    assert {(t["law"], t["group"]) for t in THRESHOLDS} - held == WORDS
    assert all(
        t["comparator"] and t["source"] and t["confidence"]
        for t in THRESHOLDS
        if t["law"] != "nz-modern-slavery-bill"
    )


def test_what_the_dataset_says_of_its_size_is_counted() -> None:
    counts = {
        name: len(rows(LAWS / f"{name}.csv"))
        for name in ("laws", "obligations", "thresholds", "law_coverage")
    }
    said = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", README, re.MULTILINE))
    assert {name: int(count) for name, count in said.items()} == counts
    assert len({t["law"] for t in THRESHOLDS}) == 16
    assert "for sixteen laws" in README
    described = (LAWS / "datapackage.json").read_text("utf-8")
    assert f'"description": "{counts["laws"]} laws' in described
    assert README.startswith(f"# Laws and instruments\n\n{counts['laws']} laws")


DEADLINES = {
    "au-msa-2018": "6 months", "ca-s211-2023": "31 May", "uk-msa-2015": "6 months", "us-307-1930": "3 months",
    "us-uflpa-2021": "30 days", "us-dodd-frank-1502": "31 May", "eu-csddd-2024": "2030-01-01",
    "eu-flr-2024": "2027-12-14",
    "eu-eudr-2023": "2026-12-30", "eu-batteries-2023": "2027-08-18", "no-apenhetsloven-2021": "30 June",
    "ch-or-964j": "6 months", "eu-csrd-2022": "2028", "de-lksg-2023": "none is enforced",
}  # fmt: skip


@here
def test_every_next_deadline_of_the_facts_is_a_rule_of_a_duty() -> None:
    due = {row["id"] for row in NOW if row["next_deadline"]} - {"us-301-forced-labour-2026"}
    assert due == set(DEADLINES)
    for law, text in DEADLINES.items():
        assert any(text in duty["deadline_rule"] for duty in DUTIES if duty["law"] == law), law


# What the first shipped dataset had wrong or lacked.


def law(id: str) -> Row:
    return SHIPPED[id]


def limits(id: str, *groups: str) -> list[Row]:
    found = [t for t in THRESHOLDS if t["law"] == id and (not groups or t["group"] in groups)]
    assert found
    return found


def duty(id: str) -> Row:
    (found,) = (each for each in DUTIES if each["id"] == id)
    return found


def told(id: str, *texts: str) -> bool:
    return all(text in SHIPPED[id]["note"] for text in texts)


README = (LAWS / "README.md").read_text("utf-8")
MISSING = (
    "no-apenhetsloven-2021", "ch-or-964j", "ch-or-964a", "ca-customs-tariff-9897", "mx-import-ban-2023",
    "us-caatsa-321", "us-dodd-frank-1502", "eu-csrd-2022", "eu-eudr-2023", "eu-batteries-2023", "br-register-2024",
    "gb-procurement-2023",
    "au-nsw-msa-2018", "in-brsr", "jp-guidelines-2022", "nz-modern-slavery-bill", "kr-bills", "th-draft", "id-draft",
)  # fmt: skip

#: The right value of each row of the errors that is about this dataset, by file, row and field.
GONE: dict[tuple[str, str, str], Callable[[], bool]] = {
    ("laws.csv", "eu-csddd-2024", "title, applies_from"): lambda: (
        "(EU) 2026/470" in law("eu-csddd-2024")["title"] and law("eu-csddd-2024")["applies_from"] == "2029-07-26"
        and told("eu-csddd-2024", "18 March 2026", "26 July 2028")
    ),
    ("thresholds.csv", "eu-csddd-2024 groups 2028 and 2029 (4 rows)", "minimum, group"): lambda: (
        {t["valid_to"] for t in limits("eu-csddd-2024", "2028", "2029")} == {"2026-03-18"}
        and {(t["metric"], t["minimum"], t["valid_from"]) for t in limits("eu-csddd-2024", "eu")}
        == {("employees", "5000", "2029-07-26"), ("turnover", "1500000000", "2029-07-26")}
    ),
    ("thresholds.csv", "eu-csddd-2024", "missing rows"): lambda: (
        {t["scope"] for t in limits("eu-csddd-2024", "third-country")} == {"EU"}
        and {t["minimum"] for t in limits("eu-csddd-2024", "franchise-eu")} == {"75000000", "275000000"}
        and all(t["consolidated"] == "true" for t in limits("eu-csddd-2024"))
    ),
    ("obligations.csv", "eu-csddd-2024-statement", ""): lambda: (
        "2030-01-01" in duty("eu-csddd-2024-statement")["deadline_rule"]
        and told("eu-csddd-2024", "civil liability", "climate plan", "3 %")
    ),
    ("README.md", "Left out on purpose", ""): lambda: "Omnibus" not in README,
    ("laws.csv", "de-lksg-2023", "status"): lambda: (
        told("de-lksg-2023", "contested and not enforced", "1 October 2025", "21/2474")
    ),
    ("obligations.csv", "de-lksg-2023-report", ""): lambda: duty("de-lksg-2023-report")["status"] == "not-enforced",
    ("thresholds.csv", "de-lksg-2023", "scope, consolidation"): lambda: (
        all(t["consolidated"] == "true" and "branch" in t["note"] for t in limits("de-lksg-2023"))
        and law("de-lksg-2023")["bound_class"] == "seat|branch"
    ),
    ("laws.csv", "fr-vigilance-2017", "in_force"): lambda: law("fr-vigilance-2017")["in_force"] == "2017-03-29",
    ("obligations.csv, thresholds.csv", "fr-vigilance-2017", "article"): lambda: all(
        "L. 225-102-1" in row["source"]
        for row in (
            *limits("fr-vigilance-2017", "law"), duty("fr-vigilance-2017-plan"), duty("fr-vigilance-2017-publication"),
        )
    ),
    ("thresholds.csv", "fr-vigilance-2017 law", "condition"): lambda: (
        law("fr-vigilance-2017")["bound_class"] == "seat"
        and {t["years"] for t in limits("fr-vigilance-2017", "law")} == {"2"}
        and "its parent covers" in law("fr-vigilance-2017")["exceptions"]
    ),
    ("thresholds.csv", "fr-vigilance-2017 osce-report", "weight"): lambda: (
        {(t["minimum"], t["scope"], t["rule"], t["confidence"]) for t in limits("fr-vigilance-2017", "osce-report")}
        == {("500", "EU", "any", "contradicted"), ("10000", "worldwide", "any", "contradicted")}
    ),
    ("thresholds.csv", "us-ca-tscsa-2010", "comparator, sector"): lambda: (
        {t["comparator"] for t in limits("us-ca-tscsa-2010")} == {"more-than"}
        and law("us-ca-tscsa-2010")["sectors_in"] == "10-33|47"
    ),
    ("thresholds.csv", "us-far-22-17", "minimum"): lambda: (
        [(t["minimum"], t["valid_from"]) for t in limits("us-far-22-17") if t["metric"] == "contract-value"]
        == [("500000", "2015-03-02"), ("550000", "2020-10-01"), ("700000", "2025-10-01")]
        and limits("us-far-22-17", "compliance-plan-2025")[0]["confidence"] == "unverified"
    ),
    ("thresholds.csv", "be-due-diligence-2017 (6 rows)", "comparator, valid_to"): lambda: (
        {(t["comparator"], t["valid_to"]) for t in limits("be-due-diligence-2017")} == {("more-than", "2023-12-31")}
    ),
    ("laws.csv", "eu-2011-36", "amended"): lambda: told("eu-2011-36", "(EU) 2024/1712", "15 July 2026"),
    ("laws.csv", "eu-flr-2024", "state"): lambda: (
        told("eu-flr-2024", "Single Portal", "30 June 2026", "No size is exempt")
    ),
    ("laws.csv", "us-uflpa-2021 / us-307-1930", "guidance"): lambda: all(
        told(id, "5560-0526", "12 June 2026") for id in ("us-uflpa-2021", "us-307-1930")
    ),
    ("thresholds.csv", "ca-s211-2023", "condition"): lambda: (
        bool(law("ca-s211-2023")["sectors_in"])
        and {t["bound_class"] for t in limits("ca-s211-2023", "size")} == {"business-in|assets-in"}
    ),
    ("thresholds.csv", "au-msa-2018", "source"): lambda: (
        "section 5" in limits("au-msa-2018")[0]["source"] and "para 29(b)" in limits("au-msa-2018")[0]["source"]
        and "Annex table 1" not in limits("au-msa-2018")[0]["source"]
    ),
    ("laws.csv", "nl-child-labour-2019", "state"): lambda: (
        law("nl-child-labour-2019")["status"] == "on-hold" and law("nl-child-labour-2019")["checked"] == "2026-11"
    ),
    ("laws.csv", "ua-mediators", "kind"): lambda: law("ua-mediators")["status"] == "proposed",
    ("laws.csv", "uk-msa-2015", "thresholds"): lambda: (
        [(t["minimum"], t["comparator"]) for t in limits("uk-msa-2015")] == [("36000000", "at-least")]
    ),
    ("laws.csv", "by-procurement-2013", "in_force"): lambda: (
        not law("by-procurement-2013")["in_force"] and law("by-procurement-2013")["confidence"] == "unverified"
    ),
    ("laws.csv", "missing", ""): lambda: set(MISSING) <= set(SHIPPED) and told("ca-customs-tariff-9897", "C-251"),
    ("laws.csv", "all", "coverage"): lambda: (
        (COVERAGE["AT"]["result"], COVERAGE["AT"]["checked"]) == ("none-known", "2026-11")
    ),
}  # fmt: skip


@here
def test_every_error_that_is_about_this_dataset_is_held_to_its_right_value() -> None:
    ours = ("laws.csv", "thresholds.csv", "obligations.csv", "README.md", "obligations.csv, thresholds.csv")
    assert {(row["file"], row["row"], row["field"]) for row in ERRORS if row["file"] in ours} == set(GONE)


@pytest.mark.parametrize("error", GONE, ids=" ".join)
def test_an_error_of_the_first_dataset_is_gone(error: tuple[str, str, str]) -> None:
    assert GONE[error](), error


def test_every_jurisdiction_of_a_company_law_was_looked_at_or_says_that_it_was_not() -> None:
    bodies = {"EU", "ILO", "UN", "OECD", "OSCE", "COE", "ASEAN", "INT"}
    assert {row["jurisdiction"] for row in SHIPPED.values()} - bodies <= set(COVERAGE)
    assert {row["jurisdiction"] for row in NOW} <= set(COVERAGE)
    assert all(bool(row["checked"]) == (row["result"] != "not-rechecked") for row in COVERAGE.values())
