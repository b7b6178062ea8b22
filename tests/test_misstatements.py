"""Statements that a hostile reader found false: what an answer must not say of whom, each as a kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.report import ContributionError
from opentier.graph.exposure.result import TraceResult
from opentier.graph.trace.parameters import Parameters
from tests.broken import NAME, write
from tests.conftest import Command

ACTORS = [
    ["id", "name", "country", "region"],
    ["i", "Importer", "US", ""],
    ["k", "Knitter", "VN", ""],
    ["f", "Cotton Farm", "CN", "CN-XJ"],
]
LINKS = [["buyer", "supplier", "product", "id"], ["i", "k", "6109", "s1"], ["k", "f", "5201", "s2"]]
LISTED = [
    ["id", "kind", "authority", "target", "country", "region", "product", "listing_date"],
    ["named", "entity-listing", "Somebody", "f", "", "", "", "2020-01-01"],
    ["place", "regional-presumption", "Somebody", "", "CN", "CN-XJ", "", "2020-01-01"],
    ["goods", "goods-listing", "Somebody", "", "CN", "CN-XJ", "5201", "2020-01-01"],
]


def made(folder: Path, **tables: list[list[str]]) -> Graph:
    """Return a data directory with one package."""
    graph = Graph.open(folder / "data", create=True)
    graph.contribute(write(folder / "package", tables))
    return graph


@pytest.mark.parametrize("root", ["f"])
def test_downstream_what_is_listed_is_said_of_the_traced_actor(root: str, tmp_path: Path) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED)
    found: TraceResult = graph.view().trace(f"{NAME}/{root}", Parameters(downstream=True))
    exposures = found.to_dict()["exposures"]
    assert {exposure["reason"] for exposure in exposures} == {"direct", "place", "goods"}
    for exposure in exposures:
        own = exposure["actor"]["id"] == f"{NAME}/{root}"
        assert exposure["sentence"].startswith("Upstream of it is Cotton Farm. Of that: ") != own
    upstream = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    assert all("Upstream of it" not in exposure["sentence"] for exposure in upstream)


def test_nobody_ends_a_designation_that_another_dataset_publishes(tmp_path: Path) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED)
    changes = [["designation", "status", "date"], [f"{NAME}/named", "revoked", "2021-01-01"]]
    with pytest.raises(ContributionError) as refused:
        graph.contribute(write(tmp_path / "friend", {"status_changes": changes}, "friend"))
    assert "This package has no such designation." in str(refused.value.report.to_dict())


def test_a_region_that_stays_text_matches_nothing(tmp_path: Path) -> None:
    actors = [*ACTORS[:-1], ["f", "Cotton Farm", "CN", "The far west"]]
    listed = [LISTED[0][:6], ["place", "regional-presumption", "Somebody", "", "CN", "The far west"]]
    graph = made(tmp_path, actors=actors, supply_links=LINKS, designations=listed)
    found = graph.view().trace(f"{NAME}/i", Parameters())
    assert found.exposures == []
    assert found.limits["place_unknown"] == 1


def test_the_text_tells_the_intervals_of_a_history(tmp_path: Path, call: Command) -> None:
    changes = [
        ["designation", "status", "date"],
        ["named", "revoked", "2021-01-01"],
        ["named", "active", "2023-01-01"],
    ]
    made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED[:2], status_changes=changes)
    out = call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out
    assert "in force 2020-01-01 to 2020-12-31 and since 2023-01-01" in " ".join(out.split())


def test_a_product_in_words_is_told_as_what_no_listed_code_was_tested_on(
    tmp_path: Path, call: Command
) -> None:
    links = [LINKS[0], ["i", "k", "6109", "s1"], ["k", "f", "cotton", "s2"]]
    products = [["id", "name", "hs"], ["cotton", "Cotton", ""]]
    graph = made(
        tmp_path, actors=ACTORS, supply_links=links, designations=[LISTED[0], LISTED[3]], products=products
    )
    limits = graph.view().trace(f"{NAME}/i", Parameters()).limits
    assert (limits["links_without_product"], limits["links_without_code"]) == (0, 1)
    out = call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out
    assert "1 link states a product in words, without a code" in " ".join(out.split())
