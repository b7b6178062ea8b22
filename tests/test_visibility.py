"""Visibility: a dataset that is not public leaves no trace in anything that the public is told.

The strongest check there is: two data directories, to one of which closed datasets were contributed as well, answer
the public in the same bytes (`twins`).
"""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import QueryError, UnknownActor, UnknownDataset, UnknownRelease, UsageError
from opentier.graph.front import OWNER, PUBLIC, Reader, View
from opentier.graph.index import shelf
from opentier.graph.matching.parties import Party
from opentier.graph.model.visibility import check, closed
from opentier.graph.query import about, dcat, forms, questions, sparql, void
from opentier.graph.report.report import Report
from opentier.graph.store import durable
from opentier.graph.trace.parameters import Parameters
from opentier.graph.triples import embedded
from opentier.graph.worker import written
from tests.conftest import Command
from tests.elsewhere import EARLIER, OWN, here_only
from tests.test_readme import assert_shown, typed
from tests.twins import (
    BEFORE,
    EMBARGO,
    EMBARGOED,
    END,
    QUERIES,
    RESTRICTED,
    WORD,
    Tables,
    Twins,
    alike,
    make,
    package,
    plain,
    timeless,
)

GUIDE = Path(__file__).parents[1] / "docs" / "visibility.md"


@pytest.fixture(scope="module")
def twins(admitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    base = tmp_path_factory.getbasetemp()
    full, bare = (make(base, admitted, closed=closed) for closed in (True, False))
    return Twins(full, bare)


def rows(view: View, text: str) -> list[str]:
    """Return the lines of an answer, in order."""
    answer, output = view.query(text), io.BytesIO()
    forms.write(answer, {"rows": "tsv", "triples": "ntriples", "boolean": "json"}[answer.kind], output)
    return alike(timeless(output.getvalue().decode()).splitlines())


def answers(view: View, folder: Path) -> Iterator[tuple[str, object]]:
    """Yield what a view is asked, and what it answers, in every way that there is."""
    release, index = view.release, view.index
    yield "versions", [str(version) for version in release.versions]
    yield "current", sorted(release.current)
    yield "withdrawals", release.withdrawals
    yield "named", release.named
    yield "void", [str(said) for said in void.describe(release, "http://here")]
    yield "catalogue", [str(said) for said in dcat.describe(release, "http://here/")]
    for number, text in enumerate(QUERIES):
        yield f"query {number}", rows(view, text)
    for one in questions.questions(release.names.base):
        yield f"question {one.number}", rows(view, one.text)
    every = sorted(index.iri(node) for node in range(len(index)))
    yield "actors", every
    for iri in every:
        told = about.about(release, iri, "http://here/")
        yield f"id {iri}", None if told is None else (sorted(map(str, told.triples)), told.total, told.then)
    for asked in (Parameters(), Parameters(downstream=True), Parameters(on="2024-03-01")):
        for iri in every:
            try:
                found = view.trace(iri, asked)
            except UnknownActor as error:
                yield f"trace {iri}", str(error)
            else:
                yield f"trace {iri} {asked}", written(found, "json", None)
    picture = view.trace("example/aurora", Parameters())
    yield "svg", written(picture, "svg", None)
    yield "exposure", view.exposure(Parameters()).to_json()
    yield "judgements", [each.to_dict() for each in view.judgements()]
    for text in (WORD, "aurora", "Aurora Apparel Imports", f"{WORD} r Spinning", "lei:EXMP00AURORAEXMP0190"):
        yield f"search {text}", view.search(text, limit=50)
        yield (
            f"match {text}",
            [str(match) for match in view.matcher.match([Party(called=(text,))], 50, least="reject")],
        )
        try:
            yield f"which {text}", view.directory.node(text)
        except UsageError as error:
            yield f"which {text}", str(error)
    for dataset in (RESTRICTED, EMBARGOED, "matches", "matches-closed", "example"):
        try:
            yield f"dataset {dataset}", view.described(dataset)
        except UnknownDataset as error:
            yield f"dataset {dataset}", str(error)
    view.export("example", 1, "trig", folder / "export.trig")
    yield "export", sorted((folder / "export.trig").read_text("utf-8").splitlines())
    yield "obligations", view.obligations("example/aurora")


@pytest.fixture(scope="module")
def answered(twins: Twins, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str]]:
    """Return all that the public is asked, with what each of the two directories answers."""
    found = []
    for graph in (twins.full, twins.bare):
        view = graph.view(PUBLIC)
        every = answers(view, tmp_path_factory.mktemp("exports"))
        found.append([(asked, plain(told, view)) for asked, told in every])
    full, bare = found
    assert [asked for asked, _ in full] == [asked for asked, _ in bare]
    return [(asked, told, known) for (asked, told), (_, known) in zip(full, bare, strict=True)]


