"""The 15 questions of the model, each a shipped query: what it answers on the shipped data, row by row.

`tests/data/questions/NN.csv` holds the expected rows of question NN. They were checked by hand against the packages;
`MEANING` says what they mean and why others are missing. Some are computed again here from the packages' files.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SH, URIRef
from rdflib import Graph as RdfGraph
from rdflib.plugins.sparql import prepareQuery
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.errors import UsageError
from opentier.graph.front import View
from opentier.graph.model.names import DEFAULT_BASE, OT, PREFIXES
from opentier.graph.query import about, questions
from opentier.graph.store.directory import Store
from opentier.graph.trace.parameters import Parameters
from opentier.graph.triples.engine import Rows
from opentier.graph.vocabulary import extents, syntax

if TYPE_CHECKING:
    from tests.conftest import Command

EXPECTED = Path(__file__).parent / "data" / "questions"
DATASETS = Path(str(files("opentier.graph") / "datasets"))
ORDER = (
    "laws", "registers", "data-points", "practices", "terms", "initiatives", "example", "example-customs",
)  # fmt: skip

#: What the expected rows mean, by question.
MEANING = {
    1: """Three actors are named: Quiet River (the order was modified, which is still in force), Whitepeak and Willow
    Lake. Eight are in Xinjiang, of which the regional presumption speaks; Redpoplar is among them because a query knows
    no dates (its link ended before the next began). Copperpot (revoked) and Fig Grove (inactive) are missing, and Long
    Rampart (only possibly the listed works).""",
    2: """The tiers of the README, and two more actors that a query without dates cannot rule out: Kingfisher Unit 1
    (left in 2017) and Redpoplar; Sandgrouse was a supplier of Aurora itself until 2019. Kingfisher's other name is not
    counted twice. Apricot Valley is at tier 4: its supplier link is declared as tier 3.""",
    3: """25 links that hold on 2022-06-30 with at least 0.8, once for each evidence (three links have two) and once
    without any. Later ones (sl-002, cu-001), ended ones (sl-007, sl-031), withdrawn and less certain ones are missing,
    and of the two versions of the example only the current one is named.""",
    4: """Rambutan, Poplar Crown Holding and Willow Lake West are designated and own or are owned by at least half; so
    is Willow Lake, by the order on its towels. Whitepeak's 35 % of Nutmeg is too little, and nobody knows the share of
    the Saxaul office.""",
    5: """Lint from China and Turkmenistan (where two authorities list it) and polysilicon from China. Uzbek cotton was
    taken off the list; Redpoplar's link moved listed lint until it ended.""",
    6: """Willow Lake (three links), Quiet River, Whitepeak; Copperpot until the order was revoked in 2022, Fig Grove
    until the advisory lapsed in 2020, of which only the history of its status says when. Not the retracted sl-026.""",
    7: """Lotus Pond and its sub-agent Brickfield; Rhododendron is paid by the employer.""",
    8: """Wattlebird is bound and has filed. Lindenhof is bound since 2024, Aurora by California, and neither has filed.
    Mistral is bound by what the workshop report prints, not by what is known under the law's own thresholds.""",
    9: """The three incidents by their indicators. Only the fees at Klang are being remedied; the audit, the plan and
    the grievance are no remedy.""",
    10: """sl-010 is fabric (chapter 60) from India: what is particular to apparel, or to Asia, and about forced
    labour.""",
    11: """The two industries that the directory's README names.""",
    12: """21 data points, once for each barrier and indicator. Where nothing is stated, the cell is empty.""",
    13: """Trade enforcement is open and shows four of the eleven indicators; these are the other seven, with what
    stands in for them. Open are corridors, the rating and the list of goods; visas are not, and nobody holds the other
    four.""",
    14: """The second version has one more evidence and one assessment less, and another address of Lindenhof; it is
    under another licence.""",
    15: """Aurora buys from Mangosteen: an import declaration and a purchase order. That the Klang unit buys from
    Harbour Lane is stated twice too (cu-002, sl-014), but both rest on one bill of lading, and sl-001 and sl-002 are of
    one publisher.""",
}


