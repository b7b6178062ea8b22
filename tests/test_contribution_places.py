"""Countries and regions of contributions: one code for each place, whatever it is called, or that there is none."""

from __future__ import annotations

from pathlib import Path

import pycountry
import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.model import regions, resources
from opentier.graph.model.cells import CellError
from opentier.graph.report.report import Finding
from opentier.graph.store.directory import Store
from opentier.graph.triples.engine import Fields
from tests.broken import GOOD, RDF, Rows, write

#: A row of each table that has a region, but for its country and region.
ROWS = {
    "actors": {"id": "delta", "name": "Delta Farms"},
    "designations": {"id": "d-2", "kind": "regional-presumption", "authority": "Some authority"},
    "incidents": {"id": "i-1", "status": "alleged", "indicators": "debt-bondage", "evidence": "ev-1"},
}
TURTLE = """
@prefix ot: <https://w3id.org/opentier/ns#> .
<delta> a ot:Organisation ; <http://www.w3.org/2000/01/rdf-schema#label> "Delta" ; ot:country %s ; ot:region %s .
"""


def package(folder: Path, table: str, country: str, region: str) -> Path:
    """Write a package with one row in that country and region."""
    said = {**ROWS[table], "country": country, "region": region}
    rows = [list(said), list(said.values())]
    if table == "actors":
        header = GOOD["actors"][0]
        rows = [*GOOD["actors"], [said.get(name, "") for name in header]]
    tables: dict[str, Rows] = {**GOOD, table: rows}
    return write(folder / "package", tables)


def admitted(
    folder: Path, path: Path, options: Options, table: str = "actors"
) -> tuple[Fields, list[Finding]]:
    """Admit a contribution; return what the store holds of its last record of a table, and the warnings on regions."""
    store = Store.open(folder / "data", create=True)
    report = admission.contribute(path, options, store, lambda stage, done, total: None).report
    local = {"actors": "/delta", "designations": "/d-2", "incidents": "/i-1"}[table]
    (found,) = [fields for iri, fields in store.release().records(table) if iri.endswith(local)]
    return found, [finding for finding in report.findings if finding.column == "region"]


def place(fields: Fields) -> tuple[list[str], list[str]]:
    return list(fields.get("ot:country", ())), list(fields.get("ot:region", ()))


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize(
    ("country", "region", "found"),
    [
        ("CN", "Xinjiang", (["CN"], ["CN-XJ"])),
        ("CHN", "XUAR", (["CN"], ["CN-XJ"])),
        ("", "cn-xj", ([], ["CN-XJ"])),
        ("CN", "CN-HK", (["HK"], [])),
        ("", "CN-92", (["MO"], [])),
        ("TW", "CN-TW", (["TW"], [])),
        ("CN", "Lower Valley", (["CN"], ["Lower Valley"])),
    ],
)
def test_every_table_reads_a_region_as_its_code_and_says_so(
    tmp_path: Path, table: str, country: str, region: str, found: tuple[list[str], list[str]]
) -> None:
    fields, (warning,) = admitted(tmp_path, package(tmp_path, table, country, region), Options(), table)
    assert place(fields) == found
    assert (warning.severity, warning.value) == ("warning", region)


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize(
    ("country", "region", "said"),
    [
        ("VN", "CN-XJ", "The region CN-XJ is in CN, but the country is VN."),
        ("VN", "Xinjiang", "The region CN-XJ is in CN, but the country is VN."),
        ("CA", "US-CA", "The region US-CA is in US, but the country is CA."),
        ("CN", "TW-TPE", "The region TW-TPE is in TW, but the country is CN."),
        ("US", "CN-HK", "The region CN-HK is in HK, but the country is US."),
        ("CN", "CN-65", "ISO 3166-2 has withdrawn this code. Give its successor, CN-XJ."),
        ("", "KE-110", "Give its successor, KE-30."),
        ("CD", "CD-KA", "Give the one of its successors that is meant: CD-HK, CD-HL, CD-LU, CD-TA."),
        ("CN", "CN-ZZ", "This looks like an ISO 3166-2 code, but there is none such."),
    ],
)
def test_a_region_that_cannot_be_is_refused_at_its_cell(
    tmp_path: Path, table: str, country: str, region: str, said: str
) -> None:
    path = package(tmp_path, table, country, region)
    report = admission.validate(path, Options(), None, lambda stage, done, total: None)
    (finding,) = [finding for finding in report.findings if finding.blocks]
    assert (finding.file, finding.column, finding.value) == (f"{table}.csv", "region", region)
    assert said in f"{finding.message} {finding.advice}"