def test_the_public_is_answered_as_if_what_is_closed_had_never_come(
    answered: list[tuple[str, str, str]],
) -> None:
    assert len(answered) > 200
    assert [asked for asked, told, known in answered if told != known] == []


def test_no_answer_to_the_public_says_a_word_of_what_is_closed(answered: list[tuple[str, str, str]]) -> None:
    """But for those that say again what was asked."""
    said = {asked for asked, told, _ in answered if WORD in told}
    assert {asked.partition(" ")[0] for asked in said} <= {"which", "dataset"}


def test_whoever_sees_all_sees_what_is_closed_wherever_it_says_something(twins: Twins) -> None:
    """The questions that the public's answers were compared in would have told."""
    owner, public = twins.full.view(), twins.full.view(PUBLIC)
    aurora = "example/aurora"
    closed = {RESTRICTED, EMBARGOED, "matches-closed"}
    assert owner.release.current.keys() - public.release.current.keys() == closed
    assert owner.release.current[EMBARGOED].visibility == EMBARGO
    for text in (*QUERIES[:7], *QUERIES[8:11]):
        assert rows(owner, text) != rows(public, text)
    mine, theirs = (view.trace(aurora, Parameters()) for view in (owner, public))
    assert len(mine.exposures) > len(theirs.exposures)
    assert WORD in written(mine, "json", None)
    assert WORD in written(mine, "svg", None)
    assert WORD in owner.exposure(Parameters()).to_json()
    assert WORD in json.dumps(owner.search(WORD, limit=50))
    for said in owner.described(RESTRICTED):
        assert said["visibility"] == "restricted"
    one = owner.index.node(f"{owner.release.names.base}{RESTRICTED}/{WORD}-r-one")
    assert one == owner.directory.node(
        aurora
    )  # an equal identifier, which the public's index knows nothing of
    assert public.index.node(f"{owner.release.names.base}{RESTRICTED}/{WORD}-r-one") is None


def test_a_reader_sees_what_is_restricted_and_named_and_nothing_that_tells_of_all(twins: Twins) -> None:
    view = twins.full.view(Reader(restricted=frozenset({RESTRICTED})))
    assert view is twins.full.view(Reader(restricted=None)), "the other one is embargoed"
    assert {RESTRICTED} == view.release.current.keys() - twins.bare.view().release.current.keys()
    assert WORD in written(view.trace("example/aurora", Parameters()), "json", None)
    told = "\n".join(rows(view, QUERIES[2]))
    assert f"{RESTRICTED}/{WORD}-r-one" in told
    assert EMBARGOED not in told
    assert view.release.joined is None
    assert twins.full.view(Reader(frozenset({EMBARGOED}))).release.current.keys() & {
        RESTRICTED,
        EMBARGOED,
    } == {EMBARGOED}


def test_the_public_asks_one_graph_and_one_index_that_are_kept(twins: Twins) -> None:
    """What is closed costs nobody else anything."""
    public, owner = twins.full.view(PUBLIC), twins.full.view()
    assert (public.release.default is None) == public.release.engine.united
    assert owner.release.default is not None
    assert sparql.prepare(owner.release, QUERIES[0]).united
    assert [shelf.kept(view.release) for view in (public, owner)] == [True, True]
    assert public.index.folder is not None
    assert owner.index.folder is not None
    assert owner.index.folder.parent == public.index.folder.parent / shelf.CLOSED
    bare = twins.bare
    assert bare.view(PUBLIC) is bare.view(OWNER) is bare.view()
    assert (bare.view().release.default is None) == public.release.engine.united
    assert not (bare.store.path / "index" / shelf.CLOSED).exists()


def test_reports_on_public_contributions_tell_nothing_of_what_is_closed(twins: Twins) -> None:
    for dataset in ("example-later", "matches"):
        full, bare = (
            (graph.store.folder(dataset, 1) / "report.json").read_text("utf-8")
            for graph in (twins.full, twins.bare)
        )
        assert full == bare


