"""Statements that a hostile reader found false: what an answer must not say of whom, each as a kind."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.answer import statements
from opentier.graph.answer.result import TraceResult
from opentier.graph.batch import everybody
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import AmbiguousActor
from opentier.graph.exposure import words
from opentier.graph.printing import onepage
from opentier.graph.profile.actor import Profile
from opentier.graph.report.report import ContributionError
from opentier.graph.trace.parameters import Parameters
from tests.broken import BASE, NAME, write
from tests.conftest import Command, copied

ACTORS = [
    ["id", "name", "country", "region"],
    ["i", "Importer", "US", ""],
    ["k", "Knitter", "VN", ""],
    ["f", "Cotton Farm", "CN", "CN-XJ"],
]
LINKS = [["buyer", "supplier", "product", "id"], ["i", "k", "6109", "s1"], ["k", "f", "5201", "s2"]]
LISTED = [
    ["id", "kind", "authority", "target", "country", "region", "product", "listing_date"],
    ["named", "entity-listing", "Somebody", "f", "", "", "", "2020-01-01"],
    ["place", "regional-presumption", "Somebody", "", "CN", "CN-XJ", "", "2020-01-01"],
    ["goods", "goods-listing", "Somebody", "", "CN", "CN-XJ", "5201", "2020-01-01"],
]


def made(folder: Path, **tables: list[list[str]]) -> Graph:
    """Return a data directory with one package."""

    def make(data: Path) -> None:
        Graph.open(data, create=True).contribute(write(folder / "package", tables))

    return copied(folder, hashlib.sha256(repr(tables).encode()).hexdigest(), make)


@pytest.mark.parametrize("root", ["f"])
def test_downstream_what_is_listed_is_said_of_the_traced_actor(root: str, tmp_path: Path) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED)
    found: TraceResult = graph.view().trace(f"{NAME}/{root}", Parameters(downstream=True))
    exposures = found.to_dict()["exposures"]
    assert {exposure["reason"] for exposure in exposures} == {"direct", "place", "goods"}
    for exposure in exposures:
        own = exposure["actor"]["id"] == f"{NAME}/{root}"
        assert exposure["sentence"].startswith("Upstream of it is Cotton Farm. Of that: ") != own
    upstream = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    assert all("Upstream of it" not in exposure["sentence"] for exposure in upstream)


def test_nobody_ends_a_designation_that_another_dataset_publishes(tmp_path: Path) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED)
    changes = [["designation", "status", "date"], [f"{NAME}/named", "revoked", "2021-01-01"]]
    with pytest.raises(ContributionError) as refused:
        graph.contribute(write(tmp_path / "friend", {"status_changes": changes}, "friend"))
    assert "This package has no such designation." in str(refused.value.report.to_dict())


def test_a_region_that_stays_text_matches_nothing(tmp_path: Path) -> None:
    actors = [*ACTORS[:-1], ["f", "Cotton Farm", "CN", "The far west"]]
    listed = [LISTED[0][:6], ["place", "regional-presumption", "Somebody", "", "CN", "The far west"]]
    graph = made(tmp_path, actors=actors, supply_links=LINKS, designations=listed)
    found = graph.view().trace(f"{NAME}/i", Parameters())
    assert found.exposures == []
    assert found.limits["place_unknown"] == 1


def test_the_text_tells_the_intervals_of_a_history(tmp_path: Path, call: Command) -> None:
    changes = [
        ["designation", "status", "date"],
        ["named", "revoked", "2021-01-01"],
        ["named", "active", "2023-01-01"],
    ]
    made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED[:2], status_changes=changes)
    out = call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out
    assert "in force 2020-01-01 to 2020-12-31 and since 2023-01-01" in " ".join(out.split())


def test_a_product_in_words_is_told_as_what_no_listed_code_was_tested_on(
    tmp_path: Path, call: Command
) -> None:
    links = [LINKS[0], ["i", "k", "6109", "s1"], ["k", "f", "cotton", "s2"]]
    products = [["id", "name", "hs"], ["cotton", "Cotton", ""]]
    graph = made(
        tmp_path, actors=ACTORS, supply_links=links, designations=[LISTED[0], LISTED[3]], products=products
    )
    limits = graph.view().trace(f"{NAME}/i", Parameters()).limits
    assert (limits["links_without_product"], limits["links_without_code"]) == (0, 1)
    out = call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out
    assert "1 link states a product in words, without a code" in " ".join(out.split())


@pytest.mark.parametrize(
    ("inputs", "listed", "unknown"), [([], True, 2), ([["5201", "6109"]], True, 1), ([], False, 0)]
)
def test_a_product_of_which_nothing_says_what_goes_into_it_is_told(
    inputs: list[list[str]], listed: bool, unknown: int, tmp_path: Path, call: Command
) -> None:
    tables = {
        "actors": ACTORS,
        "supply_links": LINKS,
        "designations": [LISTED[0], LISTED[3 if listed else 1]],
    }
    if inputs:
        tables["product_inputs"] = [["input", "output"], *inputs]
    graph = made(tmp_path, **tables)
    found = graph.view().trace(f"{NAME}/i", Parameters()).limits
    assert found["links_without_inputs"] == unknown
    assert graph.exposure().limits["links_without_inputs"] == unknown
    out = " ".join(call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out.split())
    assert ("nothing says what goes into it" in out) == bool(unknown)


SILENT = [
    ["buyer", "supplier", "id", "status", "end_date", "confidence"],
    ["i", "k", "s1", "closed", "", ""],  # never walked
    ["i", "f", "s2", "", "", "0.0"],  # never walked
    ["k", "f", "s3", "closed", "", "0"],  # both: told as closed
    ["i", "h", "s4", "closed", "2020", "0.5"],  # walked to its end
    ["i", "h", "s5", "retracted", "", "0"],  # said by nobody any longer
    ["h", "k", "s6", "", "", ""],
]


@pytest.mark.parametrize(
    ("root", "asked", "closed", "doubted"),
    [
        ("i", Parameters(), 2, 2),
        ("k", Parameters(downstream=True), 2, 2),
        ("h", Parameters(max_tier=0), 0, 1),
        ("k", Parameters(max_tier=0), 2, 0),
        ("i", Parameters(datasets=("other",)), 0, 0),
    ],
)
def test_links_that_are_never_walked_are_counted_in_every_form(
    root: str, asked: Parameters, closed: int, doubted: int, tmp_path: Path, call: Command
) -> None:
    actors = [*ACTORS, ["h", "House", "US", ""], ["w", "Worker Agency", "US", ""]]
    recruited = [["employer", "recruiter", "confidence"], ["h", "w", "0"]]
    graph = made(
        tmp_path, actors=actors, supply_links=SILENT, designations=LISTED[:2], recruitment_links=recruited
    )
    other = [["buyer", "supplier", "status"], [f"{NAME}/w", f"{NAME}/f", "closed"]]
    graph.contribute(write(tmp_path / "other", {"supply_links": other}, "other"))
    found = graph.view().trace(f"{NAME}/{root}", asked)
    counted = (found.limits["links_closed_without_end"], found.limits["links_of_no_confidence"])
    assert counted == (closed, doubted)


def test_links_that_are_never_walked_are_told(tmp_path: Path, call: Command) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=SILENT[:3], designations=LISTED[:2])
    lines = [
        "1 link says that it is closed, and not since when: never followed, on whatever day.",
        "1 link is of confidence 0: kept, and never followed.",
    ]
    found = graph.view().trace(f"{NAME}/i", Parameters())
    assert [line for line in statements.untested(found.to_dict()) if line in lines] == lines
    assert [line for line in graph.exposure().told() if line in lines] == lines
    out = " ".join(call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out.split())
    picture = " ".join(re.sub("<[^>]*>", " ", found.to_svg()).split())
    for line in lines:
        assert line in out
        assert line in picture
        assert line in found._repr_html_()
    for text in (found.limits_csv(), graph.exposure().limits_csv()):
        assert "links_closed_without_end,,1" in text
        assert "links_of_no_confidence,,1" in text
    assert found.limits["actors_without_upstream_links"] == 1


@pytest.mark.parametrize(
    ("kinds", "subsidiaries", "expected"),
    [
        (("supply",), {"one": "true"}, set()),
        (("supply",), {"one": "true", "two": "yes"}, {"one", "two"}),
        (("supply",), {}, set()),
        (("supply", "ownership"), {}, {"one", "two"}),
        (("supply", "ownership"), {"one": "true"}, {"one", "two"}),
    ],
)
def test_whose_stakes_add_up_where_ownership_is_not_asked_for(
    kinds: tuple[str, ...], subsidiaries: dict[str, str], expected: set[str], tmp_path: Path
) -> None:
    """Listed owners of 30 % and 25 % own more than half, if ownership is asked for.

    The rule can be read both ways: it is "computed when the kinds have ownership, or for a designation that says
    `includes_subsidiaries`". The published case r11 decides: without the kind ownership an owner of 30 % whose listing
    includes subsidiaries and one of 60 % whose listing is silent make no exposure. So what is silent takes part only
    where ownership is asked for, and otherwise the limits must say that such links were not followed, and how to ask.
    """
    actors = [*ACTORS, ["one", "One Holding", "CN", ""], ["two", "Two Holding", "CN", ""]]
    held = [["owner", "asset", "share_exact"], ["one", "f", "30"], ["two", "f", "25"]]
    listed = [["id", "kind", "authority", "target", "includes_subsidiaries"]]
    listed += [
        [f"d-{name}", "entity-listing", "Somebody", name, subsidiaries.get(name, "")]
        for name in ("one", "two")
    ]
    graph = made(tmp_path, actors=actors, supply_links=LINKS, ownership_links=held, designations=listed)
    found = graph.view().trace(f"{NAME}/i", Parameters(kinds=kinds)).to_dict()["exposures"]
    owned = [each for each in found if each["reason"] == "owned-by-listed"]
    assert {each["designation"]["target"]["id"].partition("/")[2] for each in owned} == expected
    assert all([stake["share"] for stake in each["stakes"]] == [30, 25] for each in owned)
    everybody = {row["id"]: row for row in graph.exposure(kinds=kinds).to_dict()["actors"]}
    assert (everybody[f"{NAME}/f"]["nearest_tier"] == 0) == bool(expected)
    told = "Ownership links were not followed: 2 touch reached actors; ask for the kind ownership, too."
    assert (told in said_of(graph, "i", Parameters(kinds=kinds))) == ("ownership" not in kinds)


def test_a_listed_good_by_a_site_names_the_site_its_record_and_its_dates(
    tmp_path: Path, call: Command
) -> None:
    actors = [
        *ACTORS[:3],
        ["f", "Trader", "US", ""],
        *([f"site{n}", f"Site {n}", "CN", "CN-XJ"] for n in range(4)),
    ]
    links = [LINKS[0], LINKS[1] + ["2020", "2021"], LINKS[2] + ["2020", "2021"]]
    links[0] = [*LINKS[0], "start_date", "end_date"]
    operated = [
        ["operator", "facility", "start_date", "end_date"],
        ["f", "site0", "2019", ""], ["f", "site1", "", ""], ["f", "site2", "2022", ""],  # too late
        ["f", "site3", "2018", "2020-06"],
    ]  # fmt: skip
    graph = made(
        tmp_path,
        actors=actors,
        supply_links=links,
        operation_links=operated,
        designations=[LISTED[0], LISTED[3]],
    )
    found = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    (exposure,) = [each for each in found if each["reason"] == "goods-site"]
    told = [(site["to"]["id"], site["start_date"], site["end_date"]) for site in exposure["sites"]]
    ends = [("site0", "2019", None), ("site1", None, None), ("site3", "2018", "2020-06")]
    assert sorted(told, key=str) == [(f"{NAME}/{site}", *dates) for site, *dates in ends]
    when = {"site0": "since 2019", "site1": "no dates stated", "site3": "2018 to 2020-06"}
    records = [(site["to"], site["record"].removeprefix(BASE)) for site in exposure["sites"]]
    sites = [f"{to['name']} (record {record}, {when[to['id'].partition('/')[2]]})" for to, record in records]
    sentence = "It sells the listed good, and operates a site in the listed region: "
    sentence += f"{sites[0]}, {sites[1]} and {sites[2]}."
    assert exposure["sentence"] == sentence
    assert all(each["sites"] == [] for each in found if each is not exposure)
    out = call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out
    assert sentence in " ".join(out.split())
    down = graph.view().trace(f"{NAME}/f", Parameters(downstream=True)).to_dict()["exposures"]
    assert all(sentence in each["sentence"] for each in down if each["reason"] == "goods-site")
    assert down


# --- Sentences that must not contradict each other -------------------------------------------------------------------


def said_of(graph: Graph, root: str, asked: Parameters) -> list[str]:
    found = graph.view().trace(f"{NAME}/{root}", asked).to_dict()
    return [*statements.tested(found), *statements.untested(found), *statements.sources(found)]


@pytest.mark.parametrize(
    ("asked", "first", "source"),
    [
        (
            Parameters(exploitation=("trafficking",)),
            "Lists: of 3 designations 3 are in force, and left out by the filter on exploitation.",
            "3 searched, 3 in force, 3 of these left out by the filter on exploitation",
        ),
        (
            Parameters(exploitation=("trafficking",), on="2019-01-01"),
            "Lists: of 3 designations none is in force at the time that was asked about.",
            "3 searched, 0 in force",
        ),
        (
            Parameters(exploitation=("not-stated",)),
            "Lists: 3 designations of 1 register, 3 in force.",
            "3 in force",
        ),
    ],
)
def test_a_list_that_a_filter_leaves_out_was_there(
    asked: Parameters, first: str, source: str, tmp_path: Path
) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED)
    lines = said_of(graph, "i", asked)
    assert [line for line in lines if line.startswith("Lists:")] == [first]
    assert any(source in line for line in lines)
    assert not any("was there to search" in line for line in lines)


def test_of_a_list_of_which_a_filter_leaves_out_a_part_that_is_told(tmp_path: Path) -> None:
    listed = [[*LISTED[0], "exploitation"], [*LISTED[1], "trafficking"], [*LISTED[2], "child-labour"]]
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=listed)
    asked = Parameters(exploitation=("trafficking",))
    lines = said_of(graph, "i", asked)
    assert "Lists: 2 designations of 1 register, 2 in force." in lines
    assert "Of those in force 1 is left out by the filter on exploitation." in lines
    assert any(
        "2 in force, 1 left out" in line for line in graph.exposure(exploitation=("trafficking",)).told()
    )


def test_lists_that_are_invented_are_no_lists_for_those_who_are_not(tmp_path: Path) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS)
    before = graph.view().trace(f"{NAME}/i", Parameters()).verdict
    assert "no designation at all" in before.reasons[0]
    invented = {"actors": ACTORS, "supply_links": LINKS, "designations": LISTED}
    graph.contribute(write(tmp_path / "invented", invented, name="example-lists"))
    view = graph.view()
    said = words.sentence("only-invented")
    assert view.trace(f"{NAME}/i", Parameters()).verdict.reasons[0] == said
    assert view.nearest(f"{NAME}/i", Parameters()).untestable[0] == said
    assert view.trace("example-lists/i", Parameters()).verdict.result == "exposed"
    none = words.said("untested", "no-list")
    assert none in said_of(graph, "i", Parameters())
    told = {id: Profile(view, view.directory.node(id)) for id in (f"{NAME}/i", "example-lists/i")}
    assert [none in each.untested() for each in told.values()] == [True, False]
    assert [bool(each.tested()) for each in told.values()] == [False, True]


def test_no_link_is_spoken_of_where_there_is_none(tmp_path: Path, call: Command) -> None:
    listed = [[*LISTED[0], "scope_products"], [*LISTED[1], "5201"]]
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=listed)
    data = ("--quiet", "--data", str(tmp_path / "data"))
    out = " ".join(call("trace", f"{NAME}/f", *data).out.split())
    assert "The link states no product" not in out
    assert "No supply link is on this path, so that the listed good is not known to be in it." in out
    assert "Best path to Cotton Farm: no link: it is the traced one itself." in out
    (exposure,) = graph.view().trace(f"{NAME}/f", Parameters(product="5201")).to_dict()["exposures"]
    assert exposure["scope_match"] == "unknown"
    out = call("trace", f"{NAME}/f", "--product", "5201", *data).out
    assert "every product goes on" not in out


# --- Histories -------------------------------------------------------------------------------------------------------

AGAIN = [
    ["designation", "status", "date"],
    ["named", "revoked", "2021-01-01"],
    ["named", "active", "2023-01-01"],
]


@pytest.mark.parametrize("past", [True, False])
@pytest.mark.parametrize("pending", [True, False])
def test_between_two_intervals_a_designation_is_told_as_past_and_as_pending(
    past: bool, pending: bool, tmp_path: Path, call: Command
) -> None:
    graph = made(tmp_path, actors=ACTORS, supply_links=LINKS, designations=LISTED[:2], status_changes=AGAIN)
    asked = Parameters(on="2022-01-01", past=past, pending=pending)
    found = graph.view().trace(f"{NAME}/i", asked)
    exposures = found.to_dict()["exposures"]
    assert [exposure["states"] for exposure in exposures] == [["past", "pending"]] * (past or pending)
    assert [exposure["state"] for exposure in exposures] == ["past" if past else "pending"] * (
        past or pending
    )
    groups = found.to_dict(grouped=1)["groups"]
    assert [group["states"] for group in groups] == [["past", "pending"]] * (past or pending)
    told = "Past and pending: in force before and again later, not part of the answer above"
    words = [f"--{name}" for name, said in (("past", past), ("pending", pending)) if said]
    out = call(
        "trace", f"{NAME}/i", "--on", "2022-01-01", *words, "--quiet", "--data", str(tmp_path / "data")
    ).out
    assert (told in " ".join(out.split())) == (past or pending)
    assert (told in found._repr_html_()) == (past or pending)
    if past or pending:
        rows = list(csv.DictReader(io.StringIO(found.to_csv().lstrip("\ufeff"))))
        (row,) = [row for row in rows if row["id"] == f"{NAME}/f"]
        assert row["past"] == row["pending"] == f"{NAME}/designation/named"


@pytest.mark.parametrize("statuses", [("revoked", "active"), ("active", "revoked"), ("modified", "inactive")])
def test_of_changes_of_one_day_the_one_in_force_counts_and_that_is_told(
    statuses: tuple[str, str], tmp_path: Path, call: Command
) -> None:
    """The store keeps no order of rows: whatever order their IRIs have, none may make a designation vanish."""
    for number in range(3):  # other days, other IRIs
        folder, day = tmp_path / str(number), f"2021-01-0{number + 1}"
        changes = [["designation", "status", "date"], *(["named", status, day] for status in statuses)]
        changes += [["place", "revoked", "2021-01-01"], ["place", "active", "2021-01-03"]]
        graph = made(
            folder, actors=ACTORS, supply_links=LINKS, designations=LISTED[:3], status_changes=changes
        )
        found = graph.view().trace(f"{NAME}/i", Parameters(on="2022-01-01"))
        (named,) = [each for each in found.to_dict()["exposures"] if each["reason"] == "direct"]
        assert named["state"] == "current"
        history = [each["status"] for each in named["designation"]["status_history"]]
        assert history == sorted(statuses, key=lambda status: status not in ("revoked", "inactive"))
        assert named["designation"]["status"] == history[-1]
        assert found.limits["contradicting_changes"] == [f"{NAME}/designation/named"]
        line = (
            "1 designation was ended and in force by status changes of one day, and nobody states their order; it "
            f"counts as in force from that day on: {NAME}/designation/named."
        )
        assert line in statements.untested(found.to_dict())
        assert line in graph.exposure().told()
        assert f"contradicting_changes,{NAME}/designation/named," in found.limits_csv()


# --- What became of suppliers ----------------------------------------------------------------------------------------

MOVED = [
    ["id", "name", "country"],
    ["i", "Importer", "US"], ["k", "Knitter", "VN"], ["w", "Old Works", "TR"], ["n", "New Works", "EG"],
    ["z", "Works Three", "EG"],
]  # fmt: skip
ENDED = [
    ["buyer", "supplier", "start_date", "end_date"],
    ["i", "k", "2015-01-01", ""], ["k", "w", "2015-01-01", "2019-06"], ["k", "w", "2015-01-01", "2020-03-14"],
]  # fmt: skip
CHANGED = [["kind", "before", "after", "date"], ["continued", "w", "n", "2020-03-15"]]


def moved(folder: Path, *changes: list[str], links: Sequence[list[str]] = ()) -> Graph:
    """Return an importer whose knitter's supplier moved, with a list that has the new one."""
    listed = [
        ["id", "kind", "authority", "target", "listing_date"],
        ["l", "entity-listing", "Board", "n", "2018"],
    ]
    tables = {"actors": MOVED, "supply_links": [*ENDED, *links], "designations": listed}
    return made(folder, **tables, organisation_changes=[*CHANGED, *changes])


