"""The Reconciliation API: the real service on loopback, asked as OpenRefine asks, and as the draft of 1.0 has it.

``data/openrefine.json`` holds what OpenRefine 3.6.2 sent: the guessing of types, a column reconciled with others as
properties, columns added from it, what its fields for suggestions asked while somebody typed, a preview, and JSONP.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from opentier.api.reconciliation.dialects import BATCH, COLUMNS, CONDITIONS, EXTENDED, LETTERS
from opentier.api.reconciliation.reconcile import MAX_BODY
from opentier.graph import Graph
from opentier.graph.matching.parties import Party
from opentier.graph.reconciliation import properties
from opentier.graph.reconciliation.queries import MOST
from tests.conftest import PATIENCE, serving
from tests.test_cli import package
from tests.test_readme import BLOCK, assert_shown

Json = dict[str, Any]
BASE = "https://w3id.org/opentier/id/"
RECORDED: list[Json] = json.loads((Path(__file__).parent / "data" / "openrefine.json").read_text("utf-8"))
#: Ids that have to be escaped somewhere; some look like what others of them are escaped to.
ODD = ("a/b", "a%2Fb", "a b", "a%20b", "a#b", "a?b", "é", "a+b")
ACTORS = """id,name,kind,country,identifiers,also_known_as,address,lat,lon,sector
orchid,Orchid Zipper Works Ltd.,legal-entity,VN,lei:5493001KJTIIGC8Y1R12,Hanoi Fasteners,5 Lac,21.02,105.84,1399
orchid-bd,Orchid Zipper Works,legal-entity,BD,,,"9 Station Road, Dhaka",,,
quarry,Deep Fern Quarry,mine,IN,,,,,,
depot,Deep Fern Depot,,IN,,,,,,
shafts,Deep Fern Shaft Company,organisation,IN,,,,,,
hui,汇泽拉链厂,facility,CN,,,,,,
script,<script>alert(1)</script> & Sons Weaving,facility,TR,,,,,,
"""
DESIGNATIONS = """id,kind,authority,register,target,effect,status,listing_date
one,import-order,Somebody,The list of somebody,hui,withhold,active,2023-02-01
"""
QUARTER = "Willow Lake Knitting & Dyeing Co., Ltd. (invented)"


@pytest.fixture(scope="module")
def data(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reconcile")
    path = shutil.copytree(admitted, folder / "data")
    graph = Graph.open(path)
    tables = {
        "firms": {"actors": ACTORS, "designations": DESIGNATIONS},
        "odd": {"actors": "id,name\n" + "".join(f'"{id}",Odd {number}\n' for number, id in enumerate(ODD))},
    }
    for name, files in tables.items():
        assert graph.contribute(package(folder / name, name, **files)).new
    return path


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx2.Client]:
    with (
        serving(data, data.parent / "log") as started,
        httpx2.Client(base_url=started.url, timeout=60) as client,
    ):
        yield client


Valid = Callable[[str, str, Any], None]


@pytest.fixture(scope="module")
def valid(shared: Path) -> Valid:
    """Return a function that asserts that something is as a schema of a version has it."""
    folders = {
        version: shared / "conformance" / "reconciliation" / version / "schemas"
        for version in ("0.2", "1.0-draft")
    }
    if not all(folder.is_dir() for folder in folders.values()):
        pytest.skip("the schemas of the Reconciliation API are not here")
    known = {
        v: {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
        for v, folder in folders.items()
    }

    def check(version: str, name: str, said: Any) -> None:
        schemas = known[version]
        registry: Registry[Any] = (
            Registry()
            .with_resources(
                (schema.get("$id", stem), DRAFT7.create_resource(schema)) for stem, schema in schemas.items()
            )
            .with_resource("http://swagger.io/v2/schema.json", DRAFT7.create_resource(schemas["openapi"]))
        )
        errors = [
            error.message for error in Draft7Validator(schemas[name], registry=registry).iter_errors(said)
        ]
        assert errors == []

    return check


def ask(client: httpx2.Client, *queries: Json, by: str = "post") -> list[list[Json]]:
    """Return the candidates of queries of 0.2."""
    said = {"queries": json.dumps({f"q{number}": query for number, query in enumerate(queries)})}
    answer = client.post("/reconcile", data=said) if by == "post" else client.get("/reconcile", params=said)
    assert answer.status_code == 200, answer.text
    assert answer.headers["opentier-release"]
    found = answer.json()
    assert list(found) == [f"q{number}" for number in range(len(queries))]
    return [each["result"] for each in found.values()]


def match(client: httpx2.Client, *conditions: Json, **more: Any) -> list[Json]:
    """Return the candidates of one query of the draft."""
    answer = client.post("/reconcile/match", json={"queries": [{"conditions": list(conditions), **more}]})
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["results"]
    candidates: list[Json] = found["candidates"]
    return candidates


def extend(client: httpx2.Client, id: str, *properties: str) -> dict[str, list[str]]:
    """Return what is known of one actor."""
    said = {"ids": [id], "properties": [{"id": each} for each in properties]}
    answer = client.post("/reconcile", data={"extend": json.dumps(said)})
    assert answer.status_code == 200, answer.text
    row = answer.json()["rows"][id]
    return {name: [value["str"] for value in values] for name, values in row.items()}


def ids(found: list[Json]) -> list[str]:
    return [each["id"] for each in found]


def suggested(client: httpx2.Client, prefix: str, what: str = "entity", **more: Any) -> list[str]:
    answer = client.get(f"/reconcile/suggest/{what}", params={"prefix": prefix, **more})
    assert answer.status_code == 200, answer.text
    return ids(answer.json()["result"])


def assert_refused(answer: httpx2.Response, status: int, *words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(word in answer.json()["detail"] for word in words), answer.text


# What the specification demands, by its own schemas.


def test_the_manifests_are_those_of_the_two_versions(client: httpx2.Client, valid: Valid) -> None:
    old, draft = client.get("/reconcile").json(), client.get("/reconcile/1.0-draft").json()
    valid("0.2", "manifest", old)
    valid("1.0-draft", "manifest", draft)
    assert (old["versions"], draft["versions"]) == (["0.2", "1.0-draft"], ["1.0-draft"])
    assert old["identifierSpace"] == BASE
    assert old["batchSize"] == draft["batchSize"] == BATCH
    assert draft["standardizedScore"] is True
    assert {each["id"] for each in old["defaultTypes"]} == {"organisation", "facility"}
    assert all(each["service_url"] == f"{client.base_url}/reconcile" for each in old["suggest"].values())


@pytest.mark.parametrize("number", range(len(RECORDED)))
def test_what_openrefine_sent_is_answered_as_its_version_has_it(
    client: httpx2.Client, valid: Valid, number: int
) -> None:
    sent = RECORDED[number]
    headers = {"Content-Type": sent["type"]} if "body" in sent else {}
    answer = client.request(sent["method"], sent["path"], content=sent.get("body"), headers=headers)
    assert answer.status_code == 200, answer.text
    kinds = {
        "suggest/entity": "suggest-entities-response",
        "suggest/type": "suggest-types-response",
        "suggest/property": "suggest-properties-response",
    }
    path = urlsplit(sent["path"]).path.removeprefix("/reconcile").strip("/")
    if path in kinds:
        assert answer.json()["result"]
        for version in ("0.2", "1.0-draft"):
            valid(version, kinds[path], answer.json())
    elif sent.get("body", "").startswith("extend="):
        valid("0.2", "data-extension-response", answer.json())
        assert all(each["country"] for each in answer.json()["rows"].values())
    elif "body" in sent:
        valid("0.2", "reconciliation-result-batch", answer.json())
        assert {bool(each["result"]) for each in answer.json().values()} == {True, False}
    elif path.startswith("flyout"):
        assert answer.json()["html"].startswith("<")
    elif path == "preview":
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    elif "callback" in sent["path"]:
        assert "/**/jQuery" in answer.text
    else:
        valid("0.2", "manifest", answer.json())


def test_what_the_draft_asks_is_answered_as_it_has_it(client: httpx2.Client, valid: Valid) -> None:
    asked = {
        "queries": [
            {
                "conditions": [{"matchType": "name", "propertyValue": "Orchid Zipper Works"}],
                "limit": 3,
                "lang": "en",
            },
            {
                "type": "facility",
                "conditions": [
                    {"matchType": "name", "propertyValue": "汇泽拉链"},
                    {
                        "matchType": "property",
                        "propertyId": "country",
                        "propertyValue": ["CN", {"id": "x", "name": "China"}],
                    },
                ],
            },
            {"conditions": [{"matchType": "id", "propertyValue": "firms/quarry", "required": True}]},
        ]
    }
    valid("1.0-draft", "reconciliation-query-batch", asked)
    extension = {
        "ids": ["firms/orchid", "firms/nobody"],
        "properties": [{"id": "country"}, {"id": "coordinates"}],
    }
    valid("1.0-draft", "data-extension-query", extension)
    for root in ("/reconcile", "/reconcile/1.0-draft"):
        found = client.post(f"{root}/match", json=asked).json()
        valid("1.0-draft", "reconciliation-result-batch", found)
        assert [bool(each["candidates"]) for each in found["results"]] == [True, True, True]
        known = client.post(f"{root}/extend", json=extension).json()
        valid("1.0-draft", "data-extension-response", known)
        values = [[each["values"] for each in row["properties"]] for row in known["rows"]]
        assert values == [[[{"str": "VN"}], [{"str": "21.02, 105.84"}]], [[], []]]
        proposed = client.get(f"{root}/extend/propose", params={"type": "facility", "limit": 4}).json()
        valid("1.0-draft", "data-extension-property-proposal", proposed)
        assert len(proposed["properties"]) == 4
        assert client.get(f"{root}/preview", params={"id": "firms/orchid"}).status_code == 200
        valid(
            "1.0-draft",
            "suggest-entities-response",
            client.get(f"{root}/suggest/entity?prefix=orchid").json(),
        )


def test_every_address_may_be_asked_by_pages_of_others(client: httpx2.Client) -> None:
    origin = {"Origin": "https://example.org"}
    for path in (
        "/reconcile",
        "/reconcile/1.0-draft",
        "/reconcile/suggest/type",
        "/reconcile/preview?id=firms/hui",
    ):
        assert client.get(path, headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for path in ("/reconcile", "/reconcile/match", "/reconcile/extend"):
        assert client.options(path, headers=asked).status_code == 200


# Candidates.


def test_the_scores_are_those_of_the_matcher(client: httpx2.Client, data: Path) -> None:
    names = ["Orchid Zipper Works Co., Ltd.", QUARTER, "柳湖针织", "Deep Fern Quary"]
    matched = Graph.open(data).match([Party(called=(name,)) for name in names])
    found = ask(client, *({"query": name} for name in names))
    assert [[(each["id"], each["score"]) for each in every] for every in found] == [
        [(each.iri.removeprefix(BASE), round(100 * each.score, 2)) for each in every] for every in matched
    ]
    assert all(map(len, found))
    first = found[0][0]
    values = {each["id"]: each["value"] for each in first["features"]}
    assert values == pytest.approx(matched[0][0].values, abs=1e-4)
    assert matched[0][0].why in first["description"]
    assert all(0 <= each["score"] <= 100 for every in found for each in every)


def test_only_an_equal_strong_identifier_is_a_sure_match(client: httpx2.Client) -> None:
    lei = {"pid": "identifiers", "v": "lei:5493001KJTIIGC8Y1R12"}
    same, numbered, alone, wrong = ask(
        client,
        {"query": "Orchid Zipper Works Co. Ltd.", "properties": [{"pid": "country", "v": "Viet Nam"}]},
        {"query": "Orchid Zipper Works", "properties": [lei]},
        {"query": "lei:5493001KJTIIGC8Y1R12"},
        {
            "query": "Orchid Zipper Works",
            "properties": [{"pid": "identifiers", "v": "lei:529900T8BM49AURSDO55"}],
        },
    )
    assert same[0]["score"] > 95
    assert not any(each["match"] for each in same)
    assert [(each["id"], each["match"]) for each in numbered if each["match"]] == [("firms/orchid", True)]
    assert [(each["id"], each["match"]) for each in alone] == [("firms/orchid", True)]
    assert not any(each["match"] for each in wrong)
    assert {each["id"]: each["score"] for each in wrong}["firms/orchid"] < same[0]["score"] - 20
    (found, *_) = match(
        client, {"matchType": "property", "propertyId": "identifiers", "propertyValue": lei["v"]}
    )
    assert (found["id"], found["match"]) == ("firms/orchid", True)


def test_an_id_or_an_iri_in_the_place_of_a_name_is_that_actor(client: httpx2.Client) -> None:
    for said in ("firms/orchid", f"{BASE}firms/orchid"):
        (found,) = ask(client, {"query": said})
        assert (found[0]["id"], found[0]["score"], found[0]["match"]) == ("firms/orchid", 100.0, True)
    assert ids(match(client, {"matchType": "id", "propertyValue": "firms/hui"})) == ["firms/hui"]
    assert match(client, {"matchType": "id", "propertyValue": "firms/nobody"}) == []


def test_properties_weigh_and_what_cannot_be_read_of_them_says_nothing(client: httpx2.Client) -> None:
    name = {"query": "Orchid Zipper Works"}
    values = ("Vietnam", "BD", {"id": "Q902", "name": "Bangladesh"}, "n/a", ["Atlantis"], 7)
    found = ask(client, name, *({**name, "properties": [{"pid": "country", "v": value}]} for value in values))
    plain, vietnam, dhaka, entity, *unread = found
    assert (vietnam[0]["id"], dhaka[0]["id"], entity[0]["id"]) == (
        "firms/orchid",
        "firms/orchid-bd",
        "firms/orchid-bd",
    )
    assert unread == [plain] * 3
    near, far = (
        {each["id"]: each["score"] for each in found}["firms/orchid"]
        for found in ask(
            client,
            *(
                {**name, "properties": [{"pid": "coordinates", "v": said}]}
                for said in ("21.02, 105.84", "51.5;-0.1")
            ),
        )
    )
    assert near > far
    (alias,) = ask(client, {"properties": [{"pid": "also_known_as", "v": "Hanoi Fasteners"}]})
    assert ids(alias) == ["firms/orchid"]


def test_a_type_takes_in_narrower_ones_and_actors_of_which_nobody_says_what_they_are(
    client: httpx2.Client,
) -> None:
    queries = [{"query": name} for name in ("Deep Fern Quarry", "Deep Fern Depot", "Deep Fern Shaft Company")]
    wanted = {
        None: {"firms/quarry", "firms/depot", "firms/shafts"},
        "facility": {"firms/quarry", "firms/depot"},
        "mine": {"firms/quarry", "firms/depot"},
        "organisation": {"firms/depot", "firms/shafts"},
        "vessel": {"firms/depot"},
    }
    for type, expected in wanted.items():
        more = {"type": type, "type_strict": "should"} if type else {}
        found = {id for every in ask(client, *({**query, **more} for query in queries)) for id in ids(every)}
        assert found == expected, type
    (both,) = ask(client, {"query": "Deep Fern Quarry", "type": ["vessel", "mine"]})
    assert ids(both) == ["firms/quarry"]
    assert both[0]["type"] == [{"id": "mine", "name": "mine"}]


def test_each_query_is_answered_as_if_it_were_alone(client: httpx2.Client) -> None:
    queries: list[Json] = [
        {"query": "Orchid Zipper Works", "type": "organisation"},
        {"query": "Deep Fern Quarry", "type": "facility", "limit": 1},
        {"query": "汇泽拉链"},
        {"query": " "},
        {"query": "Orchid Zipper Works", "limit": 1},
    ]
    together = ask(client, *queries)
    assert together == [ask(client, query)[0] for query in queries]
    assert together == ask(client, *queries, by="get")
    assert [len(each) for each in together] == [2, 1, 1, 0, 1]


def test_conditions_that_are_required_and_their_quantifiers_leave_out_who_does_not_fulfil_them(
    client: httpx2.Client,
) -> None:
    name = {"matchType": "name", "propertyValue": "Orchid Zipper Works"}

    def among(about: str, values: Any, **more: Any) -> set[str]:
        kind = (
            {"matchType": "property", "propertyId": about}
            if about not in ("id", "name")
            else {"matchType": about}
        )
        return set(ids(match(client, name, {**kind, "propertyValue": values, **more})))

    both = {"firms/orchid", "firms/orchid-bd"}
    assert among("country", "VN") == both
    assert among("country", "VN", required=True) == {"firms/orchid"}
    assert among("country", ["VN", "BD"], required=True) == both
    assert among("country", ["VN", "BD"], required=True, matchQuantifier="all") == set()
    assert among("country", ["VN", "TR"], matchQuantifier="none") == {"firms/orchid-bd"}
    assert among("also_known_as", "Hanoi Fasteners", required=True) == {"firms/orchid"}
    assert among("id", "firms/orchid-bd", required=True) == {"firms/orchid-bd"}
    assert among("coordinates", "21.0, 105.8", required=True) == {"firms/orchid"}


# Suggestions.


def test_actors_are_suggested_by_how_names_and_words_begin_in_any_script_and_by_likeness(
    client: httpx2.Client,
) -> None:
    assert suggested(client, "orch")[:2] == ["firms/orchid-bd", "firms/orchid"]  # the shorter name first
    assert suggested(client, "ORCHID Zip") == suggested(client, "orch")
    assert suggested(client, "hanoi fas") == ["firms/orchid"]
    assert suggested(client, "fern d")[0] == "firms/depot"
    assert (
        suggested(client, "汇泽") == suggested(client, "拉链") == suggested(client, "huize") == ["firms/hui"]
    )
    assert "firms/quarry" in suggested(client, "Deep Ferm Quarry")
    assert suggested(client, "firms/quarry")[0] == "firms/quarry"
    assert suggested(client, "lei:5493001KJTIIGC8Y1R12") == ["firms/orchid"]
    assert suggested(client, "zzzzqq") == suggested(client, "") == suggested(client, "...") == []
    assert suggested(client, "deep", type="mine") == ["firms/depot", "firms/quarry"]
    assert set(suggested(client, "deep", type=["organisation", "vessel"])) == {"firms/depot", "firms/shafts"}


def test_suggestions_come_in_parts(client: httpx2.Client) -> None:
    every = suggested(client, "deep")
    assert len(every) == 3
    assert [*suggested(client, "deep", limit=2), *suggested(client, "deep", cursor=2)] == every
    assert [*suggested(client, "deep", limit=1), *suggested(client, "deep", offset=1, limit=2)] == every
    types = suggested(client, "", "type", limit=MOST)
    assert len(types) == 9
    assert suggested(client, "", "type", offset=8, limit=5) == types[8:]
    for name in ("cursor", "offset"):
        beyond = client.get("/reconcile/suggest/entity", params={"prefix": "deep", name: 10**20})
        assert (beyond.status_code, beyond.json()["parameter"]) == (400, name)


def test_types_and_properties_are_suggested_all_of_them_where_nothing_is_typed(client: httpx2.Client) -> None:
    assert set(suggested(client, "", "type")) == {
        "organisation", "legal-entity", "public-body", "labour-intermediary", "worker-organisation", "facility",
        "mine", "vessel", "dormitory",
    }  # fmt: skip
    assert suggested(client, "entit", "type") == ["legal-entity"]
    listed = {"country", "region", "address", "identifiers", "coordinates", "sector", "also_known_as"}
    assert listed | {"designations", "dataset"} <= set(suggested(client, "", "property", limit=MOST))
    assert suggested(client, "known", "property") == ["also_known_as"]
    types = client.get("/reconcile/suggest/type?prefix=mine").json()["result"]
    assert [wider["id"] for wider in types[0]["broader"]] == ["facility"]


# Values, previews, views.


def test_what_is_known_of_an_actor_is_given_as_it_stands(client: httpx2.Client) -> None:
    found = extend(
        client,
        "firms/orchid",
        "name",
        "country",
        "address",
        "identifiers",
        "coordinates",
        "sector",
        "kind",
        "dataset",
    )
    assert found == {
        "name": ["Orchid Zipper Works Ltd.", "Hanoi Fasteners"],
        "country": ["VN"],
        "address": ["5 Lac"],
        "identifiers": ["lei:5493001KJTIIGC8Y1R12"],
        "coordinates": ["21.02, 105.84"],
        "sector": ["1399"],
        "kind": ["legal-entity"],
        "dataset": ["firms"],
    }
    assert extend(client, "firms/nobody", "name", "designations") == {"name": [], "designations": []}
    (listed,) = extend(client, "firms/hui", "designations")["designations"]
    assert "汇泽拉链厂" in listed
    assert "(The list of somebody, 2023-02-01, active)" in listed
    assert extend(client, "firms/quarry", "designations") == {"designations": []}


def test_every_property_that_is_proposed_can_be_asked(client: httpx2.Client) -> None:
    proposed = client.get("/reconcile/extend/propose?type=").json()["properties"]
    assert list(extend(client, "example/willow-lake-knit", *ids(proposed))) == ids(proposed)


def test_a_preview_and_a_flyout_hold_text_of_others_as_text(client: httpx2.Client) -> None:
    page = client.get("/reconcile/preview", params={"id": "firms/script"})
    assert "default-src 'none'" in page.headers["content-security-policy"]
    flown = client.get("/reconcile/flyout/entity", params={"id": "firms/script"}).json()
    for html in (page.text, flown["html"]):
        assert "<script>" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons Weaving" in html
    assert flown["id"] == "firms/script"
    assert "Somebody" not in page.text
    assert "The list of somebody" in client.get("/reconcile/preview", params={"id": "firms/hui"}).text


@pytest.mark.parametrize("number", range(len(ODD)))
def test_the_templates_lead_to_the_actor_whatever_its_id(client: httpx2.Client, number: int) -> None:
    (found,) = [
        each for each in ask(client, {"query": f"Odd {number}"})[0] if each["name"] == f"Odd {number}"
    ]
    id = found["id"]
    assert id == f"odd/{ODD[number]}"
    old, draft = client.get("/reconcile").json(), client.get("/reconcile/1.0-draft").json()
    escaped = quote(id, safe="")
    for address in (
        old["view"]["url"].replace("{{id}}", escaped),
        draft["view"]["url"].replace("{id}", escaped),
        f"{client.base_url}/id/{found['id'].partition('/')[0]}/{quote(ODD[number], safe='')}",
    ):
        answer = client.get(address, headers={"Accept": "text/turtle"}, follow_redirects=True)
        assert answer.status_code == 200, address
        assert f'"Odd {number}"' in answer.text
    assert f"Odd {number}" in client.get(old["preview"]["url"].replace("{{id}}", escaped)).text
    assert extend(client, id, "name") == {"name": [f"Odd {number}"]}
    assert suggested(client, id)[0] == id


# What is refused, and how.


def test_what_is_no_query_is_refused_with_where_it_is_wrong(client: httpx2.Client) -> None:
    def old(**said: str) -> httpx2.Response:
        return client.post("/reconcile", data=said)

    for said, words in (
        ("[", ("queries", "no JSON")),
        ("[]", ("queries",)),
        (json.dumps({"q0": {"query": "x" * 1001}}), ("q0.query", "1,000")),
        ('{"q0": {"query": 5}}', ("q0.query", "no text")),
        ('{"q0": {"query": "x", "colour": "red"}}', ("q0.colour",)),
        ('{"q0": {"query": "x", "limit": 0}}', ("q0.limit", "at least 1")),
        ('{"q0": {"query": "x", "limit": 101}}', ("q0.limit", "at most 100")),
        ('{"q0": {"query": "x", "type": "vesel"}}', ("vesel", "Did you mean vessel?")),
        (
            '{"q0": {"query": "x", "properties": [{"pid": "contry", "v": "CN"}]}}',
            ("contry", "Did you mean country?"),
        ),
        ('{"q0": {"query": "x", "properties": [{"pid": "dataset", "v": "firms"}]}}', ("dataset",)),
        (
            '{"q0": {"query": "x", "properties": [{"pid": "country", "v": null}]}}',
            ("q0.properties.0.v is no value",),
        ),
        ('{"q0": {"query": "x", "properties": [{"pid": "country"}]}}', ("q0.properties.0.v", "missing")),
    ):
        assert_refused(old(queries=said), 400, *words)
        assert_refused(client.get("/reconcile", params={"queries": said}), 400, *words)
    one = '{"q0": {"query": "x"}}'
    assert_refused(old(queries=one, extend="{}"), 400, "queries", "extend")
    assert_refused(old(), 415)
    assert_refused(client.post("/reconcile", data={"queries": ""}), 400, "queries")
    assert_refused(old(queries=one, colour="red"), 400, "colour")
    assert_refused(client.post("/reconcile?colour=red", data={"queries": one}), 400, "colour")
    assert_refused(client.get("/reconcile?querys=x"), 400, "Did you mean queries?")
    assert_refused(client.post("/reconcile", json={"queries": {}}), 415, "application/x-www-form-urlencoded")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert_refused(client.post("/reconcile", content=b"queries=%ff", headers=form), 400, "UTF-8")
    many = json.dumps({str(n): {"query": "x"} for n in range(BATCH + 1)})
    assert_refused(old(queries=many), 413, str(BATCH))
    assert_refused(old(queries=" " * (1 << 20)), 413, "bytes")


def test_what_is_no_extension_is_refused(client: httpx2.Client) -> None:
    def old(said: Json) -> httpx2.Response:
        return client.post("/reconcile", data={"extend": json.dumps(said)})

    assert_refused(old({"ids": ["firms/hui"]}), 400, "extend", "properties")
    assert_refused(old({"ids": [], "properties": [{"id": "contry"}]}), 400, "Did you mean country?")
    assert_refused(
        old({"ids": [], "properties": [{"id": "name", "settings": {"limit": 1}}]}), 400, "settings"
    )
    assert_refused(old({"ids": ["x"] * (EXTENDED + 1), "properties": [{"id": "name"}]}), 413, str(EXTENDED))
    assert_refused(client.post("/reconcile/extend", json={"ids": []}), 400, "properties")


def test_what_the_draft_has_not_is_refused(client: httpx2.Client) -> None:
    def asked(**condition: Any) -> httpx2.Response:
        return client.post("/reconcile/match", json={"queries": [{"conditions": [condition]}]})

    assert_refused(client.post("/reconcile/match", json={"queries": [{"conditions": []}]}), 400, "conditions")
    assert_refused(asked(matchType="nam", propertyValue="x"), 400, "matchType")
    assert_refused(asked(matchType="property", propertyValue="x"), 400, "propertyId")
    assert_refused(asked(matchType="name", propertyValue="x", matchQualifier="exact"), 400, "matchQualifier")
    assert_refused(asked(matchType="name", propertyValue="x", matchQuantifier="some"), 400, "matchQuantifier")
    assert_refused(
        client.post("/reconcile/match", content=b"{", headers={"Content-Type": "application/json"}),
        400,
        "JSON",
    )
    assert_refused(client.post("/reconcile/match", data={"queries": "{}"}), 415, "application/json")


def test_what_is_not_there_and_what_no_route_takes_is_refused(client: httpx2.Client) -> None:
    assert_refused(client.get("/reconcile/preview?id=firms/nobody"), 404, "firms/nobody")
    assert_refused(client.get("/reconcile/preview"), 400, "id")
    assert_refused(client.get("/reconcile/flyout/type?id=nothing"), 400, "nothing")
    assert_refused(client.get("/reconcile/suggest/colour?prefix=x"), 404)
    assert_refused(client.get("/reconcile/suggest/entity?prefix=x&limit=101"), 400, "limit")
    assert_refused(client.get("/reconcile/suggest/entity?prefix=x&type=vesel"), 400, "Did you mean vessel?")
    assert_refused(client.get("/reconcile/suggest/entity?prefx=x"), 400, "Did you mean prefix")
    assert_refused(client.get("/reconcile/extend/propose?type=vesel"), 400, "Did you mean vessel?")


def test_an_answer_is_called_by_a_function_where_one_is_named(client: httpx2.Client) -> None:
    asked = {"queries": '{"q0": {"query": "Deep Fern Quarry"}}', "callback": "jQuery3.done_1", "_": "1"}
    answer = client.get("/reconcile", params=asked)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    begin, end = "/**/jQuery3.done_1(", ");"
    assert answer.text.startswith(begin)
    assert answer.text.endswith(end)
    inner = json.loads(answer.text.removeprefix(begin).removesuffix(end))
    assert inner == client.get("/reconcile", params={"queries": asked["queries"]}).json()
    for callback in ("alert(1)//", "a b", "<script>", "1a", "x" * 200):
        assert_refused(client.get("/reconcile", params={"callback": callback}), 400, "callback")
    assert client.get("/reconcile/suggest/type?callback=f").text.startswith("/**/f(")


def test_what_is_admitted_or_withdrawn_is_there_or_not_at_once(client: httpx2.Client, data: Path) -> None:
    graph = Graph.open(data)
    name = "Pepper Vine Buttons"
    assert (suggested(client, "pepper v"), ask(client, {"query": name})) == ([], [[]])
    folder = package(data.parent / "late", "late", actors=f"id,name\npepper,{name}\n")
    assert graph.contribute(folder).new
    assert suggested(client, "pepper v") == ["late/pepper"]
    assert ids(ask(client, {"query": name})[0]) == ["late/pepper"]
    graph.withdraw("late", "A test.")
    assert (suggested(client, "pepper v"), ask(client, {"query": name})) == ([], [[]])
    assert extend(client, "late/pepper", "name") == {"name": []}


def test_openapi_describes_every_route(client: httpx2.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    found = {
        path.removeprefix("/reconcile"): set(said)
        for path, said in paths.items()
        if path.startswith("/reconcile")
    }
    assert found == {
        "": {"get", "post"}, "/1.0-draft": {"get"}, "/match": {"post"}, "/extend": {"post"},
        "/extend/propose": {"get"}, "/suggest/{what}": {"get"}, "/preview": {"get"}, "/flyout/{what}": {"get"},
    }  # fmt: skip
    named = {each["name"] for each in paths["/reconcile/suggest/{what}"]["get"]["parameters"]}
    assert named == {"callback", "what", "prefix", "type", "cursor", "offset", "limit", "release"}
    for path in ("/reconcile", "/reconcile/match", "/reconcile/extend"):
        (content,) = paths[path]["post"]["requestBody"]["content"].values()
        assert content["example"]


# The guide.

GUIDE = Path(__file__).parents[1] / "docs" / "reconciliation.md"


def test_the_commands_of_the_guide_print_what_it_shows(client: httpx2.Client, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed for the calls of the guide"
    blocks = BLOCK.findall(GUIDE.read_text("utf-8"))
    assert len(blocks) == 4
    for block in blocks:
        command, *shown = block.removeprefix("$ ").splitlines()
        command = command.replace("http://127.0.0.1:8087", str(client.base_url).rstrip("/"))
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert_shown(tuple(shown), done.stdout)


def test_the_guide_names_every_property_and_the_limits() -> None:
    text = GUIDE.read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE)
    known = properties.properties().values()
    asked = [(each.id, each.about) for each in known if each.feature]
    given = [(each.id, each.about) for each in known if not each.feature]
    assert sorted(listed[: len(asked)]) == sorted(asked)
    assert sorted(listed[len(asked) :]) == sorted(given)
    for limit in (
        f"{BATCH} queries", f"{EXTENDED} actors", f"{COLUMNS} properties", f"{MAX_BODY:,} bytes", f"{MOST} candidates",
        f"{CONDITIONS} properties", f"{LETTERS:,} letters",
    ):  # fmt: skip
        assert limit in text


def test_case_317_is_right(client: httpx2.Client, shared: Path, tmp_path: Path) -> None:
    case = shared / "cases" / "317-api-reconcile-search"
    if not case.is_dir():
        pytest.skip(f"{case} is not here")
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(case / "pkg").new
    with (
        serving(tmp_path / "data", tmp_path / "log") as started,
        httpx2.Client(base_url=started.url, timeout=60) as own,
    ):
        manifest = own.get("/reconcile").json()
        assert manifest["versions"] == ["0.2", "1.0-draft"]
        with (case / "pkg" / "actors.csv").open(encoding="utf-8", newline="") as file:
            rows = [(f"case/{row['id']}", row["name"]) for row in csv.DictReader(file)]
        assert len(rows) > 5
        for id, name in rows:
            assert suggested(own, id)[0] == id
            assert id in suggested(own, name)
            assert (id, 100.0) in [(each["id"], each["score"]) for each in ask(own, {"query": id})[0]]
            assert extend(own, id, "name") == {"name": [name]}
        found = own.get("/search?q=R").json()
        assert "case/r" in ids(found["actors"])
        assert [ids(own.get("/search", params={"q": id}).json()["actors"])[0] for id, _ in rows] == [
            id for id, _ in rows
        ]
