"""The description of the API: committed, complete, and true of the answers; the page that shows it asks nobody else."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from opentier.api.contract import described
from opentier.api.service import create_app
from opentier.graph import Graph
from tests import openapi

UI = files("opentier.api.pages") / "static" / "swagger-ui"


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@cache
def document() -> dict[str, Any]:
    return create_app(None).openapi()  # type: ignore[arg-type]


def operations() -> dict[str, dict[str, Any]]:
    """Return what is said of each operation, by its id."""
    return {each["operationId"]: each for said in document()["paths"].values() for each in said.values()}


def schema_of(operation: str) -> dict[str, Any]:
    found: dict[str, Any] = operations()[operation]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    return found


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return what checks a value against a schema of the document, in which no object has more than is said."""
    parts = {name: closed(each) for name, each in document()["components"]["schemas"].items()}
    return Draft202012Validator({**schema, "components": {"schemas": parts}})


def closed(schema: Any) -> Any:
    """Return a schema that refuses what it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(each) for name, each in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in schema and "type" in schema else found


def test_the_description_is_as_committed() -> None:
    assert openapi.SNAPSHOT.read_text("utf-8") == openapi.text(document()), "run: make snapshot"


def test_every_operation_has_an_id_of_nouns_and_a_verb_of_its_own() -> None:
    said = [each["operationId"] for paths in document()["paths"].values() for each in paths.values()]
    assert len(said) == len(set(said))
    assert [id for id in said if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", id)] == []
    assert {"trace_get", "datasets_list", "dataset_diff_get", "question_get", "sparql_post"} <= set(said)


def test_every_operation_says_what_it_does_and_which_parameters_it_takes() -> None:
    tags = {each["name"] for each in document()["tags"]}
    for id, said in operations().items():
        assert said.get("description"), id
        assert said["tags"], id
        assert set(said["tags"]) <= tags, id
        for each in said.get("parameters", ()):
            assert "example" in each, (id, each["name"])
            assert each.get("description"), (id, each["name"])


def test_every_operation_says_what_may_go_wrong_and_how_that_is_told() -> None:
    for id, said in operations().items():
        assert {"400", "401", "429", "500", "503"} <= set(said["responses"]), id
        assert {"200", "201", "202", "303"} & set(said["responses"]), id
        assert not {"422", "default"} & set(said["responses"]), id
        for status, answer in said["responses"].items():
            assert "OpenTier-Request" in answer["headers"], (id, status)
            if status[0] in "45":
                assert set(answer["content"]) == {"application/problem+json"}, (id, status)


def test_every_schema_is_one_and_leads_to_what_there_is() -> None:
    schemas = document()["components"]["schemas"]
    for each in schemas.values():
        Draft202012Validator.check_schema(each)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document())))
    assert named <= set(schemas)
    assert set(described._data("schemas")) <= named


@pytest.mark.parametrize("operation", sorted(openapi.ASKED))
def test_an_answer_holds_what_its_schema_says_and_nothing_else(client: TestClient, operation: str) -> None:
    check = validator(schema_of(operation))
    for asked in openapi.ASKED[operation]:
        answer = client.get(asked)
        assert answer.status_code == 200, answer.text
        assert [
            f"{error.json_path}: {error.message[:200]}" for error in check.iter_errors(answer.json())
        ] == []
    short = operations()[operation]["responses"]["200"]["content"]["application/json"]["example"]
    assert [error.message for error in check.iter_errors(short)] == []


def test_a_problem_holds_what_its_schema_says(client: TestClient) -> None:
    check = Draft202012Validator(document()["components"]["schemas"]["Problem"])
    for asked in ("/trace", "/trace?actor=nobody", "/nothing", "/trace?actor=example/aurora&format=x"):
        assert [error.message for error in check.iter_errors(client.get(asked).json())] == []


def test_the_examples_are_answers_about_the_worked_example(client: TestClient) -> None:
    assert openapi.EXAMPLES.read_text("utf-8") == openapi.text(openapi.examples(client)), "run: make snapshot"


def test_every_json_answer_with_a_schema_is_asked_for() -> None:
    told = {
        id
        for id, said in operations().items()
        if "$ref"
        in said["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    }
    assert told == set(openapi.ASKED)


# The page.


def test_the_page_is_made_of_the_files_of_the_package_as_they_were_published() -> None:
    said = json.loads((UI / "manifest.json").read_text("utf-8"))
    assert said["package"] == "swagger-ui-dist"
    for name, hashed in said["sha256"].items():
        assert hashlib.sha256((UI / name).read_bytes()).hexdigest() == hashed, name
    held = {each.name for each in UI.iterdir()}
    assert held == set(said["sha256"]) | {"manifest.json", "begin.js"}
    assert {"LICENSE", "NOTICE"} <= held


def test_the_page_asks_nobody_else_and_runs_no_script_of_its_own(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    scripts = next(
        part for part in page.headers["content-security-policy"].split(";") if "script-src" in part
    )
    assert scripts.split() == ["script-src", "'self'"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    loaded = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="(/[^"]+)"', page.text)
    assert len(loaded) == 7
    for each in loaded:
        assert "//" not in each
        assert client.get(each).status_code == 200
    begin = client.get("/docs/begin.js").text
    assert "validatorUrl: null" in begin
    assert "http" not in begin