def followers(graph: Graph, root: str, **asked: Any) -> list[tuple[str, ...]]:
    """Return who became of whom behind a link that ended: its ends, its last day, the actor, what it became, when."""
    found = graph.view().trace(f"{NAME}/{root}", Parameters(**asked)).limits["continued_elsewhere"]
    ids = [[each[end]["id"].rpartition("/")[2] for end in ("from", "to", "actor", "after")] for each in found]
    return [
        (*id[:2], each["ended"], *id[2:], each["date"] or "", *each["designations"])
        for id, each in zip(ids, found, strict=True)
    ]


def test_who_continued_a_supplier_whose_link_ended_is_told_in_every_form(
    tmp_path: Path, call: Command
) -> None:
    graph = moved(tmp_path)
    found = graph.view().trace(f"{NAME}/i", Parameters(on="2021-01-01"))
    (each,) = found.to_dict()["limits"]["continued_elsewhere"]
    assert (each["from"]["name"], each["to"]["name"], each["ended"]) == ("Knitter", "Old Works", "2020-03-14")
    assert (each["kind"], each["after"]["name"], each["date"]) == ("continued", "New Works", "2020-03-15")
    line = (
        "Knitter to Old Works, until 2020-03-14: Old Works: continued, now New Works (2020-03-15); "
        f"designated by {NAME}/designation/l."
    )
    assert line in statements.untested(found.to_dict())
    assert f"continued_elsewhere,{NAME}/k {NAME}/w," in found.limits_csv()
    said = call("trace", f"{NAME}/i", "--on", "2021-01-01", "--quiet", "--data", str(tmp_path / "data")).out
    assert line in " ".join(said.split())


