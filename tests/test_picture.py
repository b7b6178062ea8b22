"""The tier picture: drawn from hand-made traces, then read back as XML and counted."""

from __future__ import annotations

import copy
import re
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from opentier.graph.picture import svg as picture

SVG = "{http://www.w3.org/2000/svg}"
#: What the caller says of the answer.
SAID = {
    "verdict": ["6 exposures touch 5 actors of the chain."],
    "tested": ["Lists: 9 designations of 1 register, 9 in force."],
    "untested": ["7 actors have no upstream link: the trace ends there for lack of data."],
}
Json = dict[str, Any]
Box = tuple[float, float, float, float]


def draw(trace: Json) -> str:
    return picture.draw(trace, SAID)


def actor(key: str, name: str = "", country: str | None = "CN", **more: Any) -> Json:
    return {
        "iri": f"https://example.org/id/{key}",
        "id": f"test/{key}",
        "name": name or key.title(),
        "country": country,
        **more,
    }


def reached(
    key: str, tier: int, name: str = "", country: str | None = "CN", kind: str = "organisation"
) -> Json:
    return actor(key, name, country, kind=kind, tier=tier)


def hop(kind: str, start: Json, end: Json, product: str | None = None, gap: int = 0) -> Json:
    def plain(a: Json) -> Json:
        return {key: a[key] for key in ("iri", "id", "name", "country")}

    return {
        "kind": kind,
        "from": plain(start),
        "to": plain(end),
        "record": f"test/{start['id']}-{end['id']}",
        "product": product,
        "start_date": "2022-01-01",
        "end_date": None,
        "confidence": 0.9,
        "gap": gap,
        "dataset": "test",
        "licence": "CC-BY-4.0",
        "evidence": [],
    }


def exposure(
    target: Json, hops: list[Json], reason: str = "direct", authority: str = "US CBP", **more: Any
) -> Json:
    possible = reason == "possible-identity"
    return {
        "group": "possible" if possible else "measure",
        "state": "current",
        "sentence": "It may be a company that the order names; nobody has decided."
        if possible
        else "The order names it.",
        "actor": target,
        "designation": {
            "iri": "https://example.org/id/d",
            "kind": "order",
            "title": "Import order: withhold its goods",
            "exploitation": ["forced-labour"],
            "authority": authority,
            "register": "WRO",
            "effect": "import-ban",
            "status": "active",
            "listing_date": "2021-06-24",
            "law": None,
        },
        "reason": reason,
        "severity": {"value": 0.81, "factors": {"effect": 0.9}},
        "paths": [
            {
                "tier": target["tier"],
                "confidence": {"product": 0.81, "minimum": 0.9},
                "product_continuity": "consistent",
                "live": {"from": "2022-01-01", "to": None},
                "gaps": sum(h["gap"] > 0 for h in hops),
                "hops": hops,
            }
        ],
        "initiatives": [],
        **more,
    }


def trace(root: Json, found: list[Json], exposures: list[Json], gaps: int = 0, **parameters: Any) -> Json:
    return {
        "root": root,
        "parameters": {"downstream": False, "kinds": ["supply", "operation"], "product": None, **parameters},
        "reached": sorted(found, key=lambda a: (a["tier"], a["iri"])),
        "exposures": exposures,
        "chokepoints": [],
        "limits": {
            "datasets": [{"id": "test", "version": "2024-05", "licence": "CC-BY-4.0"}],
            "actors_without_upstream_links": 7,
            "declared_tier_gaps": gaps,
            "truncated": False,
        },
    }


@pytest.fixture
def chain() -> Json:
    """A brand; a mill in Viet Nam; its owner; a gin behind two unknown tiers; a recruiter; a shared camp."""
    root = actor("brand", 'Blue <Brand> & "Söhne" GmbH', "DE")
    mill = reached(
        "mill", 1, "Hanoi Spinning & Weaving Joint Stock Company of the Northern Provinces No. 8", "VN"
    )
    plant = reached("plant", 1, "Mill plant 2", "VN", "facility")
    owner = reached("owner", 1, "Group <holding>", "SG")
    agent = reached("agent", 1, "新疆生产建设兵团第一师棉麻有限责任公司", None)
    trader = reached("trader", 1, "Trader SA", "CH")
    gin = reached("gin", 4, "Cotton gin of the eighth division", "CN", "facility")
    camp = reached("camp", 4, "Neighbour", "CN", "facility")
    start = hop("supply", root, mill, "hs:520512")
    far = hop("supply", mill, gin, "hs:520100", gap=2)
    rest = [reached(f"t{n:03}", 1 + n % 2, country=["VN", "BD", "TR", None][n % 4]) for n in range(41)]
    found = [mill, plant, owner, agent, trader, gin, camp, *rest]
    exposures = [
        exposure(gin, [start, far], "direct"),
        exposure(gin, [start, far], "goods", "https://example.org/id/authority/eu"),
        exposure(owner, [start, hop("ownership", mill, owner)], "owner-up"),
        exposure(
            agent, [start, hop("operation", mill, plant), hop("recruitment", plant, agent)], "recruiter"
        ),
        exposure(camp, [start, far, hop("co-location", gin, camp)], "co-location"),
        exposure(
            trader, [hop("supply", root, trader, "a product with a rather long name")], "possible-identity"
        ),
    ]
    return trace(root, found, exposures, gaps=1, product="hs:61")


