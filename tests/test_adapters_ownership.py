"""The adapters of ownership standards (BODS, GLEIF) on small documents, and on real samples where present."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source, convert
from opentier.graph.contribution.submission import Options
from opentier.graph.model.tables import TABLES
from opentier.graph.report.report import Finding, Report

Cells = Mapping[str, str]


def read(name: str, path: Path) -> Source:
    """Convert a file; whatever is emitted fits the columns of its table."""
    source = convert(name, path, Report())
    for table, rows in source.tables.items():
        assert {column for row in rows for column in row.cells} <= {column.name for column in TABLES[table]}
    return source


def written(folder: Path, *statements: object, name: str = "export of today.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(statements), "utf-8")
    return path


def table(source: Source, name: str) -> list[Cells]:
    return [row.cells for row in source.tables.get(name, ())]


def found(source: Source, severity: str) -> list[Finding]:
    return [each for each in source.report.sorted() if each.severity == severity]


def words(source: Source) -> str:
    """Return all that is kept or told."""
    kept = [cell for rows in source.tables.values() for row in rows for cell in row.cells.values()]
    return "\n".join([*kept, source.report.to_text()])


def kept(source: Source) -> dict[str, str]:
    """Return the files that are kept with the contribution, by name."""
    return {name: source.find(name).read_text("utf-8") for name in source.used}


def reads_again(source: Source, name: str, folder: Path) -> bool:
    """Return whether what is kept of a file makes the same tables."""
    folder.mkdir()
    for file, text in kept(source).items():
        (folder / file).write_text(text, "utf-8")
    again = read(name, folder)
    return again.report.conforms and {
        each: [row.cells for row in rows] for each, rows in again.tables.items()
    } == {each: [row.cells for row in rows] for each, rows in source.tables.items()}


# BODS.

PUBLISHED = {
    "publicationDate": "2024-01-01",
    "bodsVersion": "0.4",
    "license": "CC0-1.0",
    "publisher": {"name": "R"},
}


def statement(
    kind: str, about: str, *, status: str = "new", date: str = "2024-01-01", **details: object
) -> dict[str, Any]:
    return {
        "statementId": f"s-{about}-{status}-{date}",
        "statementDate": date,
        "publicationDetails": PUBLISHED,
        "recordId": about,
        "recordType": kind,
        "recordStatus": status,
        "recordDetails": {"isComponent": False, **details},
    }


def entity(about: str, **details: object) -> dict[str, Any]:
    said: dict[str, Any] = {"entityType": {"type": "registeredEntity"}, "name": f"Firm {about}", **details}
    return statement("entity", about, **said)


def person(about: str, kind: str = "knownPerson") -> dict[str, Any]:
    secret = {"fullName": "Zuleika Dobson", "familyName": "Dobson", "givenName": "Zuleika"}
    return statement(
        "person", about, personType=kind, names=[secret], birthDate="1956-05-24", anything={"new": "too"}
    )


def owns(subject: object, party: object, *interests: Mapping[str, object], **more: Any) -> dict[str, Any]:
    kept = {"type": "shareholding", "directOrIndirect": "direct", "share": {"exact": 50}}
    about = more.pop("about", f"r-{subject}")
    return statement(
        "relationship", about, subject=subject, interestedParty=party, interests=list(interests or [kept]), **more
    )  # fmt: skip


def test_an_entity_is_an_actor_and_an_interest_an_ownership_link(tmp_path: Path) -> None:
    details = {
        "identifiers": [
            {"scheme": "XI-LEI", "id": "HWUPKR0MPOU8FGXBT394"},
            {"scheme": "GB-COH", "id": "07444723"},
        ],
        "jurisdiction": {"code": "US-DE", "name": "Delaware"},
        "alternateNames": ["Old", "Older"],
        "addresses": [{"type": "business", "address": "2 B St"}, {"type": "registered", "address": "1 A St"}],
        "foundingDate": "2001-01-01",
    }
    interest = {
        "type": "votingRights", "directOrIndirect": "indirect", "startDate": "2020-01-01", "endDate": "2021-02",
        "share": {"minimum": 25, "exclusiveMaximum": 50.5},
    }  # fmt: skip
    source = read("bods", written(tmp_path, entity("a", **details), entity("b"), owns("a", "b", interest)))
    assert found(source, "error") == []
    actor, _ = table(source, "actors")
    assert {name: actor[name] for name in ("id", "name", "kind", "country", "region", "address", "also_known_as")} == {
        "id": "a", "name": "Firm a", "kind": "legal-entity", "country": "US", "region": "US-DE", "address": "1 A St",
        "also_known_as": "Old|Older",
    }  # fmt: skip
    assert "lei:HWUPKR0MPOU8FGXBT394" in actor["identifiers"]
    assert "07444723" in actor["identifiers"] + actor.get("note", "")
    (link,) = table(source, "ownership_links")
    assert link == {
        "owner": "b", "asset": "a", "interest": "voting-rights", "direct": "false", "share_minimum": "25",
        "share_maximum": "50.5", "start_date": "2020-01-01", "end_date": "2021-02", "source": "s-r-a-new-2024-01-01",
    }  # fmt: skip
    assert (source.spec["licence"], source.spec["publisher"]) == ("CC0-1.0", "R")


def test_a_person_is_never_held_and_what_it_owns_says_why_there_is_no_owner(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        person("p"),
        person("q", "anonymousPerson"),
        entity("a"),
        owns("a", "p"),
        owns("a", "q", about="r2"),
    )
    source = read("bods", path)
    assert found(source, "error") == []
    assert [each.row for each in found(source, "refused")] == [1, 2]
    known, withheld = table(source, "ownership_links")
    assert "owner" not in known
    assert known["unspecified_reason"] == "The owner is a natural person, and no person is held."
    assert "withholds" in withheld["unspecified_reason"]
    assert [actor["id"] for actor in table(source, "actors")] == ["a"]
    everywhere = words(source) + "".join(kept(source).values())
    assert not any(secret in everywhere for secret in ("Zuleika", "Dobson", "1956", "anything"))
    assert reads_again(source, "bods", tmp_path / "again")


def test_free_text_and_names_of_nominations_are_not_held(tmp_path: Path) -> None:
    nomination = entity(
        "n", name="Dobson-Judas nomination", entityType={"type": "arrangement", "subtype": "nomination"}
    )
    link = owns("a", "n", {"type": "nominee", "directOrIndirect": "direct", "details": "for Zuleika Dobson"})
    link["source"] = {"assertedBy": [{"name": "Zuleika Dobson"}]}
    silent = {"reason": "subjectExemptFromDisclosure", "description": "Zuleika Dobson says so"}
    source = read("bods", written(tmp_path, nomination, entity("a"), link, owns("a", silent, about="r2")))
    assert found(source, "error") == []
    assert {actor["id"]: actor["name"] for actor in table(source, "actors")} == {
        "n": "Nomination n",
        "a": "Firm a",
    }
    first, second = table(source, "ownership_links")
    assert (first["interest"], first["note"]) == ("other", "Interest as printed: nominee.")
    assert second["unspecified_reason"] == "The entity does not have to disclose its beneficial owner."
    assert "Dobson" not in words(source) + "".join(kept(source).values())
    assert reads_again(source, "bods", tmp_path / "again")


def test_an_entity_of_which_nobody_knows_who_it_is_owns_without_being_an_actor(tmp_path: Path) -> None:
    unknown = entity(
        "u",
        entityType={"type": "anonymousEntity"},
        unspecifiedEntityDetails={"reason": "informationUnknownToPublisher"},
    )
    source = read("bods", written(tmp_path, unknown, entity("a"), owns("a", "u")))
    (link,) = table(source, "ownership_links")
    assert link["unspecified_reason"] == "The publisher has no access to who the owner is."
    assert [actor["id"] for actor in table(source, "actors")] == ["a"]


def test_the_newest_statement_on_a_record_is_read(tmp_path: Path) -> None:
    old, new = (
        owns("a", "b"),
        owns("a", "b", {"type": "shareholding", "share": {"exact": 70}}, status="updated", date="2025-01-01"),
    )
    for order in ((old, new), (new, old)):
        source = read("bods", written(tmp_path, entity("a"), entity("b"), *order))
        assert [link["share_exact"] for link in table(source, "ownership_links")] == ["70"]
        (refused,) = found(source, "refused")
        assert "newer statement" in refused.message


def test_a_closed_record_has_ended_by_the_day_of_its_last_statement(tmp_path: Path) -> None:
    ended = {"type": "shareholding", "endDate": "2023-05-01"}
    path = written(
        tmp_path,
        entity("a", dissolutionDate="2024-03-01"),
        entity("b"),
        owns("a", "b", status="closed", date="2024-06-30"),
        owns("a", "b", ended, status="closed", about="r2"),
    )
    source = read("bods", path)
    assert [link["end_date"] for link in table(source, "ownership_links")] == ["2024-06-30", "2023-05-01"]
    assert [each.column for each in found(source, "warning") if each.row == 3] == [
        "/recordDetails/interests/0/endDate"
    ]
    assert table(source, "organisation_changes") == [
        {"kind": "dissolved", "before": "a", "date": "2024-03-01"}
    ]


def test_a_component_is_a_link_of_its_own_and_says_so(tmp_path: Path) -> None:
    component = owns("a", "b", isComponent=True)
    source = read(
        "bods",
        written(
            tmp_path,
            entity("a"),
            entity("b"),
            component,
            owns("a", "b", {"directOrIndirect": "unknown"}, about="x"),
        ),
    )
    first, second = table(source, "ownership_links")
    assert first["note"] == "One of the links of which an indirect one consists."
    assert second == {"owner": "b", "asset": "a", "source": "s-x-new-2024-01-01"}


@pytest.mark.parametrize(
    ("record", "column", "value"),
    [
        (entity("x", entityType={"type": "starfish"}), "entityType", "starfish"),
        (owns("a", "a", {"type": "telepathy"}), "/recordDetails/interests/0/type", "telepathy"),
        (
            owns("a", "a", {"directOrIndirect": "sideways"}),
            "/recordDetails/interests/0/directOrIndirect",
            "sideways",
        ),
        (owns("a", "nobody"), "interestedParty", None),
        (owns("nobody", "a"), "subject", None),
        ({**entity("x"), "recordType": "ghost"}, "/recordType", None),
        ({**entity("x"), "statementId": ""}, "/statementId", None),
        (entity("x", name=""), None, None),
    ],
)
def test_what_is_not_known_is_left_out_with_its_place(
    tmp_path: Path, record: Any, column: str | None, value: str | None
) -> None:
    source = read("bods", written(tmp_path, entity("a"), record))
    (refused,) = found(source, "refused")
    assert (refused.row, refused.column, refused.value) == (2, column, value)
    assert len(table(source, "actors")) == 1
    assert table(source, "ownership_links") == []


def test_an_unread_property_and_another_version_of_bods_are_errors(tmp_path: Path) -> None:
    source = read("bods", written(tmp_path, entity("a", mood="fine"), entity("b", mood="bad")))
    (error,) = found(source, "error")
    assert (error.row, error.column) == (None, "/recordDetails/mood")
    assert "first in record 1" in error.message
    newer = {**entity("a"), "publicationDetails": {"bodsVersion": "9.9"}}
    (error,) = found(read("bods", written(tmp_path, newer, newer)), "error")
    assert "'9.9' are not read. Those of 0.2, 0.3, 0.4 are." in f"{error.message} {error.advice}"


def old_statement(kind: str, id: str, **said: object) -> dict[str, Any]:
    published = {"publicationDate": "2020-01-01", "bodsVersion": "0.2", "publisher": {"name": "R"}}
    return {
        "statementID": id,
        "statementType": kind,
        "statementDate": "2020-01-01",
        "publicationDetails": published,
        **said,
    }


def test_statements_of_0_2_replace_each_other_and_lead_to_the_newest(tmp_path: Path) -> None:
    link = old_statement(
        "ownershipOrControlStatement", "o1",
        subject={"describedByEntityStatement": "e1"}, interestedParty={"describedByPersonStatement": "p1"},
        interests=[{"type": "voting-rights", "interestLevel": "direct", "share": {"exact": 30}}],
    )  # fmt: skip
    path = tmp_path / "lines.jsonl"
    statements = [
        old_statement("entityStatement", "e1", entityType="registeredEntity", name="Old name"),
        old_statement("personStatement", "p1", personType="knownPerson", names=[{"fullName": "Zuleika Dobson"}]),
        link,
        old_statement(
            "entityStatement", "e2", entityType="registeredEntity", name="New name", replacesStatements=["e1"],
            incorporatedInJurisdiction={"code": "GB", "name": "United Kingdom"},
        ),
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, statements)), "utf-8")
    source = read("bods", path)
    assert found(source, "error") == []
    assert [(actor["id"], actor["name"], actor["country"]) for actor in table(source, "actors")] == [
        ("e2", "New name", "GB")
    ]
    (ownership,) = table(source, "ownership_links")
    assert (ownership["asset"], ownership["interest"], ownership["direct"]) == ("e2", "voting-rights", "true")
    assert [each.row for each in found(source, "refused")] == [1, 2]
    assert "Dobson" not in words(source)


def _statements(folder: Path) -> Iterable[dict[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        yield from json.loads(path.read_text("utf-8"))


def test_real_bods_samples_become_what_a_count_of_their_statements_says(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "bods_samples"
    source = read("bods", folder)
    assert source.report.conforms
    statements = list(_statements(folder))
    newest = {each["recordId"]: each for each in sorted(statements, key=lambda each: each["statementDate"])}
    kinds = Counter(each["recordType"] for each in newest.values())
    persons = sum(each["recordType"] == "person" for each in statements)
    older = len(statements) - persons - kinds["entity"] - kinds["relationship"]
    counts = source.report.counts()
    assert (counts["rows"], counts["refused"]) == (len(statements), persons + older)
    assert counts["accepted"] + counts["warned"] == kinds["entity"] + kinds["relationship"]
    assert len(table(source, "actors")) == kinds["entity"]
    interests = sum(
        max(len(each["recordDetails"].get("interests", ())), 1)
        for each in newest.values() if each["recordType"] == "relationship"
    )  # fmt: skip
    assert len(table(source, "ownership_links")) == interests
    people = {each["recordId"] for each in statements if each["recordType"] == "person"}
    owned = [
        each for each in newest.values()
        if each["recordType"] == "relationship" and str(each["recordDetails"]["interestedParty"]) in people
    ]  # fmt: skip
    without = [
        link
        for link in table(source, "ownership_links")
        if "natural person" in link.get("unspecified_reason", "")
    ]
    assert len(without) == sum(len(each["recordDetails"]["interests"]) for each in owned)
    names = {
        name[part]
        for each in statements if each["recordType"] == "person"
        for name in each["recordDetails"].get("names", ()) for part in ("fullName", "birthDate") if name.get(part)
    }  # fmt: skip
    everywhere = words(source) + "".join(kept(source).values())
    assert names
    assert [name for name in names if name in everywhere] == []
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(folder, Options(adapter="bods", licence="CC-BY-4.0")).new
    assert not graph.contribute(folder, Options(adapter="bods", licence="CC-BY-4.0")).new
    stored = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [name for name in names if any(name.encode() in data for data in stored)] == []


# GLEIF.

APPLE, INTEL, BANK, OTHER = (
    "HWUPKR0MPOU8FGXBT394", "INR2EJN1ERAN0W5ZP974", "5493001KJTIIGC8Y1R12", "549300B56MD0ZC402L06",
)  # fmt: skip
RECORD = """
<lei:LEIRecord xmlns:lei="http://www.gleif.org/data/schema/leidata/2016"><lei:LEI>{lei}</lei:LEI><lei:Entity>
<lei:LegalName xml:lang="en">{name}</lei:LegalName>
<lei:OtherEntityNames>
<lei:OtherEntityName type="PREVIOUS_LEGAL_NAME">Before</lei:OtherEntityName></lei:OtherEntityNames>
<lei:LegalAddress xml:lang="en"><lei:FirstAddressLine>1 Road</lei:FirstAddressLine><lei:City>Dover</lei:City>
<lei:Region>US-DE</lei:Region><lei:Country>US</lei:Country><lei:PostalCode>19901</lei:PostalCode></lei:LegalAddress>
<lei:HeadquartersAddress><lei:City>Cork</lei:City><lei:Country>IE</lei:Country></lei:HeadquartersAddress>
<lei:RegistrationAuthority><lei:RegistrationAuthorityID>{authority}</lei:RegistrationAuthorityID>
<lei:RegistrationAuthorityEntityID>C 1</lei:RegistrationAuthorityEntityID></lei:RegistrationAuthority>
<lei:LegalJurisdiction>KY</lei:LegalJurisdiction><lei:EntityCategory>{category}</lei:EntityCategory>
<lei:EntityStatus>ACTIVE</lei:EntityStatus>{more}</lei:Entity>
<lei:Registration><lei:RegistrationStatus>{status}</lei:RegistrationStatus></lei:Registration></lei:LEIRecord>"""
USUAL = {"name": "Firm", "category": "GENERAL", "status": "ISSUED", "authority": "RA999999", "more": ""}


def level_1(folder: Path, *records: Mapping[str, str]) -> Path:
    header = "<lei:LEIHeader><lei:ContentDate>2026-05-01T08:00:00Z</lei:ContentDate></lei:LEIHeader>"
    text = "".join(RECORD.format(**{**USUAL, **record}) for record in records)
    path = folder / "level 1.xml"
    root = 'lei:LEIData xmlns:lei="http://www.gleif.org/data/schema/leidata/2016"'
    path.write_text(f"<{root}>{header}<lei:LEIRecords>{text}</lei:LEIRecords></lei:LEIData>", "utf-8")
    return path


RR_HEADER = (
    "Relationship.StartNode.NodeID,Relationship.StartNode.NodeIDType,Relationship.EndNode.NodeID,"
    "Relationship.EndNode.NodeIDType,Relationship.RelationshipType,Relationship.RelationshipStatus,"
    "Relationship.Period.1.startDate,Relationship.Period.1.endDate,Relationship.Period.1.periodType,"
    "Relationship.Period.2.startDate,Relationship.Period.2.endDate,Relationship.Period.2.periodType,"
    "Relationship.Qualifiers.1.QualifierDimension,Registration.RegistrationStatus,Registration.LastUpdateDate"
)


def relation(
    start: str,
    end: str,
    *,
    kind: str = "IS_DIRECTLY_CONSOLIDATED_BY",
    status: str = "ACTIVE",
    kept: str = "PUBLISHED",
) -> str:
    periods = "2024-01-01T00:00:00Z,2024-12-31T00:00:00Z,ACCOUNTING_PERIOD,2019-05-01T00:00:00+02:00,"
    periods += ",RELATIONSHIP_PERIOD"
    return f"{start},LEI,{end},LEI,{kind},{status},{periods},ACCOUNTING_STANDARD,{kept},2025-03-04T10:00:00Z"


def level_2(folder: Path, *rows: str, header: str = RR_HEADER) -> Path:
    path = folder / "level 2.csv"
    path.write_text("\n".join([header, *rows]), "utf-8")
    return path


def test_an_entity_of_level_1_is_an_actor(tmp_path: Path) -> None:
    source = read("gleif", level_1(tmp_path, {"lei": APPLE, "authority": "RA000602"}))
    assert found(source, "error") == []
    (actor,) = table(source, "actors")
    assert {name: actor[name] for name in ("id", "name", "kind", "country", "region", "address", "also_known_as")} == {
        "id": APPLE, "name": "Firm", "kind": "legal-entity", "country": "US", "region": "US-DE",
        "address": "1 Road, 19901 Dover", "also_known_as": "Before",
    }  # fmt: skip
    assert f"lei:{APPLE}" in actor["identifiers"]
    assert "C 1" in actor["identifiers"] + actor["note"]
    assert "Under the law of KY. Headquarters: Cork, IE." in actor["note"]
    assert source.edition == "2026-05-01"


@pytest.mark.parametrize(
    ("record", "column", "value"),
    [
        ({"lei": APPLE, "status": "ANNULLED"}, "RegistrationStatus", "ANNULLED"),
        ({"lei": APPLE, "status": "MISLAID"}, "RegistrationStatus", "MISLAID"),
        ({"lei": APPLE, "category": "STARFISH"}, "EntityCategory", "STARFISH"),
        ({"lei": APPLE[:-1] + "5"}, "LEI", APPLE[:-1] + "5"),
        ({"lei": INTEL}, "LEI", INTEL),
        ({"lei": APPLE, "name": ""}, "LegalName", None),
    ],
)
def test_a_record_that_is_void_or_unknown_is_left_out(
    tmp_path: Path, record: dict[str, str], column: str, value: str | None
) -> None:
    source = read("gleif", level_1(tmp_path, {"lei": INTEL}, record))
    (refused,) = found(source, "refused")
    assert (refused.row, refused.column, refused.value) == (2, column, value)
    assert [actor["id"] for actor in table(source, "actors")] == [INTEL]


def test_a_sole_proprietor_is_never_held(tmp_path: Path) -> None:
    level_1(tmp_path, {"lei": BANK, "name": "Zuleika Dobson", "category": "SOLE_PROPRIETOR"}, {"lei": APPLE})
    level_2(tmp_path, relation(APPLE, BANK), relation(BANK, APPLE))
    source = read("gleif", tmp_path)
    assert found(source, "error") == []
    (link,) = table(source, "ownership_links")
    assert "owner" not in link
    assert "natural person" in link["unspecified_reason"]
    assert [actor["id"] for actor in table(source, "actors")] == [APPLE]
    assert "Dobson" not in words(source) + "".join(kept(source).values())
    assert sorted(source.used) == ["level 1.xml.jsonl", "level 2.csv"]
    assert reads_again(source, "gleif", tmp_path / "again")


EVENT = """<lei:LegalEntityEvents><lei:LegalEntityEvent event_status="{status}">
<lei:LegalEntityEventType>{kind}</lei:LegalEntityEventType>
<lei:LegalEntityEventEffectiveDate>2021-07-01T00:00:00Z</lei:LegalEntityEventEffectiveDate>
</lei:LegalEntityEvent></lei:LegalEntityEvents>"""
SUCCESSOR = "<lei:SuccessorEntity><lei:SuccessorLEI>{}</lei:SuccessorLEI></lei:SuccessorEntity>"


@pytest.mark.parametrize(
    ("more", "change"),
    [
        (SUCCESSOR.format(INTEL), {"kind": "continued", "after": INTEL}),
        (
            SUCCESSOR.format(INTEL) + EVENT.format(status="COMPLETED", kind="MERGERS_AND_ACQUISITIONS"),
            {"kind": "merged", "after": INTEL, "date": "2021-07-01"},
        ),
        (
            SUCCESSOR.format(INTEL) + EVENT.format(status="IN_PROGRESS", kind="MERGERS_AND_ACQUISITIONS"),
            {"kind": "continued", "after": INTEL},
        ),
        (SUCCESSOR.format(INTEL) + SUCCESSOR.format(BANK), {"kind": "split", "after": f"{INTEL}|{BANK}"}),
        (EVENT.format(status="COMPLETED", kind="DISSOLUTION"), {"kind": "dissolved", "date": "2021-07-01"}),
        (
            "<lei:EntityExpirationDate>2020-02-03T00:00:00Z</lei:EntityExpirationDate>"
            "<lei:EntityExpirationReason>DISSOLVED</lei:EntityExpirationReason>",
            {"kind": "dissolved", "date": "2020-02-03"},
        ),
        (EVENT.format(status="COMPLETED", kind="CHANGE_LEGAL_NAME"), None),
    ],
)
def test_a_successor_is_a_change_of_the_organisation(
    tmp_path: Path, more: str, change: dict[str, str] | None
) -> None:
    source = read("gleif", level_1(tmp_path, {"lei": APPLE, "more": more}))
    assert found(source, "error") == []
    assert table(source, "organisation_changes") == ([{"before": APPLE, **change}] if change else [])
    heirs = set((change or {}).get("after", "").split("|")) - {""}
    assert {actor["id"] for actor in table(source, "actors")} == {APPLE, *heirs}


def test_a_parent_that_consolidates_owns_by_control(tmp_path: Path) -> None:
    path = level_2(
        tmp_path,
        relation(APPLE, INTEL),
        relation(APPLE, BANK, kind="IS_ULTIMATELY_CONSOLIDATED_BY", status="INACTIVE"),
    )
    source = read("gleif", path)
    assert found(source, "error") == []
    direct, ultimate = table(source, "ownership_links")
    assert {name: direct.get(name) for name in ("owner", "asset", "interest", "direct", "start_date", "end_date")} == {
        "owner": INTEL, "asset": APPLE, "interest": "controlling", "direct": "true", "start_date": "2019-05-01",
        "end_date": None,
    }  # fmt: skip
    assert (ultimate["direct"], ultimate["end_date"]) == ("false", "2025-03-04")
    assert [each.row for each in found(source, "warning")] == [3]
    assert {actor["name"] for actor in table(source, "actors")} == {
        f"LEI {lei}" for lei in (APPLE, INTEL, BANK)
    }


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (relation(APPLE, INTEL, kind="IS_SUBFUND_OF"), "RelationshipType"),
        (relation(APPLE, INTEL, kind="IS_FRIEND_OF"), "RelationshipType"),
        (relation(APPLE, INTEL, status="NULL"), "RelationshipStatus"),
        (relation(APPLE, INTEL, kept="DUPLICATE"), "RegistrationStatus"),
        (relation(APPLE, INTEL).replace(",LEI,", ",ISIN,", 1), "NodeIDType"),
        (relation(APPLE[:-1] + "5", INTEL), "NodeIDType"),
        (relation(APPLE, INTEL) + ",", None),
    ],
)
def test_a_relation_that_says_nothing_of_ownership_is_left_out(
    tmp_path: Path, row: str, column: str | None
) -> None:
    source = read("gleif", level_2(tmp_path, row))
    (refused,) = found(source, "refused")
    assert (refused.row, refused.column) == (2, column)
    assert source.tables == {}


def test_a_reporting_exception_says_why_no_parent_is_named(tmp_path: Path) -> None:
    header = "LEI,Exception.Category,Exception.Reason.1,Exception.Reason.2,Exception.Reference.1"
    rows = [
        f"{APPLE},DIRECT_ACCOUNTING_CONSOLIDATION_PARENT,NATURAL_PERSONS,,Zuleika Dobson",
        f"{APPLE},ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT,NO_LEI,NON_PUBLIC,",
        f"{APPLE},DIRECT_ACCOUNTING_CONSOLIDATION_PARENT,BOREDOM,,",
        f"{APPLE},MOTHER,NO_LEI,,",
    ]
    source = read("gleif", level_2(tmp_path, *rows, header=header))
    direct, ultimate = table(source, "ownership_links")
    assert (direct["asset"], direct["direct"]) == (APPLE, "true")
    assert direct["unspecified_reason"].startswith("Natural persons control it")
    assert (
        ultimate["unspecified_reason"] == "The parent has no LEI. The relation to its parent is not public."
    )
    assert [(each.row, each.value) for each in found(source, "refused")] == [(4, "BOREDOM"), (5, "MOTHER")]
    assert "Dobson" not in words(source)


def test_answers_of_the_api_are_read_as_the_golden_copy_is(tmp_path: Path) -> None:
    address = {
        "addressLines": ["1 Road"],
        "city": "Dover",
        "region": "US-DE",
        "country": "US",
        "postalCode": "19901",
    }
    entity = {
        "legalName": {"name": "Firm", "language": "en"},
        "otherNames": [{"name": "Before", "type": "PREVIOUS_LEGAL_NAME"}],
        "legalAddress": address,
        "headquartersAddress": {"addressLines": ["2 Street"], "city": "Cork", "country": "IE"},
        "registeredAt": {"id": "RA999999", "other": None},
        "registeredAs": None,
        "jurisdiction": "KY",
        "category": "GENERAL",
        "status": "ACTIVE",
        "successorEntities": [{"lei": INTEL, "name": "Heir"}],
        "eventGroups": [],
        "expiration": {"date": None},
    }
    record = {
        "type": "lei-records",
        "id": APPLE,
        "attributes": {"lei": APPLE, "entity": entity, "registration": {"status": "ISSUED"}},
    }
    parent = {
        "startNode": {"id": APPLE, "type": "LEI"}, "endNode": {"id": BANK, "type": "LEI"}, "status": "ACTIVE",
        "type": "IS_DIRECTLY_CONSOLIDATED_BY",
        "periods": [{"startDate": "2019-05-01T00:00:00Z", "type": "RELATIONSHIP_PERIOD"}],
    }  # fmt: skip
    related = {
        "type": "relationship-records",
        "attributes": {"relationship": parent, "registration": {"status": "PUBLISHED"}},
    }
    said = {
        "lei": APPLE,
        "category": "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT",
        "reason": "NON_PUBLIC",
        "reference": None,
    }
    silent = {"type": "reporting-exceptions", "attributes": said}
    answer = {
        "meta": {"goldenCopy": {"publishDate": "2026-07-19T16:00:00Z"}},
        "links": {},
        "data": [record, related],
    }
    path = written(tmp_path, answer, {"data": silent})
    source = read("gleif", path)
    assert found(source, "error") == []
    (same,) = table(read("gleif", level_1(tmp_path, {"lei": APPLE})), "actors")
    assert table(source, "actors")[0] == same
    assert {actor["name"] for actor in table(source, "actors")} == {"Firm", "Heir", f"LEI {BANK}"}
    assert [link.get("owner") for link in table(source, "ownership_links")] == [BANK, None]
    assert source.edition == "2026-07-19"


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        (f"{RR_HEADER},Relationship.Mood", None, "/Relationship/Mood"),
        ("LEI,Entity.LegalName,Entity.Mood.1.type", None, "/Entity/Mood/0/type"),
        ("some,table", 1, None),
        ("LEI,Entity.LegalName,LEI", 1, "LEI"),
        (f'{RR_HEADER}\n\xa0\n"', 3, None),
        ('{"statementID": "x"}', None, None),
        ('{"records": [], "mood": "fine"}', None, "/mood"),
        ('{"LEI": "x", "Entity": {"Mood": "fine"}}', None, "/Entity/Mood"),
        ("<LEIData><LEIRecord>", 1, None),
    ],
)
def test_an_unread_property_and_a_foreign_document_of_gleif_are_errors(
    tmp_path: Path, text: str, row: int | None, column: str | None
) -> None:
    path = tmp_path / "anything"
    path.write_text(text, "utf-8")
    assert [(each.row, each.column) for each in found(read("gleif", path), "error")][:1] == [(row, column)]


def test_all_that_a_small_index_says_goes_into_a_store_once(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    dissolved = EVENT.format(status="COMPLETED", kind="DISSOLUTION")
    parted = SUCCESSOR.format(APPLE) + SUCCESSOR.format(OTHER)
    level_1(
        folder,
        {"lei": APPLE, "more": dissolved},
        {"lei": INTEL, "more": parted},
        {"lei": BANK, "category": "SOLE_PROPRIETOR"},
    )
    level_2(folder, relation(APPLE, INTEL), relation(INTEL, BANK), relation(OTHER, INTEL, status="INACTIVE"))
    graph = Graph.open(tmp_path / "data", create=True)
    options = Options(adapter="gleif")
    assert graph.contribute(folder, options).new
    assert not graph.contribute(folder, options).new


def _elements(path: Path, name: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.parse(path).iter() if each.tag.endswith(f"}}{name}")]


def _below(element: ElementTree.Element, name: str) -> str:
    return next((each.text or "" for each in element.iter() if each.tag.endswith(f"}}{name}")), "")


def test_real_gleif_samples_become_what_a_count_of_their_records_says(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "gleif_samples"
    records = _elements(folder / "lei-data.xml", "LEIRecord")
    for name in ("lei-data.xml", "lei-data.json"):
        source = read("gleif", folder / name)
        counts = source.report.counts()
        assert (counts["rows"], counts["refused"]) == (len(records), 0)
        assert {actor["id"] for actor in table(source, "actors")} == {_below(each, "LEI") for each in records}
    for name in ("rr-data.xml", "rr-updates-data2.xml"):
        relations = Counter(
            _below(each, "RelationshipType") for each in _elements(folder / name, "RelationshipRecord")
        )
        parents = relations["IS_DIRECTLY_CONSOLIDATED_BY"] + relations["IS_ULTIMATELY_CONSOLIDATED_BY"]
        source = read("gleif", folder / name)
        assert source.report.counts() == {
            "rows": relations.total(), "accepted": parents, "warned": 0, "refused": relations.total() - parents,
        }  # fmt: skip
        assert len(table(source, "ownership_links")) == parents
    exceptions = _elements(folder / "repex-data.xml", "ExceptionReason")
    source = read("gleif", folder / "repex-data.xml")
    assert source.report.counts()["accepted"] == len(exceptions) == len(table(source, "ownership_links"))
    graph = Graph.open(tmp_path / "data", create=True)
    for name in ("lei-data.xml", "rr-updates-data2.xml", "repex-data.xml"):
        assert graph.contribute(folder / name, Options(adapter="gleif", dataset=f"gleif-{name[:2]}")).new


def test_one_record_of_the_golden_copy_reads_the_same_in_xml_and_json(shared: Path) -> None:
    folder = shared / "data" / "gleif_samples"
    xml, json_ = (
        [
            {name: value for name, value in actor.items() if name != "address"}
            for actor in table(read("gleif", path), "actors")
        ]
        for path in (folder / "lei-data.xml", folder / "lei-data.json")
    )  # the tool that made the sample keeps one further line of an address only
    assert xml == json_