@pytest.mark.parametrize(
    ("root", "asked", "told"),
    [
        ("i", {"on": "2020-03-15"}, True),
        ("i", {"since": "2020-04-01"}, True),
        ("i", {"on": "2020-03-14"}, False),
        ("i", {}, False),
        ("i", {"since": "2020-03-01"}, False),
        ("i", {"on": "2021-01-01", "max_tier": 1}, False),
        ("i", {"on": "2021-01-01", "kinds": ("operation",)}, False),
        ("i", {"on": "2021-01-01", "countries": ("VN",)}, False),
        ("n", {"on": "2021-01-01"}, False),
    ],
)
def test_who_continued_a_supplier_is_told_where_the_walk_came_to_its_end_before(
    root: str, asked: dict[str, Any], told: bool, tmp_path: Path
) -> None:
    one = ("k", "w", "2020-03-14", "w", "n", "2020-03-15", f"{NAME}/designation/l")
    assert followers(moved(tmp_path), root, **asked) == [one] * told


def test_those_who_continued_a_supplier_are_followed_in_any_number_of_steps_until_the_asked_day(
    tmp_path: Path,
) -> None:
    graph = moved(
        tmp_path, ["merged", "n", "z", "2022"], ["dissolved", "z", "", ""], ["renamed", "z", "w", ""]
    )
    first = ("k", "w", "2020-03-14", "w", "n", "2020-03-15", f"{NAME}/designation/l")
    assert followers(graph, "i", on="2021-12-31") == [first]
    assert followers(graph, "i", on="2022-01-01") == [("k", "w", "2020-03-14", "n", "z", "2022"), first]


