"""One answer on every face: command line, Python and HTTP; its verdict first, its limits beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.errors import UnknownActor, UsageError
from opentier.graph.model import sheet
from opentier.graph.trace.parameters import Parameters
from tests.test_cli import fine, package, refused

if TYPE_CHECKING:
    from tests.conftest import Command

#: Questions of all three verdicts: an actor, and what is asked.
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("example/aurora", {}),
    ("example/aurora", {"product": "6109", "on": "2024-06-30", "past": True}),
    ("example/aurora", {"countries": "BD,US", "kinds": "supply,ownership", "min_share": 30.0}),
    ("example/aurora", {"on": "2021-06-30", "pending": True, "exploitation": "forced-labour"}),
    ("example/aurora", {"exploitation": "trafficking"}),
    ("example/east-oasis-ginning", {"downstream": True}),
    ("example/stork-tower-knits", {"max_tier": 1}),
    ("example/cloudberry-quartz", {}),
)
VERDICTS = {"exposed", "none-found", "not-testable"}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def typed(actor: str, asked: dict[str, Any]) -> list[str]:
    """Return a question as words of the command line."""
    words = ["trace", actor, "--quiet"]
    for name, value in asked.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def given(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what is asked as fields of parameters."""
    lists = ("countries", "kinds", "exploitation")
    return {name: tuple(value.split(",")) if name in lists else value for name, value in asked.items()}


def table(text: str) -> list[list[str]]:
    assert text.startswith(sheet.MARK)
    return list(csv.reader(io.StringIO(text.removeprefix(sheet.MARK))))


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("actor", "asked"), QUESTIONS, ids=str)
def test_command_line_python_and_http_give_one_answer(
    call: Command, graph: Graph, client: TestClient, admitted: Path, actor: str, asked: dict[str, Any]
) -> None:
    found = graph.trace(actor, **given(asked))
    data = ("--data", str(admitted))
    for form, own in (("json", found.to_json()), ("csv", found.to_csv()), ("svg", found.to_svg())):
        said = fine(call(*typed(actor, asked), "--format", form, *data))
        answer = client.get("/trace", params={"actor": actor, "format": form, **asked})
        assert said.out == own == answer.text, form
        assert answer.headers["OpenTier-Verdict"] == found.verdict.result
    verdict = found.to_dict()["verdict"]
    assert verdict["result"] in VERDICTS
    assert verdict["reasons"]
    assert {tuple(row[:2]) for row in table(found.to_csv())[1:]} == {
        (verdict["result"], " ".join(verdict["reasons"]))
    }
    text = flat(fine(call(*typed(actor, asked), *data)).out)
    assert all(flat(reason) in text for reason in verdict["reasons"])
    assert ("No exposure found within these limits." in text) == (verdict["result"] == "none-found")
    assert ("Not testable: whether" in text) == (verdict["result"] == "not-testable")
    assert text.index("Tested") < text.index("Not testable -") < text.index("Searched -")


def test_the_questions_have_all_three_verdicts(graph: Graph) -> None:
    assert {graph.trace(actor, **given(asked)).verdict.result for actor, asked in QUESTIONS} == VERDICTS


@pytest.mark.parametrize(
    ("actor", "asked", "fails"),
    [
        ("example/aurora", (), {"exposure": 3, "not-testable": 0, "not-testable,exposure": 3}),
        ("example/stork-tower-knits", ("--max-tier", "1"), {"exposure": 0, "not-testable": 0}),
        ("example/cloudberry-quartz", (), {"exposure": 0, "not-testable": 4, "exposure,not-testable": 4}),
    ],
)
def test_what_a_trace_fails_on_is_repeated_or_takes_commas(
    call: Command, admitted: Path, actor: str, asked: tuple[str, ...], fails: dict[str, int]
) -> None:
    words = ("trace", actor, *asked, "--quiet", "--data", str(admitted))
    for said, code in fails.items():
        assert call(*words, "--fail-on", said).code == code, said
        repeated = [word for each in said.split(",") for word in ("--fail-on", each)]
        run = call(*words, *repeated)
        assert run.code == code
        assert run.out
    refused(
        call(*words, "--fail-on", "exposur"), 2, "--fail-on is one of exposure, not-testable", "Did you mean"
    )
    refused(call(*words, "--fail-on", "exposure,"), 2, "--fail-on 'exposure,' has an empty item")


def test_a_past_exposure_is_no_reason_to_fail(call: Command, admitted: Path) -> None:
    words = ("example/copperpot-spinning", "--downstream", "--past", "--fail-on", "exposure")
    run = fine(call("trace", *words, "--quiet", "--data", str(admitted)))
    assert "Past: no longer in force, not part of the answer above" in run.out
    assert "No exposure found within these limits." in run.out