def admit(graph: Graph, *names: str) -> None:
    for name in names:
        assert graph.contribute(DATASETS / name).new


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return all shipped datasets."""
    graph = Graph.open(tmp_path_factory.mktemp("questions") / "first", create=True)
    admit(graph, *ORDER)
    return graph


@pytest.fixture(scope="module")
def graph(first: Graph) -> Graph:
    """Return all shipped datasets, the example in a second version that differs in three records."""
    folder = first.store.path.parent
    shutil.copytree(first.store.path, folder / "data")
    graph, second = Graph.open(folder / "data"), folder / "example"
    shutil.copytree(DATASETS / "example", second)
    edit(second / "actors.csv", "Beispielweg 12, Wuppertal", "Beispielweg 14, Wuppertal")
    risks = (second / "risk_assessments.csv").read_text("utf-8").splitlines(keepends=True)
    (second / "risk_assessments.csv").write_text(
        "".join(x for x in risks if not x.startswith("ra-tm,")), "utf-8"
    )
    with (second / "evidence.csv").open("a", encoding="utf-8") as rows:
        rows.write("ev-second-visit,audit,https://example.org/evidence/ev-second-visit,2024-07-01,,,\n")
    edit(second / "datapackage.json", "CC0-1.0", "CC-BY-4.0")
    assert graph.contribute(second).version.number == 2
    return graph


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def rows(view: View, number: int) -> list[list[str]]:
    """Return the header and the rows of a question, individuals and terms by their short names."""
    text = questions.question(number, view.release.names.base).text
    answer = view.query(text)
    assert isinstance(answer, Rows)
    found = [list(answer.names), *([short(term) for term in row] for row in answer)]
    if "ORDER BY" not in text:
        found[1:] = sorted(found[1:])
    del answer  # in this thread: see api/sparql.py
    return found


def short(term: object) -> str:
    text = "" if term is None else str(getattr(term, "value", term))
    return text.removeprefix(DEFAULT_BASE).replace(OT, "ot:")


def table(dataset: str, name: str) -> list[dict[str, str]]:
    with (DATASETS / dataset / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("number", sorted(MEANING))
def test_a_question_has_these_rows(view: View, number: int) -> None:
    with (EXPECTED / f"{number:02}.csv").open(encoding="utf-8", newline="") as file:
        header, *expected = csv.reader(file)
    assert rows(view, number) == [header, *expected], MEANING[number]


def test_there_are_fifteen_each_with_its_file_and_its_meaning() -> None:
    known = questions.questions()
    assert [one.number for one in known] == list(range(1, 16)) == sorted(MEANING)
    assert sorted(path.stem for path in EXPECTED.iterdir()) == [one.id[:2] for one in known]
    for one in known:
        assert one.title[0].isupper()
        assert one.comment.partition("?")[1], one.id
        assert one.keywords == tuple(dict.fromkeys(one.keywords)) != ()


# The same, computed from the packages.


def test_the_tiers_are_those_of_a_trace_and_of_links_that_ended(view: View) -> None:
    found = {actor: int(tier) for actor, _, tier in rows(view, 2)[1:]}
    ended = {"example/kingfisher-unit-1": 1, "example/redpoplar-ginning": 4, "example/sandgrouse-towels": 1}
    result = view.trace("example/aurora", Parameters())
    traced = {view.release.names.id(actor.iri): tier for tier, actor in result.reached}
    assert found == {**traced, **ended}


def test_live_links_are_those_of_the_table(view: View) -> None:
    expected = [
        f"example/supply-link/{link['id']}"
        for link in table("example", "supply_links")
        if float(link["confidence"]) >= 0.8
        and link["status"] != "retracted"
        and link["id"] not in {row["record"] for row in table("example", "retractions")}
        and (link["start_date"] or "0") <= "2022-06-30"
        and (link["end_date"] or "9") >= "2022-06-30"
        for _ in link["evidence"].split("|")
    ]
    assert [row[0] for row in rows(view, 3)[1:]] == sorted(expected)


def test_the_initiatives_for_a_hop_are_those_of_the_directory(view: View) -> None:
    apparel, cross = "Apparel, Footwear & Textiles", "Cross-Industry"
    expected = [
        (row["name"], industry, place)
        for row in table("initiatives", "initiatives")
        if "Forced Labour" in row["issues"].split("|")
        for industry, place in product(row["industry"].split("|"), row["geography"].split("|"))
        if (industry, place) in {(apparel, "Asia"), (apparel, "Global"), (cross, "Asia")}
    ]
    assert [tuple(row[2:]) for row in rows(view, 10)[1:]] == sorted(expected)


def test_initiatives_are_found_for_hops_of_every_industry_and_area(view: View) -> None:
    """The question knows all countries and chapters, and not only those of the example's cotton."""
    hops = {
        f"example/supply-link/{link['id']}": (link["product"], actors[link["supplier"]])
        for actors in [{row["id"]: row["country"] for row in table("example", "actors")}]
        for link in table("example", "supply_links")
        if link["product"].isdigit() and actors.get(link["supplier"])
    }
    places = {
        (
            next(name for name, chapters in extents.industries().items() if hs[:2] in chapters),
            frozenset(name for name, members in extents.areas().items() if country in members) - {"EU"},
        ): hop
        for hop, (hs, country) in hops.items()
    }
    assert len(places) > 3
    for (sector, regions), hop in places.items():
        answer = view.query(view.question(10, {"link": hop}).text)
        assert isinstance(answer, Rows)
        found = {tuple(short(term) for term in row[2:]) for row in answer}
        del answer
        assert found == {
            (row["name"], industry, place)
            for row in table("initiatives", "initiatives")
            if "Forced Labour" in row["issues"].split("|")
            for industry, place in product(row["industry"].split("|"), row["geography"].split("|"))
            if industry in (sector, "Cross-Industry") and place in {*regions, "Global"}
            if (industry, place) != ("Cross-Industry", "Global")
        }, hop


