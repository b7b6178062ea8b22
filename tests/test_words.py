"""The words of answers: one file for all faces, nothing in it that accuses or absolves, nothing without words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len

from opentier.graph import Graph
from opentier.graph.answer import documents, statements
from opentier.graph.engine.hops import KINDS
from opentier.graph.exposure import exposures, severity, words
from opentier.graph.front import View
from opentier.graph.model import printed
from opentier.graph.model.products import Product
from opentier.graph.model.tables import TABLES
from opentier.graph.network.network import Designation, Place
from opentier.graph.trace.parameters import EXPLOITATION
from tests.test_cli import ALL_KINDS, fine, package

if TYPE_CHECKING:
    from tests.conftest import Command

#: What is never said of a company.
NEVER = re.compile(
    r"\b(uses? forced labour|guilty|violators?|tainted|bad|flagged|red|clean|safe|compliant|cleared|verified)\b",
    re.IGNORECASE,
)
FILE = "words.toml"
ROOT = Path(__file__).parents[1]


def texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for value in found.values():
            yield from texts(value)
    else:
        assert isinstance(found, str)
        yield found


@pytest.fixture(scope="module")
def graph(admitted: Path) -> Graph:
    return Graph.open(admitted)


@pytest.fixture(scope="module")
def entries(view: View) -> dict[str, Designation]:
    return {entry.iri.rpartition("/")[2]: entry for entry in view.index.designations}


def test_no_word_of_the_file_accuses_or_absolves() -> None:
    said = tomllib.loads(files("opentier.graph.exposure").joinpath(FILE).read_text("utf-8"))
    found = list(texts(said))
    assert len(found) > 100
    assert [text for text in found if NEVER.search(text)] == []
    assert NEVER.search("It is Compliant.")


@pytest.mark.parametrize(
    ("actor", "asked"),
    [
        ("example/aurora", ("--kinds", ALL_KINDS, "--past", "--pending")),
        ("example/aurora", ("--on", "2021-06-30", "--product", "6109", "--pending")),
        ("example/borealis", ()),
        ("example/east-oasis-ginning", ("--downstream",)),
        ("example/stork-tower-knits", ("--max-tier", "1")),
        ("example/cloudberry-quartz", ()),
    ],
)
def test_no_answer_accuses_or_absolves_and_none_is_wider_than_80_columns(
    call: Command, admitted: Path, actor: str, asked: tuple[str, ...]
) -> None:
    words = ("trace", actor, *asked, "--quiet", "--data", str(admitted))
    text = fine(call(*words)).out
    for answer in (text, fine(call(*words, "--format", "svg")).out):
        assert NEVER.findall(answer) == []
        assert not re.search(r"goods-input|goods-site|owner-(up|down)|possible-identity|none-found", answer)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    if "No exposure found" in text:
        assert "No exposure found within these limits." in text


@pytest.mark.parametrize("form", [".2f", ".3f", ".2g", ".3g", ".0%"])
@pytest.mark.parametrize("value", [0.9949, 0.995, 0.998, 0.9996, 1 - 2**-53])
def test_a_score_that_is_not_1_is_not_printed_as_1(value: float, form: str) -> None:
    told = printed.score(value, form)
    assert 0.98 < float(told.rstrip("%")) / (100 if "%" in form else 1) < 1
    assert printed.score(1.0, form) == format(1.0, form)
    assert printed.score(0.123, form) == format(0.123, form)


def test_nothing_rounds_a_score_or_a_confidence_in_its_own_way() -> None:
    own = re.compile(
        r"(score|confidence|sure)\W*(:|\)? *%)\.\d[fg%]|round\([^()]*(score|confidence)|%\.\df\W.*score"
    )
    kept = {"graph/trace/likeness.py", "graph/reconciliation/reconciler.py", "graph/admission/matches.py"}
    files = [
        path for part in ("graph", "api") for kind in ("*.py", "*.html") for path in (ROOT / part).rglob(kind)
    ]
    found = {str(path.relative_to(ROOT)) for path in files if own.search(path.read_text("utf-8"))}
    assert found == kept


def test_where_all_could_be_tested_every_face_says_so_in_the_same_words() -> None:
    said = words.said("untested", "nothing")
    assert said.startswith("Nothing: everything that was asked for could be tested")
    for name in ("macros.html", "trace.html", "screen-record.html"):
        text = (ROOT / "api" / "pages" / "templates" / name).read_text("utf-8")
        assert re.findall(r'untested.*_\("Not testable"\).*\{% else %\}.*_\("(Nothing[^"]*)"\)', text) == [
            said
        ]


def test_every_code_has_words() -> None:
    said = words.shipped()
    assert set(said["reasons"]) == {*severity.weights()["reason"], "possible-place"}
    assert set(said["groups"]) == {*exposures.GROUPS, "past", "pending", "past-and-pending"}
    assert set(said["exploitation"]) == set(EXPLOITATION)
    assert set(said["kinds"]) == {*KINDS, "identity"}
    assert set(said["factors"]) == {
        "effect", "confidence", "tier", "scope", "continuity", "reason", "exploitation", "recency", "status",
    }  # fmt: skip
    (kind,) = [column for column in TABLES["designations"] if column.name == "kind"]
    assert set(said["entries"]) == set(kind.codes)
    assert set(said["titles"]) == {*kind.codes, "else"}
    (type,) = [column for column in TABLES["evidence"] if column.name == "type"]
    assert set(said["documents"]) == {*type.codes, *documents.FULL}


def test_a_designation_is_called_by_what_it_does(entries: dict[str, Designation]) -> None:
    cotton = Product("https://w3id.org/opentier/id/hs/5201", "5201", "cotton")
    order = replace(entries["d-cbp-tm-cotton"], product=cotton)
    assert words.title(order, None) == "Import order: withhold cotton (HS 5201) of Turkmenistan"
    assert (
        words.title(entries["d-uflpa-region"], None) == "Presumption of forced labour: goods made in Xinjiang"
    )
    quiet = words.title(entries["d-cbp-quiet-river"], "Quiet River")
    assert quiet == "Import order: seize cotton yarn (HS 5205) and mixed cotton yarn (HS 5206) of Quiet River"
    assert words.title(entries["d-gpfg-rambutan"], "Rambutan") == "Exclusion: Rambutan"
    listed = replace(entries["d-ilab-tm-cotton"], product=cotton)
    assert words.title(listed, None) == "Goods list: cotton (HS 5201) of Turkmenistan"
    only = replace(listed, exploitation=("child-labour",))
    assert words.title(only, None) == "Goods list: cotton (HS 5201) of Turkmenistan (child labour only)"
    both = replace(listed, exploitation=("child-labour", "forced-labour"))
    assert words.title(both, None) == words.title(listed, None)


@pytest.mark.parametrize(
    ("reason", "entry", "kind", "said"),
    [
        ("direct", "d-cbp-quiet-river", "legal-entity", "The order names this company."),
        ("direct", "d-uflpa-whitepeak", "facility", "The list names this site."),
        ("place", "d-uflpa-region", "facility", "It is in Xinjiang."),
        (
            "goods",
            "d-ilab-tm-cotton",
            "legal-entity",
            "It sells the listed good, and is in the listed country.",
        ),
        ("goods-input", "d-ilab-tm-cotton", "legal-entity", "The listed good goes into what it sells."),
        (
            "owned-by-listed",
            "d-uflpa-whitepeak",
            "actor",
            "Owners that are listed hold 50 % of it or more, added up.",
        ),
        (
            "possible-identity",
            "d-uflpa-region",
            "actor",
            "It may be a company in Xinjiang; nobody has decided.",
        ),
    ],
)
def test_a_reason_is_a_sentence(
    entries: dict[str, Designation], reason: str, entry: str, kind: str, said: str
) -> None:
    assert words.reason(reason, entries[entry], kind=kind, share=50.0) == said


def test_numbers_agree_with_their_nouns() -> None:
    one, many = words.Figure(1), words.Figure(2000)
    assert f"{one:actor} {one:touches|touch}" == "1 actor touches"
    assert f"{many:actor} {many:touches|touch}" == "2,000 actors touch"
    assert (f"{one:country}", f"{many:country}", f"{many}") == ("1 country", "2,000 countries", "2,000")
    assert (
        words.said("sentences", "exposed", exposures=1, actors=1)
        == "1 exposure touches 1 actor of the chain."
    )


def test_countries_and_regions_are_in_words() -> None:
    assert words.country_and_code("VN") == "Vietnam (VN)"
    assert words.country_and_code(None) == "country not known"
    assert words.country_and_code("XK") == "XK"
    assert words.place(Place("CN", "CN-XJ")) == "Xinjiang"
    assert words.place(Place("MM", "Kachin hills")) == "Kachin hills"


def test_a_possible_identity_alone_is_said_to_be_possible(tmp_path: Path, call: Command) -> None:
    found = package(
        tmp_path / "maybe", "maybe",
        actors="id,name,country\na,Ant Imports,US\nb,Bee Mill,CN\nc,Bea Mill,CN\n",
        supply_links="id,buyer,supplier\nl,a,b\n",
        designations="id,kind,authority,target,effect,exploitation,status\n"
        "d,import-order,Somebody,c,withhold,forced-labour,active\n",
        identity_judgements="left,right,judgement\nb,c,unsure\n",
    )  # fmt: skip
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(found).new
    said = "1 exposure possibly touches 1 actor of the chain."
    assert statements.verdict(graph.trace("maybe/a").to_dict()) == [said]
    run = call("trace", "maybe/a", "--quiet", "--fail-on", "exposure", "--data", str(tmp_path / "data"))
    assert run.code == 3
    assert said in run.out
    assert "Possible identities (nobody has decided)" in run.out


def test_an_old_sighting_is_told_as_one(tmp_path: Path, call: Command) -> None:
    found = package(
        tmp_path / "seen", "seen",
        actors="id,name,country\na,Ant Imports,US\nb,Bee Mill,CN\n",
        supply_links="id,buyer,supplier,observed_date\nl,a,b,2019-03\n",
        designations="id,kind,authority,target,effect,status\nd,import-order,Somebody,b,withhold,active\n",
    )  # fmt: skip
    graph = Graph.open(tmp_path / "data", create=True)
    assert graph.contribute(found).new
    out = " ".join(fine(call("trace", "seen/a", "--quiet", "--data", str(tmp_path / "data"))).out.split())
    assert "seen 2019-03, no start stated: an old sighting is no proof of today" in out
