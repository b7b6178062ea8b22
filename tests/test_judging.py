"""People's judgements of identity: made, taken back, made again; who is meant, which counts, and what they change."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from opentier.graph import Graph
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import AmbiguousActor, UnknownActor, UsageError
from opentier.graph.exposure.exposures import expose
from opentier.graph.identity.judgements import admitted
from opentier.graph.index.opened import Index
from opentier.graph.judging import effect as effects
from opentier.graph.judging.outcome import Outcome
from opentier.graph.report.report import ContributionError
from opentier.graph.trace.parameters import Parameters
from opentier.graph.trace.walks import trace
from opentier.graph.triples.engine import Rows as Answers
from tests.broken import LEI, write
from tests.conftest import copied
from tests.counts import runs
from tests.oracles import draw
from tests.oracles.tables import Rows, indexed
from tests.test_readme import assert_shown, typed

if TYPE_CHECKING:
    from tests.conftest import Command

#: A buyer of a buyer of a mill of two datasets, under two spellings, and who sells to the second; that one is listed.
#: What is contributed without asking whom its actors may be.
UNMATCHED = Options(match=False)
OURS: dict[str, list[list[str]]] = {
    "actors": [
        ["id", "name", "country", "identifiers"],
        ["buyer", "Buyer", "US", ""],
        ["brand", "Brand", "US", ""],
        ["mill", "Bee Mill", "CN", "x:1"],
        ["apart", "Apart", "FR", ""],
    ],
    "supply_links": [["buyer", "supplier"], ["buyer", "brand"], ["brand", "mill"], ["apart", "buyer"]],
}
THEIRS: dict[str, list[list[str]]] = {
    "actors": [["id", "name", "country"], ["mill", "BEE MILL CO", "CN"], ["gin", "Gin", "CN"]],
    "supply_links": [["buyer", "supplier"], ["mill", "gin"]],
    "designations": [["id", "kind", "authority", "target"], ["d", "entity-listing", "Somebody", "gin"]],
}
ONE = ("ours/mill", "theirs/mill")


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """A data directory with two datasets, in one of which nobody is exposed."""

    def make(data: Path) -> None:
        graph = Graph.open(data, create=True)
        for name, tables in (("ours", OURS), ("theirs", THEIRS)):
            graph.contribute(write(tmp_path / name, tables, name), UNMATCHED)

    return copied(tmp_path, "judging", make)


def exposed(graph: Graph, actor: str = "ours/buyer") -> list[tuple[str, int]]:
    """Return the exposures of an actor: reason and tier."""
    return [(each.reason, each.tier) for each in graph.trace(actor).exposures]


def states(graph: Graph) -> dict[str, str]:
    """Return the state of each judgement that stands, by who decided and what."""
    return {f"{e.judged.decided_by} {e.judged.judgement}": e.state for e in graph.judgements()}


def gained(found: Outcome) -> dict[str, int]:
    """Return who gained exposures, and how many."""
    assert found.effect is not None
    return {found.names.id(each.actor.iri): len(each.gained) for each in found.effect.gained}


def lost(found: Outcome) -> dict[str, int]:
    assert found.effect is not None
    return {found.names.id(each.actor.iri): len(each.lost) for each in found.effect.lost}


# --- Made, taken back, made again -----------------------------------------------------------------------------------


def test_a_judgement_made_taken_back_and_made_again_is_followed_each_time(graph: Graph) -> None:
    same = "SELECT ?one ?other { ?one ot:sameActorAs ?other }"

    def seen() -> tuple[list[tuple[str, int]], int, int]:
        everybody = graph.exposure()
        pairs = graph.query(same)
        assert isinstance(pairs, Answers)
        return exposed(graph), int((everybody.nearest_tiers >= 0).sum()), len(list(pairs))

    before = seen()
    said = graph.judge(*ONE, "positive", by="Ann", reason="one address")
    assert before == ([], 2, 0)
    assert seen() == ([("direct", 3)], 5, 2)
    assert said.after == (("ours/mill", "theirs/mill"),) * 2
    back = graph.undo(said.id, reason="another address", by="Ben")
    assert seen() == before
    assert (back.undone, back.counts, back.after) == (True, None, (("ours/mill",), ("theirs/mill",)))
    (gone,) = graph.judgements(undone=True)
    assert gone.undone is not None
    assert (gone.id, gone.state, gone.undone.reason, gone.undone.by) == (
        said.id, "undone", "another address", "Ben",
    )  # fmt: skip
    assert graph.judgements() == []
    again = graph.judge(*ONE, "positive", by="Ann", reason="one address")
    assert (again.new, again.id) == (True, said.id)
    assert seen() == ([("direct", 3)], 5, 2)
    assert [each.state for each in graph.judgements()] == ["counts"]
    assert graph.judgements(undone=True) == []
    graph.undo(said.id)
    assert seen() == before


def test_judgements_are_a_dataset_with_versions_that_are_compared_and_withdrawn_as_others_are(
    graph: Graph,
) -> None:
    graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    found = graph.judge("ours/apart", "theirs/gin", "unsure", by="Ben", date="2024-05-02")
    first, second = graph.view().versions("judgements")
    assert (first.licence, first.publisher, first.title) == (
        "CC0-1.0", "this data directory's users", "Judgements of identity",
    )  # fmt: skip
    assert (found.version, second.rows) == (2, 2)
    told = graph.view().difference("judgements", 1, 2).to_dict()
    assert told["counts"] == {"added": 1, "removed": 0, "changed": 0}
    graph.withdraw("judgements", "a test")
    assert [each.judged.decided_by for each in graph.judgements()] == ["Ann"]
    later = graph.judge("ours/apart", "theirs/gin", "negative", by="Cem", date="2024-05-03")
    assert later.version == 3
    assert states(graph) == {"Cem negative": "counts", "Ann positive": "counts"}


def test_the_publisher_stays_who_it_was_until_another_is_named(graph: Graph) -> None:
    ledger = graph.ledger()
    ledger.judge(*ONE, "positive", publisher="Acme")
    graph.judge(*ONE, "negative", date="2020-01-01")
    assert [each.publisher for each in graph.view().versions("judgements")] == ["Acme", "Acme"]


def test_what_stands_already_is_not_said_twice(graph: Graph) -> None:
    first = graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    again = graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    assert (again.new, again.version, again.id) == (False, 1, first.id)
    assert again.lines()[0].startswith(
        "judged before: ours/mill Bee Mill (CN) and theirs/mill BEE MILL CO (CN) are one"
    )
    assert len(graph.view().versions("judgements")) == 1


#: What people write.
REASONS = (
    "", "plain", 'with "quotes", commas; and | bars', "=1+1", "-", "N/A", "  spaces   and\nlines ", "e\u0301 and é",
    "no\u200bwidth", "新疆 合普", "'", "0.50", "x" * 5000,
)  # fmt: skip


def test_a_judgement_is_called_as_its_record_whatever_is_said(graph: Graph) -> None:
    made = [
        graph.judge(*ONE, "positive", reason=reason, by=f"Ann {reason[:20]}", date=f"2024-01-{number:02}")
        for number, reason in enumerate(REASONS, 1)
    ]
    assert [said.warnings for said in made] == [()] * len(REASONS)
    found = graph.judgements()  # each row but the last was read and written again
    assert [each.id for each in found] == [said.id for said in reversed(made)]
    assert [each.reason for each in found] == [said.reason for said in reversed(made)]
    assert graph.undo(made[2].id, reason=REASONS[2]).reason == REASONS[2]


# --- Which one counts ------------------------------------------------------------------------------------------------


def test_the_later_judgement_counts_and_the_earlier_is_kept(graph: Graph) -> None:
    graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    later = graph.judge(ONE[1], ONE[0], "negative", by="Ann", date="2024-05-02")
    assert later.replaced == ()
    assert states(graph) == {"Ann negative": "counts", "Ann positive": "outweighed"}
    assert exposed(graph) == []
    earlier = graph.judge(*ONE, "positive", by="Ben", date="2024-04-30")
    assert earlier.outweighed_by is not None
    assert earlier.outweighed_by.record == later.judged.record
    assert f"It does not count: {later.id} (negative, by Ann) does." in "\n".join(earlier.lines())
    assert exposed(graph) == []


@pytest.mark.parametrize("by", ["Ann", "Ben"])
@pytest.mark.parametrize(
    "order", [("positive", "negative"), ("negative", "positive"), ("negative", "unsure")]
)
def test_of_the_same_day_the_one_that_is_made_later_counts(
    graph: Graph, order: tuple[str, str], by: str
) -> None:
    first = graph.judge(*ONE, order[0], by="Ann", date="2024-05-01")
    second = graph.judge(*ONE, order[1], by=by, date="2024-05-01")
    assert [each.record for each in second.replaced] == [first.judged.record]
    assert f"judged on the same day: {first.id} ({order[0]}, by Ann)" in "\n".join(second.lines())
    assert states(graph) == {f"{by} {order[1]}": "counts"}
    third = graph.judge(*ONE, order[0], by="Ann", date="2024-05-01")
    assert (third.id, [each.record for each in third.replaced]) == (first.id, [second.judged.record])
    assert states(graph) == {f"Ann {order[0]}": "counts"}


def test_what_was_taken_back_for_a_judgement_is_said_again_when_that_is_undone(graph: Graph) -> None:
    first = graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    second = graph.judge(*ONE, "negative", by="Ann", date="2024-05-01")
    back = graph.undo(second.id)
    assert [each.record for each in back.again] == [first.judged.record]
    assert f"Said again, since it had been taken back for this one: {first.id}" in "\n".join(back.lines())
    assert states(graph) == {"Ann positive": "counts"}
    assert back.after[0] == back.after[1]


def test_what_others_contradict_on_its_day_is_not_said_again(graph: Graph) -> None:
    graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    second = graph.judge(*ONE, "negative", by="Ben", date="2024-05-01")
    graph.judge(*ONE, "negative", by="Cem", date="2024-05-01")
    assert graph.undo(second.id).again == ()
    assert states(graph) == {"Cem negative": "counts"}


def test_two_people_who_agree_on_a_day_are_both_kept(graph: Graph) -> None:
    graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    assert graph.judge(*ONE, "positive", by="Ben", date="2024-05-01").replaced == ()
    assert sorted(states(graph)) == ["Ann positive", "Ben positive"]


def test_a_judgement_that_another_dataset_outweighs_is_told_to_count_for_nothing(
    graph: Graph, tmp_path: Path
) -> None:
    rows = [["left", "right", "judgement", "decided_by", "date"], [*ONE, "negative", "Bob", "2024-05-01"]]
    graph.contribute(write(tmp_path / "friend", {"identity_judgements": rows}, "friend"), UNMATCHED)
    said = graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    assert said.outweighed_by is not None
    assert said.outweighed_by.decided_by == "Bob"
    assert said.replaced == ()
    assert exposed(graph) == []


def test_a_rules_doubt_is_ended_by_a_negative_judgement_and_undone_by_nobody(
    graph: Graph, tmp_path: Path
) -> None:
    header = ["left", "right", "judgement", "decided_by", "date", "score"]
    rows = [header, ["ours/mill", "theirs/gin", "unsure", "rule:matcher-1", "2026-01-01", "0.91"]]
    graph.contribute(write(tmp_path / "rules", {"identity_judgements": rows}, "rules"))
    assert exposed(graph) == [("possible-identity", 2)]
    (rule,) = graph.judgements(by_rule=True)
    assert (rule.judged.score, rule.state, graph.judgements(by_rule=False)) == (0.91, "counts", [])
    with pytest.raises(UsageError, match="opentier judge ours/mill theirs/gin negative"):
        graph.undo(rule.id)
    said = graph.judge("ours/mill", "theirs/gin", "negative", by="Ann", date="2020-01-01")
    assert lost(said) == {"ours/mill": 1, "ours/brand": 1, "ours/buyer": 1, "ours/apart": 1}
    assert exposed(graph) == []
    assert states(graph) == {"rule:matcher-1 unsure": "outweighed", "Ann negative": "counts"}
    assert [each.judged.decided_by for each in graph.judgements(by_rule=False)] == ["Ann"]


def test_a_judgement_of_another_dataset_is_undone_by_its_publisher_alone(
    graph: Graph, tmp_path: Path
) -> None:
    rows = [["left", "right", "judgement", "decided_by"], [*ONE, "positive", "Bob"]]
    graph.contribute(write(tmp_path / "friend", {"identity_judgements": rows}, "friend"), UNMATCHED)
    (theirs,) = graph.judgements()
    with pytest.raises(UsageError, match="stands in another dataset, whose publisher can take it back"):
        graph.undo(theirs.id)
    with pytest.raises(UsageError, match="No judgement is called 'nobody'"):
        graph.undo("nobody")
    said = graph.judge(*ONE, "negative")
    assert graph.undo(said.id.rpartition("/")[2]).undone
    with pytest.raises(UsageError, match=r"taken back already .*: taken back, no reason given"):
        graph.undo(said.judged.record)


def test_people_who_contradict_each_other_through_others_are_told_and_joined_as_far_as_they_agree(
    graph: Graph,
) -> None:
    graph.judge("ours/mill", "theirs/mill", "positive", by="Ann", date="2024-05-01")
    graph.judge("theirs/mill", "ours/apart", "positive", by="Ben", date="2024-05-02")
    said = graph.judge("ours/mill", "ours/apart", "negative", by="Cem", date="2024-05-03")
    told = (
        "theirs/mill and ours/apart are not joined, the judgement is disputed: ours/mill and ours/apart are judged to "
        "differ, and would become one. Ask who decided: Ann, Ben, Cem."
    )
    assert f"Disputed: {told}" in said.lines()
    assert said.warnings == ()
    assert states(graph) == {"Ann positive": "counts", "Ben positive": "disputed", "Cem negative": "counts"}
    assert said.after == (("ours/mill", "theirs/mill"), ("ours/apart",))
    other = graph.judge("ours/brand", "ours/buyer", "negative")
    assert (other.disputes, other.warnings) == ((), ())  # what is known is not told again
    back = graph.undo(said.id)
    assert len(back.after[0]) == 3


def test_whom_an_equal_identifier_makes_one_no_negative_judgement_parts_and_that_is_said(
    tmp_path: Path, call: Command
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    for name in ("one", "two"):
        actors = [["id", "name", "identifiers"], ["a", f"Alpha {name}", f"lei:{LEI}"]]
        graph.contribute(write(tmp_path / name, {"actors": actors}, name), UNMATCHED)
    with pytest.raises(ContributionError):
        graph.judge("one/a", "two/a", "negative")
    assert "judgements" not in graph.view().release.current
    run = call("judge", "one/a", "two/a", "negative", "--data", str(tmp_path / "data"), "--quiet")
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith(
        "error: one/a and two/a are judged to differ, yet other judgements or equal identifiers"
    )
    assert ".csv" not in run.err
    doubt = graph.judge("one/a", "two/a", "unsure")
    assert doubt.after == (("one/a",), ("two/a",))


# --- Who is meant ----------------------------------------------------------------------------------------------------


def test_a_side_is_the_member_that_is_meant_and_not_who_stands_for_it(graph: Graph) -> None:
    graph.judge(*ONE, "positive", date="2024-05-01")
    for text in ("theirs/mill", graph.store.names.actor("theirs", "mill"), "bee mill co"):
        said = graph.judge(text, "ours/apart", "unsure")
        assert (said.left.id, said.left.name) == ("theirs/mill", "BEE MILL CO")
    assert graph.judge("x:1", "ours/apart", "unsure").left.id == "ours/mill"
    parted = graph.judge("Bee Mill", "theirs/mill", "negative", date="2024-05-02")
    assert parted.after == (("ours/mill",), ("theirs/mill",))


def test_members_with_one_name_or_one_identifier_are_listed_and_neither_is_taken(tmp_path: Path) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    for name in ("one", "two"):
        actors = [
            ["id", "name", "country", "identifiers"],
            ["a", "Alpha", "DE", f"lei:{LEI}"],
            ["b", name, "", ""],
        ]
        graph.contribute(write(tmp_path / name, {"actors": actors}, name), UNMATCHED)
    for text in ("alpha", f"lei:{LEI}"):
        with pytest.raises(AmbiguousActor) as error:
            graph.judge(text, "one/b", "positive")
        assert error.value.candidates == ("one/a Alpha (DE)", "two/a Alpha (DE)")
    with pytest.raises(UnknownActor, match=r"(?s)No actor is called 'alpa'.*Did you mean"):
        graph.judge("alpa", "one/b", "positive")
    with pytest.raises(UsageError, match=r"one/a Alpha \(DE\) is the same actor on both sides"):
        graph.judge("one/a", "one/a", "positive")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"judgement": "postive"}, "not 'postive'. Did you mean positive?"),
        ({"date": "2099-12-31"}, "date 2099-12-31 is to come"),
        ({"date": "2024"}, "date '2024' is not a day"),
        ({"by": "rule:mine"}, "by names a person or a team"),
        ({"by": "Ann\x07"}, "by is a text without control characters"),
        ({"reason": "a\x00b"}, "reason is a text without control characters"),
    ],
)  # fmt: skip
def test_what_is_no_judgement_is_refused_in_words(graph: Graph, said: dict[str, str], told: str) -> None:
    how = {"judgement": "positive", **said}
    with pytest.raises(UsageError) as error:
        graph.judge(*ONE, **how)
    assert told in str(error.value)
    assert "judgements" not in graph.view().release.current


# --- New versions of both sides --------------------------------------------------------------------------------------


def test_a_judgement_counts_through_new_versions_of_both_sides_and_again_when_an_actor_comes_back(
    graph: Graph, tmp_path: Path
) -> None:
    graph.judge(*ONE, "positive", by="Ann")
    more = {**OURS, "actors": [*OURS["actors"], ["new", "New", "", ""]]}
    graph.contribute(write(tmp_path / "ours2", more, "ours"), UNMATCHED)
    listed = {**THEIRS, "actors": [*THEIRS["actors"], ["new", "New", ""]]}
    graph.contribute(write(tmp_path / "theirs2", listed, "theirs"), UNMATCHED)
    assert exposed(graph) == [("direct", 3)]
    without = {"actors": [THEIRS["actors"][0], THEIRS["actors"][2]], "designations": THEIRS["designations"]}
    admission = graph.contribute(write(tmp_path / "theirs3", without, "theirs"), UNMATCHED)
    broken = [found.message for found in admission.report.findings if "no longer holds" in found.message]
    assert broken[0].startswith(
        "1 reference of judgements (identity_judgements, right) leads to what theirs no longer"
    )
    assert exposed(graph) == []
    (stands,) = graph.judgements()
    assert (stands.state, stands.right.name) == ("counts", None)
    other = graph.judge("ours/apart", "theirs/gin", "negative", by="Ben")  # with what is dropped beside it
    assert [each for each in other.warnings if "no longer holds 1 record" in each] == list(other.warnings)
    assert len(other.warnings) == 1
    third = graph.judge("ours/apart", "theirs/gin", "unsure", by="Ben", date="2020-01-01")
    assert third.warnings == ()
    with pytest.raises(UnknownActor):
        graph.judge("ours/apart", "theirs/mill", "negative")
    graph.contribute(write(tmp_path / "theirs4", THEIRS, "theirs"), UNMATCHED)
    assert exposed(graph) == [("direct", 3)]


# --- What it changed -------------------------------------------------------------------------------------------------


def test_who_gained_and_who_lost_exposures_is_told(graph: Graph) -> None:
    said = graph.judge(*ONE, "positive", by="Ann", date="2024-05-01")
    assert gained(said) == {"ours/mill": 1, "ours/brand": 1, "ours/buyer": 1, "ours/apart": 1}
    assert lost(said) == {}
    lines = said.lines()
    assert (
        "5 actors of the 5 that reach the two were compared before and after: at any time, over supply and"
        in lines[3]
    )
    assert "4 actors gained exposures, 0 actors lost exposures." in lines
    assert "- ours/buyer Buyer (US)" in lines
    assert "  + Listing: Gin; tier 3, theirs/gin Gin (CN). The list names this company." in lines
    parted = graph.judge(*ONE, "unsure", by="Ann", date="2024-05-02")
    assert lost(parted) == gained(said)
    found = parted.to_dict()["effect"]
    (buyer,) = [each for each in found["changed"] if each["id"] == "ours/buyer"]
    (exposure,) = buyer["lost"]
    assert (exposure["reason"], exposure["tier"], exposure["actor"]["id"]) == ("direct", 3, "theirs/gin")
    assert json.loads(json.dumps(parted.to_dict())) == parted.to_dict()


def test_a_list_is_told_to_name_whom_its_own_record_names(graph: Graph) -> None:
    """The importer's spelling of a company that it judges to be listed never stands for the list's own."""
    said = graph.judge("ours/mill", "theirs/gin", "positive")
    titles = {met.title for each in said.effect.changed for met in each.gained} if said.effect else set()
    assert titles == {"Listing: Gin"}
    view = graph.view()
    actor = view.index.actor(view.index.node(view.release.names.of_id("theirs/gin")))  # type: ignore[arg-type]
    assert actor.name == "Bee Mill"
    assert view.reconciler.values(actor, "designations") == ["Listing: Gin (Somebody)"]


def test_where_nothing_changed_that_is_said_with_how_many_were_compared(graph: Graph) -> None:
    lines = graph.judge("ours/apart", "theirs/gin", "negative").lines()
    assert "No exposure of theirs changed." in lines
    assert any(line.startswith("3 actors of the 3 that reach the two were compared") for line in lines)


def test_beyond_a_bound_the_nearest_are_compared_and_the_others_named(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "MOST", 2)
    said = graph.judge(*ONE, "positive")
    assert said.effect is not None
    assert (said.effect.compared, said.effect.reaching) == (2, 5)
    assert [said.names.id(actor.iri) for actor in said.effect.left] == [
        "ours/brand",
        "ours/buyer",
        "ours/apart",
    ]
    lines = "\n".join(said.lines())
    assert "Not all were compared: at most the 2 nearest are, where there are 4 links." in lines
    assert "Of those that were not, the nearest: ours/brand Brand (US), ours/buyer Buyer (US)" in lines
    assert said.to_dict()["effect"]["why_not_all"]


def test_where_others_contribute_meanwhile_nothing_is_put_down_to_the_judgement(
    graph: Graph, tmp_path: Path
) -> None:
    ledger = graph.ledger()

    def contribute(path: Path, options: Options, *act: Any) -> Any:
        graph.contribute(write(tmp_path / "other", {"actors": OURS["actors"]}, "other"), UNMATCHED)
        return graph.acts().contribute(path, options, *act)

    busy = type(ledger)(ledger.store, ledger.view, contribute)
    said = busy.judge(*ONE, "positive")
    assert (said.effect, said.new) == (None, True)
    assert said.lines()[-1].startswith(
        "What changed in traces was not compared: others have contributed meanwhile"
    )
    assert said.to_dict()["effect"]["why_not_all"].startswith("others have contributed")


def test_what_a_judgement_changed_reaches_those_that_are_touched_by_succession_by_stakes_and_by_doubt(
    tmp_path: Path,
) -> None:
    tables: dict[str, list[list[str]]] = {
        "actors": [["id", "name"], *([each, each.upper()] for each in "abcdefgh")],
        "supply_links": [["buyer", "supplier"], ["a", "b"], ["c", "d"], ["e", "f"]],
        "organisation_changes": [["kind", "before", "after"], ["renamed", "h", "b"]],
        "ownership_links": [["owner", "asset", "share_exact"], ["h", "d", "100"]],
        "identity_judgements": [["left", "right", "judgement"], ["f", "h", "unsure"]],
        "designations": [
            ["id", "kind", "authority", "target", "includes_subsidiaries"],
            ["x", "entity-listing", "Somebody", "g", "true"],
        ],
    }
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "p", tables, "p"), UNMATCHED)
    said = graph.judge("p/g", "p/h", "positive")
    assert said.effect is not None
    reasons = {
        said.names.id(each.actor.iri): {met.reason for met in each.gained} for each in said.effect.changed
    }
    assert reasons == {
        "p/h": {"direct"}, "p/b": {"successor"}, "p/a": {"successor"}, "p/d": {"owned-by-listed"},
        "p/c": {"owned-by-listed"}, "p/f": {"possible-identity"}, "p/e": {"possible-identity"},
    }  # fmt: skip


def exposures(index: Index) -> dict[str, set[tuple[str, str]]]:
    """Return designation and reason of the exposures of every actor, member by member."""
    return {
        member: {
            (each.designation.iri, each.reason) for each in expose(trace(index, actor.iri, effects.ASKED))
        }
        for actor in index.actors.values()
        for member in actor.members
    }


@runs(200)
@given(
    draw.packages(),
    st.tuples(st.integers(0, 2), st.integers(3, 5)),
    st.sampled_from(("positive", "negative", "unsure")),
)
def test_the_effect_is_what_differs_between_the_traces_of_all_actors(
    tables: draw.Tables, picked: tuple[int, int], judgement: str
) -> None:
    actors = [row["id"] for row in tables["actors"]]
    left, right = actors[picked[0]], actors[picked[1] % len(actors)]
    assume(left != right)
    said = {
        "left": left,
        "right": right,
        "judgement": judgement,
        "decided_by": "Zoe",
        "date": "2030",
        "score": "",
    }
    more = {**tables, "identity_judgements": [*tables["identity_judgements"], said]}
    old, new, names = indexed(tables), indexed(more), Rows(tables)
    before, after = exposures(old), exposures(new)
    found = effects.effect(old, new, (names.actor(left), names.actor(right)))
    assert (found.why, found.left) == ("", ())
    wanted = {
        member: (after[member] - before[member], before[member] - after[member])
        for member in before
        if after[member] != before[member]
    }
    event("something changed" if wanted else "nothing changed")
    covered = set[str]()
    for each in found.changed:
        apart = tuple({(met.designation, met.reason) for met in some} for some in (each.gained, each.lost))
        fitting = {member for member in each.actor.members if wanted.get(member) == apart}
        assert fitting
        covered |= fitting
    assert covered == wanted.keys()


# --- At once ---------------------------------------------------------------------------------------------------------


def test_judgements_that_are_made_at_once_are_all_kept(graph: Graph) -> None:
    pairs = [ONE, ("ours/apart", "theirs/gin"), ("ours/buyer", "theirs/gin"), ("ours/brand", "ours/apart")]
    path, failed = graph.store.path, list[Exception]()

    def work(pair: tuple[str, str]) -> None:
        try:
            Graph.open(path).judge(*pair, "negative", by="Ann")
        except Exception as error:  # the test tells it
            failed.append(error)

    threads = [threading.Thread(target=work, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    found = {(each.left.id, each.right.id) for each in Graph.open(path).judgements()}
    assert found == set(pairs)
    assert len(graph.view().versions("judgements")) == len(pairs)


def test_a_package_that_was_made_of_another_version_takes_the_place_of_none(
    graph: Graph, tmp_path: Path
) -> None:
    package = write(tmp_path / "again", {"actors": OURS["actors"]}, "ours")
    for based in (0, 2):
        with pytest.raises(ContributionError) as error:
            graph.contribute(package, Options(based=based))
        (found,) = [each for each in error.value.report.findings if each.blocks]
        assert found.message == f"The package was made of version {based} of ours, and version 1 is current."
    assert graph.contribute(package, Options(based=1)).version.number == 2


def test_a_judgement_of_an_iri_of_its_own_keeps_it_in_the_next_edition(graph: Graph, tmp_path: Path) -> None:
    base = graph.store.names.base
    said = (
        f"<{base}judgements/identity-judgement/x> a <https://w3id.org/opentier/ns#IdentityJudgement> ;"
        f" <https://w3id.org/opentier/ns#left> <{base}ours/mill> ;"
        f" <https://w3id.org/opentier/ns#right> <{base}theirs/mill> ;"
        " <https://w3id.org/opentier/ns#judgement> <https://w3id.org/opentier/ns#judgement-negative> ."
    )
    (tmp_path / "judgements.ttl").write_text(said, "utf-8")
    graph.contribute(tmp_path / "judgements.ttl", Options(licence="CC0-1.0"))
    graph.judge("ours/apart", "theirs/gin", "negative")
    view = graph.view()
    version, kind = view.current("judgements"), "https://w3id.org/opentier/ns#IdentityJudgement"
    records = [iri for iri, _ in view.release.engine.records(version.iri, kind, {})]
    assert (version.number, len(records)) == (2, 2)
    assert f"{base}judgements/identity-judgement/x" in records


# --- The command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def judged(graph: Graph) -> Graph:
    """The same data directory with two judgements."""
    graph.judge(*ONE, "positive", by="Ann", date="2024-05-01", reason="one address")
    graph.judge("ours/apart", "theirs/gin", "negative", by="Ben", date="2023-01-01")
    return graph


def test_the_commands_judge_list_undo_and_export(graph: Graph, call: Command, tmp_path: Path) -> None:
    data = ("--data", str(graph.store.path))
    how = ("--by", "Ann", "--date", "2024-05-01", "--reason", "one address")
    words = ("judge", *ONE, "positive", *how, *data)
    run = call(*words, "--quiet")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("judged: ours/mill Bee Mill (CN) and theirs/mill BEE MILL CO (CN) are one\n")
    found = json.loads(call(*words, "--quiet", "--format", "json").out)
    assert (found["new"], found["one"]) == (False, {"before": True, "after": True})
    (listed,) = json.loads(call("judgements", "list", "--format", "json", *data).out)
    assert (listed["state"], listed["by_person"], listed["left"]["id"]) == ("counts", True, "ours/mill")
    assert json.loads(call("judgements", "list", "--by-rule", "--format", "json", *data).out) == []
    assert (
        len(json.loads(call("judgements", "list", "--actor", "theirs/mill", "--format", "json", *data).out))
        == 1
    )
    assert (
        json.loads(call("judgements", "list", "--actor", "theirs/gin", "--format", "json", *data).out) == []
    )
    assert listed["id"].rpartition("/")[2] in call("judgements", *data).out
    run = call("judgements", "undo", listed["id"], "--reason", "a slip", "--format", "json", "--quiet", *data)
    assert (run.code, json.loads(run.out)["undone"]) == (0, True)
    assert "undone 2" in call("judgements", "list", "--undone", *data).out
    for wrong, told in (
        (("judge", "Nobody", "ours/mill", "positive"), "No actor is called 'Nobody'."),
        (("judge", *ONE, "maybe"), "judgement is one of positive, negative, unsure; not 'maybe'."),
        (("judge", *ONE, "positive", "--by", "rules"), "--by names a person or a team"),
        (("judgements", "undo", "x"), "No judgement is called 'x'."),
    ):
        run = call(*wrong, *data)
        assert (run.code, run.out) == (2, "")
        assert told in run.err


def test_an_ambiguous_side_exits_2_with_its_candidates(tmp_path: Path, call: Command) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    actors = [["id", "name"], ["a", "Alpha"], ["b", "ALPHA"], ["c", "Gamma"]]
    graph.contribute(write(tmp_path / "p", {"actors": actors}, "p"), UNMATCHED)
    run = call("judge", "alpha", "p/c", "positive", "--data", str(tmp_path / "data"))
    assert (run.code, run.out) == (2, "")
    assert "p/a Alpha" in run.err
    assert "p/b ALPHA" in run.err


def test_an_export_without_names_holds_numbers_codes_and_years_alone(
    judged: Graph, call: Command, tmp_path: Path
) -> None:
    file = tmp_path / "labels.csv"
    run = call(
        "judgements", "export", "--without-names", "--out", str(file), "--data", str(judged.store.path)
    )
    assert (run.code, run.out, run.err) == (0, "", "")
    text = file.read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [*rows[0]] == ["left", "right", "judgement", "score", "decided_by", "year"]
    assert {(row["judgement"], row["decided_by"], row["year"]) for row in rows} == {
        ("positive", "person", "2024"), ("negative", "person", "2023"),
    }  # fmt: skip
    assert {row[side] for row in rows for side in ("left", "right")} == {"1", "2", "3", "4"}
    for name in ("mill", "Mill", "ours", "theirs", "Ann", "Ben", "address", "gin", "w3id"):
        assert name not in text
    named = call("judgements", "export", "--format", "json", "--data", str(judged.store.path)).out
    assert [(row["left"], row["left_name"], row["state"]) for row in json.loads(named)] == [
        ("ours/mill", "Bee Mill", "counts"), ("ours/apart", "Apart", "counts"),
    ]  # fmt: skip


def test_judgements_are_those_that_were_known_on_a_day(judged: Graph, call: Command) -> None:
    words = ("judgements", "list", "--format", "json", "--data", str(judged.store.path))
    assert len(json.loads(call(*words, "--as-known", "2099-12-31").out)) == 2
    assert json.loads(call(*words, "--as-known", "2000-01-01").out) == []
    assert len(admitted(judged.view().release).said) == 2


def test_the_same_question_as_the_effect_asks_is_that_of_a_trace_without_filters() -> None:
    assert Parameters(paths=effects.ASKED.paths) == effects.ASKED


# --- The guide -------------------------------------------------------------------------------------------------------

GUIDE = Path(__file__).parents[1] / "docs" / "judgements.md"
SHOP: dict[str, list[list[str]]] = {
    "actors": [
        ["id", "name", "country"],
        ["importer", "Importer", "US"],
        ["brand", "Brand", "US"],
        ["mill", "Bee Mill Co., Ltd.", "CN"],
    ],
    "supply_links": [["buyer", "supplier"], ["importer", "brand"], ["brand", "mill"]],
}
LIST: dict[str, list[list[str]]] = {
    "actors": [["id", "name", "country"], ["bee", "BEE MILL", "CN"]],
    "designations": [
        ["id", "kind", "authority", "target", "effect", "status"],
        ["d", "import-order", "Somebody", "bee", "withhold", "active"],
    ],
}


def test_the_commands_and_the_python_of_the_guide_do_what_it_shows(
    tmp_path: Path, call: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph.open(tmp_path / "data", create=True)
    graph.contribute(write(tmp_path / "shop", SHOP, "shop"), UNMATCHED)
    graph.contribute(write(tmp_path / "list", LIST, "list"), UNMATCHED)
    text = GUIDE.read_text("utf-8")
    commands = list(typed(text))
    assert len(commands) == 8
    for each in commands:
        run = call(*shlex.split(each.command)[1:], OPENTIER_DATA=str(tmp_path / "data"))
        assert run.code == 0, run
        assert_shown(each.shown, run.out)
    (python,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    known: dict[str, Any] = {}
    exec(python, known)
    assert (known["said"].counts.judgement, known["said"].disputes) == ("unsure", ())
    assert [each.state for each in graph.judgements()] == ["counts"]
    told = re.search(
        r"At most ([\d,]+) actors are compared, the\nnearest first, and fewer where there are more than ([\d,]+) links",
        text,
    )
    assert told is not None
    most, links = (int(figure.replace(",", "")) for figure in told.groups())
    assert (most, links) == (effects.MOST, effects.WORK // effects.MOST)
