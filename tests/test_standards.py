"""Datasets in the forms of others' standards: valid by their own libraries, read back by our adapters, nothing lost
unsaid.

FollowTheMoney's library needs ICU to be built, igraph is of another licence, and libcovebods brings a package called
``tests``: where they are not installed, their tests are skipped. ``OPENTIER_LIBCOVEBODS`` names a Python that has
libcovebods, ``OPENTIER_SCHEMAS`` a folder of JSON Schemas. What is used of the model of FollowTheMoney is kept
(``data/ftm-4.json``), and compared where it is there.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import networkx as nx
import pycountry
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import FormatChecker
from jsonschema.validators import validator_for
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.adapters.documents import local
from opentier.graph.contribution.foreign import Source as Read
from opentier.graph.front import View
from opentier.graph.model.formats import STANDARDS, suffix
from opentier.graph.model.names import Names, concept
from opentier.graph.model.tables import TABLES
from opentier.graph.model.versions import Version
from opentier.graph.standards import (
    bods,
    documents,
    epcis,
    forms,
    ftm,
    geojson,
    gexf,
    graphml,
    source,
    untp,
    writing,
)
from opentier.graph.standards.network import Edge, Network, Node, network
from opentier.graph.standards.source import About, Found, Source
from opentier.graph.trace.parameters import Parameters
from tests.conftest import Command
from tests.counts import runs
from tests.test_adapters_ownership import read, table
from tests.test_readme import assert_shown, typed

FORMS = [each.name for each in STANDARDS]
MODEL = Path(__file__).parent / "data" / "ftm-4.json"
#: Reasons that are not about a column: why a row is not said.
REASONS = {
    "itself",
    "retracted",
    "place",
    "idle",
    "organisation",
    "ended",
    "without",
    "breaks",
    "topic",
    "counted",
}
#: A folder with the JSON Schemas of EPCIS 2.0 (gs1/EPCIS) and of UNTP's facility records (uncefact/spec-untp).
SCHEMAS = os.environ.get("OPENTIER_SCHEMAS", "")
EPCIS, UNTP = "EPCIS-JSON-Schema.json", "untp-dfr-schema.json"
LIBCOVEBODS = os.environ.get("OPENTIER_LIBCOVEBODS", "")
#: What libcovebods is asked, in a process of its own: the lists of org-id.guide are what it would fetch.
CHECK = """
import json, sys
from libcovebods import config, data_reader, jsonschemavalidate, run_tasks, schema
from libcovebods.tasks.checks import legacy_checks, record_based_checks
for each in (legacy_checks, record_based_checks):
    each.get_orgids_prefixes = lambda *_: {"XI-LEI", "GB-COH", "BR-CNPJ", "AU-ABN", "CN-USCI"}
read, config = data_reader.DataReader(sys.argv[1]), config.LibCoveBODSConfig()
known = schema.SchemaBODS(read, config)
found = [each.json() for each in jsonschemavalidate.JSONSchemaValidator(known).validate(read)]
checked = run_tasks.process_additional_checks(read, config, known)
print(json.dumps([known.schema_version, found, checked["additional_checks"], checked["statistics"]], default=str))
"""


@pytest.fixture(scope="module")
def view(admitted: Path) -> View:
    return Graph.open(admitted).view()


@pytest.fixture(scope="module")
def made(view: View, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return the worked example in every form, each beside its limits."""
    folder = tmp_path_factory.mktemp("made")
    found = {form: folder / f"example-1.{suffix(form)}" for form in FORMS}
    for form, file in found.items():
        limits = view.export("example", 1, form, file)
        assert limits is not None
        file.with_name(f"{form}.json").write_text(json.dumps(limits.to_dict()), "utf-8")
    return found


def limits_of(file: Path, form: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.with_name(f"{form}.json").read_text("utf-8"))
    return found


