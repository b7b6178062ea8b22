"""The tier picture: drawn from traces and from scenes made by hand, then read back as XML and counted."""

from __future__ import annotations

import copy
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from opentier.graph import Graph
from opentier.graph.picture import widths
from opentier.graph.picture.marks import CALLED, MARKS, mark
from opentier.graph.picture.svg import draw

SVG = "{http://www.w3.org/2000/svg}"
Json = dict[str, Any]
Box = tuple[float, float, float, float]
#: Pixels of a picture and bytes of its text, at any size.
HIGH, BYTES = 1_600, 80_000


def actor(number: int, tier: int, place: str = "China", mark: str = "none", **more: Any) -> Json:
    name = f"Maker {number}"
    return {
        "iri": f"https://example.org/id/m{number}", "id": f"test/m{number}", "name": name, "tier": tier, "place": place,
        "mark": mark, "entries": [], "severity": 0.0, "links": 1, "under": None, **more,
    }  # fmt: skip


def entry(mark: str, title: str, touched: dict[int, int]) -> Json:
    return {
        "iri": f"https://example.org/id/{title}", "mark": mark, "title": title, "source": "An authority; a list; 2022",
        "short": title.lower(), "touched": touched,
    }  # fmt: skip


def step(number: int, tier: int, *, end: bool = False, relation: str = "", name: str = "") -> Json:
    return {
        "tier": tier, "iri": f"https://example.org/id/m{number}", "id": f"test/m{number}", "end": end,
        "name": name or f"Maker {number}", "relation": relation, "place": "China", "goods": "sells HS 5201",
        "held": "invoice · conf.\u00a00.9", "against": "",
    }  # fmt: skip


def path(entries: list[int], *steps: Json, deepest: bool = False) -> Json:
    far = any(each["tier"] > 1 for each in steps)
    return {
        "entries": entries, "steps": list(steps), "facts": ["path confidence 0.8", "product: consistent"], "long": far,
        "deepest": deepest, "sentence": "" if far else "Nearest: a maker.",
    }  # fmt: skip


def scene(actors: list[Json], entries: list[Json] = [], paths: list[Json] = [], **more: Any) -> Json:  # noqa: B006
    tiers: dict[int, int] = {}
    for each in actors:
        tiers[each["tier"]] = tiers.get(each["tier"], 0) + 1
    return {
        "title": "Upstream of Root: all goods", "subtitle": "What was found.", "asked": "Who is upstream of Root?",
        "downstream": False, "root": {"iri": "https://example.org/id/root", "id": "test/root", "name": "Root Trading"},
        "reached": len(actors), "tiers": tiers, "entries": entries, "paths": paths, "actors": actors, "links": [],
        "ways": [], "untested": ["7 actors have no upstream link."], "always": ["A mark is no finding."],
        "told": "What was found. 7 actors have no upstream link.", **more,
    }  # fmt: skip


def crowded(many: int, tiers: int = 5) -> Json:
    """Many actors in many countries; each tier buys from the next."""
    places = [f"Land {number}" for number in range(30)]
    actors = [actor(n, 1 + n % tiers, places[n * n % 30], MARKS[n % 6]) for n in range(many)]
    links: list[tuple[int | None, int, int]] = [(None, n, 1) for n in range(0, many, tiers)]
    links += [(n, n + 1, 1 + n % 3) for n in range(many - 1) if (n + 1) % tiers]
    return scene(actors, links=links)


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(found: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in found.iter(f"{SVG}text")]


def written(found: ET.Element) -> Iterator[Box]:
    """Yield where texts stand, by the widths that readers' fonts have at most."""
    sizes = {"h": 19.0, "s": 13.0, "x": 12.0, "i": 12.0}
    for each in found.iter(f"{SVG}text"):
        kinds = str(each.get("class")).split()
        size, said = sizes.get(kinds[0], 12.5), "".join(each.itertext())
        wide = widths.width(said, size, kinds[0] in "hb")
        x, y = float(str(each.get("x"))), float(str(each.get("y")))
        x -= wide if each.get("text-anchor") == "end" else 0
        yield x, y - 0.72 * size, x + wide, y + 0.1 * size


