"""What a contribution says beside other datasets: circles of owners, more than all of an asset, repeats, opposites."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.report.report import Finding
from opentier.graph.store.directory import Store
from tests.broken import BASE, LEI, NAME, RDF, Rows, write

ACTORS: Rows = [["id", "name"], *([each, f"Firm {each}"] for each in "abcd")]
OWNED = ["owner", "asset", "share_exact", "start_date", "end_date"]
LINKS = ["buyer", "supplier", "product", "start_date", "end_date", "observed_date", "status"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data", create=True)


def contribute(store: Store, folder: Path, name: str, **tables: Rows) -> list[Finding]:
    """Admit a package with those tables, and return what is told of it but for missing sources."""
    package = write(folder / f"{name}-{len(list(folder.iterdir()))}", {"actors": ACTORS, **tables}, name)
    report = admission.contribute(package, Options(), store, lambda stage, done, total: None).report
    return [found for found in report.sorted() if found.rule is None]


def rows(header: list[str], *said: str) -> Rows:
    """Return a table: cells parted by spaces, a dash for an empty one; those at the end may be left out."""
    cells = [["" if cell == "-" else cell for cell in line.split()] for line in said]
    return [header, *([*row, *[""] * (len(header) - len(row))] for row in cells)]


def owned(*said: str) -> Rows:
    return rows(OWNED, *said)


def links(*said: str) -> Rows:
    return rows(LINKS, *said)


# --- Circles of owners --------------------------------------------------------------------------------------------


def test_a_circle_of_owners_in_one_package_is_told_at_its_first_row(store: Store, tmp_path: Path) -> None:
    contribute(store, tmp_path, "other")
    (found,) = contribute(store, tmp_path, NAME, ownership_links=owned("a d", "a b", "b c", "c a"))
    assert (found.severity, found.file, found.row, found.count) == ("warning", "ownership_links.csv", 3, 3)
    assert "probe/a owns probe/b owns probe/c owns probe/a." in found.message


def test_a_circle_over_two_datasets_is_told(store: Store, tmp_path: Path) -> None:
    assert not contribute(store, tmp_path, "other", ownership_links=owned("a b", "b c"))
    (found,) = contribute(store, tmp_path, NAME, ownership_links=owned("a d", "other/c other/a"))
    assert (found.severity, found.row, found.count) == ("warning", 3, 1)
    assert "other/c owns other/a owns other/b owns other/c." in found.message


JUDGED: Rows = [["left", "right", "judgement"], ["b", "other/b", "positive"]]
IDENTIFIED: Rows = [["id", "name", "identifiers"], ["a", "A", ""], ["b", "B", f"lei:{LEI}"]]


@pytest.mark.parametrize("by", [{"identity_judgements": JUDGED}, {"actors": IDENTIFIED}])
def test_a_circle_through_actors_that_the_contribution_joins_is_told(
    store: Store, tmp_path: Path, by: dict[str, Rows]
) -> None:
    contribute(store, tmp_path, "other", ownership_links=owned("a b"), actors=IDENTIFIED)
    found = contribute(store, tmp_path, NAME, ownership_links=owned("b other/a"), **by)
    (circle,) = [each for each in found if each.column == "owner"]
    assert (circle.severity, circle.row) == ("warning", 2)
    assert "other/b owns other/a owns other/b." in circle.message


def test_a_circle_through_actors_that_were_joined_before_is_told(store: Store, tmp_path: Path) -> None:
    contribute(store, tmp_path, "other", ownership_links=owned("a b"))
    contribute(store, tmp_path, "third", identity_judgements=JUDGED)
    (found,) = contribute(store, tmp_path, NAME, ownership_links=owned("third/b other/a"))
    assert "other/b owns other/a owns other/b." in found.message


def test_owners_that_owned_each_other_one_after_the_other_are_in_no_circle(
    store: Store, tmp_path: Path
) -> None:
    assert not contribute(store, tmp_path, "other", ownership_links=owned("a b - - 2009"))
    assert not contribute(store, tmp_path, NAME, ownership_links=owned("other/b other/a - 2010"))
    assert contribute(store, tmp_path, "third", ownership_links=owned("other/b other/a - 2009"))


def test_a_join_that_the_next_version_no_longer_makes_closes_no_circle(store: Store, tmp_path: Path) -> None:
    contribute(store, tmp_path, "other", ownership_links=owned("a b"))
    said = owned("b other/a")
    assert contribute(store, tmp_path, NAME, ownership_links=said, identity_judgements=JUDGED)
    assert not contribute(store, tmp_path, NAME, ownership_links=said)


# --- More than all of an asset ------------------------------------------------------------------------------------


def test_more_than_all_of_an_asset_over_all_datasets_is_told(store: Store, tmp_path: Path) -> None:
    assert not contribute(store, tmp_path, "other", ownership_links=owned("a c 60.5"))
    (found,) = contribute(store, tmp_path, NAME, ownership_links=owned("a b 90", "b other/c 60"))
    assert (found.severity, found.file, found.row) == ("warning", "ownership_links.csv", 3)
    assert "Together with other, the owners of this asset hold 120.5 % of it" in found.message


@pytest.mark.parametrize(
    "said", ["other/a other/c 60", "b other/c 39.5", "b other/c 60 2021", "b other/c - 2019", "b c 60"]
)
def test_stakes_that_fit_are_not_told(store: Store, tmp_path: Path, said: str) -> None:
    contribute(store, tmp_path, "other", ownership_links=owned("a c 60.5 2010 2020-12"))
    assert not contribute(store, tmp_path, NAME, ownership_links=owned(said))


# --- Repeats ------------------------------------------------------------------------------------------------------


def test_links_that_another_dataset_has_too_are_counted(store: Store, tmp_path: Path) -> None:
    assert not contribute(
        store, tmp_path, "other", supply_links=links("a b 6109 2020", "b c", "c d 5201 2020")
    )
    theirs = [
        f"other/{a} other/{b}{more}"
        for a, b, more in (("a", "d", ""), ("a", "b", " 6109 2020"), ("b", "c", ""))
    ]
    (found,) = contribute(store, tmp_path, NAME, supply_links=links(*theirs, "other/c other/d 5201 2021"))
    assert (found.severity, found.file, found.row, found.count) == ("info", "supply_links.csv", 3, 2)
    assert found.message.startswith("2 of these links are in other, too")


def test_a_designation_that_another_dataset_has_too_is_told(store: Store, tmp_path: Path) -> None:
    header = ["id", "kind", "authority", "target", "listing_date"]
    said = [
        ["1", "entity-listing", "CBP", "a", "2020-01-02"],
        ["2", "entity-listing", "CBP", "b", "2020-01-02"],
    ]
    assert not contribute(store, tmp_path, "other", designations=[header, *said])
    mine = [[id, kind, by, f"other/{target}", day] for id, kind, by, target, day in said]
    mine[0][4] = "2020-01-03"
    (found,) = contribute(store, tmp_path, NAME, designations=[header, *mine])
    assert (found.severity, found.file, found.row, found.count) == ("info", "designations.csv", 3, 1)
    assert found.message.startswith("1 of these designations is in other, too")


def test_what_was_retracted_is_repeated_by_nobody(store: Store, tmp_path: Path) -> None:
    header, said = ["id", *LINKS], links("a b 6109 2020")[1]
    gone = [["record", "reason", "date"], [f"{BASE}other/supply-link/1", "wrong", "2024"]]
    contribute(store, tmp_path, "other", supply_links=[header, ["1", *said]], retractions=gone)
    assert not contribute(store, tmp_path, NAME, supply_links=links("other/a other/b 6109 2020"))


# --- Opposites ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("a b 6109 - - - current", "other/a other/b 6109 - - - retracted"),
        ("a b 6109 - - - closed", "other/a other/b 6109 - - - current"),
        ("a b 6109 - 2020 - closed", "other/a other/b 6109 - - 2021 current"),
    ],
)
def test_a_link_that_one_says_is_over_and_another_says_holds_is_told(
    store: Store, tmp_path: Path, theirs: str, ours: str
) -> None:
    assert not contribute(store, tmp_path, "other", supply_links=links(theirs))
    (found,) = contribute(store, tmp_path, NAME, supply_links=links("a c", ours))
    here, there = ours.split()[-1], theirs.split()[-1]
    assert (found.severity, found.file, found.row, found.column) == (
        "warning",
        "supply_links.csv",
        3,
        "status",
    )
    assert found.message == f"other says that this link is {there}; here it is {here}."


@pytest.mark.parametrize(
    "ours",
    [
        "other/a other/b 6109 2021 - - current",  # a later time
        "other/a other/b 6109 - - 2019 current",  # seen before the end
        "other/a other/b 6109 - 2020-06 - current",  # the end is known here, too
        "other/a other/b 5201 - - - current",
        "other/b other/a 6109 - - - current",
        "other/a other/b 6109 - - 2022 -",
    ],
)
def test_links_that_can_both_be_true_are_no_opposites(store: Store, tmp_path: Path, ours: str) -> None:
    contribute(store, tmp_path, "other", supply_links=links("a b 6109 - 2020 - closed"))
    assert not contribute(store, tmp_path, NAME, supply_links=links(ours))


def test_a_dataset_that_says_both_opposes_nobody(store: Store, tmp_path: Path) -> None:
    said = ("a b 6109 - 2020 - closed", "a b 6109 2021 - - current")
    contribute(store, tmp_path, "other", supply_links=links(*said))
    ours = "other/a other/b 6109 - - - current"
    assert not [
        each
        for each in contribute(store, tmp_path, NAME, supply_links=links(ours))
        if each.severity != "info"
    ]


# --- Of itself ----------------------------------------------------------------------------------------------------


def test_the_next_version_of_a_dataset_is_not_told_of_the_one_before(store: Store, tmp_path: Path) -> None:
    first: dict[str, Rows] = {
        "supply_links": links("a b 6109 - - - closed", "b c"),
        "ownership_links": owned("a b 60"),
        "designations": [
            ["id", "kind", "authority", "target", "listing_date"],
            ["1", "entity-listing", "CBP", "a", "2020"],
        ],
    }
    assert not contribute(store, tmp_path, NAME, **first)
    first["supply_links"] = links("a b 6109 - - - current", "b c")
    first["ownership_links"] = owned("b a 60", "c b 60")
    assert not contribute(store, tmp_path, NAME, **first)


def test_in_rdf_the_subject_is_told(store: Store, tmp_path: Path) -> None:
    contribute(store, tmp_path, "other", ownership_links=owned("a b"))
    path, base = tmp_path / "probe.ttl", store.names.base
    path.write_text(
        "@prefix ot: <https://w3id.org/opentier/ns#> .\n"
        f"<ownership-link/1> a ot:OwnershipLink ; ot:owner <{base}other/b> ; ot:asset <{base}other/a> .\n", "utf-8"
    )  # fmt: skip
    report = admission.contribute(path, RDF, store, lambda stage, done, total: None).report
    (found,) = [each for each in report.sorted() if each.column == "owner"]
    assert (found.severity, found.row, found.subject) == ("warning", None, f"{base}{NAME}/ownership-link/1")