@pytest.mark.parametrize("name", [f"{WORD}-r-one", "nobody"])
def test_a_public_contribution_learns_not_whether_there_is_what_it_names(
    twins: Twins, tmp_path: Path, name: str
) -> None:
    tables: Tables = {
        "actors": [{"id": "a", "name": "A", "kind": "facility"}],
        "supply_links": [
            {"id": "x", "buyer": "a", "supplier": f"{RESTRICTED}/{name}", "observed_date": "2024-01-01"}
        ],
        "identity_judgements": [
            {"left": "a", "right": f"{RESTRICTED}/{name}", "judgement": "negative", "decided_by": "me"}
        ],
    }
    made = package(tmp_path / "package", "example-probe", tables)
    reports = [
        graph.acting(who).validate(made, options).to_json().replace(name, "NAME")
        for graph in (twins.full, twins.bare)
        for who in ("local", "public")
        for options in (Options(), Options(visibility="public"))
    ]
    assert len({*reports}) == 1
    assert not Report.from_dict(json.loads(reports[0])).conforms
    held = twins.full.validate(made, Options(visibility="restricted"))
    assert held.conforms == (name != "nobody"), "who sees it all may build on it"
    hidden = twins.full.acting("public").validate(made, Options(visibility="restricted"))
    assert not hidden.conforms


def test_a_query_says_of_a_closed_graph_what_it_says_of_none(twins: Twins) -> None:
    for which in (RESTRICTED, "example-nothing"):
        graph = f"https://w3id.org/opentier/id/dataset/{which}/1"
        for text, default, named in (
            (f"SELECT * FROM <{graph}> {{ ?s ?p ?o }}", None, None),
            (f"SELECT * FROM NAMED <{graph}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", None, None),
            (QUERIES[0], [graph], None),
            (QUERIES[0], None, [graph]),
        ):
            with pytest.raises(QueryError, match=f"There is no graph {graph} here"):
                sparql.prepare(twins.full.view(PUBLIC).release, text, default, named)


def test_directories_with_closed_datasets_are_sound(twins: Twins) -> None:
    for graph in (twins.full, twins.bare):
        assert graph.verify() == []


# What changes.


@pytest.fixture
def changing(tmp_path: Path) -> Graph:
    """Return a graph with a public dataset, and a closed one that is much like it."""
    graph = Graph.open(tmp_path / "data", create=True)
    graph.store.today = lambda: BEFORE
    first = {
        "actors": [{"id": "a", "name": "Green Field Mill Holdings", "kind": "legal-entity", "country": "VN"}]
    }
    second = {
        "actors": [{"id": "b", "name": "Green Field Mill Holdings", "kind": "legal-entity", "country": "VN"}],
        "supply_links": [{"id": "x", "buyer": "b", "supplier": "one/a", "observed_date": "2024-01-01"}],
    }
    graph.contribute(package(tmp_path / "one", "one", first))
    graph.contribute(package(tmp_path / "two", "two", second), Options(visibility=EMBARGO))
    return graph


def seen(graph: Graph, reader: Reader = PUBLIC) -> list[str]:
    """Return the datasets that a reader sees, by each way to ask which there are."""
    view = graph.view(reader)
    release = view.release
    found = sorted(release.current)
    assert sorted(view.index.versions) == found
    assert sorted({version.dataset for version in release.versions}) == found
    told = rows(view, "SELECT ?s { ?s ot:currentVersion ?v }")
    assert [line.rpartition("/")[2].rstrip(">") for line in told[:-1]] == found
    return found


def test_an_embargo_ends_with_its_day_and_the_next_release_says_so(changing: Graph) -> None:
    graph = changing
    assert seen(graph) == ["one"]
    assert seen(graph, OWNER) == ["matches-closed", "one", "two"]
    before = graph.store.current
    graph.store.today = lambda: END
    assert graph.store.current == before
    assert seen(graph) == ["one", "two"]
    assert graph.view(PUBLIC).release.current["two"].visibility == "public"
    assert graph.view(PUBLIC).release.default is not None  # two graphs, until they are one again
    assert graph.verify() == []
    assert graph.acts().renew() == ["two"]
    assert graph.acts().renew() == []
    assert seen(graph) == ["matches", "one", "two"]
    public = graph.view(PUBLIC)
    assert (public.release.default is None) == public.release.engine.united
    assert public.release.held == frozenset() or public.release.held == {"matches-closed"}
    assert "two/b" in "".join(rows(public, "SELECT * { ?a ot:sourcesFrom ?b }"))
    assert graph.verify() == []