def overlaps(found: ET.Element) -> list[tuple[Box, Box]]:
    every = sorted(written(found))
    return [
        (one, other)
        for number, one in enumerate(every)
        for other in every[:number]
        if one[0] < other[2] - 0.5
        and other[0] < one[2] - 0.5
        and one[1] < other[3] - 0.5
        and other[1] < one[3] - 0.5
    ]


def sound(svg: str) -> ET.Element:
    """Hold what is true of every picture."""
    found = tree(svg)
    ids = {each.get("id"): each for each in found.iter() if each.get("id")}
    assert [ids[key].tag for key in str(found.get("aria-labelledby")).split()] == [
        f"{SVG}title",
        f"{SVG}desc",
    ]
    assert not re.search(r"<(script|image|foreignObject|use)\b|@import|url\(|\son\w+=|javascript:", svg)
    assert "var(" not in svg
    wide, high = float(str(found.get("width"))), float(str(found.get("height")))
    for left, top, right, bottom in written(found):
        assert left >= 0, "a text begins outside"
        assert right <= wide + 0.5, "a text ends outside"
        assert 0 <= top < bottom <= high
    assert not overlaps(found)
    for link in found.iter(f"{SVG}a"):
        assert link.findtext(f"{SVG}title")
    return found


@pytest.fixture(scope="module")
def graph(admitted: Any) -> Graph:
    return Graph.open(admitted)


ASKED: list[tuple[str, Json]] = [
    ("example/aurora", {"product": "6109"}),
    ("example/aurora", {"kinds": ("supply", "operation", "ownership", "recruitment", "co-location")}),
    ("example/aurora", {"on": "2019-01-01", "past": True, "pending": True}),
    ("example/aurora", {"max_tier": 1}),
    ("example/quiet-river-yarn", {"downstream": True}),
]


@pytest.mark.parametrize(("root", "asked"), ASKED)
def test_every_picture_of_a_trace_is_sound(graph: Graph, root: str, asked: Json) -> None:
    found = graph.trace(root, **asked)
    svg = found.to_svg()
    assert svg == graph.trace(root, **asked).to_svg()
    seen = sound(svg)
    said = " ".join(texts(seen))
    flat = re.sub(r"\s+", " ", said)
    for group in {each.designation.iri for each in found.exposures if each.state == "current"}:
        title = next(each["title"] for each in found.scene["entries"] if each["iri"] == group)
        assert title in flat, "a designation is cut"
    assert found.scene["asked"] in flat
    desc = seen.findtext(f"{SVG}desc") or ""
    assert all(line in flat and line in desc for line in found.scene["untested"])
    links = {str(each.get("href")) for each in seen.iter(f"{SVG}a")}
    assert {each.iri for _, each in found.reached} <= links, "somebody reached is not drawn"


def test_the_counts_of_each_designation_are_those_of_the_exposures(graph: Graph) -> None:
    found = graph.trace("example/aurora", product="6109")
    for each in found.scene["entries"]:
        actors = {
            (exposure.tier, exposure.actor)
            for exposure in found.exposures
            if exposure.designation.iri == each["iri"] and exposure.state == "current"
        }
        assert sum(each["touched"].values()) == len(actors)
        assert each["touched"] == {
            tier: sum(t == tier for t, _ in actors) for tier in sorted({t for t, _ in actors})
        }
        assert each["mark"] == mark("measure" if found.objects.entry(
            next(e.designation for e in found.exposures if e.designation.iri == each["iri"])
        )["class"] == "measure" else "risk", ["forced-labour"])  # fmt: skip


