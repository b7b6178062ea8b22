"""What traces say together, on both faces: shared suppliers, nearest exposures, and what some records lead to."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.front import View
from opentier.graph.model import sheet
from opentier.graph.trace.parameters import Parameters
from tests.test_cli import fine, refused

if TYPE_CHECKING:
    from tests.conftest import Command

FIRST = "example/supply-link/sl-001"
SECOND = "example/supply-link/sl-002"
#: The questions: words of the command line, the route, and its parameters.
QUESTIONS: tuple[tuple[tuple[str, ...], str, dict[str, Any]], ...] = (
    (
        ("shared", "example/aurora", "example/borealis"),
        "/shared",
        {"a": "example/aurora", "b": "example/borealis"},
    ),
    (
        ("nearest", "example/aurora", "--paths", "2", "--product", "6109"),
        "/nearest",
        {"actor": "example/aurora", "paths": 2, "product": "6109"},
    ),
    (
        ("without", "example/aurora", "--drop", FIRST, "--drop", SECOND),
        "/without",
        {"actor": "example/aurora", "drop": [FIRST, SECOND]},
    ),
)


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def found(client: TestClient, route: str, asked: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(route, params=asked)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.parametrize(("words", "route", "asked"), QUESTIONS, ids=[each[0][0] for each in QUESTIONS])
def test_the_command_line_and_the_service_give_one_answer(
    call: Command,
    client: TestClient,
    admitted: Path,
    words: tuple[str, ...],
    route: str,
    asked: dict[str, Any],
) -> None:
    for form in ("json", "csv"):
        said = fine(call(*words, "--format", form, "--quiet", "--data", str(admitted)))
        answer = client.get(f"{route}.{form}", params=asked)
        assert answer.text == said.out, form
        assert answer.headers["opentier-release"] == "00000003"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix(sheet.MARK))))
    assert len(rows) > 1
    shown = fine(call(*words, "--quiet", "--data", str(admitted))).out
    assert all(name in shown for name in rows[0][:2])
    assert any(cell in shown for cell in rows[1] if len(cell) > 3)


def test_shared_suppliers_are_those_of_the_library(client: TestClient, view: View) -> None:
    said = found(client, *QUESTIONS[0][1:])
    own = view.shared("example/aurora", "example/borealis", Parameters())
    assert [(each["iri"], tuple(each["tiers"]), each["exposed"]) for each in said["shared"]] == [
        (each.actor.iri, each.tiers, each.exposed) for each in own
    ]
    assert [actor["id"] for actor in said["actors"]] == ["example/aurora", "example/borealis"]


def test_the_nearest_paths_are_those_of_the_library(client: TestClient, view: View) -> None:
    said = found(client, *QUESTIONS[1][1:])
    own = view.nearest("example/aurora", Parameters(paths=2, product="6109"))
    assert [path["tier"] for path in said["paths"]] == [path.tiers for path in own]
    assert [path["to"]["iri"] for path in said["paths"]] == [path.arcs[-1].head for path in own]
    assert [[hop["record"] for hop in path["hops"]] for path in said["paths"]] == [
        [arc.record for arc in path.arcs] for path in own
    ]
    assert (said["truncated"], said["untestable"]) == (False, [])


def test_where_nothing_can_be_found_the_nearest_says_why(
    client: TestClient, call: Command, admitted: Path
) -> None:
    asked = {"actor": "example/aurora", "exploitation": "trafficking"}
    assert found(client, "/nearest", asked)["untestable"]
    run = call("nearest", "example/aurora", "--exploitation", "trafficking", "--data", str(admitted))
    assert "warning: " in run.err


def test_what_is_lost_without_some_records_is_what_only_they_lead_to(client: TestClient, view: View) -> None:
    said = found(client, *QUESTIONS[2][1:])
    iris = [each["iri"] for each in said["without"]]
    own = view.supposed("example/aurora", Parameters(), without=iris)
    for change, there in (("lost", own.lost), ("gained", own.gained)):
        assert {each["iri"]: each["tier"] for each in said[change]} == there
    assert {each["iri"]: (each["tier"], each["tier_after"]) for each in said["moved"]} == own.moved
    assert own.lost or own.moved
    by_iri = found(client, "/without", {"actor": "example/aurora", "drop": iris})
    assert by_iri == said


@pytest.mark.parametrize("record", ["example/supply-link/none", "example/aurora", "nothing", "urn:x:y"])
def test_a_record_that_no_hop_is_of_is_refused(
    client: TestClient, call: Command, admitted: Path, record: str
) -> None:
    answer = client.get("/without", params={"actor": "example/aurora", "drop": record})
    assert answer.status_code == 400
    assert "No hop is of the record" in answer.json()["detail"]
    run = call("without", "example/aurora", "--drop", record, "--data", str(admitted))
    refused(run, 2, "No hop is of the record")


def test_a_supplier_is_lost_with_its_only_link(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    tables = [{"name": name, "path": f"{name}.csv"} for name in ("actors", "supply_links")]
    said = {"name": "chain", "licenses": [{"name": "CC0-1.0"}], "resources": tables}
    (folder / "datapackage.json").write_text(json.dumps(said), "utf-8")
    (folder / "actors.csv").write_text("id,name\na,A\nb,B\nc,C\nd,D\n", "utf-8")
    (folder / "supply_links.csv").write_text(
        "id,buyer,supplier\nab,a,b\nbc,b,c\nad,a,d\ndc,d,c\nac,a,c\n", "utf-8"
    )
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(folder).new
    from opentier.graph import analytics

    made = analytics.without(
        graph.view(), "chain/a", ["chain/supply-link/ab", "chain/supply-link/ac"], Parameters()
    )
    assert [(each["id"], each["tier"]) for each in made.found["lost"]] == [("chain/b", 1)]
    assert [(each["id"], each["tier"], each["tier_after"]) for each in made.found["moved"]] == [
        ("chain/c", 1, 2)
    ]
    assert made.found["gained"] == []
    assert next(made.rows())[:2] == ("lost", "chain/b")