def test_the_next_write_of_anybody_publishes_what_is_no_longer_embargoed(
    changing: Graph, tmp_path: Path
) -> None:
    graph = changing
    graph.store.today = lambda: END
    later = {"actors": [{"id": "c", "name": "Quite Another", "kind": "facility"}]}
    graph.contribute(package(tmp_path / "three", "three", later))
    assert "two" not in graph.store.release().held
    assert {"one", "two", "three"} <= {*seen(graph)}
    assert graph.verify() == []


def test_a_dataset_is_closed_and_opened_and_leaves_no_trace_of_itself_meanwhile(
    changing: Graph, tmp_path: Path
) -> None:
    graph = changing
    assert graph.show("two", "public").changed
    assert not graph.show("two", "public").changed
    assert seen(graph) == ["matches", "one", "two"]
    shown = graph.view(PUBLIC)
    every = [rows(shown, text) for text in QUERIES[:6:5]]
    graph.show("two", "restricted")
    assert seen(graph) == ["matches", "one"]
    view = graph.view(PUBLIC)
    assert not any(
        "two" in line for text in QUERIES[:1] for line in rows(view, text) if "dataset/two" in line
    )
    assert rows(view, "SELECT * { ?a ot:sourcesFrom ?b }") == ["?a\t?b"]
    assert view.judgements() == []
    assert graph.verify() == []
    graph.withdraw("two", "a mistake")
    assert seen(graph) == ["matches", "one"]
    assert graph.store.release().visibility["two"] == "restricted"
    graph.restore_dataset("two")
    assert seen(graph, Reader(restricted=frozenset({"two"}))) == ["matches", "one", "two"]
    second = {"actors": [{"id": "b", "name": "Another Name", "kind": "facility"}]}
    graph.contribute(package(tmp_path / "again", "two", second))
    assert graph.store.release().visibility["two"] == "restricted"  # as it was
    assert seen(graph) == ["matches", "one"]
    assert graph.verify() == []
    assert every


@here_only(EARLIER)
def test_an_earlier_release_is_seen_as_far_as_one_may_see_it_now(changing: Graph, tmp_path: Path) -> None:
    graph = changing
    made = package(
        tmp_path / "three", "three", {"actors": [{"id": "c", "name": "Other", "kind": "facility"}]}
    )
    opened = int(graph.contribute(made).new and graph.view().release.id)
    graph.show("three", "restricted")
    assert int(graph.view().release.id) == opened + 1
    for reader, datasets in ((PUBLIC, {"one"}), (OWNER, {"one", "three", "two"})):
        view = graph.view(reader, opened)
        assert int(view.release.id) == opened
        assert {*view.release.current} - {"matches-closed"} == datasets
        assert {*view.index.versions} - {"matches-closed"} == datasets
        assert ("dataset/three" in "".join(rows(view, "SELECT * { GRAPH ?g { ?s ?p ?o } }"))) == (
            reader is OWNER
        )
    with pytest.raises(UnknownRelease, match=r"Release 999 is not kept. Kept are: \d"):
        graph.view(PUBLIC, 999)


def test_what_people_judge_of_closed_actors_is_closed_too(changing: Graph) -> None:
    graph = changing
    graph.judge("one/a", "two/b", "positive", by="Ann", date="2024-06-30", reason="seen there")
    assert "judgements" not in graph.store.release().current
    assert graph.store.release().visibility["judgements-closed"] == "closed"
    (said,) = [each for each in graph.judgements() if each.judged.by_person]
    assert graph.view().index.node("https://w3id.org/opentier/id/two/b") == graph.view().directory.node(
        "one/a"
    )
    assert graph.view(PUBLIC).judgements() == []
    assert rows(graph.view(), "SELECT * { ?a ot:sameActorAs ?b }")[1:]
    assert rows(graph.view(PUBLIC), "SELECT * { ?a ot:sameActorAs ?b }")[1:] == []
    graph.undo(said.id, reason="no")
    assert graph.view().index.node("https://w3id.org/opentier/id/two/b") != graph.view().directory.node(
        "one/a"
    )
    assert rows(graph.view(), "SELECT * { ?a ot:sameActorAs ?b }")[1:] == []
    with pytest.raises(UsageError, match="stays closed"):
        graph.show("judgements-closed", "public")
    assert graph.verify() == []