def test_of_a_supplier_that_is_reached_or_whose_follower_is_nothing_is_left_to_tell(tmp_path: Path) -> None:
    again = moved(tmp_path / "again", links=[["i", "w", "2015-01-01", ""]])
    assert followers(again, "i", on="2021-01-01") == []
    bought = moved(tmp_path / "bought", links=[["k", "n", "2020-03-15", ""]])
    assert followers(bought, "i", on="2021-01-01") == []


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ([], ["w n"]),
        ([["k", "n", "2020-03-15", ""]], []),
        ([["k", "w", "2015-01-01", ""]], []),
        ([["i", "n", "2020-03-15", ""]], ["w n"]),
    ],
)
def test_beside_the_figures_of_all_actors_stands_who_continued_a_supplier(
    links: list[list[str]], told: list[str], tmp_path: Path
) -> None:
    found = moved(tmp_path, links=links).exposure(on="2021-01-01")
    followed = found.limits["continued_elsewhere"]
    assert [f"{each['actor']['id'][-1]} {each['after']['id'][-1]}" for each in followed] == told
    assert any(line.startswith("Knitter to Old Works") for line in found.told()) == bool(told)


def test_downstream_who_continued_a_buyer_whose_link_ended_is_told(tmp_path: Path) -> None:
    tables = {"actors": MOVED, "supply_links": [ENDED[0], ["w", "z", "", "2020-03-14"]]}
    graph = made(tmp_path, **tables, organisation_changes=CHANGED)
    assert followers(graph, "z", on="2021-01-01", downstream=True) == [
        ("w", "z", "2020-03-14", "w", "n", "2020-03-15")
    ]
    assert followers(graph, "w", on="2021-01-01") == []


