"""Who is one with whom, as paths show it: each join by a judgement is a hop of its own."""

from __future__ import annotations

from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.trace.parameters import Parameters
from tests.broken import NAME, write

TABLES = {
    "actors": [
        ["id", "name", "country", "identifiers"],
        ["a", "Alpha", "DE", ""],
        ["b", "Beta", "VN", "duns:150483782"],
        ["b2", "Beta Ltd", "VN", "duns:150483782"],
        ["c", "Gamma", "CN", ""],
        ["c1", "Gamma Co", "CN", ""],
        ["c2", "Gamma Company", "CN", ""],
        ["t", "Delta", "CN", ""],
    ],
    "supply_links": [["buyer", "supplier", "id"], ["a", "b", "s1"], ["b2", "c2", "s2"]],
    "identity_judgements": [
        ["left", "right", "judgement", "decided_by", "date", "score"],
        ["c", "c1", "positive", "person:ann", "2024-01-02", "0.9"],
        ["c2", "c1", "positive", "rule:names", "2024-01-03", ""],
        ["c", "t", "unsure", "person:ben", "2024-02-01", "0.5"],
    ],
    "designations": [
        ["id", "kind", "authority", "target"],
        ["d1", "entity-listing", "Check authority", "c"],
        ["d2", "entity-listing", "Check authority", "t"],
    ],
}


@pytest.fixture(scope="module")
def exposures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The exposures of Alpha, by reason."""
    folder = tmp_path_factory.mktemp("hops")
    graph = Graph.open(folder / "data", create=True)
    graph.contribute(write(folder / "package", TABLES))
    answer = graph.view().trace(f"{NAME}/a", Parameters()).to_dict()
    return {exposure["reason"]: exposure for exposure in answer["exposures"]}


def hops(exposure: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The hops of the best path: kind, and local ids of both ends."""
    found = exposure["paths"][0]["hops"]
    return [(hop["kind"], *(hop[end]["id"].partition("/")[2] for end in ("from", "to"))) for hop in found]


def test_each_join_between_what_two_records_name_is_a_hop(exposures: dict[str, Any]) -> None:
    assert hops(exposures["direct"]) == [
        ("supply", "a", "b"),
        ("identity", "b", "b2"),
        ("supply", "b", "c"),
        ("identity", "c2", "c1"),
        ("identity", "c1", "c"),
    ]


def test_a_join_says_who_made_it(exposures: dict[str, Any]) -> None:
    joins = [hop["judgement"] for hop in exposures["direct"]["paths"][0]["hops"] if hop["kind"] == "identity"]
    assert [(said["decided_by"], said["score"], said["date"]) for said in joins] == [
        ("rule:equal-identifier", None, None),
        ("rule:names", None, "2024-01-03"),
        ("person:ann", 0.9, "2024-01-02"),
    ]
    assert all(said["judgement"] == "positive" and said["record"] for said in joins)


def test_a_doubt_is_the_last_hop_of_a_possible_identity(exposures: dict[str, Any]) -> None:
    *_, last = exposures["possible-identity"]["paths"][0]["hops"]
    assert last["kind"] == "identity"
    assert last["judgement"]["judgement"] == "unsure"
    assert (last["judgement"]["decided_by"], last["judgement"]["score"]) == ("person:ben", 0.5)
    assert hops(exposures["possible-identity"])[-1] == ("identity", "c", "t")


def test_joins_add_neither_tier_nor_confidence(exposures: dict[str, Any]) -> None:
    [path] = exposures["direct"]["paths"]
    assert path["tier"] == 2
    assert path["confidence"] == {"product": 1.0, "minimum": 1.0}