def entities(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


# --- What is declared ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_each_column_of_each_table_is_said_or_there_is_a_reason(form: str) -> None:
    declared = forms.form(form)
    assert declared.unsaid["*"]["*"].endswith(".")
    assert set(declared.says) | set(declared.unsaid) - {"*"} <= set(TABLES)
    for name, columns in declared.says.items():
        known = {column.name for column in TABLES[name]}
        assert set(columns) - {"*"} <= known
        assert set(declared.unsaid[name]) - {"*"} - REASONS <= known
        for column in known:
            if declared.place(name, column) is None and TABLES[name].column(column).kind != "id":  # type: ignore[union-attr]
                assert declared.unsaid[name].get(column) or declared.unsaid[name].get("*"), (name, column)
        assert all(reason.endswith(".") for reason in declared.unsaid[name].values())


@pytest.mark.parametrize("form", FORMS)
def test_a_reason_that_the_code_gives_is_declared(form: str) -> None:
    """What is counted at run time has words of its own, not those of the whole form."""
    declared = forms.form(form)
    module = Path(forms.__file__).with_name(f"{forms.DECLARED[form]}.py").read_text("utf-8")
    for reason in REASONS:
        if f'"{reason}")' in module:
            assert any(reason in said for said in declared.unsaid.values()), reason


# --- The worked example ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_row_is_said_or_counted_and_the_bytes_are_the_same(
    view: View, made: Mapping[str, Path], tmp_path: Path, form: str
) -> None:
    again = tmp_path / "again"
    limits = view.export("example", 1, form, again)
    assert limits is not None
    assert again.read_bytes() == made[form].read_bytes()
    assert list(tmp_path.iterdir()) == [again]
    described = next(each for each in view.described("example") if each["current"])
    assert limits.rows.total() == described["accepted"]
    for name, many in limits.rows.items():
        left = sum(n for (table, _), n in limits.left_out.items() if table == name)
        assert left <= many
        lost = [n for (table, _, _), n in limits.lost.items() if table == name]
        assert not lost or left < many  # of rows that are not said no cell is lost
    assert all(reason.endswith(".") for *_, reason in limits.listed())
    listed = list(csv.DictReader(io.StringIO(limits.to_csv().removeprefix("\ufeff"))))
    assert sum(int(row["count"]) for row in listed if row["column"]) == limits.total[1]


@pytest.mark.parametrize("form", FORMS)
def test_each_file_says_from_whom_it_is_and_under_which_licence(made: Mapping[str, Path], form: str) -> None:
    text = made[form].read_text("utf-8")
    assert "OpenTier contributors" in text
    assert "dataset/example/1" in text or "OPENTIER:example(1.0.0)" in text
    assert "CC0-1.0" in text or "creativecommons.org/publicdomain/zero/1.0" in text


@pytest.mark.parametrize("form", FORMS)
def test_what_was_retracted_is_said_in_no_form(made: Mapping[str, Path], form: str) -> None:
    limits = limits_of(made[form], form)
    if "supply_links" in forms.form(form).says:
        (told,) = [each for each in limits["unsaid"] if each["reason"] == source.RETRACTED]
        assert (told["table"], told["count"]) == ("supply_links", 1)
    assert "sl-026" not in made[form].read_text("utf-8")


# --- FollowTheMoney --------------------------------------------------------------------------------------------------


def test_entities_are_those_of_the_model(made: Mapping[str, Path]) -> None:
    model: dict[str, Any] = json.loads(MODEL.read_text("utf-8"))
    known = {each["id"]: each for each in entities(made["ftm"])}
    assert len(known) == len(entities(made["ftm"]))
    for each in known.values():
        schema = model[each["schema"]]
        assert each["datasets"] == ["example"]
        assert set(schema["required"]) <= set(each["properties"])
        for name, values in each["properties"].items():
            kind, range = schema["properties"][name]
            assert values
            assert all(isinstance(value, str) and value for value in values)
            if kind == "entity":
                assert all(range in model[known[value]["schema"]]["is"] for value in values)
            elif kind == "topic":
                assert set(values) <= {"forced.labor", "crime.traffick.human", "debarment"}
    kinds = Counter(each["schema"] for each in known.values())
    assert {
        "Company",
        "RealEstate",
        "Ownership",
        "Control",
        "Representation",
        "Sanction",
        "UnknownLink",
    } <= set(kinds)
    listed = next(
        each for each in known.values() if each["properties"].get("name") == ["Whitepeak Silicon (invented)"]
    )
    assert listed["properties"]["topics"] == ["forced.labor"]
    sanctions = [each["properties"] for each in known.values() if each["schema"] == "Sanction"]
    (sanction,) = [each for each in sanctions if each["entity"] == [listed["id"]]]
    assert (sanction["listingDate"], sanction["program"]) == (["2022-06-21"], ["UFLPA Entity List"])