def test_no_question_holds_a_list_of_countries_or_chapters() -> None:
    listed = re.compile(r'"[A-Z]{2}(?: [A-Z]{2})+"|\("(?:[A-Z]{2}|\d\d)"')
    assert {one.id for one in questions.questions() if listed.search(one.text)} == set()


def test_the_industries_without_initiative_are_those_that_nothing_in_the_directory_names(view: View) -> None:
    named = {item for row in table("initiatives", "initiatives") for item in row["industry"].split("|")}
    assert [label for _, label in rows(view, 11)[1:]] == view.initiatives.gaps()["industries"]
    assert not {label for _, label in rows(view, 11)[1:]} & named
    assert named <= set(view.release.labels("industry"))


def test_the_data_points_are_those_of_the_table(view: View) -> None:
    def code(scheme: str, value: str) -> str:
        return f"ot:{scheme}-{value}" if value else ""

    expected = [
        [
            f"data-points/data-point/{row['id']}", row["name"], row["holder"],
            code("evidence-class", row["evidence_class"]), code("granularity", row["granularity"]),
            code("access", row["access"]), code("barrier", barrier), code("indicator", indicator),
        ]
        for row in table("data-points", "data_points")
        for barrier, indicator in product(row["barriers"].split("|"), row["indicates"].split("|"))
    ]  # fmt: skip
    assert sorted(rows(view, 12)[1:]) == sorted(expected)


# Where they are found.


def test_the_vocabulary_that_is_served_holds_the_questions_and_their_prefixes(view: View) -> None:
    said = RdfGraph()
    triples = view.release.engine.match(view.release.names.vocabulary)
    said.parse(data=syntax.write(triples, "ntriples"), format="nt")
    asked = sorted(said.subjects(RDF.type, URIRef(SH + "SPARQLExecutable")), key=str)
    assert len(asked) == 15
    declared = {
        str(said.value(one, SH.prefix)): str(said.value(one, SH.namespace))
        for one in said.objects(URIRef(OT + "prefixes"), SH.declare)
    }
    assert declared == PREFIXES
    for one in asked:
        assert said.value(one, SH.prefixes) == URIRef(OT + "prefixes")
        prepareQuery(str(said.value(one, SH.select)), initNs=declared)