# --- Editions of the HS ----------------------------------------------------------------------------------------------


def tiled(folder: Path, carried: str, listed: str, scope: str = "") -> Graph:
    """Return an importer whose supplier carries a code, and a list of goods of its country and of its own."""
    head = ["id", "kind", "authority", "target", "country", "product", "scope_products", "listing_date"]
    return made(
        folder,
        actors=[["id", "name", "country"], ["i", "Importer", "US"], ["t", "Tiler", "CN"]],
        supply_links=[["buyer", "supplier", "product"], ["i", "t", carried]],
        designations=[
            head,
            ["g", "goods-listing", "Board", "", "CN", listed, "", "2020"],
            ["o", "import-order", "Board", "t", "", "", scope, "2020"],
        ],
    )


@pytest.mark.parametrize(
    ("carried", "listed", "scope", "product", "told"),
    [
        ("690810", "690721", "", None, ["690810"]),
        ("690721", "6908", "", None, ["6908"]),
        ("690721", "690721", "690890", None, ["690890"]),
        ("690810", "6908", "690890", None, ["6908", "690810", "690890"]),
        ("690721", "690721", "", "690810", ["690810"]),
        ("690810", "690721", "", "690721", ["690810"]),
        ("690721", "6907", "690722", None, []),
        ("", "690721", "", None, []),
    ],
)
def test_codes_of_earlier_editions_of_the_hs_are_told_wherever_they_stand(
    carried: str, listed: str, scope: str, product: str | None, told: list[str], tmp_path: Path
) -> None:
    graph = tiled(tmp_path, carried, listed, scope)
    found = graph.view().trace(f"{NAME}/i", Parameters(product=product))
    assert found.to_dict()["limits"]["hs_of_earlier_editions"] == told
    verb, whose = ("is", "its") if len(told) == 1 else ("are", "their")
    line = (
        f"{', '.join(told)} {verb} of an earlier edition of the HS: what is stated under {whose} codes of 2022 is not "
        "matched."
    )
    assert (line in statements.untested(found.to_dict())) == bool(told)
    rows = csv.reader(io.StringIO(found.limits_csv()))
    assert [row[1] for row in rows if row[0] == "hs_of_earlier_editions"] == told
    if product is None:
        assert (line in graph.exposure().told()) == bool(told)


def test_codes_of_earlier_editions_of_links_that_are_not_walked_are_not_told(tmp_path: Path) -> None:
    links = [
        ["buyer", "supplier", "product", "end_date"],
        ["i", "t", "690810", "2019"],
        ["i", "t", "690721", ""],
    ]
    actors = [["id", "name", "country"], ["i", "Importer", "US"], ["t", "Tiler", "CN"]]
    graph = made(tmp_path, actors=actors, supply_links=links)
    for product in (None, "690721"):
        for day, told in (("2021-01-01", []), ("2018-01-01", ["690810"])):
            found = graph.view().trace(f"{NAME}/i", Parameters(product=product, on=day))
            assert found.limits["hs_of_earlier_editions"] == told