def test_a_grouped_answer_counts_what_it_leaves_out(
    call: Command, graph: Graph, client: TestClient, admitted: Path
) -> None:
    whole = graph.trace("example/aurora").to_dict()
    words = ("trace", "example/aurora", "--format", "json", "--quiet", "--data", str(admitted), "--group")
    for first in (2, None):
        said = fine(call(*words, *(() if first is None else ("--first", str(first))))).out
        asked = {"actor": "example/aurora", "group": "designation"}
        asked |= {} if first is None else {"first": str(first)}
        assert client.get("/trace", params=asked).text == said
        found = json.loads(said)
        assert "exposures" not in found
        assert found["shared_suppliers"] == whole["shared_suppliers"][: first or 25]
        assert found["counts"]["shared_suppliers"] == len(whole["shared_suppliers"])
        assert sum(group["count"] for group in found["groups"]) == len(whole["exposures"])
        for group in found["groups"]:
            assert len(group["exposures"]) == min(group["count"], first or 25)
            assert sum(group["by_tier"].values()) == group["count"]
            assert {(e["group"], e["state"]) for e in group["exposures"]} == {
                (group["group"], group["state"])
            }
        kinds = [group["group"] for group in found["groups"]]
        assert kinds == sorted(kinds, key=("measure", "risk", "possible").index)
        inside = {whole["root"]["iri"], *(actor["iri"] for actor in whole["reached"])}
        assert {end for link in found["links"] for end in (link["from"], link["to"])} <= inside
        assert {name: found[name] for name in ("verdict", "limits", "counts")} == {
            name: whole[name] for name in ("verdict", "limits", "counts")
        }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"group": "tier"}, "group is 'designation'; not 'tier'."),
        ({"first": "3"}, "first counts for a grouped answer only"),
        ({"group": "designation", "format": "csv"}, "group is for JSON"),
        ({"group": "designation", "first": "-1"}, "first is at least 0; not -1."),
        ({"strict_product": "true"}, "strict_product counts for a product only; add product."),
        ({"exploitation": "forced-labor"}, "Did you mean forced-labour or"),
        ({"as_known": "2021"}, "as_known '2021' is not a day; write YYYY-MM-DD."),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_on_both_faces(
    client: TestClient, call: Command, admitted: Path, asked: dict[str, str], said: str
) -> None:
    answer = client.get("/trace", params={"actor": "example/aurora", **asked})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    if "group" not in asked:
        words = [word for name, value in asked.items() for word in (f"--{name.replace('_', '-')}", value)]
        words = [word for word in words if word != "true"]
        refused(call("trace", "example/aurora", *words, "--quiet", "--data", str(admitted)), 2)


def test_a_grouped_table_is_refused(call: Command, admitted: Path) -> None:
    words = ("trace", "example/aurora", "--quiet", "--data", str(admitted))
    refused(call(*words, "--group"), 2, "--group is for JSON; add --format json.")
    refused(call(*words, "--first", "3", "--format", "json"), 2, "--first counts for a grouped answer only")


def test_weights_that_are_nothing_are_refused(call: Command, admitted: Path) -> None:
    words = ("trace", "example/aurora", "--quiet", "--data", str(admitted), "--weights", "/dev/null")
    refused(call(*words), 2, "/dev/null names no weight")


# CSV, and what a client accepts.


def test_without_an_exposure_the_csv_holds_the_verdict_alone(graph: Graph) -> None:
    for actor, asked in (("example/cloudberry-quartz", {}), ("example/stork-tower-knits", {"max_tier": 1})):
        head, row = table(graph.trace(actor, **asked).to_csv())
        assert head[:2] == ["verdict", "verdict_reasons"]
        assert all(row[:2])
        assert not any(row[2:])


def test_past_designations_stand_apart_in_the_csv(graph: Graph) -> None:
    found = graph.trace("example/aurora", past=True)
    rows = [dict(zip(table(found.to_csv())[0], row, strict=True)) for row in table(found.to_csv())[1:]]
    (copperpot,) = [row for row in rows if row["id"] == "example/copperpot-spinning"]
    assert (copperpot["reasons"], copperpot["designations"], copperpot["severity"]) == ("", "", "")
    assert copperpot["past"] == "example/designation/d-cbp-copperpot"