def crowded(actors: int) -> Json:
    root = actor("root", "Root Trading")
    countries = [None, *(f"{a}{b}" for a in "ABCDE" for b in "ABCDEF")]
    found = [reached(f"a{n:04}", 1 + n % 5, country=countries[n * n % len(countries)]) for n in range(actors)]
    return trace(root, found, [])


@pytest.fixture
def crowd() -> Json:
    return crowded(3000)


@pytest.fixture
def downstream() -> Json:
    root, maker, brand = (
        actor("gin", "The gin"),
        reached("maker", 1, "Maker"),
        reached("brand", 2, "Brand", "US"),
    )
    hops = [hop("supply", brand, maker, "hs:6109"), hop("supply", maker, root, "hs:5201")]
    return trace(root, [maker, brand, reached("other", 2)], [exposure(brand, hops)], downstream=True)


def nodes(tree: ET.Element) -> dict[str, ET.Element]:
    found = [g for g in tree.iter(f"{SVG}g") if g.get("data-id")]
    by_id = {str(g.get("data-id")): g for g in found}
    assert len(by_id) == len(found), "an actor is drawn twice"
    return by_id


def said(element: ET.Element) -> list[str]:
    return [text.text or "" for text in element.iter(f"{SVG}text")]


def box(group: ET.Element) -> Box:
    if (shape := group.find(f"{SVG}polygon")) is not None:
        spots = [tuple(map(float, spot.split(","))) for spot in str(shape.get("points")).split()]
        xs, ys = [spot[0] for spot in spots], [spot[1] for spot in spots]
        return min(xs), min(ys), max(xs), max(ys)
    shape = group.find(f"{SVG}rect")
    assert shape is not None
    x, y, wide, high = (float(str(shape.get(key))) for key in ("x", "y", "width", "height"))
    return x, y, x + wide, y + high


def boxes(tree: ET.Element) -> list[Box]:
    folded = [g for g in tree.iter(f"{SVG}g") if g.get("class") == "folded"]
    return [box(group) for group in [*nodes(tree).values(), *folded]]


def folded_count(tree: ET.Element) -> int:
    total = 0
    for group in tree.iter(f"{SVG}g"):
        if group.get("class") == "folded":
            number = int(str(group.get("data-count")))
            assert said(group)[0].startswith(f"{number:,} ")
            total += number
    return total


def middle(tree: ET.Element, key: str) -> float:
    left, _, right, _ = box(nodes(tree)[f"test/{key}"])
    return (left + right) / 2


@pytest.mark.parametrize("name", ["chain", "crowd", "downstream"])
def test_every_picture_is_sound(name: str, request: pytest.FixtureRequest) -> None:
    data: Json = request.getfixturevalue(name)
    before = copy.deepcopy(data)
    svg = draw(data)
    assert svg == draw(copy.deepcopy(data))
    assert data == before
    tree = ET.fromstring(svg)
    assert tree.get("role") == "img"
    ids = {element.get("id"): element for element in tree.iter() if element.get("id")}
    assert [ids[key].tag for key in str(tree.get("aria-labelledby")).split()] == [f"{SVG}title", f"{SVG}desc"]
    assert set(re.findall(r"https?://[^\"'<> ]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|style|image|foreignObject|use|a)\b|href|@import|\son\w+=", svg)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)

    wide, high = float(str(tree.get("width"))), float(str(tree.get("height")))
    shapes = boxes(tree)
    for number, (left, top, right, bottom) in enumerate(shapes):
        assert 0 <= left < right <= wide
        assert 0 <= top < bottom <= high
        for a, b, c, d in shapes[:number]:
            assert right <= a or c <= left or bottom <= b or d <= top
    assert folded_count(tree) + len(nodes(tree)) == len(data["reached"]) + 1
    tiers = [0, *(a["tier"] for a in data["reached"])]
    texts = said(tree)
    for tier in range(max(tiers) + 1):
        number = tiers.count(tier)
        head = texts[texts.index(f"Tier {tier}") + 1]
        assert head.split(" · ")[0] == f"{number:,} actor{'s' * (number != 1)}"
    assert any(text.startswith("Tiers are counted for this root") for text in texts)
    assert any("test 2024-05 (CC-BY-4.0)" in text for text in texts)
    assert all(any(line in text for text in texts) for lines in SAID.values() for line in lines)