# --- Who is one with whom --------------------------------------------------------------------------------------------

JUDGED = ["left", "right", "judgement", "decided_by", "date"]


@pytest.mark.parametrize(
    ("first", "second", "own", "told"),
    [
        ("positive", "negative", False, True),
        ("negative", "positive", False, True),
        ("positive", "negative", True, False),
        ("positive", "positive", False, False),
    ],
)
def test_what_a_person_judged_is_not_overruled_by_another_dataset_in_silence(
    first: str, second: str, own: bool, told: bool, tmp_path: Path, call: Command
) -> None:
    actors = [*ACTORS, ["x", "Xinjiang Cotton", "CN", ""]]
    listed = [LISTED[0], [*LISTED[1][:3], "x", *LISTED[1][4:]]]
    ann = ["f", "x", first, "Ann", "2020-01-01"]
    bob = [*(["x", "f"] if own else [f"{NAME}/x", f"{NAME}/f"]), second, "Bob", "2021-01-01"]
    judged = {"identity_judgements": [JUDGED, ann, *([bob] if own else [])]}
    graph = made(tmp_path, actors=actors, supply_links=LINKS, designations=listed, **judged)
    if not own:
        graph.contribute(write(tmp_path / "friend", {"identity_judgements": [JUDGED, bob]}, "friend"))
    found = graph.view().trace(f"{NAME}/i", Parameters())
    (overruled,) = found.limits["judgements_overruled"] or [None]
    line = f"{NAME}/f and {NAME}/x: {first} by Ann in {NAME} on 2020-01-01; "
    line += f"{second} by Bob in friend on 2021-01-01, which counts."
    assert (overruled is not None) == told
    if overruled is not None:
        names = ("judgement", "decided_by", "dataset")
        said = [tuple(overruled[key][name] for name in names) for key in ("judgement", "by")]
        assert said == [(first, "Ann", NAME), (second, "Bob", "friend")]
        assert "judgements_overruled" in found.limits_csv()
    assert (line in statements.untested(found.to_dict())) == told
    assert (line in graph.exposure().told()) == told
    away = graph.view().trace(f"{NAME}/i", Parameters(max_tier=1))
    assert away.limits["judgements_overruled"] == []


MEMBERS = [
    *ACTORS[:3], ["m", "Mill Trading", "SG", ""], ["m1", "Mill Works", "", ""], ["m2", "The Mill", "CN", "CN-XJ"],
    ["t", "Twin", "SG", ""], ["t1", "Twin Farm", "CN", "CN-XJ"],
]  # fmt: skip
ONE = [
    JUDGED, ["m", "m1", "positive", "Ann", "2020-01-01"], ["m1", "m2", "positive", "Ann", "2020-01-02"],
    ["m1", "t", "unsure", "Ann", "2020-01-03"], ["t", "t1", "positive", "Ann", "2020-01-04"],
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "product", "reason"),
    [(1, "", "direct"), (2, "", "place"), (3, "5201", "goods"), (3, "52", "goods")],
)
def test_what_another_member_of_an_actor_states_has_a_join_for_a_hop(
    number: int, product: str, reason: str, tmp_path: Path, call: Command
) -> None:
    links = [LINKS[0], LINKS[1], ["k", "m", product, "s2"]]
    listed = [LISTED[0], [*LISTED[1][:3], "m2", *LISTED[1][4:]] if number == 1 else LISTED[number]]
    graph = made(
        tmp_path, actors=MEMBERS, supply_links=links, designations=listed, identity_judgements=ONE[:3]
    )
    found = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()
    (exposure,) = found["exposures"]
    assert exposure["reason"] == reason
    ids = [
        (hop["kind"], hop["from"]["id"].partition("/")[2], hop["to"]["id"].partition("/")[2])
        for hop in exposure["paths"][0]["hops"]
    ]
    assert ids == [
        ("supply", "i", "k"),
        ("supply", "k", "m"),
        ("identity", "m", "m1"),
        ("identity", "m1", "m2"),
    ]
    last = exposure["paths"][0]["hops"][-1]
    assert [last["from"][name] for name in ("name", "country", "region")] == ["Mill Works", None, None]
    assert [last["to"][name] for name in ("name", "country", "region")] == ["The Mill", "CN", "CN-XJ"]
    (mill,) = [actor for actor in found["reached"] if actor["id"] == f"{NAME}/m"]
    assert mill["names"] == ["Mill Trading", "Mill Works", "The Mill"]
    assert mill["members"] == [f"{NAME}/m", f"{NAME}/m1", f"{NAME}/m2"]
    assert (found["root"]["names"], found["root"]["members"]) == (["Importer"], [f"{NAME}/i"])
    out = " ".join(call("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data")).out.split())
    assert "> The Mill, China (CN): identity judged positive by Ann (2020-01-02)" in out
    down = graph.view().trace(f"{NAME}/m", Parameters(downstream=True)).to_dict()["exposures"]
    assert down
    assert all(each["paths"][0]["hops"][-1] == last for each in down)


def test_a_place_of_its_own_needs_no_join(tmp_path: Path) -> None:
    links = [LINKS[0], LINKS[1], ["k", "m2", "5201", "s2"]]
    graph = made(
        tmp_path,
        actors=MEMBERS,
        supply_links=links,
        designations=[LISTED[0], LISTED[2]],
        identity_judgements=ONE[:3],
    )
    (exposure,) = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    assert [hop["kind"] for hop in exposure["paths"][0]["hops"]] == ["supply", "supply"]


