"""Search: what somebody types finds what is meant, first, in any script, with slips, and whatever is typed is borne.

The goal set is a table: what is typed, the group in which it is looked for, and who or what has to come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from opentier.api.service import create_app
from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.front import View
from opentier.graph.search.finder import DEEP, LETTERS
from opentier.graph.search.roll import ROLLS
from opentier.graph.search.things import GROUPS
from tests.conftest import Command, admit, once
from tests.test_cli import package

Json = dict[str, Any]
BASE = "https://w3id.org/opentier/id/"
NS = "https://w3id.org/opentier/ns#"
ACTORS = """id,name,kind,country,identifiers,also_known_as
hesheng,新疆合盛硅业有限公司,legal-entity,CN,uscc:913308007782720030,Xinjiang Hoshine Silicon
huize,汇泽拉链厂,facility,CN,,
cotton-ar,شركة القطن المصرية,legal-entity,EG,,
cotton-ru,Узбекский хлопок,legal-entity,UZ,,
cotton-th,บริษัท ฝ้ายไทย จำกัด,legal-entity,TH,,
cotton-ko,한국면화공업,legal-entity,KR,,
cotton-hi,कपास मिल,facility,IN,,
wings,ハゴロモ紡績,legal-entity,JP,,
olive,Ελαιώνας Υφαντουργία,legal-entity,GR,,
orchid,Orchid Zipper Works Ltd.,legal-entity,VN,lei:5493001KJTIIGC8Y1R12|duns:150483782|gln:4006381333931,Hanoi Fasteners
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
    found, _ = view.search.search(typed, [group])
    return next(iter(found[group]), None)


@pytest.mark.parametrize(("typed", "group", "meant"), GOALS)
def test_what_is_typed_finds_first_what_is_meant(
    view: View, typed: str, group: str, meant: str | None
) -> None:
    found = first(view, typed, group)
    assert (found and {found["id"], found["iri"]} & {meant}) == ({meant} if meant else None), found


@pytest.mark.parametrize("typed", NOTHING)
def test_what_says_nothing_finds_nothing(view: View, typed: str) -> None:
    found, more = view.search.search(typed)
    assert (list(found), any(found.values()), more) == ([*GROUPS], False, False)


def test_what_is_longer_than_anything_is_looked_at_in_part(view: View) -> None:
    found, _ = view.search.search("Orchid Zipper Works " + "x" * 10_000)
    assert list(found) == [*GROUPS]
    assert first(view, "Orchid Zipper Works" + " " * 10_000 + "x", "actors") is not None
