"""What tables may say of designations, of changes of organisations and of owners that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.model.names import concept
from opentier.graph.store.directory import Store
from opentier.graph.triples.engine import Fields
from tests.broken import GOOD, Rows, write

LISTED = ["id", "kind", "authority", "target", "exploitation", "class", "observed_date", "status"]
CHANGED = ["kind", "before", "after"]
OWNED = ["asset", "owner", "unspecified_reason", "share_exact", "confidence"]


def admitted(folder: Path, table: str, *rows: list[str]) -> list[Fields]:
    """Admit a package with those rows in a table, and return what the store holds of that table."""
    store = Store.open(folder / "data", create=True)
    package = write(folder / "package", {**GOOD, table: list(rows)})
    report = admission.contribute(package, Options(), store, lambda stage, done, total: None).report
    assert report.conforms
    return [fields for _, fields in store.release().records(table)]


def refused(folder: Path, **tables: Rows) -> list[str]:
    """Return the messages and advice that keep a package with those tables out."""
    package = write(folder / "package", {**GOOD, **tables})
    report = admission.validate(package, Options(), None, lambda stage, done, total: None)
    return [f"{finding.message} {finding.advice}" for finding in report.sorted() if finding.blocks]


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("child-labour|forced-labour", {"child-labour", "forced-labour"}),
        ("Forced Labour | forced child labour", {"forced-child-labour", "forced-labour"}),
        ("trafficking", {"trafficking"}),
        ("not-stated", {"not-stated"}),
        ("", set()),
    ],
)
def test_exploitation_is_codes_with_bars(tmp_path: Path, cell: str, codes: set[str]) -> None:
    row = ["d-1", "entity-listing", "Some authority", "gamma", cell, "", "", ""]
    (found,) = admitted(tmp_path, "designations", LISTED, row)
    assert set(found.get("ot:exploitation", ())) == {concept("exploitation", code) for code in codes}


@pytest.mark.parametrize(
    ("cell", "column"), [("prison labour", "exploitation"), ("binding", "class"), ("lapsed", "status")]
)
def test_another_code_is_refused_with_those_that_there_are(tmp_path: Path, cell: str, column: str) -> None:
    row = ["d-1", "entity-listing", "Some authority", "gamma", "", "", "", ""]
    row[LISTED.index(column)] = cell
    (found,) = refused(tmp_path, designations=[LISTED, row])
    assert f"{column} has no such code. Use one of: " in found


def test_a_day_on_which_a_list_was_seen_is_kept_apart_from_its_beginning(tmp_path: Path) -> None:
    row = ["d-1", "entity-listing", "A", "gamma", "", "risk", "2022", "partially-active"]
    (found,) = admitted(tmp_path, "designations", LISTED, row)
    assert (found["ot:observedDate"], found.get("ot:listingDate")) == (["2022"], None)
    assert found["ot:designationClass"] == [concept("designation-class", "risk")]
    assert found["ot:status"] == [concept("designation-status", "partially-active")]


def test_a_dissolution_leads_to_nobody(tmp_path: Path) -> None:
    (found,) = admitted(tmp_path, "organisation_changes", CHANGED, ["dissolved", "gamma", ""])
    assert "ot:after" not in found


@pytest.mark.parametrize("kind", ["renamed", "merged", "split", "continued"])
def test_any_other_change_says_who_came_out_of_it(tmp_path: Path, kind: str) -> None:
    (found,) = refused(tmp_path, organisation_changes=[CHANGED, [kind, "gamma", ""]])
    assert found.startswith("Nobody came out of the change")


def test_an_owner_may_be_unknown_where_the_reason_is_given(tmp_path: Path) -> None:
    unknown, known = (
        ["gamma", "", "the register names nobody", "60", ""],
        ["beta", "alpha", "", "60", "0"],
    )
    found = admitted(tmp_path, "ownership_links", OWNED, unknown, known)
    assert sorted((fields.get("ot:owner") is None, fields.get("ot:confidence")) for fields in found) == [
        (False, ["0"]),
        (True, None),
    ]


def test_an_owner_who_is_unknown_for_no_reason_is_refused(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, ownership_links=[OWNED, ["gamma", "", "", "60", ""]])
    assert found.startswith("The owner is missing")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("website", "jane.doe@example.org"), ("website", "mailto:jane.doe@example.org"),
        ("website", "https://jane.doe@example.org"), ("identifiers", "x:jane.doe@example.org"),
        ("identifiers", "office:+44 7700 900123"), ("identifiers", "pasaporte:AB123456"),
    ],
)  # fmt: skip
def test_what_reaches_a_person_is_no_page_and_no_identifier(column: str, text: str, tmp_path: Path) -> None:
    told = refused(tmp_path, actors=[["id", "name", column], ["a", "A Ltd", text]])
    assert any("person" in each for each in told)


def test_a_record_of_this_package_that_is_named_by_its_iri_is_there(tmp_path: Path) -> None:
    own = "https://w3id.org/opentier/id/probe/incident/nope"
    action = [["id", "kind", "party", "responds_to"], ["x", "remedy", "a", own]]
    told = refused(tmp_path, actors=[["id", "name"], ["a", "A Ltd"]], actions=action)
    assert any("no such record" in each for each in told)
