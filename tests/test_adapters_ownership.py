"""The adapters of ownership standards (BODS, GLEIF) on small documents, and on real samples where present."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.foreign import Source, convert
from opentier.graph.contribution.report import Finding, Report
from opentier.graph.contribution.submission import Options
from opentier.graph.model.tables import TABLES

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
    assert not any(secret in words(source) for secret in ("Zuleika", "Dobson", "1956", "anything"))


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
    assert "Dobson" not in words(source)


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
    assert (error.row, error.column) == (1, "/recordDetails/mood")
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
    kept = words(source)
    assert names
    assert [name for name in names if name in kept] == []
    graph = Graph.open(tmp_path / "data")
    assert graph.contribute(folder, Options(adapter="bods", licence="CC-BY-4.0")).new