def test_the_library_of_followthemoney_finds_no_error(made: Mapping[str, Path]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ftm = pytest.importorskip("followthemoney")
        entity = pytest.importorskip("followthemoney.proxy").EntityProxy
    kept = json.loads(MODEL.read_text("utf-8"))
    assert kept == {name: schema_of(ftm.model, name) for name in kept}
    assert {each.alpha_2.lower() for each in pycountry.countries} <= set(ftm.types.registry.country.codes)
    for each in entities(made["ftm"]):
        schema = ftm.model.get(each["schema"])
        assert schema.validate(each) is None
        for name, values in each["properties"].items():
            assert [schema.get(name).type.clean(value) for value in values] == values, (each["schema"], name)
        assert entity.from_dict(each).to_dict()["properties"].keys() == each["properties"].keys()


def schema_of(model: Any, name: str) -> dict[str, Any]:
    """Return what is used of a schema: what it is, what it requires, its properties with their types and ranges."""
    schema = model.get(name)
    properties = {
        each.name: [each.type.name, each.range.name if each.range else ""]
        for each in sorted(schema.properties.values(), key=lambda each: each.name)
        if not each.stub
    }
    return {"is": sorted(schema.names), "required": sorted(schema.required), "properties": properties}


def test_who_is_named_by_a_designation_has_topics_as_long_as_it_is_in_force() -> None:
    """A status that has changed since counts, and not the one that stands in the designation."""
    on, off = ("active", "2021"), ("revoked", "2022-05-06")
    given: dict[str, tuple[dict[str, str], list[tuple[str, str]], bool, str, str | None]] = {
        "a": ({"status": "active"}, [], True, "active", None),
        "b": ({"status": "active"}, [on, off], False, "revoked", "2022-05-06"),
        "c": ({}, [off], False, "revoked", "2022-05-06"),
        "d": ({"status": "revoked", "delisting_date": "2020-01-01"}, [on], True, "active", None),
        "e": ({"status": "active", "delisting_date": "2020-01-01"}, [], False, "active", "2020-01-01"),
    }
    listed, changes, known = (dict[str, dict[str, Any]]() for _ in range(3))
    for id, (said, changed, *_) in given.items():
        known[NAMES.actor("made", id)] = {"name": id, "kind": "legal-entity"}
        iri = NAMES.record("made", "designation", id)
        listed[iri] = {"kind": "import-order", "target": NAMES.actor("made", id), "listing_date": "2019-01-01",
                       "exploitation": ["forced-labour"], **said}  # fmt: skip
        for n, (status, date) in enumerate(changed):
            change = NAMES.record("made", "status-change", f"{id}-{n}")
            changes[change] = {"designation": iri, "status": status, "date": date}
    away = NAMES.record("made", "designation", "z")
    listed[away] = {
        **listed[iri],
        "status": "active",
        "delisting_date": "",
        "target": NAMES.actor("other", "z"),
    }
    made = Given("ftm", {"actors": known, "designations": listed, "status_changes": changes})
    out = io.StringIO()
    ftm.write(made, out)
    told = [json.loads(line)["properties"] for line in out.getvalue().splitlines()]
    topics = {each["name"][0]: each.get("topics") for each in told if "name" in each}
    for id, (_, _, current, status, end) in given.items():
        [sanction] = [each for each in told if each.get("recordId") == [f"made/designation/{id}"]]
        assert topics[id] == (["forced.labor"] if current else None), id
        assert (sanction.get("status"), sanction.get("endDate")) == ([status], end and [end]), id
    lost = {column: many for (_, column, _), many in made.limits.lost.items()}
    # Of those that are over, and of that of another dataset's actor.
    assert lost == {"exploitation": 4, "delisting_date": 1}


def test_two_that_are_judged_to_differ_are_not_said_to_be_one() -> None:
    """Of several judgements on a pair the one that counts is said, and it alone."""
    known = {NAMES.actor("made", id): {"name": id, "kind": "organisation"} for id in "abcd"}
    a, b, c, d = known
    said = [
        {"left": a, "right": b, "judgement": "positive", "decided_by": "one", "date": "2024-01-01"},
        {"left": b, "right": a, "judgement": "negative", "decided_by": "other", "date": "2025-01-01"},
        {"left": c, "right": d, "judgement": "negative", "decided_by": "one", "date": "2024-01-01"},
        {"left": c, "right": d, "judgement": "positive", "decided_by": "other", "date": "2025-01-01"},
        {"left": a, "right": d, "judgement": "unsure"},
    ]
    judged = {NAMES.record("made", "identity-judgement", str(n)): each for n, each in enumerate(said)}
    made, out = Given("ftm", {"actors": known, "identity_judgements": judged}), io.StringIO()
    ftm.write(made, out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert sum(each["schema"] == "Similar" for each in told) == 2
    other = Given("graphml", {"actors": known, "identity_judgements": judged})
    assert {(each.tail, each.head) for each in network(other).edges} == {(c, d), (a, d)}
    for each in (made, other):
        assert [(table, many) for (table, _), many in each.limits.left_out.items()] == [
            ("identity_judgements", 3)
        ]


def test_a_share_beside_its_bounds_is_said_and_the_bounds_are_counted() -> None:
    one, other = NAMES.actor("made", "a"), NAMES.actor("made", "b")
    known = {iri: {"name": "A", "kind": "legal-entity"} for iri in (one, other)}
    said = {"owner": one, "asset": other, "share_exact": "30", "share_minimum": "25", "share_maximum": "50"}
    for form, write in (("ftm", ftm.write), ("bods", bods.write)):
        made, out = Given(form, {"actors": known, "ownership_links": {"urn:o": said}}), io.StringIO()
        write(made, out)
        assert {column for _, column, _ in made.limits.lost} == {"share_minimum", "share_maximum"}, form


def test_a_dissolution_without_a_day_is_no_day() -> None:
    one, other = NAMES.actor("made", "a"), NAMES.actor("made", "b")
    known = {iri: {"name": "A", "kind": "legal-entity"} for iri in (one, other)}
    change = {"kind": "dissolved", "before": [one], "date": ""}
    made, out = Given("ftm", {"actors": known, "organisation_changes": {"urn:c": change}}), io.StringIO()
    ftm.write(made, out)
    assert "dissolutionDate" not in out.getvalue()
    for after, days in (([], ["2020-02-03"]), ([other], [])):
        change = {"kind": "dissolved", "before": [one], "date": "2020-02-03", "after": after}
        made, out = Given("bods", {"actors": known, "organisation_changes": {"urn:c": change}}), io.StringIO()
        bods.write(made, out)
        details = [each["recordDetails"] for each in json.loads(out.getvalue())]
        assert [each["dissolutionDate"] for each in details if "dissolutionDate" in each] == days
        assert made.limits.left_out.total() == 1 - len(days)


# --- BODS ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not LIBCOVEBODS, reason="OPENTIER_LIBCOVEBODS names no Python that has libcovebods")
def test_libcovebods_finds_no_error(made: Mapping[str, Path], tmp_path: Path) -> None:
    done = subprocess.run(
        [LIBCOVEBODS, "-c", CHECK, str(made["bods"])],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    version, errors, checks, statistics = json.loads(done.stdout.splitlines()[-1])
    assert (version, errors, checks) == ("0.4", [], [])
    assert statistics["count_entity_statements"] == 46
    assert statistics["count_ownership_or_control_statement"] == 6


@pytest.mark.skipif(not SCHEMAS, reason="OPENTIER_SCHEMAS names no folder of JSON Schemas")
@pytest.mark.parametrize(
    ("form", "schema", "gone"), [("epcis", EPCIS, "eventTime"), ("untp", UNTP, "issuer")]
)
def test_the_schemas_of_gs1_and_un_cefact_find_no_error(
    made: Mapping[str, Path], form: str, schema: str, gone: str
) -> None:
    text = (Path(SCHEMAS) / schema).read_text("utf-8").replace("/dfr/working/", "/dfr/0.6.0/")
    known = json.loads(text)
    held = validator_for(known)(known, format_checker=FormatChecker())
    whole = json.loads(made[form].read_text("utf-8"))
    parts = whole["epcisBody"]["eventList"] if form == "epcis" else whole["verifiableCredential"]
    checked = [whole] if form == "epcis" else parts
    assert parts
    assert [each.message for one in checked for each in held.iter_errors(one)] == []
    del parts[0][gone]
    assert [each.message for one in checked for each in held.iter_errors(one)]


def test_statements_have_one_date_and_entities_stand_before_what_names_them(made: Mapping[str, Path]) -> None:
    found = json.loads(made["bods"].read_text("utf-8"))
    assert {each["statementDate"] for each in found} == {"2026-11-20"}
    assert len({each["statementId"] for each in found}) == len(found)
    met: set[str] = set()
    for each in found:
        details = each["recordDetails"]
        ends = [details[end] for end in ("subject", "interestedParty") if isinstance(details.get(end), str)]
        assert met.issuperset(ends)
        assert len(each["statementId"]) in range(32, 65)
        met.add(each["recordId"])


# --- Networks --------------------------------------------------------------------------------------------------------


def test_networkx_opens_graphml_and_gexf_with_the_same_nodes_and_edges(
    view: View, made: Mapping[str, Path]
) -> None:
    names = view.release.names
    one, other = nx.read_graphml(made["graphml"]), nx.read_gexf(made["gexf"])
    assert isinstance(one, nx.MultiDiGraph)
    assert set(one.nodes) == set(other.nodes)
    assert Counter(one.edges()) == Counter(other.edges())
    aurora, unit = (names.actor("example", id) for id in ("aurora", "kingfisher-unit-2"))
    assert one.nodes[aurora]["identifiers"] == "gln:9520000000011|lei:EXMP00AURORAEXMP0190"
    assert (one.graph["licence"], one.graph["version"]) == ("CC0-1.0", "1")
    first = one.edges[
        aurora,
        names.actor("example", "kingfisher-knitwear"),
        names.record("example", "supply-link", "sl-001"),
    ]
    told = {
        "relation": "supply",
        "product": "610910",
        "quantity": 1900000.0,
        "declared_tier": 1,
        "crucial": True,
    }
    assert told.items() <= first.items()
    assert all(one.nodes[node][name] == other.nodes[node][name] for node in one for name in one.nodes[node])
    ties = [said for *_, said in one.edges(data=True)]
    assert {said["judgement"] for said in ties if said["relation"] == "identity"} == {"positive", "unsure"}
    assert "retracted" not in {said.get("status") for said in ties}
    operated = [
        said for *_, end, said in ((*ends, said) for *ends, said in one.edges(data=True)) if end == unit
    ]
    assert "operation" in {said["relation"] for said in operated}


def test_a_network_of_ten_thousand_actors_is_opened(tmp_path: Path) -> None:
    many, file = 10_000, tmp_path / "many.graphml"
    nodes = (
        Node(f"urn:{n}", f"Actor {n}", {"name": f"Actor {n} & <sons>", "lat": n / many}) for n in range(many)
    )
    edges = (Edge(f"urn:l{n}", "supply", f"urn:{n % many}", f"urn:{n * 7 % many}", {"relation": "supply"})
             for n in range(2 * many))  # fmt: skip
    types = {"name": "string", "lat": "double"}
    with file.open("w", encoding="utf-8") as out:
        graphml.write(Network({"title": "Many"}, types, {"relation": "string"}, nodes, edges), out)
    found = nx.read_graphml(file)
    assert (found.number_of_nodes(), found.number_of_edges()) == (many, 2 * many)
    assert found.nodes["urn:7"] == {"name": "Actor 7 & <sons>", "lat": 7 / many}
    igraph = pytest.importorskip("igraph")
    same = igraph.Graph.Read_GraphML(str(file))
    assert (same.vcount(), same.ecount(), same.is_directed()) == (many, 2 * many, True)


def test_geojson_has_a_feature_for_each_actor_and_each_link(view: View, made: Mapping[str, Path]) -> None:
    found, graph = json.loads(made["geojson"].read_text("utf-8")), nx.read_graphml(made["graphml"])
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == graph.number_of_nodes() + graph.number_of_edges()
    points = [each for each in found["features"] if each["geometry"] and each["geometry"]["type"] == "Point"]
    assert points
    for each in points:
        said = each["properties"]
        assert each["geometry"]["coordinates"] == [said["lon"], said["lat"]]
        assert -180 <= said["lon"] <= 180
    assert {"geometry", "id", "properties", "type"} == set().union(*found["features"])
    assert {type(each["properties"].get("confidence")) for each in found["features"]} <= {
        float,
        int,
        type(None),
    }


@pytest.mark.parametrize(("write", "open"), [(graphml.write, nx.read_graphml), (gexf.write, nx.read_gexf)])
def test_any_text_comes_back_from_a_network_as_far_as_xml_holds_it(
    write: Any, open: Any, tmp_path: Path
) -> None:
    @runs(60)
    @given(
        st.dictionaries(st.sampled_from("abc"), st.text(min_size=1)),
        st.booleans(),
        st.floats(allow_nan=False),
    )
    def holds(texts: dict[str, str], flag: bool, number: float) -> None:
        said = {name: text.replace("\x00", "") or "x" for name, text in texts.items()} | {
            "f": flag,
            "n": number,
        }
        types = dict.fromkeys("abc", "string") | {"f": "boolean", "n": "double"}
        nodes, file = [Node("urn:1", "one", said), Node("urn:2", "two", {})], tmp_path / "any"
        edges = [Edge(f"urn:e{n}", "x", "urn:1", "urn:2", said) for n in range(2)]
        with file.open("w", encoding="utf-8", newline="") as out:
            write(Network({"title": "Any"}, types, types, nodes, edges), out)
        found = open(file)
        from opentier.graph.model.characters import legal

        legally = {name: legal(value) if isinstance(value, str) else value for name, value in said.items()}
        assert legally.items() <= found.nodes["urn:1"].items()
        assert all(legally.items() <= edge.items() for *_, edge in found.edges(data=True))

    holds()


def test_a_trace_is_a_network_with_its_verdict_and_what_touches_actors(
    view: View, call: Command, tmp_path: Path
) -> None:
    found = view.trace("example/aurora", Parameters(product="6109"))
    data = ("--data", str(view.release.path.parents[1]))
    for form, open in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        file = tmp_path / f"trace.{form}"
        run = call("trace", "example/aurora", "--product", "6109", "--out", str(file), *data)
        assert run.code == 0, run.err
        graph = open(file)
        assert set(graph.nodes) == {found.trace.root, *(actor.iri for _, actor in found.reached)}
        assert sum(said["exposures"] for _, said in graph.nodes(data=True)) == len(found.exposures)
        assert {said["licence"] for *_, said in graph.edges(data=True)} == {"CC0-1.0"}
        assert f"verdict{'' if form == 'graphml' else ':'}" in file.read_text("utf-8")


# --- There and back again --------------------------------------------------------------------------------------------

NAMES = Names("https://example.net/id/")
ABOUT = About(
    "made", 1, NAMES.version("made", 1), "Made", "", "CC0-1.0", "", "Nobody", "", "1", "2026-01-31", ("", "")
)
#: Texts as a checked cell has them: no bar, no controls, no space at an end.
TEXT = st.text(
    st.characters(
        min_codepoint=33, max_codepoint=0x2FF, exclude_characters="|\x7f\u00ad", exclude_categories=("Cc", "Cs", "Zs")
    ),
    min_size=1, max_size=12,
)  # fmt: skip
DAY = st.dates().map(str)
COUNTRY = st.sampled_from(("CN", "DE", "MY", "NA"))
PERCENT = st.integers(0, 100).map(str)


class Given(Source):
    """Records that were made, as a store gives them: values by term."""

    def __init__(self, form: str, tables: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        version = Version(
            "made",
            1,
            ABOUT.iri,
            "Made",
            "CC0-1.0",
            "Nobody",
            "1",
            "",
            "",
            "2026-01-31",
            "",
            "",
            0,
            0,
            0,
            0,
            0,
        )
        self.given = tables
        super().__init__(_Seen(), version, forms.form(form), Path())  # type: ignore[arg-type]
        self.about = ABOUT

    def _found(self, table: str, columns: Iterable[str]) -> Iterator[Found]:
        for iri, cells in sorted(self.given.get(table, {}).items()):
            fields: dict[str, list[str]] = {"rdf:type": []}
            for name, said in cells.items():
                column = TABLES[table].column(name)
                assert column is not None
                if not said or (columns and name not in columns and name != "kind"):
                    continue
                texts = [said] if isinstance(said, str) else said
                if column.kind == "class":
                    from opentier.graph.model.names import expand

                    fields["rdf:type"] += [expand(dict(column.classes)[text]) for text in texts]
                    continue
                if column.kind == "code":
                    texts = [concept(column.scheme, text) for text in texts]
                elif column.kind == "identifier":
                    texts = [NAMES.shared("identifier", text.replace(":", "/", 1)) for text in texts]
                elif column.kind == "country":
                    texts = [NAMES.shared("country", text) for text in texts]
                fields[column.term] = texts
            yield iri, fields


class _Seen:
    """What is asked of a release by who reads made records: names, and what individuals are called."""

    names = NAMES

    def called(self, graph: str, value: str) -> str:
        return value.rpartition("/")[2]


def actors(
    kinds: Iterable[str], **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    said = {"name": TEXT, "kind": st.sampled_from([*kinds]), "country": COUNTRY | st.just("")} | more
    ids = st.sampled_from([NAMES.actor("made", id) for id in ("a", "b", "c d", "\u00e9/\u00e8", "..")])
    return st.dictionaries(ids, st.fixed_dictionaries(said), min_size=1)


@st.composite
def owned(draw: st.DrawFn) -> dict[str, dict[str, dict[str, Any]]]:
    """Return actors and who owns whom."""
    known = draw(actors(("legal-entity", "public-body", "organisation"), address=TEXT | st.just(""),
                        also_known_as=st.lists(TEXT, unique=True, max_size=2)))  # fmt: skip
    end = st.sampled_from(sorted(known))
    link = st.fixed_dictionaries({
        "owner": end | st.just(""), "asset": end,
        "interest": st.sampled_from(["shareholding", "voting-rights", "controlling"]),
        "share_exact": PERCENT | st.just(""), "direct": st.sampled_from(["true", "false", ""]),
        "start_date": DAY | st.just(""), "unspecified_reason": st.just("Nobody knows."),
    })  # fmt: skip
    links = draw(st.lists(link, max_size=4))
    numbered = {NAMES.record("made", "ownership-link", str(n)): each for n, each in enumerate(links)}
    return {"actors": known, "ownership_links": numbered}


def test_bods_is_read_back_as_the_same_actors_and_stakes(tmp_path: Path) -> None:
    numbers = count()

    @runs(20)
    @given(owned())
    def same(tables: dict[str, dict[str, dict[str, Any]]]) -> None:
        found, _ = back("bods", bods.write, tables, tmp_path / f"{next(numbers)}.json")
        ids = {iri: local(NAMES.id(iri)) for iri in tables["actors"]}
        of_actors = ("name", "country", "address", "also_known_as")
        assert {row["id"]: [row.get(name, "") for name in of_actors] for row in table(found, "actors")} == {
            ids[iri]: [*(said[name] for name in of_actors[:-1]), "|".join(sorted(said["also_known_as"]))]
            for iri, said in tables["actors"].items()
        }
        columns = ("owner", "asset", "interest", "share_exact", "direct", "start_date")
        assert Counter(
            tuple(row.get(name, "") for name in columns) for row in table(found, "ownership_links")
        ) == Counter(
            (ids.get(said["owner"], ""), ids[said["asset"]], *(said[name] for name in columns[2:]))
            for said in tables["ownership_links"].values()
        )

    same()


@st.composite
def placed(draw: st.DrawFn) -> dict[str, dict[str, dict[str, Any]]]:
    """Return facilities, and who runs them."""
    said = {"lat": st.integers(-90, 90).map(str), "lon": st.integers(-180, 180).map(str)}
    more = {"address": TEXT | st.just(""), "also_known_as": st.lists(TEXT, unique=True, max_size=2)}
    known = draw(actors(("facility", "legal-entity"), **said, **more))
    end = st.sampled_from(sorted(known))
    links = draw(
        st.lists(
            st.fixed_dictionaries({"operator": end, "facility": end, "end_date": DAY | st.just("")}),
            max_size=4,
        )
    )
    numbered = {NAMES.record("made", "operation-link", str(n)): each for n, each in enumerate(links)}
    return {"actors": known, "operation_links": numbered}


def test_untp_is_read_back_as_the_same_facilities(tmp_path: Path) -> None:
    numbers = count()

    @runs(20)
    @given(placed())
    def same(tables: dict[str, dict[str, dict[str, Any]]]) -> None:
        places = {iri: said for iri, said in tables["actors"].items() if said["kind"] == "facility"}
        assume(places)  # a presentation of nothing is no credential
        found, made = back("untp", untp.write, tables, tmp_path / f"{next(numbers)}.json")
        rows = {row["id"]: row for row in table(found, "actors") if row["kind"] == "facility"}
        columns = ("name", "country", "address", "lat", "lon")
        assert {id: [rows[id].get(name, "") for name in columns] for id in rows} == {
            local(iri): [said[name] for name in columns] for iri, said in places.items()
        }
        said = {
            (local(each["operator"]), local(each["facility"]))
            for each in tables["operation_links"].values()
            if not each["end_date"]
        }
        read = {(row["operator"], row["facility"]) for row in table(found, "operation_links")}
        assert read <= said
        left = sum(many for (name, _), many in made.limits.left_out.items() if name == "operation_links")
        assert len(read) == len(tables["operation_links"]) - left

    same()


@st.composite
def passed(draw: st.DrawFn) -> dict[str, dict[str, dict[str, Any]]]:
    """Return actors, and links between them that were observed, or only last."""
    known = draw(actors(("organisation", "facility")))
    end = st.sampled_from(sorted(known))
    link = st.fixed_dictionaries({
        "buyer": end, "supplier": end, "product": st.sampled_from([NAMES.hs("610910"), NAMES.hs("52"), ""]),
        "observed_date": DAY | st.sampled_from(["2024", ""]), "quantity": PERCENT | st.just(""),
        "unit": st.sampled_from(["kg", "EA", "bales", ""]), "status": st.sampled_from(["current", "retracted", ""]),
    })  # fmt: skip
    links = draw(st.lists(link, max_size=5))
    return {
        "actors": known,
        "supply_links": {NAMES.record("made", "supply-link", str(n)): each for n, each in enumerate(links)},
    }


def test_epcis_is_read_back_as_the_same_links_on_the_same_days(tmp_path: Path) -> None:
    numbers = count()

    @runs(20)
    @given(passed())
    def same(tables: dict[str, dict[str, dict[str, Any]]]) -> None:
        found, made = back("epcis", epcis.write, tables, tmp_path / f"{next(numbers)}.json")
        said = Counter[tuple[str, ...]]()
        for each in tables["supply_links"].values():
            if (
                each["buyer"] != each["supplier"]
                and len(each["observed_date"]) == 10
                and each["status"] != "retracted"
            ):
                unit = (
                    {"kg": "KGM", "EA": "EA"}.get(each["unit"])
                    if each["quantity"] and each["product"]
                    else None
                )
                goods = local(each["product"]) if each["product"] else ""
                quantity = (each["quantity"], unit) if unit else ("", "")
                said[
                    local(each["buyer"]), local(each["supplier"]), goods, each["observed_date"], *quantity
                ] += 1
        columns = ("buyer", "supplier", "product", "observed_date", "quantity", "unit")
        assert (
            Counter(tuple(row.get(name, "") for name in columns) for row in table(found, "supply_links"))
            == said
        )
        left = sum(many for (name, _), many in made.limits.left_out.items() if name == "supply_links")
        assert left == len(tables["supply_links"]) - said.total()
        assert {row["name"] for row in table(found, "actors")} <= {
            each["name"] for each in tables["actors"].values()
        }

    same()


def back(form: str, write: Any, tables: Any, file: Path) -> tuple[Read, Given]:
    """Write records in a form, and return what its adapter reads of it, without anything refused."""
    made = Given(form, tables)
    with file.open("w", encoding="utf-8", newline="") as out:
        write(made, out)
    found = read(form, file)
    assert not [
        each
        for each in found.report.sorted()
        if each.severity in ("error", "refused") and "are expected" not in each.message
    ]
    file.unlink()
    return found, made


def test_records_are_put_in_order_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "MANY", 7)
    said = [(f"urn:{n * 31 % 100:03}", {"n": [str(n)]}) for n in range(100)]
    assert list(source.in_order(iter(said), tmp_path)) == sorted(said)
    assert list(source.in_order(iter(said[:3]), tmp_path)) == sorted(said[:3])
    assert list(source.in_order(iter(said[:14]), tmp_path)) == sorted(said[:14])
    assert list(tmp_path.iterdir()) == []


# --- The faces -------------------------------------------------------------------------------------------------------


def test_the_command_says_what_a_form_cannot_and_writes_it_beside(
    view: View, call: Command, tmp_path: Path
) -> None:
    data = ("--data", str(view.release.path.parents[1]))
    run = call("datasets", "export", "example", "--format", "bods", *data, cwd=tmp_path)
    assert (run.code, run.out) == (0, "")
    assert "BODS 0.4 says 52 of 223 rows" in run.err
    assert {each.name for each in tmp_path.iterdir()} == {
        "example-1.bods.json",
        "example-1.bods.json.limits.csv",
    }
    named = call("datasets", "export", "example", "--out", "x.bods.json", *data, cwd=tmp_path)
    assert named.code == 0, named.err
    assert (tmp_path / "x.bods.json").read_bytes() == (tmp_path / "example-1.bods.json").read_bytes()


def test_a_download_says_what_it_cannot_and_leads_to_its_limits(
    admitted: Path, made: Mapping[str, Path]
) -> None:
    with TestClient(create_app(Graph.open(admitted))) as client:
        for form in ("ftm", "geojson"):
            path = f"/datasets/example/1/download?format={form}"
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            assert answer.content == made[form].read_bytes()
            assert f'filename="{made[form].name}"' in answer.headers["content-disposition"]
            limits = limits_of(made[form], form)
            assert f"{limits['cells_left_out']:,} cells" in answer.headers["opentier-unsaid"]
            where = answer.headers["link"].partition(">")[0].removeprefix("<")
            assert client.get(urljoin(path, where)).json() == limits
        table = client.get("/datasets/example/1/limits.csv?of=geojson")
        assert table.headers["content-type"].startswith("text/csv")
        assert table.text.startswith("\ufefftable,column,count,of_rows,reason\n")
        assert client.get("/datasets/example/1/limits?of=turtle").status_code == 400
        assert client.get("/datasets/nothing/1/limits?of=ftm").status_code == 404
        assert "opentier-unsaid" not in client.get("/datasets/example/1/download.ttl").headers


def test_the_page_on_exports_shows_what_its_commands_say(
    admitted: Path, call: Command, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[1] / "docs" / "exports.md").read_text("utf-8")
    named = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert set(FORMS) <= {name for heading in named for name in heading.split(", ")}
    ran = Counter[str]()
    for line in typed(page):
        _, *words = shlex.split(line.command.replace("--data demo-data", f"--data {admitted}"))
        if words[0] != "demo":
            run = call(*words, cwd=tmp_path)
            assert run.code == 0, run.err
            assert_shown(line.shown, run.err)
            ran.update(word for word in words if word in FORMS)
    assert ran.keys() == set(FORMS)


def test_values_are_put_at_their_places() -> None:
    found: dict[str, Any] = {}
    documents.put(found, "a/b[]", 1, 2)
    documents.put(found, "a/b[]", 3)
    documents.put(found, "a/c", 4)
    assert found == {"a": {"b": [1, 2, 3], "c": 4}}
    assert [documents.number(text) for text in ("7", "-7", "0.5", "1e3")] == [7, -7, 0.5, 1000.0]
    assert set(writing.OTHERS) == set(FORMS)
    assert geojson.write is writing.NETWORKS["geojson"]


if __name__ == "__main__":
    model = import_module("followthemoney").model
    used = (
        "Asset", "Company", "Control", "Document", "LegalEntity", "Organization", "Ownership", "PublicBody",
        "RealEstate", "Representation", "Risk", "Sanction", "Similar", "Succession", "Thing", "UnknownLink", "Vessel",
    )  # fmt: skip
    MODEL.write_text(json.dumps({name: schema_of(model, name) for name in used}, indent=1) + "\n", "utf-8")
    print(f"{MODEL} is written.")
