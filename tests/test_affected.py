"""Who is affected by a contribution: each root as its traces before and after say, whoever is asked about."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from opentier.graph import Graph
from opentier.graph.contribution.bare import Asked
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import UnknownDataset
from opentier.graph.kept.affected import Affected
from opentier.graph.report.report import Report
from opentier.graph.screening import listing
from opentier.graph.trace.parameters import Parameters
from tests.broken import write
from tests.test_screenings import CHANGES, LIST, SHOP, UNMATCHED, Steps, causes, changed, screened

if TYPE_CHECKING:
    from tests.conftest import Command

#: What tells one exposure from another, and its tier.
Found = dict[tuple[str, str, str], int]


def traced(graph: Graph, root: str, asked: Parameters) -> Found:
    """Return the exposures of a root as its trace has them, with their tiers."""
    exposures = graph.view().trace(root, asked).exposures
    return {each.key: each.tier for each in exposures}


def differing(before: Found, after: Found) -> dict[str, Found]:
    """Return what two answers differ in."""
    return {
        "gained": {key: after[key] for key in after.keys() - before.keys()},
        "lost": {key: before[key] for key in before.keys() - after.keys()},
        "moved": {key: after[key] for key in after.keys() & before.keys() if after[key] != before[key]},
    }


def said(found: Affected) -> dict[str, dict[str, Found]]:
    """Return what is said of each root that changed."""
    return {
        each.root["iri"]: {
            name: {
                (e["actor"]["iri"], e["designation"]["iri"], e["reason"]): e["actor"]["tier"]
                for e in getattr(each, name)
            }
            for name in ("gained", "lost", "moved")
        }
        for each in found.changed
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    """A shop of two versions, and a list of two: a link nearer by, a designation more and one less."""
    found = Steps(tmp_path_factory.mktemp("made"))
    found.add("shop", SHOP)
    found.add("list", LIST)
    near = ["four", "buyer", "other", "", "", ""]
    found.add("shop", changed(SHOP, supply_links=[*SHOP["supply_links"], near]))
    row = ["d-brand", "entity-listing", "Somebody", "shop/brand", "2022-01-01", ""]
    found.add("list", changed(LIST, designations=[*LIST["designations"][:-1], row]))
    return found


@pytest.fixture
def steps(made: Steps, tmp_path: Path) -> Steps:
    """The same, which a test may change."""
    return made.copied(tmp_path)


def test_without_a_record_all_who_buy_are_compared_over_the_last_two_versions(steps: Steps) -> None:
    found = steps.kept.affected("list")
    assert (found.before, found.after, found.compared) == (1, 2, 2)
    names = {
        each.root["id"]: [[e["designation"]["id"] for e in some] for some in (each.gained, each.lost)]
        for each in found.changed
    }
    brand, other = "list/designation/d-brand", "list/designation/d-other"
    assert names == {"shop/buyer": [[brand], [other]], "shop/brand": [[brand], [other]]}
    (buyer,) = (each for each in found.changed if each.root["id"] == "shop/buyer")
    (gained,), (lost,) = buyer.gained, buyer.lost
    assert [hop["record"].rpartition("/")[2] for hop in gained["path"]["hops"]] == ["one"]
    assert (gained["actor"]["tier"], lost["actor"]["tier"]) == (1, 1)


def test_a_nearer_link_moves_an_exposure(steps: Steps) -> None:
    steps.graph.contribute(steps.folder / "list-0", Options(match=False, older=True))
    found = steps.kept.affected("shop", 1, 2)
    (each,) = found.changed
    (moved,) = each.moved
    assert (each.root["id"], each.gained, each.lost) == ("shop/buyer", (), ())
    assert (moved["tier_before"], moved["actor"]["tier"], moved["actor"]["id"]) == (2, 1, "shop/other")


def test_the_first_version_is_compared_with_none_and_a_withdrawn_one_too(steps: Steps) -> None:
    none = steps.kept.affected("list", 0, 1)
    assert {each.root["id"]: len(each.gained) for each in none.changed} == {"shop/buyer": 1, "shop/brand": 1}
    steps.graph.withdraw("list", "a mistake")
    steps.graph.withdraw("list", "another mistake")
    gone = steps.kept.affected("list")
    assert (gone.before, gone.after) == (2, 0)
    assert {each.root["id"]: len(each.lost) for each in gone.changed} == {"shop/buyer": 1, "shop/brand": 1}


def test_those_are_compared_whom_records_ask_about_with_their_own_questions(steps: Steps) -> None:
    steps.kept.trace("shop/buyer", "buyer", max_tier=0)
    steps.kept.trace("shop/brand", "brand")
    steps.kept.trace("shop/brand", "again", paths=1)
    found = steps.kept.affected("list")
    assert found.compared == 2
    assert [(each.root["id"], each.records) for each in found.changed] == [("shop/brand", ("again", "brand"))]
    every = steps.kept.affected("list", among="shop")
    assert (every.compared, len(every.changed)) == (4, 3)


def test_whom_a_row_may_be_is_compared_though_nobody_has_decided(steps: Steps) -> None:
    steps.kept.keep_list(screened(steps, "name,country\nBrand,FR\n"), "rows")
    (row,) = steps.kept.read("rows")["rows"]
    assert ([each["id"] for each in row["candidates"]], row["traced"]) == (["shop/brand"], None)
    found = steps.kept.affected("list")
    assert [(each.root["id"], each.records) for each in found.changed] == [("shop/brand", ("rows",))]
    assert [e["designation"]["id"] for e in found.changed[0].gained] == ["list/designation/d-brand"]
    assert "whom its rows newly may be" in found.of


def test_what_is_in_force_again_is_gained_though_it_was_told_as_past(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    steps.add("shop", SHOP)
    revoked = [CHANGES, ["d-other", "revoked", "2024-01-01"]]
    for name, changes in (("gained", revoked), ("lost", None)):
        steps.add("list", LIST if changes is None else changed(LIST, status_changes=changes))
        steps.kept.trace("shop/buyer", name, past=True)
    steps.add("list", changed(LIST, status_changes=revoked))
    for versions, wanted in (((1, 2), (1, 0)), ((2, 3), (0, 1))):
        found = steps.kept.affected("list", *versions)
        assert [(len(each.gained), len(each.lost)) for each in found.changed] == [wanted]


def test_an_unknown_dataset_or_version_is_refused(steps: Steps, call: Command) -> None:
    for dataset, version in (("lists", None), ("list", 7)):
        with pytest.raises(UnknownDataset):
            steps.kept.affected(dataset, version)
    with pytest.raises(UnknownDataset):
        steps.kept.affected("list", among="shops")
    run = call("affected", "lists", "--quiet", "--data", str(steps.graph.store.path))
    assert (run.code, run.out, "Did you mean list?" in run.err) == (2, "", True)


def test_the_command_says_who_gained_and_lost_and_can_fail_on_it(steps: Steps, call: Command) -> None:
    data = ("--quiet", "--data", str(steps.graph.store.path))
    run = call("affected", "list", "--fail-on", "change", *data)
    assert run.code == 6
    assert "2 roots gained exposures, 2 roots lost exposures" in run.out
    assert "+ tier 1: Brand, United States (US): Listing: Brand." in run.out
    assert call("affected", "list", "2", "2", "--fail-on", "change", *data).code == 0
    found = json.loads(call("affected", "list", "1", "2", "--format", "json", *data).out)
    assert found == steps.kept.affected("list").to_dict()


# --- Real lists ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def palm(lists: Graph, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """Return three real lists with two editions of one of them: ILAB as of today, and that of 2018."""
    folder = tmp_path_factory.mktemp("palm") / "data"
    shutil.copytree(lists.store.path, folder)
    graph = Graph.open(folder)
    edition = shared / "data" / "ilab_goods" / "goods_2018.xml"
    graph.contribute(edition, Options(adapter="ilab", match=False, older=True))
    return graph


def test_over_two_editions_of_ilab_every_brand_of_palmwatch_is_as_its_traces(
    lists: Graph, palm: Graph
) -> None:
    asked = Parameters(paths=1)
    found = palm.screenings().affected("ilab")
    index = palm.view().index
    brands = [each for each in index.actors if "palmwatch/brand-" in each]
    assert len(brands) > 10
    wanted = {}
    for brand in brands:
        changed = differing(traced(lists, brand, asked), traced(palm, brand, asked))
        if any(changed.values()):
            wanted[brand] = changed
    assert wanted
    assert said(found) == wanted


def test_a_list_asked_again_names_exactly_the_rows_that_changed(palm: Graph, tmp_path: Path) -> None:
    """Of 351 rows, after somebody listed one of the mills: those of which a trace alone has other exposures."""
    index, asked = palm.view().index, Parameters(max_tier=1, paths=1)
    mills = [actor for iri, actor in index.actors.items() if actor.kind == "facility" and "palmwatch/" in iri]
    brands = [actor for iri, actor in index.actors.items() if "palmwatch/brand-" in iri]
    some = [*brands[:3], *mills[:348]]
    text = "".join(f'{index.names.id(each.iri)},"{each.name}"\n' for each in some)
    (tmp_path / "suppliers.csv").write_text("id,name\n" + text, "utf-8")
    found = listing.read(tmp_path / "suppliers.csv", Asked(), tmp_path, Report())
    assert found is not None
    kept = palm.screenings()
    kept.keep_list(palm.view().screen(found, asked), "suppliers")
    before = [traced(palm, each.iri, asked) for each in some]
    target = next(
        actor.iri for tier, actor in palm.view().trace(some[0].iri, asked).reached if actor in mills[:348]
    )
    rows = [
        ["id", "kind", "authority", "target"], ["d", "entity-listing", "Somebody", index.names.id(target)],
    ]  # fmt: skip
    palm.contribute(write(tmp_path / "new", {"designations": rows}, "newlist"), UNMATCHED)
    after = [traced(palm, each.iri, asked) for each in some]
    again = kept.again("suppliers").comparison
    wanted = {row for row, sides in enumerate(zip(before, after, strict=True), 2) if sides[0] != sides[1]}
    assert 1 < len(wanted) < 351
    assert {row.row for row in again.rows} == wanted
    assert set(causes(again)) == {("data", "newlist/designation/d", "added", (None, 1))}
    assert {cause.record for row in again.rows for cause in row.causes} == {"newlist/designation/d"}
    assert again.rows_same == 351 - len(wanted)