@pytest.mark.parametrize(
    ("country", "region", "found"),
    [
        ('"CN"', '"新疆"', (["CN"], ["CN-XJ"])),
        ('"CN"', '"CN-HK"', (["HK"], [])),
        ('"CN"', '"Lower Valley"', (["CN"], ["Lower Valley"])),
    ],
)
def test_rdf_is_read_as_tables_are(
    tmp_path: Path, country: str, region: str, found: tuple[list[str], list[str]]
) -> None:
    path = tmp_path / "probe.ttl"
    path.write_text(TURTLE % (country, region), "utf-8")
    fields, (warning,) = admitted(tmp_path, path, RDF)
    assert place(fields) == found
    assert warning.subject == "https://w3id.org/opentier/id/probe/delta"


def test_rdf_whose_region_contradicts_its_country_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "probe.ttl"
    path.write_text(TURTLE % ('"VN"', '"CN-XJ"'), "utf-8")
    report = admission.validate(path, RDF, None, lambda stage, done, total: None)
    assert any(
        "The region CN-XJ is in CN" in finding.message and str(finding.subject).endswith("/delta")
        for finding in report.findings
        if finding.blocks
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CN-TW", "TW"),
        ("cn-xj", "CN-XJ"),
        ("Xinjiang", "CN-XJ"),
        ("Hong Kong", "HK"),
        ("HK", "HK"),
        ("CN", "CN"),
    ],
)
def test_a_risk_is_of_the_place_that_its_subject_means(tmp_path: Path, text: str, code: str) -> None:
    rows = [["id", "subject", "likelihood"], ["r-1", text, "high"]]
    store = Store.open(tmp_path / "data", create=True)
    path = write(tmp_path / "package", {**GOOD, "risk_assessments": rows})
    report = admission.contribute(path, Options(), store, lambda stage, done, total: None).report
    ((_, fields),) = store.release().records("risk_assessments")
    assert fields["ot:subject"] == [resources.place(code, store.names).iri]
    assert [finding.value for finding in report.findings if finding.column == "subject"] == (
        [text] if text != code else []
    )


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        *((name, "CN", "CN-XJ") for name in (
            "Xinjiang", "XINJIANG", " Xinjiang  Uygur\nAutonomous Region", "Xinjiang Uyghur Autonomous Region", "XUAR",
            "Xinjiang Uygur Zizhiqu", "新疆", "新疆维吾尔自治区", "Cn-Xj",
        )),
        ("Jiangsu Province", "CN", "CN-JS"), ("Province of Jiangsu", "CN", "CN-JS"), ("Punjab", "PK", "PK-PB"),
        ("Orissa", "IN", "IN-OD"), ("उत्तर प्रदेश", "IN", "IN-UP"), ("Bavaria", "", "DE-BY"),
        ("North Kivu", "CD", "CD-NK"),
        ("Nord Kivu", "CD", "CD-NK"), ("Đà Nẵng", "VN", "VN-DN"), ("Da Nang", "VN", "VN-DN"), ("Dhaka", "BD", "BD-C"),
        ("Dhaka District", "BD", "BD-13"), ("US-PR", "", "US-PR"), ("US-PR", "PR", "PR"), ("FR-973", "GF", "GF"),
        ("Macau", "CN", "MO"), ("台湾", "CN", "TW"), ("Hong Kong SAR", "HK", "HK"),
    ],
)  # fmt: skip
def test_a_name_is_read_in_any_case_script_and_spelling(text: str, country: str, code: str) -> None:
    assert regions.read(text, country).code == code


@pytest.mark.parametrize(
    ("text", "candidates"), [("Punjab", ("IN-PB", "PK-PB")), ("Limburg", ("BE-VLI", "NL-LI"))]
)
def test_a_name_of_two_countries_counts_with_the_country_only(text: str, candidates: tuple[str, ...]) -> None:
    found = regions.read(text)
    assert (found.region, found.code) == (text, "")
    assert all(code in found.told for code in candidates)
    assert "no designation of a region will match it" in found.told
    for code in candidates:
        assert regions.read(text, code[:2]).code == code


def test_every_code_of_the_standard_is_read_as_itself_or_as_a_country() -> None:
    for each in pycountry.subdivisions:
        found = regions.read(each.code)
        assert found.code == each.code or found.code in ("HK", "MO", "TW"), each.code
        assert regions.read(each.code.lower(), each.country_code).code == found.code


def test_every_official_name_is_read_in_its_country_or_named_with_the_others() -> None:
    for each in pycountry.subdivisions:
        found = regions.read(each.name, each.country_code)
        assert found.code or "Several regions are called so" in found.told, each.code


def test_a_code_that_is_told_to_be_withdrawn_is_none_and_its_successors_are() -> None:
    codes = {each.code for each in pycountry.subdivisions}
    assert len(regions.withdrawn()) > 300
    for old, successors in regions.withdrawn().items():
        assert old not in codes
        assert successors
        assert codes.issuperset(successors), old
        with pytest.raises(CellError, match="withdrawn"):
            regions.read(old)


def test_other_names_are_of_codes_that_there_are() -> None:
    codes = {each.code for each in pycountry.subdivisions}
    assert regions.said("names").keys() <= codes
    assert regions.said("also").keys() <= codes