def test_beside_a_csv_file_stand_its_limits(
    call: Command, admitted: Path, graph: Graph, tmp_path: Path
) -> None:
    out = tmp_path / "trace.csv"
    fine(call("trace", "example/aurora", "--quiet", "--data", str(admitted), "--out", str(out)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trace.csv", "trace.limits.csv"]
    head, *rows = table((tmp_path / "trace.limits.csv").read_bytes().decode())
    assert head == ["limit", "of", "value"]
    limits = graph.trace("example/aurora").limits
    told = {row[0] for row in rows}
    assert told - {"verdict", "dataset", "incidents", "likelihoods"} <= set(limits)
    assert ["actors_without_upstream_links", "", str(limits["actors_without_upstream_links"])] in rows
    assert ["kinds_not_walked", "ownership", str(limits["kinds_not_walked"]["ownership"])] in rows
    assert [row[1] for row in rows if row[0] == "designations"] == [
        e["register"] for e in limits["designations"]
    ]


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("image/svg+xml, */*;q=0.1", "image/svg+xml"),
        ("application/json", "application/json"),
    ],
)
def test_a_trace_comes_as_its_client_accepts_it(client: TestClient, accept: str, given: str) -> None:
    answer = client.get("/trace?actor=example/aurora", headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == given
    assert "Accept" in answer.headers["vary"].split(", ")
    said = client.get("/trace?actor=example/aurora&format=json", headers={"Accept": accept})
    assert said.headers["content-type"] == "application/json"
    refused = client.get("/trace?actor=example/aurora", headers={"Accept": "image/gif"})
    assert refused.status_code == 406


def test_a_table_and_a_picture_link_to_their_limits(client: TestClient) -> None:
    for form in ("csv", "svg"):
        answer = client.get("/trace", params={"actor": "example/aurora", "product": "6109", "format": form})
        (where,) = re.findall(r'<(.*?)>; rel="describedby"', answer.headers["link"])
        described = client.get(where)
        assert described.json()["limits"]
        assert described.json()["parameters"]["product"] == "6109"


# Python.


def test_a_notebook_and_a_frame_open_with_the_verdict(graph: Graph) -> None:
    pd = pytest.importorskip("pandas")
    for actor, first in (
        ("example/aurora", "20 exposures touch 12 actors"),
        ("example/cloudberry-quartz", "Not testable"),
    ):
        found = graph.trace(actor)
        page = found._repr_html_()
        assert page.index(f"<strong>{first}") < page.index("Tested") < page.index("Not testable<")
        frame = found.to_pandas()
        assert isinstance(frame, pd.DataFrame)
        assert list(frame.columns[:2]) == ["verdict", "verdict_reasons"]
        assert frame.attrs["limits"] == found.limits
        assert set(frame["verdict"]) == {found.verdict.result}


# What was known on a day.


def test_what_was_admitted_later_is_not_known(directory: Path, tmp_path: Path) -> None:
    graph, day = Graph.open(directory), "2026-03-02"
    before = graph.trace("example/aurora").to_dict()
    actors = "id,name,country,kind\nnew-mill,New Mill,CN,facility\n"
    links = "id,buyer,supplier,product\nl,example/aurora,new-mill,5205\n"
    listed = "id,kind,authority,target,effect,status\nd,import-order,Somebody,new-mill,withhold,active\n"
    graph.contribute(
        package(tmp_path / "later", "later", actors=actors, supply_links=links, designations=listed)
    )
    view = graph.view()
    view.release.versions = [
        replace(
            version, admitted="2026-03-03T10:00:00Z" if version.dataset == "later" else f"{day}T10:00:00Z"
        )
        for version in view.release.versions
    ]
    now = view.trace("example/aurora", Parameters())
    assert "https://w3id.org/opentier/id/later/new-mill" in {actor.iri for _, actor in now.reached}
    then = view.trace("example/aurora", Parameters(as_known=day)).to_dict()
    assert then["parameters"]["as_known"] == then["limits"]["dates"]["as_known"] == day
    assert {**then, "parameters": before["parameters"], "limits": before["limits"]} == before
    assert {**then["limits"], "dates": before["limits"]["dates"]} == before["limits"]
    with pytest.raises(
        UnknownActor, match=f"As known at the end of {day}: No actor is called 'later/new-mill'"
    ):
        view.trace("later/new-mill", Parameters(as_known=day))
    with pytest.raises(UsageError, match="no dataset is called 'later'"):
        view.trace("example/aurora", Parameters(as_known=day, datasets=("later",)))
    assert view.as_known(day) is view.as_known(day)
    assert view.as_known("2026-03-03") is view
    assert [path for path in (directory / "index").iterdir() if path.name.startswith(".")] == []


def test_before_anything_was_known_nobody_is_known(call: Command, client: TestClient, admitted: Path) -> None:
    words = ("trace", "example/aurora", "--as-known", "1999-01-01", "--quiet", "--data", str(admitted))
    refused(call(*words), 2, "As known at the end of 1999-01-01: No actor is called 'example/aurora'.")
    answer = client.get("/trace?actor=example/aurora&as_known=1999-01-01")
    assert answer.status_code == 404