def test_paths_are_drawn_actor_by_actor(chain: Json) -> None:
    tree = ET.fromstring(draw(chain))
    drawn = nodes(tree)
    exposed = {f"test/{key}" for key in ("gin", "owner", "agent", "camp", "trader")}
    assert set(drawn) == {"test/brand", "test/mill", "test/plant", *exposed}
    marked = {key for key, group in drawn.items() if str(group.get("class")).startswith("touched")}
    assert marked == exposed
    assert "Measure · US CBP +1" in said(drawn["test/gin"])
    assert drawn["test/trader"].get("class") == "touched possible"
    assert "Possible identity · US CBP" in said(drawn["test/trader"])
    for key, group in drawn.items():  # never by colour alone: another shape, and words
        assert (group.find(f"{SVG}polygon") is not None) == (key in marked)
    title = drawn["test/gin"].findtext(f"{SVG}title") or ""
    assert "Import order: withhold its goods; US CBP. The order names it." in title

    places = [middle(tree, key) for key in ("brand", "mill", "gin")]
    assert places == sorted(set(places))
    assert middle(tree, "mill") == middle(tree, "owner") == middle(tree, "plant")
    circles = [c for c in tree.iter(f"{SVG}circle") if c.get("class") == "unknown"]
    between = [c for c in circles if places[1] < float(str(c.get("cx"))) < places[2]]
    assert len(between) == 2


def test_hops_have_a_line_style_an_arrow_and_a_product(chain: Json) -> None:
    tree = ET.fromstring(draw(chain))
    drawn: dict[str, ET.Element] = {}
    for group in tree.iter(f"{SVG}g"):
        if group.get("class") == "hop":
            title, line = group.findtext(f"{SVG}title") or "", group.find(f"{SVG}path")
            assert line is not None
            drawn[title.splitlines()[0]] = line
    assert len(drawn) == 7  # a hop shared by several paths is one line
    kinds = {
        title.split(":")[0]: (str(line.get("stroke-dasharray")), line.get("stroke-width"))
        for title, line in drawn.items()
    }
    assert set(kinds) == {"supply", "operation", "ownership", "recruitment", "co-location"}
    assert len(set(kinds.values())) == 5
    assert kinds["supply"][0] == "none"
    assert {"HS 520512", "HS 520100"} <= set(said(tree))
    assert any(text.startswith("a product") and text.endswith("…") for text in said(tree))
    for line in drawn.values():
        assert str(line.get("marker-end")).startswith("url(#")


def test_arrows_go_from_buyer_to_supplier(chain: Json, downstream: Json) -> None:
    def ends(data: Json) -> dict[str, tuple[float, float]]:
        found = {}
        for group in ET.fromstring(draw(data)).iter(f"{SVG}g"):
            if group.get("class") == "hop":
                line = group.find(f"{SVG}path")
                assert line is not None
                numbers = [float(n) for n in re.findall(r"[\d.]+", str(line.get("d")))]
                found[(group.findtext(f"{SVG}title") or "").splitlines()[0]] = (numbers[0], numbers[-2])
        return found

    start, end = ends(downstream)["supply: Brand → Maker"]
    assert start > end, "downstream the buyer stands to the right of its supplier"
    upstream = {title: spots for title, spots in ends(chain).items() if title.startswith("supply")}
    assert upstream
    assert all(start < end for start, end in upstream.values())


def test_long_and_dangerous_names(chain: Json) -> None:
    chain["root"]["name"] = "A\x00\ud800<script>alert('&amp;')</script>" + "W" * 500
    svg = draw(chain)
    svg.encode()
    tree = ET.fromstring(svg)
    name = "A<U+0000><U+D800><script>alert('&amp;')</script>" + "W" * 500
    root = nodes(tree)["test/brand"]
    assert (root.findtext(f"{SVG}title") or "").startswith(name)
    assert all(len(text) < 60 for text in said(root))
    assert said(root)[0].endswith("…")
    mill = nodes(tree)["test/mill"]
    assert re.match(r"Hanoi Spinning & .*…$", said(mill)[0])
    assert "Northern Provinces No. 8" in (mill.findtext(f"{SVG}title") or "")