def test_the_questions_name_individuals_under_the_base_of_the_data(tmp_path: Path) -> None:
    base = "https://graph.example/id/"
    graph = Graph(Store.open(tmp_path / "data", create=True, base=base))
    admit(graph, "initiatives")
    view = graph.view()
    assert [row[1] for row in rows(view, 11)[1:]] == ["Machinery", "Pharmaceuticals, Health & Chemicals"]
    for one in questions.questions(base):
        assert DEFAULT_BASE not in one.text
        told = about.about(view.release, f"{OT}question-{one.number:02}", "http://localhost/")
        assert told is not None
        assert one.text in [getattr(triple.object, "value", "") for triple in told.own]


def test_a_complete_query_needs_no_prefixes_of_ours() -> None:
    for one in questions.questions():
        prepareQuery(one.complete)


def test_nothing_is_added_or_removed_where_there_is_one_version(first: Graph) -> None:
    assert rows(first.view(), 14)[1:] == []


def test_another_version_changes_no_other_answer(first: Graph, view: View) -> None:
    for number in sorted(set(MEANING) - {3, 14}):
        assert rows(first.view(), number) == rows(view, number)


def test_an_unknown_number_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="numbered 1 to 15; there is no 16"):
        questions.question(16)


# The command line.


def test_the_command_lists_the_questions(call: Command) -> None:
    listed = json.loads(call("questions", "--format", "json").out)
    assert [one["number"] for one in listed] == list(range(1, 16))
    shown = call("questions", COLUMNS="200")
    assert shown.code == 0
    assert all(one["comment"].split()[0] in shown.out for one in listed)
    assert "opentier questions N" in shown.out


def test_the_command_answers_a_question(call: Command, graph: Graph) -> None:
    where = ("--data", str(graph.store.path))
    done = call("questions", "11", "--format", "csv", *where)
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert "Machinery" in call("questions", "11", *where).out
    text = call("questions", "11", "--format", "rq", *where).out
    assert text == questions.question(11).complete
    assert call("query", "-", "--format", "csv", *where, stdin=text).out == done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("99",), "numbered 1 to 15; there is no 99"),
        (("--format", "csv"), "--format is one of table, json; not 'csv'"),
        (("1", "--format", "turtle"), "--format is one of table, json, xml, csv, tsv, rq"),
    ],
)
def test_the_command_says_what_it_cannot_do(
    call: Command, graph: Graph, words: tuple[str, ...], said: str
) -> None:
    done = call("questions", *words, "--data", str(graph.store.path))
    assert done.code == 2
    assert said in done.err


# The service.


def test_the_service_lists_the_questions_with_their_queries(client: TestClient) -> None:
    listed = client.get("/questions").json()["questions"]
    assert [one["number"] for one in listed] == list(range(1, 16))
    for one in listed:
        answer = client.get("/sparql", params={"query": one["query"], "format": "json"})
        assert answer.json() == client.get(one["href"]).json()


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("application/json", "application/json"),
        ("application/sparql-query", "application/sparql-query"),
        ("application/sparql-query;q=0.5, text/csv", "text/csv"),
    ],
)
def test_an_answer_is_negotiated_as_that_of_a_query(client: TestClient, accept: str, kind: str) -> None:
    answer = client.get("/questions/11", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in answer.headers["vary"].split(", ")
    assert "OpenTier-Release" in answer.headers


def test_the_query_of_a_question_and_its_rows_can_be_asked_for_by_name(client: TestClient) -> None:
    assert client.get("/questions/11?format=rq").text == questions.question(11).complete
    found = list(csv.reader(io.StringIO(client.get("/questions/11?format=csv").text)))
    assert found[0] == ["industry", "label"]
    assert len(found) == 3


def test_what_cannot_be_answered_is_a_problem(client: TestClient) -> None:
    for path, status in (
        ("/questions/16", 404),
        ("/questions/one", 404),
        ("/questions/1?format=turtle", 406),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