def test_measures_come_first_and_a_mark_is_a_shape_and_words(graph: Graph) -> None:
    found = graph.trace("example/aurora", product="6109")
    order = [MARKS.index(each["mark"]) for each in found.scene["entries"]]
    assert order == sorted(order)
    said = texts(tree(found.to_svg()))
    used = {each["mark"] for each in found.scene["actors"]} | {
        each["mark"] for each in found.scene["entries"]
    }
    legend = [said.index(CALLED[each]) for each in MARKS if each in used]
    assert legend == sorted(legend)
    shapes = {}
    for one in MARKS:
        svg = draw(scene([actor(1, 1, mark=one)]))
        link = next(each for each in tree(svg).iter(f"{SVG}a") if each.get("href", "").endswith("m1"))
        shapes[one] = [
            (each.tag, each.get("class")) for each in link if each.tag not in (f"{SVG}title", f"{SVG}text")
        ]
    assert len({str(each) for each in shapes.values()}) == len(MARKS)
    assert mark("risk", ["child-labour"]) == "child"
    assert mark("measure", ["child-labour"]) == "measure"
    assert mark("risk", ["child-labour", "forced-labour"]) == "risk"


def test_a_page_has_its_own_colours_and_addresses(graph: Graph) -> None:
    found = graph.trace("example/aurora", product="6109")
    svg = draw(found.scene, ids="/id/", more="/trace?actor=example/aurora")
    assert "var(--measure)" in svg
    assert "#5E2B91" not in svg
    links = {str(each.get("href")) for each in tree(svg).iter(f"{SVG}a")}
    assert links
    assert all(each.startswith(("/id/example/", "/trace?actor=example/aurora&tier=")) for each in links)


def test_a_link_that_a_browser_should_not_follow_is_none() -> None:
    bad = actor(1, 1, iri="javascript:alert(1)", id="test/m1")
    svg = draw(scene([bad, actor(2, 1)]))
    assert "javascript:" not in svg
    assert len(list(tree(svg).iter(f"{SVG}a"))) == 2  # the traced one and the other


def test_long_and_dangerous_names() -> None:
    name = "A\x00\ud800<script>alert('&amp;')</script>\u202e" + "W" * 500
    hostile = scene(
        [actor(1, 1, name=name, place=name), actor(2, 2, mark="measure")],
        [entry("measure", name, {2: 1})],
        [path([0], step(1, 1, name=name), step(2, 2, end=True))],
        untested=[name], asked=name, subtitle=name, title=name, told=name,
    )  # fmt: skip
    hostile["root"]["name"] = name
    svg = draw(hostile)
    svg.encode()
    found = tree(svg)
    assert "<script>" not in svg
    assert not set(svg) & {"\x00", "\u202e", "\ud800"}
    assert "A<U+0000><U+D800><script>" in (found.findtext(f"{SVG}title") or "")
    whole = "".join(texts(found)).replace("-", "")
    assert "W" * 500 in whole, "a designation, or a name on a path, is cut"


def test_gaps_and_far_tiers_stand_in_columns_of_their_own() -> None:
    far = scene(
        [actor(1, 1), actor(2, 40, mark="measure")],
        [entry("measure", "Order", {40: 1})],
        [path([0], step(1, 1), step(2, 40, end=True))],
    )
    found = sound(draw(far))
    said = texts(found)
    assert {"Tier 1", "Tiers 2 to 39", "Tier 40", "nobody known", "Not known", "38 declared tiers"} <= set(
        said
    )
    assert float(str(found.get("width"))) == 1200


def test_sites_stand_under_their_operators() -> None:
    every = [
        actor(1, 1, name="Operator"),
        actor(2, 1, name="A site", under=0),
        actor(3, 1, name="B", under=7),
    ]
    every += [actor(4, 1, name="Round one", under=4), actor(5, 1, name="Round two", under=3)]
    said = texts(sound(draw(scene(every))))
    assert said.index("its site: A site") == said.index("Operator") + 1
    assert {"B", "Round one"} <= {each.removeprefix("its site: ") for each in said}


@pytest.mark.parametrize("many", [61, 300, 3_400])
@pytest.mark.parametrize("tiers", [1, 3, 6, 12])
def test_a_picture_of_any_number_of_actors_is_of_one_size(many: int, tiers: int) -> None:
    made = crowded(many, tiers)
    before = copy.deepcopy(made)
    svg = draw(made)
    assert made == before
    found = sound(svg)
    assert float(str(found.get("height"))) < HIGH
    assert len(svg) < BYTES
    counts = re.compile(r"(\d[\d,]*) (measure|risk list|child labour|possible|none found|not testable)")
    counted = sum(int(told[1].replace(",", "")) for said in texts(found) if (told := counts.fullmatch(said)))
    assert counted == many, "somebody is not counted in a group"