def test_the_verdict_and_the_limits_are_in_the_picture_and_in_its_description(crowd: Json) -> None:
    tree = ET.fromstring(draw(crowd))
    texts, desc = said(tree), tree.findtext(f"{SVG}desc") or ""
    assert texts.index(SAID["verdict"][0]) == 1
    assert texts.index("What this picture cannot say") < texts.index(SAID["untested"][0])
    assert desc.startswith(SAID["verdict"][0])
    assert SAID["untested"][0] in desc
    assert "No exposure found" not in draw(crowd)
    alone = trace(actor("alone", country=None), [], [])
    assert "Tier 1" not in said(ET.fromstring(draw(alone)))


def test_a_mark_is_a_shape_and_words_and_measures_come_first(chain: Json) -> None:
    (mill,) = [a for a in chain["reached"] if a["id"] == "test/mill"]
    start = chain["exposures"][0]["paths"][0]["hops"][:1]
    only: dict[str, Any] = {
        "group": "risk",
        "designation": {**chain["exposures"][0]["designation"], "exploitation": ["child-labour"]},
    }
    chain["exposures"] += [exposure(mill, start, **only), exposure(mill, start, state="past")]
    tree = ET.fromstring(draw(chain))
    assert nodes(tree)["test/mill"].get("class") == "touched child"
    texts = said(tree)
    legend = [
        texts.index(words, texts.index("Legend"))
        for words in ("Measure in force", "Risk list, child labour only")
    ]
    assert legend == sorted(legend)
    assert any(text == "Not drawn: 1 exposure to what is past or pending." for text in texts)
    assert "#a61b1b" not in draw(chain)


def test_downstream_says_so(downstream: Json, chain: Json) -> None:
    tree = ET.fromstring(draw(downstream))
    assert tree.findtext(f"{SVG}title") == "Tier picture: downstream of The gin"
    assert middle(tree, "gin") < middle(tree, "maker") < middle(tree, "brand")
    assert "upstream of Blue" in (ET.fromstring(draw(chain)).findtext(f"{SVG}title") or "")


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
    assert 500 < few < many < 10 * few


def test_folding_keeps_a_column_short(crowd: Json) -> None:
    tree = ET.fromstring(draw(crowd))
    columns: dict[float, list[str]] = {}
    for group in tree.iter(f"{SVG}g"):
        if group.get("class") == "folded":
            columns.setdefault(box(group)[0], []).append(said(group)[0])
    assert len(columns) == 5
    for labels in columns.values():
        assert len(labels) <= 8
        assert any(re.search(r"more in \d+ countries$", label) for label in labels)
    assert any(label.endswith("in unknown country") for labels in columns.values() for label in labels)


def test_too_many_paths_fold_the_least_severe() -> None:
    root = actor("root")
    found = [reached(f"x{n:02}", 1, country="CN") for n in range(90)]
    exposures = [exposure(a, [hop("supply", root, a)]) for a in reversed(found)]
    tree = ET.fromstring(draw(trace(root, found, exposures)))
    drawn = nodes(tree)
    assert set(drawn) == {"test/root", *(f"test/x{n}" for n in range(31, 90))}
    assert folded_count(tree) == 31
    assert {"31: Measure in force", "90 actors · 90 touched"} <= set(said(tree))
    assert any("the paths of 59 of 90 exposures" in text for text in said(tree))


def test_odd_shapes_are_drawn() -> None:
    """A root that is itself exposed, two-way hops, a hop backwards, a far tier, an actor not listed."""
    root = actor("root")
    a, b, far = reached("a", 1), reached("b", 1), reached("far", 40)
    there_and_back = [
        hop("supply", root, a),
        hop("co-location", a, b),
        hop("co-location", b, a),
        hop("supply", a, root),
    ]
    exposures = [
        {**exposure({**root, "kind": "organisation", "tier": 0}, []), "paths": []},
        exposure(b, there_and_back[:2]),
        exposure(a, there_and_back),
        exposure(far, [hop("supply", root, far, gap=39)]),
    ]
    tree = ET.fromstring(draw(trace(root, [a, far], exposures)))
    drawn = nodes(tree)
    assert set(drawn) == {"test/root", "test/a", "test/b", "test/far"}
    assert drawn["test/root"].get("class") == "touched measure"
    assert {"Tier 2–39", "38 unknown"} <= set(said(tree))
