"""Judgements over HTTP: read by whoever may see their datasets, made and taken back by curators, told in the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph

SAID = {
    "left": "example/aurora",
    "right": "example/borealis",
    "judgement": "negative",
    "reason": "two companies",
}


@pytest.fixture
def graph(directory: Path) -> Graph:
    return Graph.open(directory)


@pytest.fixture
def keys(graph: Graph) -> dict[str, dict[str, str]]:
    """Return the headers of whoever holds a key of a role."""
    made = {role: graph.acts().create_key(role)[1] for role in ("contributor", "curator")}
    return {role: {"Authorization": f"Bearer {key}"} for role, key in made.items()}


@pytest.fixture
def client(graph: Graph) -> Iterator[TestClient]:
    with TestClient(create_app(graph)) as client:
        yield client


def test_judgements_are_listed_in_parts_with_how_many_there_are(client: TestClient, graph: Graph) -> None:
    every = client.get("/judgements").json()
    assert every["judgements"] == [each.to_dict() for each in graph.judgements()]
    assert every["total"] == len(every["judgements"]) > 2
    found: list[Any] = []
    address = "/judgements?limit=2"
    while address:
        answer = client.get(address)
        found += answer.json()["judgements"]
        links = {rel: where for where, rel in links_of(answer.headers.get("link", ""))}
        address = f"/{links['next']}" if "next" in links else ""
    assert found == every["judgements"]
    assert "prev" in links


def links_of(header: str) -> list[tuple[str, str]]:
    parts = [each.split("; rel=") for each in header.split(", ") if each]
    return [(where.strip("<>"), rel.strip('"')) for where, rel in parts]


def test_a_curator_judges_and_takes_it_back_and_the_log_names_the_key(
    client: TestClient, graph: Graph, keys: dict[str, dict[str, str]]
) -> None:
    made = client.post("/judgements", json=SAID, headers=keys["curator"])
    assert made.status_code == 201, made.text
    said = made.json()["judgement"]
    assert (said["left"]["id"], said["judgement"], made.json()["new"]) == ("example/aurora", "negative", True)
    mine = [
        each
        for each in client.get("/judgements?by_rule=false").json()["judgements"]
        if each["record"] == said["record"]
    ]
    assert mine[0]["reason"] == "two companies"
    assert mine[0]["decided_by"]
    gone = client.delete(
        f"/judgements/{mine[0]['id'].rpartition('/')[2]}?reason=a+mistake", headers=keys["curator"]
    )
    assert gone.status_code == 200, gone.text
    assert gone.json()["undone"] is True
    undone = client.get("/judgements?undone=true").json()["judgements"]
    assert said["record"] in {each["record"] for each in undone}


@pytest.mark.parametrize(("role", "status"), [("", 401), ("contributor", 403)])
def test_nobody_else_judges(
    client: TestClient, keys: dict[str, dict[str, str]], graph: Graph, role: str, status: int
) -> None:
    before = [each.to_dict() for each in graph.judgements()]
    headers = keys.get(role, {})
    assert client.post("/judgements", json=SAID, headers=headers).status_code == status
    assert (
        client.delete(f"/judgements/{before[0]['id'].rpartition('/')[2]}", headers=headers).status_code
        == status
    )
    assert [each.to_dict() for each in graph.judgements()] == before


@pytest.mark.parametrize(
    ("said", "status", "detail"),
    [
        ({"left": "nobody at all"}, 404, "nobody at all"),
        ({"judgement": "perhaps"}, 400, "judgement"),
        ({"date": "2024-13-01"}, 400, "date"),
        ({"colour": "red"}, 400, "colour"),
        ({"right": "example/aurora"}, 400, "same actor"),
    ],
)
def test_what_cannot_be_judged_is_told(
    client: TestClient, keys: dict[str, dict[str, str]], said: dict[str, str], status: int, detail: str
) -> None:
    answer = client.post("/judgements", json=SAID | said, headers=keys["curator"])
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
