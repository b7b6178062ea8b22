"""What means nothing is refused: parameters that nobody declares, values that nothing has, inputs of questions.

The routes are those of the app itself, so that a route to come is held to the same; values are asked of the command
line and of the service, which must refuse the same ones, each in its own spelling.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import time
import urllib.request
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.errors import Named, UsageError
from opentier.graph.front import View
from opentier.graph.query import questions
from tests.test_requests import PARTS

if TYPE_CHECKING:
    from tests.conftest import Command, Service

NAMES = {"number": "1", "dataset": "example", "suffix": "ttl", "path": "example/aurora", "what": "entity"}
NAMES = {part.strip("{}"): meant for part, meant in PARTS.items()} | NAMES | {"version": "1", "kind": "busy"}
NAMES |= {"id": "none", "other": "none", "form": "csv"}


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


def addresses() -> list[str]:
    """Return an address of every GET route of the app."""
    described = create_app(None).openapi()["paths"]  # type: ignore[arg-type]
    paths = ["/", "/openapi.json", *(path for path, operations in described.items() if "get" in operations)]
    return sorted(re.sub(r"{(\w+)}", lambda found: NAMES[found[1]], path) for path in paths)


def refused(client: TestClient, address: str, status: int = 400) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert "--" not in found["detail"]
    assert "opentier " not in found["detail"]
    return found


def test_there_are_routes_to_ask() -> None:
    assert {"/trace", "/sparql", "/openapi.json", "/", "/id/example/aurora", "/questions/1"} <= set(
        addresses()
    )


@pytest.mark.parametrize("address", addresses())
def test_every_route_refuses_a_parameter_that_it_does_not_declare(client: TestClient, address: str) -> None:
    found = refused(client, f"{address}?colour=red")
    assert found["parameter"] == "colour"
    assert "colour" in found["detail"]
    assert client.head(f"{address}?colour=red").status_code == 400


@pytest.mark.parametrize(
    ("asked", "named", "near"),
    [
        ("/trace?actor=example/aurora&min_confidance=0.9", "min_confidance", "min_confidence"),
        ("/trace?actor=example/aurora&max-tier=0", "max-tier", "max_tier"),
        ("/trace?actor=example/aurora&prodct=6109", "prodct", "product"),
        ("/trace?actor=example/aurora&since=2020", "since", "from, to"),
        ("/exposure?limit=1", "limit", "max_tier"),
        ("/sparql?query=ASK%7B%7D&default_graph_uri=x:y", "default_graph_uri", "default-graph-uri"),
        ("/questions/1?actr=x", "actr", "actor"),
    ],
)
def test_the_nearest_parameter_is_named(client: TestClient, asked: str, named: str, near: str) -> None:
    found = refused(client, asked)
    assert found["parameter"] == named
    assert near in found["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        "/trace?actor=example/aurora&actor=example/mistral",
        "/trace?actor=",
        "/trace?actor=%20",
        "/trace?actor=example/aurora&product=",
        "/trace?actor=example/aurora&countries=,",
        "/trace?actor=%ff",
        "/trace",
        "/trace?actor=example/aurora&paths=51",
        "/trace?actor=example/aurora&format=parquet",
        "/exposure?format=parquet",
        "/sparql?query=ASK%7B%7D&query=ASK%7B%7D",
        "/sparql",
    ],
)
def test_twice_empty_unreadable_and_missing_ones_are_refused(client: TestClient, asked: str) -> None:
    refused(client, asked)


def test_the_protocol_of_sparql_is_held_to_its_parameters_too(client: TestClient) -> None:
    assert client.post("/sparql", data={"query": "ASK {}", "fromat": "xml"}).status_code == 400
    assert client.post("/sparql", data={"query": ["ASK {}", "ASK {}"]}).status_code == 400
    told = client.post("/sparql", data={"update": "DROP ALL"})
    assert told.status_code == 400
    assert "Updates are not served" in told.json()["detail"]
    direct = {"content-type": "application/sparql-query"}
    assert client.post("/sparql?fromat=xml", content="ASK {}", headers=direct).status_code == 400
    answer = client.post("/sparql?format=xml", content="ASK {}", headers=direct)
    assert answer.headers["content-type"].startswith("application/sparql-results+xml")
    graphs = [f"https://w3id.org/opentier/id/dataset/{name}/1" for name in ("example", "laws", "initiatives")]
    known = {"default-graph-uri": graphs[:2], "named-graph-uri": graphs[2], "format": "json"}
    asked = {"query": "ASK {}", **known, "output": "json", "results": "json"}
    assert client.get("/sparql", params=asked).json()["boolean"] is True


def test_an_address_of_nothing_is_404(client: TestClient) -> None:
    for address in (
        "/questions/one",
        "/questions/99",
        "/ontology.docx",
        "/datasets/nope",
        "/id/example/aurora/",
    ):
        refused(client, address, 404)


def test_openapi_speaks_of_400_and_never_of_422(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) > 10
    for operation in operations:
        assert "422" not in operation["responses"]
        content = operation["responses"]["400"]["content"]
        assert content["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem"
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
    asked = document["paths"]["/questions/{number}"]["get"]["parameters"]
    assert {"actor", "on", "min_confidence"} <= {parameter["name"] for parameter in asked}


def test_an_iri_is_found_whatever_case_its_escapes_have(directory: Path, tmp_path: Path) -> None:
    folder = tmp_path / "accents"
    folder.mkdir()
    actors = {"name": "actors", "path": "actors.csv"}
    described = {"name": "accents", "licenses": [{"name": "CC0-1.0"}], "resources": [actors]}
    (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
    (folder / "actors.csv").write_text("id,name\né,E\n", "utf-8")
    graph = Graph.open(directory)
    assert graph.contribute(folder).new
    with TestClient(create_app(graph)) as client:
        for path in ("%C3%A9", "%c3%a9", "é"):
            assert client.get(f"/id/accents/{path}").status_code == 200, path
        assert client.get("/id/accents/%25C3%25A9").status_code == 404


# Values.

VALUES = [
    ("countries", "XX", "There are: "),
    ("countries", "malaysa", "Malaysia"),
    ("product", "999999", "nearest in the data"),
    ("product", "00", "no such chapter"),
    ("product", "9011100", "leading zero"),
    ("product", "6109.0", "a decimal number"),
    ("product", "cottn", "cotton"),
    ("kinds", "suply", "Did you mean supply?"),
    ("datasets", "exampel", "Did you mean example?"),
    ("on", "2024-13-01", "YYYY-MM-DD"),
    ("observed_since", "soon", "YYYY-MM-DD"),
    ("observed_since", "9999", "Years run from 1500 to 2100"),
    ("on", "2024", "not a day; write YYYY-MM-DD"),
    ("on", "2024/01/31", "write 2024-01-31"),
    ("product", "1.5", "Did you mean 15?"),
    ("product", "6.1", "Did you mean 61?"),
    ("product", "610.9", "Did you mean 6109?"),
    ("product", "6109..10", "between pairs of digits"),
    ("countries", "Congo", "CD (Congo, The Democratic Republic of the) or CG (Congo)"),
    ("countries", "korea", "or KR"),
    ("countries", "CN,,US", "empty item"),
    ("countries", "CN,", "empty item"),
    ("kinds", "supply,", "empty item"),
    ("min_share", "60", "counts for ownership only; add ownership to "),
    ("min_path_confidence", "2", "from 0 to 1"),
]


@pytest.mark.parametrize(("name", "value", "said"), VALUES)
def test_a_value_that_nothing_has_is_refused_by_the_service(
    client: TestClient, name: str, value: str, said: str
) -> None:
    found = refused(client, f"/trace?actor=example/aurora&{name}={quote(value)}")
    assert found["parameter"] == name
    assert name in found["detail"]
    assert said in found["detail"]


@pytest.mark.parametrize(("name", "value", "said"), VALUES)
def test_a_value_that_nothing_has_is_refused_by_the_command_line(
    call: Command, admitted: Path, name: str, value: str, said: str
) -> None:
    option = f"--{name.replace('_', '-')}"
    run = call("trace", "example/aurora", option, value, "--quiet", "--data", str(admitted))
    assert (run.code, run.out) == (2, "")
    assert option in run.err
    assert said in " ".join(run.err.split())


def test_the_window_is_named_as_each_face_spells_it(
    client: TestClient, call: Command, admitted: Path
) -> None:
    found = refused(client, "/trace?actor=example/aurora&from=2024-02&to=2024-01")
    assert found["detail"] == "The window ends before it begins; exchange from and to."
    words = ("trace", "example/aurora", "--from", "2024-02", "--to", "2024-01", "--quiet")
    run = call(*words, "--data", str(admitted))
    assert "exchange --from and --to." in run.err


@pytest.mark.parametrize("said", ["CN,MY", "chn,mys", "China, malaysia", "cn,CHN,China,my"])
def test_countries_are_understood_by_code_and_name_in_any_case(client: TestClient, said: str) -> None:
    found = client.get("/trace", params={"actor": "example/aurora", "countries": said}).json()
    assert found["parameters"]["countries"] == ["CN", "MY"]
    assert found["reached"] != []


@pytest.mark.parametrize(
    "said",
    ["61.09", "61.09.10", "6109 10 00", "6109", "hs:6109", "HS:6109", "6109.10", "6109.10.00", "61091000"],
)
def test_products_are_understood_as_they_are_printed(client: TestClient, said: str) -> None:
    found = client.get("/trace", params={"actor": "example/aurora", "product": said}).json()
    assert found["parameters"]["product"] in ("6109", "610910")
    assert len(found["reached"]) == 25


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("industry", "Aparel", "Apparel"),
        ("geography", "Asya", "Asia"),
        ("issue", "Forced Labor", "Forced Labour"),
    ],
)
def test_a_filter_of_the_directory_that_nothing_has_is_refused(
    client: TestClient, call: Command, admitted: Path, name: str, value: str, said: str
) -> None:
    assert said in refused(client, f"/initiatives?{name}={quote(value)}")["detail"]
    run = call("initiatives", f"--{name}", value, "--data", str(admitted))
    assert run.code == 2
    assert f"--{name}" in run.err
    assert said in run.err


def test_an_industry_without_initiative_is_known_and_empty(client: TestClient) -> None:
    for industry in client.get("/initiatives/gaps").json()["industries"]:
        assert client.get("/initiatives", params={"industry": industry}).json()["initiatives"] == []


def test_an_unknown_dataset_or_adapter_is_told_the_nearest(
    call: Command, admitted: Path, example: Path
) -> None:
    run = call("datasets", "show", "exampel", "--data", str(admitted))
    assert run.code == 2
    assert "Did you mean example?" in run.err
    run = call("validate", str(example), "--from", "sayri", "--data", str(admitted))
    assert run.code == 2
    assert "Did you mean sayari?" in run.err


def test_a_library_call_is_held_to_the_same(graph: Graph) -> None:
    with pytest.raises(UsageError, match="Did you mean product"):
        graph.trace("example/aurora", prodct="6109")
    with pytest.raises(UsageError, match="XX"):
        graph.exposure(countries=("XX",))


def test_a_message_is_spelled_by_each_face() -> None:
    error = UsageError(Named("min_share"), " runs from 0 to 100; not min_share.")
    assert str(error) == "min_share runs from 0 to 100; not min_share."
    assert error.spelled(lambda name: f"<{name}>") == "<min_share> runs from 0 to 100; not min_share."


def test_a_service_without_data_tells_neither_where_it_lies_nor_what_to_type(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    graph = Graph.open(tmp_path / "nothing", create=True)
    with TestClient(create_app(graph)) as client:
        found = refused(client, "/trace?actor=example/aurora", 503)
    assert str(tmp_path) not in json.dumps(found)
    assert "Nothing was contributed" in caplog.text


def test_every_active_filter_is_printed(call: Command, admitted: Path) -> None:
    words = (
        "--countries", "china", "--datasets", "example", "--max-tier", "4", "--min-confidence", "0.1",
        "--min-path-confidence", "0.01", "--observed-since", "2015", "--strict-product", "--past", "--product", "6109",
        "--kinds", "supply,ownership", "--min-share", "60",
    )  # fmt: skip
    run = call("trace", "example/aurora", *words, "--quiet", "--data", str(admitted))
    assert run.code == 0, run.err
    said = " ".join(run.out.split())
    assert (
        "Product T-shirts and vests (HS 6109). Supply and ownership links. Past designations shown, too."
        in said
    )
    assert (
        "Filters: max tier 4; min confidence 0.1; min path confidence 0.01; observed since 2015; min share 60; "
        "strict product; countries China (CN); datasets example."
    ) in said
    plain = call("trace", "example/aurora", "--quiet", "--data", str(admitted))
    assert "Filters" not in plain.out


def test_a_filter_that_counts_for_links_of_one_kind_asks_for_them(graph: Graph) -> None:
    with pytest.raises(UsageError, match="observed_since counts for supply only"):
        graph.trace("example/aurora", kinds=("ownership",), observed_since="2020")
    assert graph.trace("example/aurora", kinds=("supply", "ownership"), min_share=60.0).reached
    assert graph.trace("example/aurora", min_share=50.0).reached


@pytest.mark.parametrize("said", ["2024", "880330", "hs:2024"])
def test_a_product_that_nothing_in_the_data_is_is_answered_with_a_warning(
    client: TestClient, call: Command, admitted: Path, said: str
) -> None:
    code = said.removeprefix("hs:")
    told = f"Nothing in the data is {code}: only links that state no product can be walked. The nearest in the data:"
    words = ("trace", "example/aurora", "--product", said, "--quiet", "--data", str(admitted))
    run = call(*words)
    assert run.code == 0
    assert f"- {told}" in " ".join(run.out.split())
    assert run.err.startswith(f"warning: {told}")
    for form in ("json", "csv", "svg"):
        assert call(*words, "--format", form).err.startswith(f"warning: {told}")
    run = call("exposure", "--product", said, "--quiet", "--data", str(admitted))
    assert run.err.startswith(f"warning: {told}")
    for address in ("/trace?actor=example/aurora&", "/exposure?"):
        assert client.get(f"{address}product={quote(said)}").headers["opentier-warning"].startswith(told)


def test_a_product_that_something_in_the_data_is_comes_without_a_warning(
    client: TestClient, call: Command, admitted: Path
) -> None:
    for said in ("61", "6109", "610910"):
        assert "opentier-warning" not in client.get(f"/trace?actor=example/aurora&product={said}").headers
    run = call("trace", "example/aurora", "--product", "6109", "--quiet", "--data", str(admitted))
    assert run.err == ""
    assert "Nothing in the data" not in run.out


@pytest.mark.parametrize("value", ["-1", "0", "51", "99999"])
def test_a_bound_of_the_service_is_one_whatever_is_asked(client: TestClient, value: str) -> None:
    found = refused(client, f"/trace?actor=example/aurora&paths={value}")
    assert found["detail"] == f"paths runs from 1 to 50; not {value}."


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("max_tier=x", "max_tier 'x' is not a whole number."),
        ("max_tier=1.5", "max_tier '1.5' is not a whole number."),
        ("min_confidence=high", "min_confidence 'high' is not a number."),
        ("past=maybe", "past 'maybe' is not true or false."),
        (
            "format=parquet",
            "format is 'json', 'csv', 'svg', 'html', 'xlsx', 'pdf', 'png', 'graphml' or 'gexf'; not 'parquet'.",
        ),
    ],
)
def test_a_value_of_another_type_is_refused_in_our_words(client: TestClient, asked: str, said: str) -> None:
    found = refused(client, f"/trace?actor=example/aurora&{asked}")
    assert found["detail"] == said
    assert found["parameter"] == asked.partition("=")[0]
    assert refused(client, "/trace")["detail"] == "actor is missing; give a value."


def test_no_route_says_what_the_library_beneath_it_says(client: TestClient) -> None:
    """Every parameter that is no text is asked with one that it cannot be."""
    asked = 0
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        address = re.sub(r"{(\w+)}", lambda found: NAMES[found[1]], path)
        known = operations.get("get", {}).get("parameters", [])
        for one in known:
            kinds = [one["schema"], *one["schema"].get("anyOf", [])]
            if one["in"] == "query" and not any(kind.get("type") in ("string", "array") for kind in kinds):
                needed = [other for other in known if other["in"] == "query" and other["required"]]
                given = {other["name"]: other["schema"]["examples"][0] for other in needed} | {
                    one["name"]: "x"
                }
                said = refused(client, f"{address}?{urlencode(given)}")["detail"]
                assert said.startswith(f"{one['name']} 'x' is not ")
                asked += 1
    assert asked > 10


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("output=cvs", 400),
        ("results=cvs", 400),
        ("output=turtle", 406),
        ("output=json&output=csv", 400),
        ("format=json&format=csv", 400),
        ("format=json&output=csv", 400),
        ("format=json&output=cvs", 400),
        ("format=json&output=turtle", 400),
    ],
)
def test_a_format_by_any_of_its_names_is_understood_or_refused(
    client: TestClient, said: str, status: int
) -> None:
    asked = f"query={quote('SELECT * {} LIMIT 1')}&{said}"
    refused(client, f"/sparql?{asked}", status)
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sparql", content=asked, headers=form).status_code == status


@pytest.mark.parametrize("name", ["format", "output", "results"])
def test_each_name_of_the_format_is_read(client: TestClient, name: str) -> None:
    asked = {"query": "SELECT * {} LIMIT 1", name: "csv"}
    for answer in (client.get("/sparql", params=asked), client.post("/sparql", data=asked)):
        assert answer.headers["content-type"].startswith("text/csv")


def test_a_query_that_is_not_utf_8_is_refused_in_words(client: TestClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/sparql", content="query=ASK%7B%7D%ff", headers=form)
    assert (answer.status_code, answer.json()["detail"]) == (400, "The parameters are not UTF-8.")
    for kind in ("application/sparql-query", "application/x-www-form-urlencoded"):
        answer = client.post("/sparql", content="ASK {}", headers={"content-type": f"{kind}; charset=utf-16"})
        assert (answer.status_code, answer.json()["detail"]) == (415, "A query is UTF-8 text; not utf-16.")
    direct = {"content-type": 'application/sparql-query; charset="UTF-8"'}
    assert client.post("/sparql", content="ASK {}", headers=direct).json()["boolean"] is True


GRAPHS = [
    "file:///etc/passwd",
    "https://w3id.org/opentier/id/dataset/example/99",
    "https://w3id.org/opentier/id/dataset/exampel/1",
]


@pytest.mark.parametrize("unknown", GRAPHS)
def test_a_graph_that_is_not_there_is_refused(
    client: TestClient, call: Command, admitted: Path, unknown: str
) -> None:
    begin, _, end = unknown.rpartition("/")
    for clause in (f"FROM <{unknown}>", f"FROM NAMED <{unknown}>", "FROM NAMED g:" + end):
        query = f"PREFIX g: <{begin}/> SELECT * {clause} {{ ?a ?b ?c }}"
        assert (
            f"There is no graph {unknown} here." in refused(client, f"/sparql?query={quote(query)}")["detail"]
        )
        run = call("query", "-", "--data", str(admitted), stdin=query)
        assert (run.code, run.out) == (1, "")
        assert f"There is no graph {unknown} here." in run.err
    for name in ("default-graph-uri", "named-graph-uri"):
        said = refused(client, f"/sparql?query=ASK%7B%7D&{name}={quote(unknown)}")["detail"]
        assert "/datasets" in said


# Questions.


@pytest.mark.parametrize("one", questions.questions(), ids=lambda one: one.id)
def test_the_defaults_of_a_question_stand_in_its_query(view: View, one: questions.Question) -> None:
    assert len({given.name for given in one.inputs}) == len(one.inputs)
    for given in one.inputs:
        assert given.about
        assert view.question(one.number, {given.name: given.example}) == one
        other = {"date": "1999-12-31", "decimal": "0.123", "gYear": "1999", "Actor": "example/mistral"}
        said = other.get(given.kind, {"link": "example/sl-011", "issue": "child labour"}.get(given.name, ""))
        changed = view.question(one.number, {given.name: said})
        assert changed.text != one.text
        assert view.question(one.number, {given.name: said}).text == changed.text
        view.query(changed.text)


def test_the_questions_with_an_actor_a_day_or_a_threshold_take_them() -> None:
    takes = {one.number: [given.name for given in one.inputs] for one in questions.questions() if one.inputs}
    assert takes == {
        1: ["actor"], 2: ["actor"], 3: ["on", "min_confidence"], 4: ["min_share"], 7: ["actor"], 8: ["year"],
        9: ["actor"], 10: ["link", "issue"],
    }  # fmt: skip


def answered(client: TestClient, address: str) -> list[dict[str, str]]:
    rows = client.get(address).json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


def test_a_question_is_asked_of_another_actor(client: TestClient, view: View) -> None:
    for text in ("example/kingfisher-knitwear", "Kingfisher Knitwear (invented)"):
        found = answered(client, f"/questions/2?actor={quote(text)}")
        base = view.release.names.base
        reached = {row["actor"].removeprefix(base): int(row["tier"]) for row in found}
        traced = client.get("/trace", params={"actor": text}).json()["reached"]
        assert (
            reached.items() >= {actor["id"]: actor["tier"] for actor in traced if actor["tier"] == 1}.items()
        )
        assert "example/aurora" not in reached


def test_a_question_is_asked_of_another_day_and_confidence(client: TestClient) -> None:
    sure = answered(client, "/questions/3?min_confidence=1")
    assert sure
    assert {row["confidence"] for row in sure} <= {"1", "1.0"}
    assert len(sure) < len(answered(client, "/questions/3"))
    assert answered(client, "/questions/3?on=1970-01-01") != answered(client, "/questions/3")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("3?actor=example/aurora", "Question 3 has no input actor; it has: on, min_confidence."),
        ("11?actor=example/aurora", "Question 11 has no input actor; it has: none."),
        ("3?on=2022", "on '2022' is not a day; write YYYY-MM-DD."),
        ("3?min_confidence=2", "min_confidence runs from 0 to 1; not 2.0."),
        ("3?min_confidence=high", "min_confidence 'high'"),
        ("8?year=25", "year '25' is not a year; write YYYY."),
        ("10?link=example/nope", "link: no supply link is called 'example/nope'."),
        ("10?issue=Forced+Labor", "Did you mean Forced Labour"),
    ],
)
def test_an_input_that_is_not_understood_is_refused(client: TestClient, asked: str, said: str) -> None:
    assert said in refused(client, f"/questions/{asked}")["detail"]


def test_a_text_cannot_break_out_of_a_query(client: TestClient, view: View) -> None:
    one = questions.question(10, view.release.names.base)
    wicked = '" ) } UNION { ?s ?p ?o } #'
    refused(client, f"/questions/10?issue={quote(wicked)}")
    refused(client, f"/questions/1?actor={quote('example/x> ?p ?o . <y:z')}", 404)
    assert view.question(10, {}) is one


def test_the_command_takes_the_inputs_as_options(call: Command, admitted: Path) -> None:
    where = ("--data", str(admitted))
    run = call("questions", "3", "--on", "2022-06-30", "--min-confidence", "1", "--format", "csv", *where)
    assert run.code == 0, run.err
    assert run.out != call("questions", "3", "--format", "csv", *where).out
    text = call("questions", "3", "--min-confidence", "1", "--format", "rq", *where).out
    assert call("query", "-", "--format", "csv", *where, stdin=text).out == run.out
    run = call("questions", "3", "--actor", "example/aurora", *where)
    assert run.code == 2
    assert "it has: --on, --min-confidence." in run.err
    run = call("questions", "--actor", "example/aurora", *where)
    assert run.code == 2
    assert "give its number" in run.err
    assert call("questions", "1", "--actr", "x", *where).code == 2


def test_the_lists_show_the_inputs(client: TestClient, call: Command) -> None:
    listed = client.get("/questions").json()["questions"][2]["inputs"]
    assert [(given["name"], given["default"]) for given in listed] == [
        ("on", "2022-06-30"),
        ("min_confidence", "0.8"),
    ]
    assert json.loads(call("questions", "--format", "json").out)[2]["inputs"] == listed
    assert "--min-confidence 0.8" in " ".join(call("questions").out.split())


# Clients that leave.


def test_a_client_that_leaves_is_no_traceback(service: Service) -> None:
    host, _, port = service.url.removeprefix("http://").partition(":")
    for head in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        with socket.create_connection((host, int(port)), 10) as client:
            start = "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
            client.sendall(f"{start}{head}\r\n\r\nASK".encode())
            time.sleep(0.3)
    with socket.create_connection((host, int(port)), 10) as client:
        client.sendall(b"GET /trace?actor=example/aurora HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with urllib.request.urlopen(f"{service.url}/health", timeout=30) as answer:
        assert answer.status == 200
    time.sleep(1)
    log = (service.data.parent / "log").read_text("utf-8")
    assert "Traceback" not in log
    assert "Exception" not in log


def test_a_client_that_leaves_is_one_line_of_the_log(graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    headers = [(b"content-type", b"application/sparql-query")]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/sparql", "raw_path": b"/sparql",
        "query_string": b"", "headers": headers, "scheme": "http", "server": ("x", 80), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        """Send to nobody."""

    caplog.set_level(logging.DEBUG, "opentier.service")
    asyncio.run(create_app(graph)(scope, receive, send))
    [line] = [record.getMessage() for record in caplog.records if record.name == "opentier.service"]
    assert line == "POST /sparql: the client left before its request was read."
