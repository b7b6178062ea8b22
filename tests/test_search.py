"""Search: what somebody types finds what is meant, first, in any script, with slips, and whatever is typed is borne.

The goal set is a table: what is typed, the group in which it is looked for, and who or what has to come first.
"""

from __future__ import annotations

import json
import re
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.front import View
from opentier.graph.reconciliation.queries import LIMIT, MOST
from opentier.graph.search.finder import DEEP, LETTERS, Finder
from opentier.graph.search.roll import ROLLS, Roll
from opentier.graph.search.things import GROUPS, Thing
from opentier.graph.search.wording import How
from opentier.graph.triples.engine import Rows
from tests.conftest import Command, admit, once
from tests.test_cli import package
from tests.test_readme import BLOCK, assert_shown

Json = dict[str, Any]
BASE = "https://w3id.org/opentier/id/"
GUIDE = Path(__file__).parents[1] / "docs" / "search.md"
QUERY = re.compile(r"^```sparql\n(.*?)^```", re.MULTILINE | re.DOTALL)
NS = "https://w3id.org/opentier/ns#"
NUMBERS = "lei:5493001KJTIIGC8Y1R12|duns:150483782|gln:4006381333931"
ACTORS = f"""id,name,kind,country,identifiers,also_known_as
hesheng,新疆合盛硅业有限公司,legal-entity,CN,uscc:913308007782720030,Xinjiang Hoshine Silicon
huize,汇泽拉链厂,facility,CN,,
cotton-ar,شركة القطن المصرية,legal-entity,EG,,
cotton-ru,Узбекский хлопок,legal-entity,UZ,,
cotton-th,บริษัท ฝ้ายไทย จำกัด,legal-entity,TH,,
cotton-ko,한국면화공업,legal-entity,KR,,
cotton-hi,कपास मिल,facility,IN,,
wings,ハゴロモ紡績,legal-entity,JP,,
olive,Ελαιώνας Υφαντουργία,legal-entity,GR,,
orchid,Orchid Zipper Works Ltd.,legal-entity,VN,{NUMBERS},Hanoi Fasteners
orchid-bd,Orchid Zipper Works,legal-entity,BD,os-id:BD2019098D81BFR,
quarry,Deep Fern Quarry,mine,IN,,Old Fern Pit
depot,Deep Fern Depot,,IN,,
umlaut,Müller & Söhne Weberei,legal-entity,DE,,
oneil,O'Neill's Spinning,legal-entity,IE,,
stars,Seven*Stars "Best" Mills,legal-entity,TR,,
near,NEAR(East) Dyeing,legal-entity,JO,,
emoji,🧵 Thread House,legal-entity,PT,,
"""
#: What is typed, the group that is looked at, and the id (or IRI) of what comes first.
GOALS = [
    # Ids, identifiers, codes, however they are parted and spelled.
    ("goal/orchid", "actors", "goal/orchid"),
    (f"{BASE}goal/orchid", "actors", "goal/orchid"),
    ("example/aurora", "actors", "example/aurora"),
    ("lei:5493001KJTIIGC8Y1R12", "actors", "goal/orchid"),
    ("5493001KJTIIGC8Y1R12", "actors", "goal/orchid"),
    ("5493001kjtiigc8y1r12", "actors", "goal/orchid"),
    ("5493 001K JTII GC8Y 1R12", "actors", "goal/orchid"),
    ("LEI: 5493-001K-JTII-GC8Y-1R12".replace(": ", ":"), "actors", "goal/orchid"),
    ("15-048-3782", "actors", "goal/orchid"),
    ("DUNS:150483782", "actors", "goal/orchid"),
    ("4006381 333931", "actors", "goal/orchid"),
    ("BD2019098D81BFR", "actors", "goal/orchid-bd"),
    ("bd2019 098d81bfr", "actors", "goal/orchid-bd"),
    ("913308007782720030", "actors", "goal/hesheng"),
    ("5493001KJT", "actors", "goal/orchid"),
    ("us-uflpa-2021", "laws", "laws/law/us-uflpa-2021"),
    ("UFLPA", "laws", "laws/law/us-uflpa-2021"),
    ("uk msa 2015", "laws", "laws/law/uk-msa-2015"),
    ("eu-flr", "laws", "laws/law/eu-flr-2024"),
    ("us-wro", "registers", "registers/register/us-wro"),
    ("uflpa", "datasets", f"{BASE}dataset/uflpa"),
    ("SupplyLink", "terms", f"{NS}SupplyLink"),
    ("withhold", "terms", f"{NS}effect-withhold"),
    # Names as they are written, and as they are not.
    ("Aurora Apparel Imports (invented)", "actors", "example/aurora"),
    ("aurora apparel imports invented", "actors", "example/aurora"),
    ("AURORA APPAREL", "actors", "example/aurora"),
    ("Orchid Zipper Works", "actors", "goal/orchid-bd"),
    ("Orchid Zipper Works Ltd", "actors", "goal/orchid"),
    ("Muller & Sohne", "actors", "goal/umlaut"),
    ("müller und söhne", "actors", "goal/umlaut"),
    ("oneills", "actors", "goal/oneil"),
    ("O’Neill", "actors", "goal/oneil"),
    ("Tariff Act of 1930", "laws", "laws/law/us-307-1930"),
    ("modern slavery act", "laws", "laws/law/uk-msa-2015"),
    ("Better Work", "initiatives", "initiatives/initiative/better-work"),
    ("AIM Progress", "initiatives", "initiatives/initiative/aim-progress"),
    ("UFLPA Entity List", "registers", "registers/register/us-uflpa-list"),
    ("supply link", "terms", f"{NS}SupplyLink"),
    ("forced labour", "terms", f"{NS}issue-forced-labour"),
    ("Presumption of forced labour: goods made in Xinjiang", "designations", "example/designation/d-uflpa-region"),
    # Other names.
    ("hanoi fasteners", "actors", "goal/orchid"),
    ("old fern pit", "actors", "goal/quarry"),
    ("Hesheng Silicon Industry (Shanshan)", "actors", "uflpa/hoshine-silicon-industry-shanshan-co-ltd"),
    ("Hetian TEDA Garment", "actors", "uflpa/hetian-taida-apparel-co-ltd"),
    # While somebody types.
    ("auro", "actors", "example/aurora"),
    ("aurora appar", "actors", "example/aurora"),
    ("hanoi f", "actors", "goal/orchid"),
    ("deep fern d", "actors", "goal/depot"),
    ("fern q", "actors", "goal/quarry"),
    ("bette", "initiatives", "initiatives/initiative/better-work"),
    ("corporate sust", "laws", "laws/law/eu-csddd-2024"),
    # Words in any order.
    ("works zipper orchid ltd", "actors", "goal/orchid"),
    ("quarry deep", "actors", "goal/quarry"),
    ("daqo xinjiang", "actors", "uflpa/xinjiang-daqo-new-energy-co-ltd"),
    ("slavery modern act 2015", "laws", "laws/law/uk-msa-2015"),
    # Scripts, and what they are in Latin letters.
    ("新疆合盛", "actors", "goal/hesheng"),
    ("合盛硅业", "actors", "goal/hesheng"),
    ("xinjiang hesheng", "actors", "goal/hesheng"),
    ("Xin Jiang He Sheng", "actors", "goal/hesheng"),
    ("拉链", "actors", "goal/huize"),
    ("huize lalian", "actors", "goal/huize"),
    ("القطن", "actors", "goal/cotton-ar"),
    ("شركة القطن", "actors", "goal/cotton-ar"),
    ("узбекский", "actors", "goal/cotton-ru"),
    ("uzbekskiy khlopok", "actors", "goal/cotton-ru"),
    ("uzbekskij hlopok", "actors", "goal/cotton-ru"),
    ("ฝ้ายไทย", "actors", "goal/cotton-th"),
    ("한국면화", "actors", "goal/cotton-ko"),
    ("hangug myeonhwa", "actors", "goal/cotton-ko"),
    ("कपास", "actors", "goal/cotton-hi"),
    ("ハゴロモ", "actors", "goal/wings"),
    ("hagoromo", "actors", "goal/wings"),
    ("ελαιωνας", "actors", "goal/olive"),
    ("elaionas", "actors", "goal/olive"),
    # Slips of the pen: a letter lost, added, changed, two that changed places.
    ("orchd ziper", "actors", "goal/orchid-bd"),
    ("orhcid zipper", "actors", "goal/orchid-bd"),
    ("hoshinne silicon", "actors", "goal/hesheng"),
    ("xinjang daqo", "actors", "uflpa/xinjiang-daqo-new-energy-co-ltd"),
    ("Deep Ferm Quarry", "actors", "goal/quarry"),
    ("modren slavery act", "laws", "laws/law/uk-msa-2015"),
    ("tarrif act", "laws", "laws/law/us-307-1930"),
    ("betterr work", "initiatives", "initiatives/initiative/better-work"),
    ("uzbekskiy khlopk", "actors", "goal/cotton-ru"),
    # What a language of queries would take for its own.
    ('Seven*Stars "Best"', "actors", "goal/stars"),
    ("NEAR(East)", "actors", "goal/near"),
    ("NEAR(", "actors", "goal/near"),
    ('orchid* AND "zipper" OR', "actors", None),
    ("Thread House 🧵", "actors", "goal/emoji"),
    ("‮orchid zipper works", "actors", "goal/orchid-bd"),
    ("orchid\x00zipper\x00works", "actors", "goal/orchid-bd"),
]  # fmt: skip
#: What says nothing: no error, and nothing found.
NOTHING = [
    "", " ", "...", "*", "%", "_", '"', "'", "🧵", "‮‏", "\x00", "*:*", "()" * 500, "zzzzqqqq",
    "x" * LETTERS, "AND OR NOT " + "q" * 100, "'; DROP TABLE things; --", "\ud83d",
]  # fmt: skip


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return the shipped data with a list of the US, and some firms in many scripts. Nobody may change it."""

    def make(data: Path) -> None:
        admit(data)
        graph = Graph.open(data)
        for name in ("uflpa", "registers"):
            with as_file(files("opentier.graph") / "datasets" / name) as shipped:
                assert graph.contribute(shipped, Options(match=False)).new
        folder = package(tmp_path_factory.mktemp("goal") / "goal", "goal", actors=ACTORS)
        assert graph.contribute(folder, Options(match=False)).new

    return Graph.open(once(tmp_path_factory.getbasetemp(), "search", make))


def first(view: View, typed: str, group: str) -> Json | None:
    """Return what comes first."""
    found, _ = view.search(typed, groups=[group])
    return next(iter(found[group]), None)


@pytest.mark.parametrize(("typed", "group", "meant"), GOALS)
def test_what_is_typed_finds_first_what_is_meant(
    view: View, typed: str, group: str, meant: str | None
) -> None:
    found = first(view, typed, group)
    assert (found and {found["id"], found["iri"]} & {meant}) == ({meant} if meant else None), found


@pytest.mark.parametrize("typed", NOTHING)
def test_what_says_nothing_finds_nothing(view: View, typed: str) -> None:
    found, more = view.search(typed)
    assert (list(found), any(found.values()), more) == ([*GROUPS], False, False)


def test_what_is_longer_than_anything_is_looked_at_in_part(view: View) -> None:
    found, _ = view.search("Orchid Zipper Works " + "x" * 10_000)
    assert list(found) == [*GROUPS]
    assert first(view, "Orchid Zipper Works" + " " * 10_000 + "x", "actors") is not None


def test_every_find_says_what_it_is_where_it_stands_and_why_it_was_found(view: View) -> None:
    assert first(view, "hanoi fast", "actors") == {
        "iri": f"{BASE}goal/orchid", "id": "goal/orchid", "name": "Orchid Zipper Works Ltd.", "country": "VN",
        "kind": "legal-entity", "why": "alias", "matched": "Hanoi Fasteners", "dataset": "goal",
    }  # fmt: skip
    whys = {
        "goal/orchid": ("id", f"{BASE}goal/orchid"),
        "150483782": ("identifier", "duns:150483782"),
        "orchid zipper": ("name", "Orchid Zipper Works"),
        "xinjiang hesheng": ("name", "新疆合盛硅业有限公司"),
        "orchd ziper": ("similar", "Orchid Zipper Works"),
    }
    for typed, (why, matched) in whys.items():
        found = first(view, typed, "actors")
        assert found is not None
        assert (found["why"], found["matched"]) == (why, matched), typed
    law = first(view, "us-uflpa-2021", "laws")
    assert law is not None
    assert (law["why"], law["kind"], law["country"], law["dataset"]) == ("code", "law", "US", "laws")
    term = first(view, "withhold", "terms")
    assert term is not None
    assert (term["kind"], term["dataset"]) == ("code", None)


def test_what_is_found_comes_in_parts_each_once(client: TestClient) -> None:
    def ids(**asked: Any) -> tuple[list[str], str | None]:
        answer = client.get("/search", params={"q": "xinjiang", "kind": "actors", **asked})
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["actors"]
        link = answer.links.get("next", {}).get("url")
        return [each["id"] for each in answer.json()["actors"]], link

    every, none = ids(limit=100)
    assert none is None
    assert len(every) == len(set(every)) > 25
    parts, link = ids(limit=10)
    while link:
        assert len(parts) % 10 == 0
        answer = client.get(f"/{link}")
        parts += [each["id"] for each in answer.json()["actors"]]
        link = answer.links.get("next", {}).get("url")
    assert parts == every


def test_one_letter_finds_of_every_kind_and_no_more_than_is_asked_for(client: TestClient) -> None:
    found = client.get("/search", params={"q": "a", "limit": 2}).json()
    assert list(found) == [*GROUPS]
    assert {len(hits) for hits in found.values()} <= {1, 2}


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({}, "q"),
        ({"q": "x", "limit": 101}, "limit"),
        ({"q": "x", "offset": DEEP + 1}, "offset"),
        ({"q": "x" * (LETTERS + 1)}, "q"),
        ({"q": "x", "kind": "lawz"}, "kind"),
        ({"q": "x", "kinds": "laws"}, "kind"),
    ],
)
def test_what_the_route_does_not_know_is_refused(client: TestClient, asked: Json, word: str) -> None:
    answer = client.get("/search", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert word in answer.json()["detail"]


def test_the_command_finds_what_the_route_finds_and_says_why(
    graph: Graph, client: TestClient, call: Command
) -> None:
    data = str(graph.store.path)
    run = call("search", "hanoi fast", "--format", "json", "--data", data)
    assert (run.code, run.err) == (0, "")
    assert client.get("/search", params={"q": "hanoi fast"}).json() == json.loads(run.out)
    assert "alias: Hanoi Fasteners" in " ".join(call("search", "hanoi fast", "--data", data).out.split())
    assert "Nothing is found" in call("search", "zzzzqqqq", "--data", data).out
    assert "There is more" in call("search", "xinjiang", "--limit", "1", "--data", data).out
    refused = call("search", "x", "--kind", "lawz", "--data", data)
    assert refused.code == 2
    assert "Did you mean laws?" in refused.err


# What search is made of.


@pytest.fixture
def own(tmp_path: Path) -> Graph:
    graph = Graph.open(tmp_path / "data", create=True)
    for name, said in (("one", "Heron Spinning"), ("two", "Egret Spinning")):
        folder = package(tmp_path / name, name, actors=f"id,name\na,{said}\n")
        assert graph.contribute(folder, Options(match=False)).new
    return graph


def spinning(graph: Graph) -> list[str]:
    found, _ = graph.view().search("spinning")
    return [each["name"] for each in found["actors"]]


def test_what_is_withdrawn_is_found_no_more_and_what_replaces_it_is(own: Graph, tmp_path: Path) -> None:
    assert spinning(own) == ["Egret Spinning", "Heron Spinning"]
    own.withdraw("two", "a test")
    assert spinning(own) == ["Heron Spinning"]
    newer = package(tmp_path / "newer", "one", actors="id,name\na,Heron Weaving\nb,Grey Heron Spinning\n")
    own.contribute(newer, Options(match=False))
    assert spinning(own) == ["Grey Heron Spinning"]


@pytest.mark.parametrize("harm", ["missing", "cut", "changed", "of another version"])
def test_a_roll_that_is_not_as_it_was_written_is_written_anew(own: Graph, harm: str) -> None:
    before = spinning(own)
    release = own.store.release()
    version = release.current["one"]
    place = ROLLS.place(release, version)
    file = place / "line.heap.npy"
    if harm == "missing":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-4])
    elif harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"heron", b"xxxxx"))
    else:
        said = place / "about.json"
        said.write_text(said.read_text("utf-8").replace(version.checksum, "0" * 64), "utf-8")
    assert spinning(Graph.open(own.store.path)) == before == ["Egret Spinning", "Heron Spinning"]
    assert ROLLS.opened(release, version).find(f"{BASE}one/a") is not None


def test_of_many_lines_that_begin_alike_the_shortest_come_first_and_long_words_are_told_apart() -> None:
    begin = "z" * 40
    every = [f"{begin}{end} Works {end}" for end in ("a", "b", "c")] + [
        f"Zeta {'y' * n}" for n in range(1, 60)
    ]
    made = [Thing("actors", "", f"urn:{n}", name, "", ((How.NAME, name),)) for n, name in enumerate(every)]
    finder = Finder([Roll.of("x", made)])
    for typed, meant in ((f"{begin}b", [f"{begin}b Works b"]), ("zeta", every[3:8]), (f"{begin}d", [])):
        assert [each.thing.name for each in finder.find(typed, 5)["actors"]] == meant
    assert [each.thing.name for each in finder.find(f"works {begin}c", 5)["actors"]] == [every[2]]


# The guide.


def test_the_commands_and_the_query_of_the_guide_find_what_it_shows(admitted: Path, call: Command) -> None:
    text = GUIDE.read_text("utf-8")
    (block,), (query,) = BLOCK.findall(text), QUERY.findall(text)
    command, *shown = block.removeprefix("$ opentier ").splitlines()
    run = call(*command.replace("opentier-data", str(admitted)).split())
    assert_shown(tuple(shown), run.out)
    found = Graph.open(admitted).query(query)
    assert isinstance(found, Rows)
    assert len(list(found)) > 3


def test_the_guide_says_the_limits_and_the_kinds() -> None:
    text = GUIDE.read_text("utf-8")
    for said in (
        f"{LETTERS:,} letters",
        f"{DEEP:,} at most",
        f"({LIMIT}; {MOST} at most)",
        *(f"`{g}`" for g in GROUPS),
    ):
        assert said in text