def test_many_designations_keep_their_heads_and_counts() -> None:
    entries = [entry("risk", f"Listed good number {n}", {1: 1, 2: 2}) for n in range(60)]
    paths = [path([n], step(1, 1), step(n + 2, 2, end=True)) for n in range(60)]
    found = sound(draw(scene([actor(n, 1 + (n > 0)) for n in range(70)], entries, paths)))
    said = " ".join(texts(found))
    assert all(each["title"] in said for each in entries)
    assert len([each for each in found.iter(f"{SVG}rect") if each.get("class") == "ek"]) == 6
    assert said.count("touches 3 of 70") == 60


def test_one_country_of_nearly_all_is_folded_by_what_touches_it() -> None:
    entries = [entry("measure", "Gold", {1: 40}), entry("risk", "Tin", {1: 40})]
    actors = [actor(n, 1, entries=[n % 2], mark=entries[n % 2]["mark"]) for n in range(80)]
    said = texts(
        sound(
            draw(scene(actors, entries, [path([0], step(0, 1, end=True)), path([1], step(1, 1, end=True))]))
        )
    )
    assert {"Gold", "Tin"} <= set(said)
    assert "China" not in said


def test_links_that_are_not_drawn_are_counted() -> None:
    few = scene([actor(1, 1), actor(2, 2)], links=[(None, 0, 1), (0, 1, 1), (1, 0, 3)])
    assert "3 links not drawn: back to a nearer tier" in " ".join(texts(sound(draw(few))))
    many = crowded(300)
    many["links"] += [(5, 0, 4)]
    assert "4 links not drawn: back to a nearer tier" in " ".join(texts(sound(draw(many))))


def test_the_two_parts_can_be_had_alone(graph: Graph) -> None:
    found = graph.trace("example/aurora", product="6109").scene
    paths, every = (texts(sound(draw(found, part=part))) for part in ("paths", "all"))
    assert "1  Best path to each designation" in paths
    assert "1  Best path to each designation" not in every
    assert "2  Everything that was reached" in every
    assert "2  Everything that was reached" not in paths


def test_a_trace_that_reaches_nobody_is_drawn(graph: Graph) -> None:
    found = graph.trace("example/quiet-river-yarn", on="1990-01-01")
    assert not found.reached
    said = texts(sound(found.to_svg()))
    assert "Tier 1" not in said
    assert any("Not testable" in each for each in said)


def steps(data: Json) -> int:
    """Return how many calls of functions a drawing takes, Python's and built-in ones."""
    taken = 0

    def count(frame: object, event: str, what: object) -> None:
        nonlocal taken
        taken += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        draw(data)
    finally:
        sys.setprofile(None)
    return taken


def test_the_work_of_a_drawing_grows_no_faster_than_its_actors() -> None:
    few, many = steps(crowded(500)), steps(crowded(5000))
    assert 500 < few < many < 12 * few


@pytest.mark.parametrize("bold", [False, True])
def test_broken_lines_fit_and_hold_every_word(bold: bool) -> None:
    said = "Import order: cotton of 新疆生产建设兵团第一师棉麻有限责任公司 and Donaudampfschifffahrtsgesellschaft GmbH"
    for room in (40.0, 90.0, 133.0, 400.0):
        lines = widths.wrap(said, room, 12.5, bold=bold)
        assert all(widths.width(line, 12.5, bold) <= room for line in lines)
        assert re.sub(r"[\s-]", "", "".join(lines)) == re.sub(r"[\s-]", "", said)
    assert widths.wrap(said, 90, 12.5, most=2)[1].endswith("…")
    assert widths.wrap("supply list · conf.\u00a01", 90, 12) == ["supply list ·", "conf.\u00a01"]