def test_a_doubt_shows_the_joins_before_and_after_it(tmp_path: Path) -> None:
    links = [LINKS[0], LINKS[1], ["k", "m", "5201", "s2"]]
    actors = [*MEMBERS[:5], ["m2", "The Mill", "SG", ""], *MEMBERS[6:]]
    graph = made(
        tmp_path,
        actors=actors,
        supply_links=links,
        designations=[LISTED[0], LISTED[2]],
        identity_judgements=ONE,
    )
    (exposure,) = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    assert exposure["reason"] == "possible-identity"
    hops = exposure["paths"][0]["hops"][2:]
    assert [(hop["from"]["id"].partition("/")[2], hop["to"]["id"].partition("/")[2]) for hop in hops] == [
        ("m", "m1"), ("m1", "t"), ("t", "t1"),
    ]  # fmt: skip
    assert [hop["judgement"]["judgement"] for hop in hops] == ["positive", "unsure", "positive"]


# --- Every actor at once ---------------------------------------------------------------------------------------------


def table(file: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))


def test_beside_the_figures_of_all_actors_stand_the_limits_of_a_trace(tmp_path: Path, call: Command) -> None:
    actors = [
        *ACTORS[:2],
        ["k", "Knitter", "", ""],
        ["f", "Cotton Farm", "CN", ""],
        ["g", "cotton-farm", "US", ""],
    ]
    named = [*LISTED[1][:3], "g", *LISTED[1][4:]]
    links = [*LINKS, ["i", "f", "", "s3"]]
    graph = made(tmp_path, actors=actors, supply_links=links, designations=[LISTED[0], named, *LISTED[2:]])
    found = graph.exposure()
    traced = graph.view().trace(f"{NAME}/i", Parameters()).limits
    # How many designations are not in force, and left out, stands beside each register.
    apart = {
        "refused_by_product",
        "refused_first",
        "sells_listed",
    }  # what one sells is among the figures of its buyers
    apart |= {f"{kind}_exposures" for kind in ("filtered", "past", "pending")}
    assert set(traced) - apart <= set(found.limits)
    counts = ("actors_without_country", "place_unknown", "links_without_product", "names_alike")
    assert {name: found.limits[name] for name in counts} == {name: traced[name] for name in counts}
    assert len(found.limits["names_alike"]) == found.limits["place_unknown"] == 1
    assert (traced["actors_without_upstream_links"], found.limits["actors_without_upstream_links"]) == (1, 2)
    for name in ("csv", "parquet"):
        out = tmp_path / f"{name}-form.{name}"
        assert call("exposure", "--quiet", "--data", str(tmp_path / "data"), "--out", str(out)).code == 0
        rows = table(out.with_suffix(".limits.csv"))
        assert rows[0] == ["limit", "of", "value"]
        assert ["place_unknown", "", "1"] in rows
        assert ["names_alike", f"{NAME}/f", f"{NAME}/designation/named"] in rows
        assert {row[0] for row in rows[1:]} - {"verdict", "dataset"} <= set(found.limits)
    err = call("exposure", "--data", str(tmp_path / "data")).err
    assert "1 actor has no country" in " ".join(err.split())


def test_of_each_actor_it_is_told_what_could_not_be_tested_and_how_far_that_may_go(tmp_path: Path) -> None:
    actors = [
        ["id", "name", "country", "region"], ["a", "A", "US", ""], ["b", "B", "US", ""], ["c", "C", "US", ""],
        ["d", "D", "US", ""], ["e", "E", "US", ""], ["nowhere", "Nowhere", "", ""], ["china", "China", "CN", ""],
        ["brazil", "Brazil", "BR", ""], ["root", "Root", "US", ""],
    ]  # fmt: skip
    links = [
        ["buyer", "supplier", "product", "share"],
        ["a", "nowhere", "1", "40"], ["a", "root", "", "60"], ["b", "china", "5201", "40"], ["b", "root", "", "60"],
        ["c", "brazil", "", "40"], ["c", "root", "", "60"], ["d", "brazil", "5201", "40"], ["d", "root", "", "60"],
        ["e", "a", "", "50"], ["e", "root", "", "50"], ["root", "root2", "", ""], ["root2", "root", "", ""],
        *([end, "root", "", ""] for end in ("nowhere", "china", "brazil")),
    ]  # fmt: skip
    actors.append(["root2", "Root 2", "US", ""])
    listed = [
        ["id", "kind", "authority", "country", "region", "product"],
        ["place", "regional-presumption", "Somebody", "CN", "CN-XJ", ""],
        ["goods", "goods-listing", "Somebody", "BR", "", "0901"],
    ]
    links[1][2] = "0901"
    found = made(tmp_path, actors=actors, supply_links=links, designations=listed).exposure().to_dict()
    told = {row["id"].partition("/")[2]: row for row in found["actors"]}
    possible = {name: row["share_possible"] for name, row in told.items()}
    assert possible == pytest.approx(
        {
            "a": 0.4,
            "b": 0.4,
            "c": 0.4,
            "d": 0,
            "e": 0.2,
            "root": 0,
            "root2": 0,
            "nowhere": 0,
            "china": 0,
            "brazil": 0,
        }
    )
    assert {row["share_upper"] for row in told.values()} == {0}
    assert {name: row["untested"] for name, row in told.items() if row["untested"]} == {
        "nowhere": "no-country", "china": "place-unknown", "c": "no-product",
    }  # fmt: skip


# --- Names alike ------------------------------------------------------------------------------------------------------


def alike(folder: Path) -> Graph:
    """Return an importer whose supplier is called as a listed company of another dataset is."""
    actors = [*ACTORS[:3], ["f", "Cotton Farm Co., Ltd.", "CN", ""]]
    graph = made(folder, actors=actors, supply_links=LINKS)
    listed = {"actors": [ACTORS[0], ["l", "COTTON FARM CO LTD", "CN", ""]],
              "designations": [LISTED[0], [*LISTED[1][:3], "l", *LISTED[1][4:]]]}  # fmt: skip
    graph.contribute(write(folder / "list", listed, "list"), Options(match=False))
    return graph


