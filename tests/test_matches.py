"""Contributing compares: what is likely one is said so by rule, what may be one is shown, nothing is joined unasked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.admission import matches
from opentier.graph.answer.result import TraceResult
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import OpenTierError
from opentier.graph.matching import book
from opentier.graph.report.report import ContributionError
from tests.conftest import Command

#: Not written in one, since a list that was false named it, and nothing of that list may be left.
GLOVE = "Top" + " Glove"
#: A list of an authority, as its adapter would write it.
LISTED = {
    "actors": (
        "id,name,country,also_known_as\n"
        'sportech,"Dalian Sportech Apparel Co., Ltd.",CN,\n'
        'hesheng,"合盛硅业股份有限公司",CN,\n'
        f'glove,"{GLOVE} Corporation Bhd",MY,\n'
        'lop,"Luopu Trading",CN,Lop County Meixin Hair Products\n'
    ),
    "designations": (
        "id,kind,authority,register,target,effect,listing_date,status\n"
        + "".join(
            f"d-{name},entity-listing,CBP,List,{name},withhold,2021-01-01,active\n"
            for name in ("sportech", "hesheng", "glove", "lop")
        )
    ),
}
#: What an importer knows of its suppliers.
OWN = {
    "actors": (
        "id,name,country\n"
        "i,Importer,US\n"
        "a,DALIAN SPORTECH APPAREL,CN\n"
        "b,Hesheng Guiye Co. Ltd,\n"
        "c,Togo,MY\n"
        "d,Trading,CN\n"
        "e,Lop County Meixin Hair Products Co.,CN\n"
        "f,Dalian Sportech Apparel Unit 3,CN\n"
    ),
    "supply_links": "buyer,supplier\n" + "".join(f"i,{each}\n" for each in "abcdef"),
}


def package(folder: Path, name: str, tables: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    resources = [{"name": each, "path": f"{each}.csv"} for each in tables]
    for each, text in tables.items():
        (folder / f"{each}.csv").write_text(text, "utf-8")
    descriptor = {"name": name, "licenses": [{"name": "CC0-1.0"}], "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return folder


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listed")
    Graph.open(folder / "data", create=True).contribute(package(folder / "list", "list", LISTED))
    return folder / "data"


@pytest.fixture
def graph(listed: Path, tmp_path: Path) -> Graph:
    shutil.copytree(listed, tmp_path / "data")
    return Graph.open(tmp_path / "data")


def own(tmp_path: Path, tables: dict[str, str] | None = None, folder: str = "own") -> Path:
    return package(tmp_path / folder, "own", tables or OWN)


def met(found: TraceResult) -> dict[str, str]:
    return {each.actor.rpartition("/")[2]: each.reason for each in found.exposures}


def alike(found: TraceResult) -> set[tuple[str, str]]:
    named = found.limits["names_alike"]
    return {(each["actor"]["id"], each["designation"]["id"].rpartition("/")[2]) for each in named}


def test_suppliers_that_stand_on_a_list_under_another_spelling_are_possibly_exposed(
    graph: Graph, tmp_path: Path
) -> None:
    admitted = graph.contribute(own(tmp_path))
    assert admitted.matched is not None
    assert (admitted.matched.compared, admitted.matched.left_out, admitted.matched.pairs) == (7, 0, 3)
    found = graph.trace("own/i")
    assert found.verdict.result == "exposed"
    assert met(found) == dict.fromkeys(["a", "b", "e"], "possible-identity")
    assert alike(found) == {("own/f", "d-sportech")}
    assert [each["score"] < 1 for each in found.limits["names_alike"]] == [True]
    said = next(each for each in found.to_dict()["exposures"] if each["actor"]["id"] == "own/a")
    (hop,) = (hop for hop in said["paths"][0]["hops"] if hop["kind"] == "identity")
    assert (hop["judgement"]["judgement"], hop["judgement"]["decided_by"]) == ("unsure", "rule:matcher-1")


def test_nothing_is_merged(graph: Graph, tmp_path: Path) -> None:
    graph.contribute(own(tmp_path))
    assert graph.view().index.tables.merged == []


def test_without_matching_the_same_names_are_shown_and_undecided(graph: Graph, tmp_path: Path) -> None:
    admitted = graph.contribute(own(tmp_path), Options(match=False))
    assert admitted.matched is None
    found = graph.trace("own/i")
    assert found.verdict.result == "none-found"
    assert "4 actors" in found.verdict.reasons[0]
    assert alike(found) == {
        ("own/a", "d-sportech"),
        ("own/b", "d-hesheng"),
        ("own/e", "d-lop"),
        ("own/f", "d-sportech"),
    }
    assert graph.contribute(own(tmp_path, folder="again"), Options(match=True)).matched is not None
    assert met(graph.trace("own/i")).keys() == {"a", "b", "e"}


def test_the_list_may_come_after_the_suppliers(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(own(tmp_path))
    assert graph.contribute(package(tmp_path / "list", "list", LISTED)).matched
    found = graph.trace("own/i")
    assert met(found) == dict.fromkeys(["a", "b", "e"], "possible-identity")
    assert alike(found) == {("own/f", "d-sportech")}


def test_what_a_person_judged_is_not_said_again_by_rule(graph: Graph, tmp_path: Path) -> None:
    said = "left,right,judgement,decided_by\nown/a,list/sportech,negative,person:x\n"
    graph.contribute(own(tmp_path), Options(match=False))
    graph.contribute(package(tmp_path / "said", "said", {"identity_judgements": said}))
    again = OWN | {"actors": OWN["actors"] + "g,Another,US\n"}
    graph.contribute(own(tmp_path, again, "again"))
    found = graph.trace("own/i")
    assert met(found).keys() == {"b", "e"}
    assert ("own/a", "d-sportech") not in alike(found)


@pytest.mark.parametrize("judged", ["unsure", "negative", "positive"])
def test_a_reached_actor_is_named_as_alike_until_somebody_judges_it(
    graph: Graph, tmp_path: Path, judged: str
) -> None:
    graph.contribute(own(tmp_path), Options(match=False))
    assert ("own/f", "d-sportech") in alike(graph.trace("own/i"))
    said = f"left,right,judgement,decided_by\nlist/sportech,own/f,{judged},person:x\n"
    graph.contribute(package(tmp_path / "said", "said", {"identity_judgements": said}))
    found = graph.trace("own/i")
    assert "own/f" not in {actor for actor, _ in alike(found)}
    reasons = {"unsure": "possible-identity", "positive": "direct"}
    assert [each.reason for each in found.exposures] == [
        reasons[each] for each in [judged] if each in reasons
    ]


def test_a_new_version_takes_back_what_was_said_of_the_one_before(graph: Graph, tmp_path: Path) -> None:
    graph.contribute(own(tmp_path))
    fewer = OWN | {"actors": OWN["actors"].replace("DALIAN SPORTECH APPAREL", "Another Name Entirely")}
    graph.contribute(own(tmp_path, fewer, "fewer"))
    assert met(graph.trace("own/i")).keys() == {"b", "e"}
    none = {
        "actors": "id,name,country\ni,Importer,US\na,Somebody Else,CN\n",
        "supply_links": "buyer,supplier\ni,a\n",
    }
    graph.contribute(own(tmp_path, none, "none"))
    assert met(graph.trace("own/i")) == {}
    assert graph.trace("own/i").verdict.result == "none-found"


@pytest.mark.parametrize("judged", ["negative", "positive"])
def test_what_is_judged_and_taken_back_may_be_one_again_whatever_was_contributed_between(
    graph: Graph, tmp_path: Path, judged: str
) -> None:
    few = {
        "actors": "id,name,country\ni,Importer,US\na,DALIAN SPORTECH APPAREL,CN\n",
        "supply_links": "buyer,supplier\ni,a\n",
    }
    graph.contribute(own(tmp_path, few))
    assert met(graph.trace("own/i")) == {"a": "possible-identity"}
    said = graph.judge("own/a", "list/sportech", judged)
    more = few | {"actors": few["actors"] + "g,Another,US\n"}
    assert graph.contribute(own(tmp_path, more, "more")).new
    assert set(met(graph.trace("own/i")).values()) == ({"direct"} if judged == "positive" else set())
    graph.undo(said.id)
    assert met(graph.trace("own/i")) == {"a": "possible-identity"}
    renamed = more | {"actors": more["actors"].replace("DALIAN SPORTECH APPAREL", "Somebody Else")}
    assert graph.contribute(own(tmp_path, renamed, "renamed")).new
    assert met(graph.trace("own/i")) == {}
    assert graph.judgements() == []


def test_a_version_that_counts_again_is_compared_as_it_was(graph: Graph, tmp_path: Path) -> None:
    graph.contribute(own(tmp_path))
    none = {"actors": "id,name,country\ni,Importer,US\n"}
    graph.contribute(own(tmp_path, none, "none"))
    assert met(graph.trace("own/i")) == {}
    graph.withdraw("own", "a slip")
    assert met(graph.trace("own/i")) == dict.fromkeys(["a", "b", "e"], "possible-identity")
    graph.restore_dataset("own")
    assert met(graph.trace("own/i")) == {}


def test_the_same_data_give_the_same_answer_in_any_order_of_contribution(
    graph: Graph, tmp_path: Path
) -> None:
    other = Graph.open(tmp_path / "other", create=True)
    other.contribute(own(tmp_path, folder="first"), Options(match=False))
    other.contribute(package(tmp_path / "list", "list", LISTED), Options(match=False))
    graph.contribute(own(tmp_path), Options(match=False))
    answers = [each.trace("own/i").to_dict() for each in (graph, other)]
    assert answers[0]["limits"]["names_alike"] == answers[1]["limits"]["names_alike"]


def test_nobody_contributes_to_the_dataset_of_what_the_matcher_finds(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(ContributionError) as refused:
        graph.contribute(package(tmp_path / "matches", matches.DATASET, OWN))
    assert "Give yours another name" in refused.value.report.to_text()


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("Dalian Sportech Apparel Ltd", False),
        ("Dalian Sportech", False),
        ("Blue River Silicon", True),
        ("Trading", True),
    ],
)
def test_an_equal_identifier_of_a_name_that_is_not_alike_is_warned_of(
    tmp_path: Path, name: str, warned: bool
) -> None:
    lei = "529900T8BM49AURSDO55"
    graph = Graph.open(tmp_path / "data", create=True)
    first = {"actors": f"id,name,identifiers\na,Dalian Sportech Apparel Co.,lei:{lei}\n"}
    graph.contribute(package(tmp_path / "first", "first", first))
    second = {"actors": f"id,name,identifiers\nb,{name},lei:{lei}\n"}
    report = graph.contribute(package(tmp_path / "second", "second", second)).report
    said = [finding.message for finding in report.findings if "not alike" in finding.advice]
    assert said == (
        [f"An equal identifier makes second/b ({name}) one with first/a (Dalian Sportech Apparel Co.)."]
        * warned
    )


def test_the_command_tells_who_is_likely_one(listed: Path, tmp_path: Path, call: Command) -> None:
    shutil.copytree(listed, tmp_path / "data")
    said = call("contribute", str(own(tmp_path)), "--data", str(tmp_path / "data")).err
    assert "likely one: 3 pairs of its actors and others" in " ".join(said.split())
    said = call(
        "contribute", str(own(tmp_path, folder="b")), "--no-match", "--data", str(tmp_path / "new")
    ).err
    assert "likely one" not in said


@pytest.mark.parametrize("harm", ["missing", "cut", "changed", "of another version"])
def test_a_book_that_is_not_as_it_was_written_is_written_anew(graph: Graph, harm: str) -> None:
    release = graph.store.release()
    version = release.current["list"]
    before = [party.called for party in book.opened(release, version)]
    file = book.folder(release, version) / "party.heap.npy"
    if harm == "missing":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-4000])
    elif harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"Sportech", b"Sportect"))
    else:
        said = file.with_name("about.json")
        said.write_text(said.read_text("utf-8").replace(version.checksum, "0" * 64), "utf-8")
    assert [party.called for party in book.opened(release, version)] == before
    assert len(before) == 4


def test_an_error_of_the_store_is_told(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(OpenTierError):
        graph.match(["A"], least="nothing")  # type: ignore[arg-type]