@here_only(OWN)
def test_what_is_closed_and_stands_in_the_open_is_found_and_taken_out(
    changing: Graph, tmp_path: Path
) -> None:
    """As it would be after a fault of ours: the graph of a closed dataset in the default graph."""
    graph = changing
    path = graph.store.releases / str(graph.store.current)
    engine = embedded.writable(path)
    names = graph.store.names
    engine.copy(names.version("two", 1), "")
    engine.change(names.catalogue, (), list(engine.match(names.entry_of("two")))[:1])
    engine.flush()
    del engine
    (path / durable.HASHES).unlink()
    durable.write_hashes(path)
    graph = Graph.open(graph.store.path)
    told = {fault.what for fault in graph.verify()}
    assert "the default graph has statements that nothing current makes" in told
    assert f"the catalogue tells of two, which is {EMBARGO}" in told
    graph.repair(graph.verify())
    assert graph.verify() == []
    assert seen(graph) == ["one"]


def test_whoever_acts_in_the_name_of_a_key_sees_what_the_key_sees(changing: Graph) -> None:
    """As a job does, which a key has sent."""
    graph = changing
    named = graph.keys.create("reader", datasets=["two"])[0].id
    every, own = graph.keys.create("reader")[0].id, graph.keys.create("contributor", own=["two"])[0].id
    curator = graph.keys.create("curator")[0].id

    def sees(who: str) -> bool:
        return "two" in graph.acting(who).view().release.current

    assert [sees(who) for who in ("local", curator, own, named, every, "public", "no-key")] == (
        [True, True, True, False, False, False, False]
    )
    graph.show("two", "restricted")
    assert [sees(who) for who in (own, named, every, "public")] == [True, True, True, False]
    assert "matches-closed" not in graph.acting(every).view().release.current
    graph.keys.revoke(every)
    assert not sees(every)


def test_a_backup_keeps_who_may_see_what(changing: Graph, tmp_path: Path) -> None:
    changing.backup(tmp_path / "backup.tar")
    back = Graph.restore(tmp_path / "backup.tar", tmp_path / "back")
    assert back.store.release().visibility == changing.store.release().visibility
    assert seen(back) == ["one"]


def test_a_dataset_that_is_contributed_again_with_another_visibility_has_it(
    changing: Graph, tmp_path: Path
) -> None:
    admitted = changing.contribute(tmp_path / "two", Options(visibility="public"))
    assert not admitted.new
    assert "two" in seen(changing)
    admitted = changing.contribute(tmp_path / "two", Options(visibility="restricted"))
    assert not admitted.new
    assert "two" not in seen(changing)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("secret", "is public, restricted or embargoed:YYYY-MM-DD; not 'secret'"),
        ("embargoed:2026", "is public, restricted or embargoed:YYYY-MM-DD"),
        ("embargoed:2026-02-30", "is public, restricted or embargoed:YYYY-MM-DD"),
        ("closed", "is public, restricted or embargoed:YYYY-MM-DD"),
        ("embargoed:2026-01-01", r"is over: today is 2026-01-02 \(UTC\)"),
    ],
)
def test_a_visibility_that_is_none_is_refused(said: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check(said, "2026-01-02")


def test_an_embargo_ends_with_the_beginning_of_its_day() -> None:
    assert closed("embargoed:2026-01-02", "2026-01-01")
    assert not closed("embargoed:2026-01-02", "2026-01-02")
    assert closed("restricted", "2099-01-01")
    assert closed("whatever else", "2026-01-01")
    assert not closed("public", "2026-01-01")


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path: Path, call: Command) -> None:
    actors = {"actors": [{"id": "a", "name": "A Mill", "kind": "facility"}]}
    package(tmp_path / "mill", "mill", actors)
    codes = []
    for each in typed(GUIDE.read_text("utf-8")):
        run = call(*shlex.split(each.command)[1:], OPENTIER_DATA=str(tmp_path / "data"))
        assert_shown(each.shown, run.out + run.err)
        codes.append(run.code)
    assert codes == [0, 0, 0, 2]
    graph = Graph.open(tmp_path / "data")
    assert graph.store.release().visibility == {"mill": "restricted"}
    assert graph.view(PUBLIC).release.current == {}
    assert len(graph.view(PUBLIC).index) == 0


def test_versions_say_who_may_see_them_in_every_form(changing: Graph, call: Command) -> None:
    data = str(changing.store.path)
    (shown,) = json.loads(call("datasets", "show", "two", "--format", "json", "--data", data).out)
    listed = {
        each["dataset"]: each
        for each in json.loads(call("datasets", "--data", data, "list", "--format", "json").out)
    }
    assert (shown["visibility"], listed["two"]["visibility"], listed["one"]["visibility"]) == (
        EMBARGO,
        EMBARGO,
        "public",
    )