def test_nothing_found_opens_with_the_names_that_nobody_has_judged(tmp_path: Path, call: Command) -> None:
    found = alike(tmp_path).view().trace(f"{NAME}/i", Parameters())
    assert found.verdict.result == "none-found"
    assert found.verdict.reasons[0].startswith("But 1 actor is called as a listed one is")
    assert next(found.rows())[1].startswith("But 1 actor")
    asked = ("trace", f"{NAME}/i", "--quiet", "--data", str(tmp_path / "data"))
    head = " ".join(call(*asked).out.partition("Tested")[0].split())
    assert "But 1 actor is called as a listed one is" in head
    assert call(*asked, "--fail-on", "exposure").code == 0
    assert call(*asked, "--fail-on", "exposure,names-alike").code == 5


@pytest.mark.parametrize(
    ("supplied", "product", "sells", "alone"),
    [
        (False, None, True, True),
        (False, "5201", True, True),
        (False, "6109", False, True),
        (True, None, True, False),
    ],
)
def test_nothing_found_opens_with_what_the_company_sells_and_that_nobody_supplies_it(
    supplied: bool, product: str | None, sells: bool, alone: bool, tmp_path: Path, call: Command
) -> None:
    actors = [*ACTORS, ["o", "Operator", "VN", ""], ["s", "Seeds", "VN", ""]]
    links = [*LINKS, *[["f", "s", "1207", "s3"]] * supplied]
    runs = [["operator", "facility"], ["o", "f"]]
    order = ["order", "import-order", "Somebody", "", "CN", "CN-XJ", "5201", "2020-01-01"]
    elsewhere = ["elsewhere", "entity-listing", "Somebody", "k", "", "", "", "2020-01-01"]
    tables = {"supply_links": links, "operation_links": runs, "designations": [LISTED[0], order, elsewhere]}
    graph = made(tmp_path, actors=actors, **tables)
    found = graph.view().trace(f"{NAME}/f", Parameters(product=product))
    assert found.verdict.result == "none-found"
    assert [each["id"] for each in found.limits["sells_listed"]] == [f"{NAME}/designation/order"] * sells
    told = "hat the company itself sells is listed where it is, and touches whoever buys it: Import order: "
    assert any(line.startswith(f"W{told}") for line in statements.untested(found.to_dict())) == sells
    openings = [f"But w{told}"] * sells
    if alone:
        openings.insert(
            0, "But no link leads to a supplier of it: the company itself was tested with 1 actor "
        )
    but = [reason for reason in found.verdict.reasons if reason.startswith("But ")]
    assert len(but) == len(openings)
    assert all(map(str.startswith, but, openings))
    asked = ("trace", f"{NAME}/f", "--quiet", "--data", str(tmp_path / "data"))
    head = " ".join(call(*asked).out.partition("Tested")[0].split())
    assert "But what the company itself sells is listed where it is" in head
    downstream = graph.view().trace(f"{NAME}/f", Parameters(downstream=True))
    assert (downstream.verdict.result, downstream.limits["sells_listed"]) == ("exposed", [])


def test_that_no_measure_touches_a_chain_is_not_said_where_one_may(tmp_path: Path) -> None:
    actors = [*ACTORS[:3], ["f", "Cotton Farm", "CN", ""], ["l", "Listed Mill", "VN", ""]]
    goods = ["goods", "goods-listing", "Somebody", "", "CN", "", "5201", "2020-01-01"]
    order = ["order", "import-order", "Somebody", "l", "", "", "6109", "2020-01-01"]
    judged = [["left", "right", "judgement"], ["k", "l", "unsure"]]
    sure = "No measure in force touches the chain. The nearest risk list"
    may = (
        "No measure in force touches the chain for sure; 1 measure does if an identity holds that nobody has "
    )
    for number, (listed, said) in enumerate({"with": may, "without": sure}.items()):
        designations = [LISTED[0], goods, *[order] * (listed == "with")]
        graph = made(
            tmp_path / str(number), actors=actors, supply_links=LINKS, designations=designations,
            identity_judgements=judged,
        )  # fmt: skip
        found = graph.view().trace(f"{NAME}/i", Parameters())
        for form in (found.to_dict(), found.told):
            near = onepage.nearest(found.to_dict())
            assert [line for line in onepage.answer(form, near) if line.startswith(said)]


def test_a_name_alike_is_untested_among_all_actors(tmp_path: Path) -> None:
    found = alike(tmp_path).exposure()
    frame = {row[0]: row for row in found.rows()}
    column = list(everybody.COLUMNS).index("untested")
    assert "name-alike" in frame[f"{NAME}/f"][column]
    assert frame[f"{NAME}/i"][column] is None
    assert frame[f"{NAME}/i"][list(everybody.COLUMNS).index("share_possible")] == 1.0


def test_a_listing_is_called_as_its_own_record_calls_its_target(tmp_path: Path) -> None:
    graph = alike(tmp_path)
    one = [["left", "right", "judgement", "decided_by"], [f"{NAME}/f", "list/l", "positive", "Somebody"]]
    graph.contribute(write(tmp_path / "judged", {"identity_judgements": one}, "judged"))
    (exposure,) = graph.view().trace(f"{NAME}/i", Parameters()).to_dict()["exposures"]
    assert "COTTON FARM CO LTD" in exposure["designation"]["title"]


def test_a_name_that_two_actors_go_by_is_ambiguous_whichever_has_it_first(tmp_path: Path) -> None:
    head = [*ACTORS[0], "also_known_as"]
    actors = [head, ["a", "Spinner", "US", "", ""], ["b", "Weaver", "US", "", "Spinner"]]
    graph = made(tmp_path, actors=actors)
    with pytest.raises(AmbiguousActor):
        graph.view().trace("Spinner", Parameters())
