"""Screening records: kept with a hash, refused where altered, asked again; what differs, and exactly why."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785

from opentier.graph import Graph
from opentier.graph.contribution.bare import Asked
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import StoreError, UnknownActor, UsageError
from opentier.graph.kept.comparison import Comparison
from opentier.graph.report.report import Report
from opentier.graph.screening import listing
from opentier.graph.screening.screened import Screened
from opentier.graph.store.sealed import Sealed, digest
from opentier.graph.trace.parameters import Parameters
from tests.broken import Rows, write
from tests.conftest import PATIENCE
from tests.test_readme import assert_shown, typed

if TYPE_CHECKING:
    from tests.conftest import Command

#: What is contributed without asking whom its actors may be.
UNMATCHED = Options(match=False)
ACTORS = ["id", "name", "country", "identifiers"]
LINKS = ["id", "buyer", "supplier", "start_date", "end_date", "confidence"]
LISTED = ["id", "kind", "authority", "target", "listing_date", "effect"]
CHANGES = ["designation", "status", "date"]
#: A buyer whose supplier buys from two mills, and one that nobody supplies.
SHOP: dict[str, Rows] = {
    "actors": [
        ACTORS,
        ["buyer", "Buyer", "US", ""],
        ["brand", "Brand", "US", ""],
        ["mill", "Bee Mill", "CN", "x:1"],
        ["other", "Other Mill", "CN", ""],
    ],
    "supply_links": [
        LINKS,
        ["one", "buyer", "brand", "", "", ""],
        ["two", "brand", "mill", "", "", ""],
        ["three", "brand", "other", "2020-01-01", "2024-06-30", ""],
    ],
}
#: Who lists the one mill, by another name, and a gin from which nobody buys.
LIST: dict[str, Rows] = {
    "actors": [ACTORS, ["bee", "BEE MILL CO", "CN", ""], ["gin", "Gin", "CN", ""]],
    "designations": [
        LISTED,
        ["d-bee", "import-order", "Somebody", "bee", "2021-01-01", "withhold"],
        ["d-other", "entity-listing", "Somebody", "shop/other", "2021-01-01", ""],
    ],
}


def changed(tables: Mapping[str, Rows], **more: Rows) -> dict[str, Rows]:
    """Return a package with other rows in some of its tables."""
    return {**tables, **more}


class Steps:
    """A data directory to which editions of datasets come one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.graph = folder, Graph.open(folder / "data", create=True)
        self.kept = self.graph.screenings()

    def copied(self, folder: Path) -> Steps:
        """Return a copy that a test may change."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Steps(folder)

    def add(self, name: str, tables: Mapping[str, Rows], options: Options = UNMATCHED) -> None:
        """Contribute the next edition of a dataset."""
        number = sum(1 for _ in self.folder.glob(f"{name}-*"))
        self.graph.contribute(write(self.folder / f"{name}-{number}", tables, name), options)

    def again(self, id: str = "first") -> Comparison:
        """Ask a record again."""
        return self.kept.again(id).comparison


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """A shop and a list, and the answer on its buyer as record `first`: one exposure."""
    found = Steps(tmp_path_factory.mktemp("made"))
    found.add("shop", SHOP)
    found.add("list", LIST)
    found.kept.trace("shop/buyer", "first")
    return found


@pytest.fixture
def steps(made: Steps, tmp_path: Path) -> Steps:
    """The same, which a test may change."""
    return made.copied(tmp_path)


def told(found: Comparison) -> list[tuple[str, str, str]]:
    """Return what differs: how, whose exposure by which designation."""
    return [
        (each.what, side["actor"]["id"], side["designation"].rpartition("/")[2])
        for each in found.exposures
        if (side := each.new or each.old)
    ]


def causes(found: Comparison) -> list[tuple[str, str | None, str | None, tuple[Any, Any] | None]]:
    """Return why: the kind, the record and how it differs, and the versions of its dataset."""
    return [
        (
            cause.kind,
            cause.record,
            cause.change,
            (cause.contribution["from"], cause.contribution["to"]) if cause.contribution else None,
        )
        for each in found.exposures
        for cause in each.causes
    ]


def screened(steps: Steps, text: str, **asked: Any) -> Screened:
    """Return a list as it is screened."""
    file = steps.folder / "suppliers.csv"
    file.write_text(text, "utf-8")
    found = listing.read(file, Asked(), steps.folder, Report())
    assert found is not None
    return steps.graph.view().screen(found, Parameters(**asked))


# --- What a record is ------------------------------------------------------------------------------------------------


def test_a_record_holds_question_data_answer_and_paths(steps: Steps) -> None:
    record = steps.kept.read("first")
    result = steps.graph.trace("shop/buyer").to_dict()
    assert record["question"]["actor"]["id"] == "shop/buyer"
    assert record["question"]["parameters"] == result["parameters"]
    assert record["verdict"] == result["verdict"]
    assert record["counts"] == result["counts"]
    current = steps.graph.view().release.current
    assert [(each["id"], each["version"], each["checksum"], each["licence"]) for each in record["datasets"]] == [
        (name, version.number, version.checksum, version.licence) for name, version in sorted(current.items())
    ]  # fmt: skip
    (exposure,), (whole,) = record["results"], result["exposures"]
    assert exposure["actor"] == whole["actor"]
    assert (exposure["designation"], exposure["sentence"]) == (whole["designation"]["iri"], whole["sentence"])
    assert exposure["severity"] == whole["severity"]
    hops = [record["hops"][number] for number in exposure["path"]["hops"]]
    for hop, known in zip(hops, whole["paths"][0]["hops"], strict=True):
        assert {name: known[name] for name in hop} == hop
    assert {"record", "dataset", "version", "evidence"} <= set(hops[0])


def test_the_hash_is_that_of_another_implementation(steps: Steps) -> None:
    """Where no number is a fraction, RFC 8785 is what the standard library writes with sorted keys."""
    record = steps.kept.read("first")
    said = {name: value for name, value in record.items() if name not in ("hash", "results", "hops")}
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest(said) == hashlib.sha256(plain.encode()).hexdigest()
    assert digest(record) == record["hash"]


def test_a_record_is_written_once_and_for_good(steps: Steps) -> None:
    before = (steps.graph.store.path / "screenings" / "first.json").read_bytes()
    with pytest.raises(UsageError, match="kept already"):
        steps.kept.trace("shop/brand", "first")
    with pytest.raises(UsageError, match="kept already"):
        steps.kept.again("first", "first")
    assert (steps.graph.store.path / "screenings" / "first.json").read_bytes() == before


@pytest.mark.parametrize("id", ["../first", "a/b", "", ".first", "First", "first.json/", "a\0b", "x" * 101])
def test_an_id_that_is_no_name_of_a_file_is_refused(steps: Steps, id: str) -> None:
    with pytest.raises(UsageError, match="is no id of a record"):
        steps.kept.trace("shop/buyer", id)
    with pytest.raises(UsageError, match="is no id of a record"):
        steps.kept.read(id)
    assert steps.kept._kept.ids() == ["first"]


def test_no_byte_of_a_record_can_be_another_one(tmp_path: Path) -> None:
    kept = Sealed(tmp_path / "kept")
    kept.keep("one", {"id": "one", "text": "Ä b", "n": 0.5, "none": None, "list": [1, {"a": "x\n"}]})
    file = kept.file("one")
    sound = file.read_bytes()
    assert kept.wrong("one") == ""
    for at, byte in enumerate(sound):
        for other in {byte ^ 1, byte ^ 32, 32} - {byte}:
            file.write_bytes(sound[:at] + bytes([other]) + sound[at + 1 :])
            assert kept.wrong("one"), (at, other)
        for text in (sound[:at] + sound[at + 1 :], sound[:at] + b" " + sound[at:]):
            file.write_bytes(text)
            assert kept.wrong("one"), at
    file.write_bytes(sound)
    assert kept.faults() == []


def test_an_altered_record_is_refused_everywhere_and_told(steps: Steps, call: Command) -> None:
    file, data = steps.graph.store.screenings.file("first"), str(steps.graph.store.path)
    sound = file.read_bytes()
    file.write_bytes(sound.replace(b"exposed", b"cleared", 1))
    for words in (("show", "first"), ("again", "first"), ("diff", "first", "first")):
        run = call("screenings", *words, "--quiet", "--data", data) if "again" in words else call(
            "screenings", *words, "--data", data
        )  # fmt: skip
        assert (run.code, run.out) == (1, ""), run
        assert "screenings/first.json is not what was kept" in run.err
        assert "Take it from a backup" in run.err
    run = call("screenings", "list", "--data", data, "--format", "json")
    (said,) = json.loads(run.out)
    assert (run.code, said["verdict"], said["asked"]) == (1, None, None)
    assert [(fault.where, fault.derived) for fault in steps.graph.verify()] == [
        ("screenings/first.json", False)
    ]
    with pytest.raises(StoreError, match="no backup is made"):
        steps.graph.backup(steps.folder / "backup.tar")
    file.write_bytes(sound)
    assert steps.graph.verify() == []


def test_a_backup_carries_the_records(steps: Steps) -> None:
    steps.graph.backup(steps.folder / "backup.tar")
    there = Graph.restore(steps.folder / "backup.tar", steps.folder / "restored")
    assert there.screenings().read("first") == steps.kept.read("first")
    assert not there.screenings().again("first").comparison.changed


# --- On another machine ----------------------------------------------------------------------------------------------


def test_another_directory_with_the_same_data_gives_the_same_hash(tmp_path: Path) -> None:
    """Contributed in another order, on another day, with a match that a rule makes and one that a person judged."""
    like = changed(SHOP, actors=[*SHOP["actors"], ["jinn", "Gin Works Turpan", "CN", ""]])
    like["supply_links"] = [*SHOP["supply_links"], ["four", "brand", "jinn", "", "", ""]]
    listed = changed(LIST, actors=[*LIST["actors"], ["jinn", "GIN WORKS TURPAN CO., LTD.", "CN", ""]])
    listed["designations"] = [
        *LIST["designations"][:-1],
        ["d-jinn", "import-order", "Somebody", "jinn", "", "withhold"],
    ]
    more = {"actors": [ACTORS, ["far", "Far Away Trading House", "FR", ""]]}
    judged = {
        "identity_judgements": [
            ["left", "right", "judgement", "decided_by", "date"],
            ["shop/mill", "list/bee", "positive", "Ann", "2024-01-02"],
        ]
    }
    orders = [("shop", "list", "more", "said"), ("more", "list", "shop", "said")]
    tables = {"shop": like, "list": listed, "more": more, "said": judged}
    made = []
    for number, order in enumerate(orders):
        found = Steps(tmp_path / str(number))
        for name in order:
            found.add(name, tables[name], Options())
        if number:  # another day
            _aged(found.graph)
        record = found.kept.trace("shop/buyer", "same", on="2024-03-01", paths=2)
        rows = screened(
            found, "Vendor;Land\nBuyer;US\nGin Works Turpan Co;China\n\nNobody;FR\n", on="2024-03-01"
        )
        made.append((record, found.kept.keep_list(rows, "rows")))
    reasons = sorted(each["reason"] for each in made[0][0]["results"])
    assert reasons == ["direct", "possible-identity"]
    assert {each["decided_by"].partition("-")[0] for each in made[0][0]["judgements"]} == {
        "Ann",
        "rule:matcher",
    }
    assert [each["verdict"] for each in made[0][1]["rows"]] == ["exposed", "exposed", None, "not-testable"]
    assert made[0] == made[1]


def _aged(graph: Graph) -> None:
    """Make it look as if all but the last was contributed long ago: what the matcher said is dated by that."""
    from opentier.graph.admission import matches
    from opentier.graph.identity import closure
    from opentier.graph.model.names import expand
    from opentier.graph.model.rdf import Literal, Triple
    from opentier.graph.store.union import News
    from opentier.graph.triples.engine import Engine

    release = graph.store.release()
    graphs = (release.current[matches.DATASET].iri, release.names.catalogue)
    terms = {expand("dcterms:date"): "2020-05-05", expand("prov:endedAtTime"): "2020-05-05T10:00:00+00:00"}

    def rewrite(draft: Engine) -> None:
        for graph in graphs:
            old = [each for each in draft.match(graph) if each.predicate.value in terms]
            new = [
                Triple(each.subject, each.predicate, Literal(terms[each.predicate.value], each.object.datatype))
                for each in old if isinstance(each.object, Literal)
            ]  # fmt: skip
            draft.change(graph, old, new)

    with graph.store.writing():
        graph.store.publish(News(), closure.pairs, rewrite=rewrite)
    graph.rebuild_index()


# --- Asked again: what differs, and why ------------------------------------------------------------------------------


def test_nothing_differs_where_nothing_came(steps: Steps) -> None:
    found = steps.again()
    assert (found.changed, found.counts()["same"], found.contributions) == (False, 1, ())
    assert list(steps.kept.due()) == []


def test_a_new_designation_is_the_cause_of_a_new_exposure(steps: Steps) -> None:
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    steps.add("list", changed(LIST, designations=[*LIST["designations"], row]))
    found = steps.again()
    assert told(found) == [("new", "shop/brand", "d-brand")]
    assert causes(found) == [("data", "list/designation/d-brand", "added", (1, 2))]
    assert found.counts()["same"] == 1


def test_a_new_link_is_the_cause_of_a_new_exposure(steps: Steps) -> None:
    steps.add(
        "shop", changed(SHOP, supply_links=[*SHOP["supply_links"], ["four", "buyer", "list/bee", "", "", ""]])
    )
    found = steps.again()
    assert told(found) == [("new", "list/bee", "d-bee")]
    assert causes(found) == [("data", "shop/supply-link/four", "added", (1, 2))]


def test_a_link_that_went_is_the_cause_of_a_lost_exposure(steps: Steps) -> None:
    steps.add("shop", changed(SHOP, supply_links=SHOP["supply_links"][:-1]))
    found = steps.again()
    assert told(found) == [("gone", "shop/other", "d-other")]
    assert causes(found) == [("data", "shop/supply-link/three", "removed", (1, 2))]
    assert (found.old["verdict"]["result"], found.new["verdict"]["result"]) == ("exposed", "none-found")


def test_a_retraction_is_the_cause_of_a_lost_exposure(steps: Steps) -> None:
    steps.add(
        "shop",
        changed(SHOP, retractions=[["record", "reason", "date"], ["three", "wrong", "2024-01-01"]]),
    )
    found = steps.again()
    assert told(found) == [("gone", "shop/other", "d-other")]
    assert causes(found) == [("data", "shop/supply-link/three", "retracted", (1, 2))]


def test_a_change_of_status_is_the_cause_of_a_lost_exposure(steps: Steps) -> None:
    steps.add("list", changed(LIST, status_changes=[CHANGES, ["d-other", "revoked", "2024-01-01"]]))
    found = steps.again()
    assert told(found) == [("gone", "shop/other", "d-other")]
    ((kind, record, change, versions),) = causes(found)
    assert (kind, change, versions) == ("data", "added", (1, 2))
    assert record is not None
    assert record.startswith("list/status-change/")


def test_a_withdrawn_dataset_is_the_cause_of_a_lost_exposure(steps: Steps) -> None:
    steps.graph.withdraw("list", "a mistake")
    found = steps.again()
    assert told(found) == [("gone", "shop/other", "d-other")]
    assert causes(found) == [("data", "list/designation/d-other", "removed", (1, None))]
    assert "withdrawn: a mistake" in found.exposures[0].causes[0].text
    assert [str(each) for each in next(steps.kept.due()).due] == ["list 1 is withdrawn: a mistake"]


@pytest.mark.parametrize("how", ["withdrawn", "next"])
def test_a_document_that_its_dataset_no_longer_has_is_held_no_longer(tmp_path: Path, how: str) -> None:
    steps = Steps(tmp_path)
    papers: dict[str, Rows] = {
        "evidence": [["id", "type", "title"], ["e1", "invoice", "Invoice 1"], ["e2", "invoice", "Invoice 2"]]
    }
    links = [[*row, "evidence" if row is LINKS else "papers/e1"] for row in SHOP["supply_links"]]
    steps.add("papers", papers)
    steps.add("shop", changed(SHOP, supply_links=links))
    steps.add("list", LIST)

    def held() -> list[set[str | None]]:
        (exposure,) = steps.graph.view().trace("shop/buyer", Parameters()).to_dict()["exposures"]
        return [{each.get("type") for each in hop["evidence"]} for hop in exposure["paths"][0]["hops"]]

    assert held() == [{"invoice"}, {"invoice"}]
    if how == "withdrawn":
        steps.graph.withdraw("papers", "forged")
    else:
        steps.add("papers", {"evidence": [papers["evidence"][0], papers["evidence"][2]]})
    assert held() == [{None}, {None}]


def test_a_nearer_path_changes_the_tier_and_names_the_link(steps: Steps) -> None:
    steps.add(
        "shop", changed(SHOP, supply_links=[*SHOP["supply_links"], ["four", "buyer", "other", "", "", ""]])
    )
    found = steps.again()
    assert told(found) == [("changed", "shop/other", "d-other")]
    (each,) = found.exposures
    assert each.changes["tier"] == {"from": 2, "to": 1}
    assert each.changes["path"]["to"] == ["shop/buyer", "shop/other"]
    assert causes(found) == [("data", "shop/supply-link/four", "added", (1, 2))]


def test_another_confidence_changes_severity_and_names_the_column(steps: Steps) -> None:
    rows = [[*row[:5], "0.5"] if row[0] == "three" else row for row in SHOP["supply_links"]]
    steps.add("shop", changed(SHOP, supply_links=rows))
    found = steps.again()
    (each,) = found.exposures
    assert (each.what, set(each.changes)) == ("changed", {"severity", "path"})
    (cause,) = each.causes
    assert (cause.kind, cause.record, cause.columns) == ("data", "shop/supply-link/three", ("confidence",))


def test_where_an_actor_is_can_be_the_cause(steps: Steps) -> None:
    place = [
        ["id", "kind", "authority", "country", "effect"],
        ["d-fr", "regional-presumption", "Somebody", "FR", "withhold"],
    ]
    steps.add("order", {"designations": place})
    steps.kept.trace("shop/buyer", "second")
    rows = [["mill", "Bee Mill", "FR", "x:1"] if row[0] == "mill" else row for row in SHOP["actors"]]
    steps.add("shop", changed(SHOP, actors=rows))
    found = steps.again("second")
    assert told(found) == [("new", "shop/mill", "d-fr")]
    (cause,) = found.exposures[0].causes
    assert (cause.kind, cause.record, cause.columns) == ("data", "shop/mill", ("country",))


def test_a_judgement_made_and_undone_is_the_cause(steps: Steps) -> None:
    said = steps.graph.judge("shop/mill", "list/bee", "positive", by="Ann", date="2024-05-02")
    found = steps.again()
    assert told(found) == [("new", "list/bee", "d-bee")]
    assert causes(found) == [("judgement", said.id, "added", (None, 1))]
    assert "as Ann judged on 2024-05-02" in found.exposures[0].causes[0].text
    steps.kept.again("first", "second")
    steps.graph.undo(said.id, reason="another street")
    found = steps.again("second")
    assert told(found) == [("gone", "list/bee", "d-bee")]
    assert causes(found) == [("judgement", said.id, "removed", (1, 2))]


def test_a_negative_judgement_of_another_person_is_the_cause(steps: Steps) -> None:
    steps.graph.judge("shop/mill", "list/bee", "positive", by="Ann", date="2024-05-02")
    steps.kept.trace("shop/buyer", "second")
    said = steps.graph.judge("shop/mill", "list/bee", "negative", by="Ben", date="2024-05-03")
    found = steps.again("second")
    assert told(found) == [("gone", "list/bee", "d-bee")]
    assert causes(found) == [("judgement", said.id, "added", (1, 2))]
    assert "as Ben judged on 2024-05-03" in found.exposures[0].causes[0].text


def test_an_equal_identifier_is_the_cause(steps: Steps) -> None:
    lei = "lei:EXMP00AURORAEXMP0190"
    rows = [["mill", "Bee Mill", "CN", lei] if row[0] == "mill" else row for row in SHOP["actors"]]
    steps.add("shop", changed(SHOP, actors=rows))
    assert told(steps.again()) == []
    steps.add("list", changed(LIST, actors=[ACTORS, ["bee", "BEE MILL CO", "CN", lei]]))
    found = steps.again()
    assert told(found) == [("new", "list/bee", "d-bee")]
    assert {cause.record for cause in found.exposures[0].causes} == {"shop/mill", "list/bee"}
    assert {cause.columns for cause in found.exposures[0].causes} == {("identifiers",)}


def test_a_new_match_by_rule_is_the_cause_where_nothing_else_differs(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.add("shop", SHOP)
    steps.add("list", LIST)
    steps.kept.trace("shop/buyer", "first")
    steps.graph.contribute(tmp_path / "list-0", Options(match=True))
    found = steps.again()
    assert [(each.what, (each.new or {})["reason"]) for each in found.exposures] == [
        ("new", "possible-identity")
    ]
    assert [kind for kind, *_ in causes(found)] == ["judgement"]


def test_passed_time_is_the_cause_where_the_data_is_the_same(steps: Steps) -> None:
    steps.kept.trace("shop/buyer", "june", on="2024-06-30")
    steps.kept.trace("shop/buyer", "july", on="2024-07-01")
    found = steps.kept.diff("june", "july")
    assert told(found) == [("gone", "shop/other", "d-other")]
    assert causes(found) == [("time", None, None, None)]
    assert "were live on 2024-06-30, and are not on 2024-07-01" in found.exposures[0].causes[0].text


def test_what_weighs_less_for_its_age_alone_is_no_other_answer(steps: Steps) -> None:
    steps.kept.trace("shop/buyer", "then", on="2022-01-01")
    steps.kept.trace("shop/buyer", "later", on="2024-01-01")
    found = steps.kept.diff("then", "later")
    assert (found.changed, found.counts()["aged"]) == (False, 1)
    assert causes(found) == [("time", None, None, None)]


def test_where_it_is_not_known_which_of_several_did_it_that_is_said(steps: Steps) -> None:
    """What goes into what is no record of a path: with two new datasets nobody can say which of them counts."""
    rows = [[*row, ("5208" if row[0] != "id" else "product")] for row in SHOP["supply_links"]]
    place = [
        ["id", "kind", "authority", "country", "product"],
        ["d-cn", "goods-listing", "Somebody", "CN", "5201"],
    ]
    steps.add("shop", changed(SHOP, supply_links=rows))
    steps.add("order", {"designations": place})
    steps.kept.trace("shop/buyer", "second")
    steps.add("inputs", {"product_inputs": [["input", "output"], ["5201", "5208"]]})
    found = steps.again("second")
    assert {each.what for each in found.exposures} == {"new"}
    assert {kind for kind, *_ in causes(found)} == {"data"}
    assert "nothing else differs" in found.exposures[0].causes[0].text
    steps.add("more", {"actors": [ACTORS, ["far", "Far", "FR", ""]]})
    found = steps.again("second")
    assert {kind for kind, *_ in causes(found)} == {"unknown"}
    assert "which of these did it is not known" in found.exposures[0].causes[0].text


def test_a_record_of_another_machine_says_which_version_is_not_here(steps: Steps, tmp_path: Path) -> None:
    other = Steps(tmp_path / "other")
    row = ["four", "buyer", "other", "", "", ""]
    other.add("shop", changed(SHOP, supply_links=[*SHOP["supply_links"], row]))
    other.add("list", LIST)
    folder = other.graph.store.screenings.folder
    folder.mkdir()
    (folder / "first.json").write_bytes(steps.graph.store.screenings.file("first").read_bytes())
    found = other.kept.again("first").comparison
    assert told(found) == [("changed", "shop/other", "d-other")]
    assert [kind for kind, *_ in causes(found)] == ["unknown"]
    assert "is not in this data directory" in found.exposures[0].causes[0].text


def test_what_nobody_describes_any_more_is_said(steps: Steps) -> None:
    steps.graph.withdraw("shop", "a mistake")
    with pytest.raises(UnknownActor, match="no current version of shop describes it"):
        steps.kept.again("first")


def test_the_new_answer_names_the_old_one_and_takes_its_place_among_what_is_due(steps: Steps) -> None:
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    steps.add("list", changed(LIST, designations=[*LIST["designations"], row]))
    (kept,) = steps.kept.due()
    assert (kept.id, [each.to_dict()["what"] for each in kept.due]) == ("first", ["newer"])
    found = steps.kept.again("first", "second")
    first, second = steps.kept.read("first"), steps.kept.read("second")
    assert second["again_of"] == {"id": "first", "hash": first["hash"]}
    assert found.record == second
    assert list(steps.kept.due()) == []
    listed = {each.id: each.followed_by for each in steps.kept.list()}
    assert listed == {"first": "second", "second": None}
    assert not steps.again("second").changed
    assert told(steps.kept.diff("first", "second")) == told(found.comparison)


def test_a_record_is_followed_by_one_that_asks_it_and_not_another_of_its_name(
    steps: Steps, tmp_path: Path
) -> None:
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    steps.add("list", changed(LIST, designations=[*LIST["designations"], row]))
    away = steps.copied(tmp_path / "away")
    away.graph.store.screenings.file("first").unlink()
    away.kept.trace("shop/brand", "first")
    away.kept.again("first", "second")
    shutil.copy(away.graph.store.screenings.file("second"), steps.graph.store.screenings.file("second"))
    assert [each.id for each in steps.kept.due()] == ["first"]


@pytest.mark.parametrize("lost", ["again_of", "question", "kind", "results", "datasets"])
def test_what_is_no_record_is_refused_though_its_hash_is_right(
    steps: Steps, call: Command, lost: str
) -> None:
    sealed = steps.graph.store.screenings
    said = {name: value for name, value in steps.kept.read("first").items() if name != lost}
    odd = {**said, "id": "odd"}
    sealed.file("odd").write_text(rfc8785.dumps({**odd, "hash": digest(odd)}).decode() + "\n", "utf-8")
    data = ("--data", str(steps.graph.store.path))
    for words in (("list",), ("show", "odd"), ("again", "odd", "--quiet"), ("diff", "first", "odd")):
        run = call("screenings", *words, *data)
        assert (run.code, f"odd is no record of a trace or a list: it lacks {lost}" in " ".join(run.err.split())) == (
            1, True,
        ), run  # fmt: skip


def test_a_new_dataset_makes_records_due(steps: Steps) -> None:
    steps.add("more", {"actors": [ACTORS, ["far", "Far", "FR", ""]]})
    (kept,) = steps.kept.due()
    assert [(each.what, each.name, each.then, each.now) for each in kept.due] == [("added", "more", None, 1)]


def test_the_weights_of_a_question_are_kept_with_it(steps: Steps) -> None:
    record = steps.kept.trace("shop/buyer", "weighed", {"decay": 0.5})
    assert record["question"]["weights"]["decay"] == 0.5
    assert not steps.again("weighed").changed
    steps.kept.trace("shop/buyer", "plain")
    found = steps.kept.diff("weighed", "plain")
    assert causes(found) == [("program", None, None, None)]


def test_records_of_two_actors_are_not_compared(steps: Steps) -> None:
    steps.kept.trace("shop/brand", "brand")
    with pytest.raises(UsageError, match="compare records of one actor"):
        steps.kept.diff("first", "brand")


def test_the_actor_that_was_asked_about_is_kept_whoever_stands_for_it(steps: Steps) -> None:
    said = steps.graph.judge("shop/buyer", "list/gin", "positive", by="Ann", date="2024-05-02")
    record = steps.kept.trace("shop/buyer", "joined")
    assert (record["question"]["actor"]["id"], record["counts"]["exposed"]) == ("shop/buyer", 1)
    steps.graph.undo(said.id)
    found = steps.again("joined")
    assert found.new["question"]["actor"] == record["question"]["actor"]
    assert told(found) == [("changed", "shop/other", "d-other")]
    assert causes(found) == [("judgement", said.id, "removed", (1, 2))]


# --- Lists -----------------------------------------------------------------------------------------------------------

SUPPLIERS = "name,country,phone\nBuyer,US,1\nBrand,US,2\n,,\nGin,CN,3\nNobody At All,FR,=4\n"


def rows(found: Comparison) -> dict[int, tuple[str, set[str], set[str | None]]]:
    """Return which rows changed: who stands in them, what differs, and the records that did it."""
    return {
        each.row: (each.name, set(each.changes), {cause.record for cause in each.causes})
        for each in found.rows
    }


def test_a_list_is_kept_with_all_its_cells_and_nothing_differs(steps: Steps) -> None:
    made = screened(steps, SUPPLIERS)
    record = steps.kept.keep_list(made, "rows")
    kept = record["question"]["list"]
    assert [each["cells"] for each in kept["rows"]] == [cells for _, cells in made.listing.rows]
    assert kept["columns"] == {"name": ["name"], "country": ["country"]}
    assert (record["verdict"], record["counts"]) == (made.to_dict()["verdict"], made.to_dict()["counts"])
    found = steps.again("rows")
    assert (found.changed, rows(found), found.rows_same) == (False, {}, 4)


def test_a_new_designation_changes_the_rows_that_it_reaches(steps: Steps) -> None:
    steps.kept.keep_list(screened(steps, SUPPLIERS), "rows")
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    steps.add("list", changed(LIST, designations=[*LIST["designations"], row]))
    found = steps.again("rows")
    by = {"list/designation/d-brand"}
    assert rows(found) == {2: ("Buyer", {"nearest"}, by), 3: ("Brand", {"nearest"}, by)}
    assert found.rows_same == 2


def test_a_new_actor_changes_the_row_that_it_is_likely_to_be(steps: Steps) -> None:
    steps.kept.keep_list(screened(steps, SUPPLIERS), "rows")
    listed = [*LIST["designations"], ["d-no", "import-order", "Somebody", "nobody", "2022-01-01", "withhold"]]
    steps.add(
        "list",
        changed(LIST, actors=[*LIST["actors"], ["nobody", "Nobody at all", "FR", ""]], designations=listed),
    )
    found = steps.again("rows")
    assert rows(found) == {6: ("Nobody At All", {"match", "verdict", "nearest"}, {"list/nobody"})}
    ((_, each),) = ((row.row, row.changes) for row in found.rows)
    assert (each["match"]["from"], each["match"]["to"]["id"]) == (None, "list/nobody")
    assert each["verdict"] == {"from": "not-testable", "to": "exposed"}


def test_a_lost_link_changes_the_rows_that_it_supplied_and_who_is_gone_is_matched_with_nobody(
    steps: Steps,
) -> None:
    steps.kept.keep_list(screened(steps, SUPPLIERS), "rows")
    steps.add("shop", changed(SHOP, supply_links=SHOP["supply_links"][:-1]))
    steps.add("list", changed(LIST, actors=LIST["actors"][:-1]))
    found = steps.again("rows")
    lost = {"shop/supply-link/three"}
    assert rows(found) == {
        2: ("Buyer", {"verdict", "nearest"}, lost),
        3: ("Brand", {"verdict", "nearest"}, lost),
        5: ("Gin", {"match"}, {"list/gin"}),
    }


@pytest.mark.parametrize(
    ("name", "changed_in"), [("Other Mills", "nearest"), ("Other Mill Trading", "others_exposed")]
)
def test_a_new_exposed_actor_changes_a_row_that_may_be_it_though_another_one_is_likelier(
    steps: Steps, name: str, changed_in: str
) -> None:
    """One that is likely too counts first where a measure names it; one that is possible is told beside."""
    steps.kept.keep_list(screened(steps, "name,country\nOther Mill,CN\n"), "rows")
    row = ["d-mills", "import-order", "Somebody", "mills", "2022-01-01", "withhold"]
    actors = [*LIST["actors"], ["mills", name, "CN", ""]]
    steps.add("list", changed(LIST, actors=actors, designations=[*LIST["designations"], row]))
    found = steps.again("rows")
    ((_, changes, by),) = rows(found).values()
    assert (found.changed, changed_in in changes, by) == (True, True, {"list/mills"})
    (each,) = found.rows
    said = each.changes[changed_in]
    assert name in str(said["to"]) or said["to"] == "list/mills"
    assert name not in str(said["from"])
    steps.kept.again("rows", "then")
    steps.add("list", LIST)
    back = steps.again("then")
    assert [dict(each.changes)[changed_in] for each in back.rows] == [
        {"from": said["to"], "to": said["from"]}
    ]


def test_other_thresholds_of_the_matcher_are_told_before_any_dataset(steps: Steps) -> None:
    text = "name,country\nBee Mil,CN\nBee Mill,CN\n"
    steps.kept.keep_list(screened(steps, text), "rows")
    steps.add("more", {"actors": [ACTORS, ["far", "Far", "FR", ""]]})
    made = screened(steps, text)
    asked = steps.graph.view().screen(
        made.listing, Parameters(), weights=made.matches.weights.within(0.9999, 0.001), every=True
    )
    steps.kept.keep_list(asked, "strict", every=True)
    found = steps.kept.diff("rows", "strict")
    told = {cause.text for cause in found.others}
    assert {kind for each in found.rows for kind in (c.kind for c in each.causes)} == {"unknown"}
    assert [name for name in ("accept", "review", "every") if not any(name in text for text in told)] == []


def test_records_of_two_lists_are_not_compared(steps: Steps) -> None:
    steps.kept.keep_list(screened(steps, SUPPLIERS), "rows")
    steps.kept.keep_list(screened(steps, SUPPLIERS.replace("Buyer", "Other Mill")), "others")
    with pytest.raises(UsageError, match="of one list with the same rows"):
        steps.kept.diff("rows", "others")


# --- The command line ------------------------------------------------------------------------------------------------


def test_a_record_is_made_listed_shown_and_asked_again(steps: Steps, call: Command) -> None:
    data = ("--data", str(steps.graph.store.path))
    run = call("trace", "Buyer", "--on", "today", "--save", "second", "--quiet", "--format", "json", *data)
    assert (run.code, run.err) == (0, "")
    trace = json.loads(run.out)
    record = json.loads(call("screenings", "show", "second", "--format", "json", *data).out)
    assert record == steps.kept.read("second")
    assert record["question"]["as_asked"] == {"on": "today"}
    assert record["question"]["parameters"]["on"] == trace["parameters"]["on"] != "today"
    assert call("trace", "Buyer", "--save", "second", "--quiet", *data).code == 2
    run = call("screenings", *data)
    assert (run.code, "first" in run.out, "second" in run.out) == (0, True, True)
    assert record["hash"] in call("screenings", "show", "second", *data).out
    run = call("screenings", "again", "first", "--fail-on", "change", "--quiet", *data)
    assert (run.code, "1 exposure as before." in run.out) == (0, True)
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    steps.add("list", changed(LIST, designations=[*LIST["designations"], row]))
    codes = {"change": 6, "exposure": 3, "not-testable": 0, "change,exposure": 3}
    for fail, code in codes.items():
        assert call("screenings", "again", "first", "--fail-on", fail, "--quiet", *data).code == code
    run = call("screenings", "again", "first", "--save", "third", "--quiet", *data)
    assert "New: 1 exposure" in run.out
    assert "because: list/designation/d-brand came with list version 1 -> 2" in run.out
    run = call("screenings", "due", "--format", "json", *data)
    assert [each["id"] for each in json.loads(run.out)] == ["second"]
    run = call("screenings", "diff", "first", "third", "--format", "json", *data)
    assert json.loads(run.out)["counts"] == {"new": 1, "gone": 0, "changed": 0, "aged": 0, "same": 1}


@pytest.mark.parametrize(
    ("out", "said"), [("no/x.json", "there is no such file or folder"), ("", "this is a folder")]
)
def test_nothing_is_kept_where_the_answer_cannot_be_written(
    steps: Steps, call: Command, out: str, said: str
) -> None:
    (steps.folder / "suppliers.csv").write_text(SUPPLIERS, "utf-8")
    data = (
        "--data",
        str(steps.graph.store.path),
        "--out",
        str(steps.folder / out),
        "--format",
        "json",
        "--quiet",
    )
    for words in (("trace", "shop/buyer"), ("screen", str(steps.folder / "suppliers.csv"))):
        run = call(*words, "--save", "lost", *data)
        assert (run.code, said in run.err) == (1, True), run
        assert steps.graph.store.screenings.ids() == ["first"]


def test_a_list_asked_again_fails_where_a_row_of_it_could_not_be_tested(steps: Steps, call: Command) -> None:
    steps.kept.keep_list(screened(steps, SUPPLIERS), "rows")
    words = ("screenings", "again", "rows", "--quiet", "--data", str(steps.graph.store.path), "--fail-on")
    assert steps.kept.read("rows")["verdict"]["result"] == "exposed"
    assert [call(*words, fail).code for fail in ("not-testable", "exposure,not-testable", "change")] == [
        4,
        3,
        0,
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "frist"), "No record is called 'frist'. Did you mean first?"),
        (("again", "first", "--save", "No Such"), "is no id of a record"),
        (("again", "first", "--fail-on", "new"), "--fail-on is one of exposure, not-testable, change"),
    ],
)
def test_a_wrong_word_is_refused_with_what_to_do(
    steps: Steps, call: Command, words: tuple[str, ...], said: str
) -> None:
    run = call("screenings", *words, "--data", str(steps.graph.store.path))
    assert (run.code, run.out) == (2, "")
    assert said in run.err


# --- The page ---------------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "screenings.md"


def test_the_page_is_true(made: Steps, tmp_path: Path, call: Command) -> None:
    """Every command of the page is typed, and prints what it shows."""
    steps = made.copied(tmp_path)
    steps.graph.store.screenings.file("first").unlink()
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    write(tmp_path / "list-2", changed(LIST, designations=[*LIST["designations"], row]), "list")
    (tmp_path / "suppliers.csv").write_text("name,country\nBuyer,US\nBrand,US\nOther Mill,CN\n", "utf-8")
    seen = 0
    for each in typed(PAGE.read_text("utf-8")):
        words = [word for word in shlex.split(each.command) if word != ">/dev/null"]
        run = call(*words[1:], cwd=tmp_path, OPENTIER_DATA=str(tmp_path / "data"))
        failed = "is kept already" in run.err
        assert run.code in (0, 2 if failed else 0, 6 if "change" in words else 0), run
        assert_shown(each.shown, run.err if failed else run.out)
        seen += 1
    assert seen > 10


def test_the_program_of_the_page_checks_a_record(steps: Steps, tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "check.py").write_text(program, "utf-8")
    file = steps.graph.store.screenings.file("first")
    for altered, wanted in ((False, "True"), (True, "False")):
        if altered:
            file.write_bytes(file.read_bytes().replace(b"exposed", b"cleared", 1))
        words = [sys.executable, str(tmp_path / "check.py"), str(file)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
        assert done.stdout.strip() == wanted
