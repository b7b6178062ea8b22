"""What the tier picture of a trace shows, in texts and numbers: `picture.svg` draws it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from opentier.graph.answer import shown, statements
from opentier.graph.answer.steps import steps
from opentier.graph.engine.arrays import NONE, Array
from opentier.graph.engine.hops import OPERATION_DOWN, OPERATION_UP, SUPPLY
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.objects import Objects
from opentier.graph.exposure.words import country, goods, listed, said
from opentier.graph.picture.marks import MARKS, mark
from opentier.graph.trace.walks import Trace

Json = dict[str, Any]
#: Tiers by which the deepest path lies beyond the best one where it has a line of its own, and such lines at most.
_DEEPER, _DEEPEST = 1, 2


class Scene:
    """Gathers a scene.

    Parameters
    ----------
    found
        The object of the trace, grouped (see `TraceResult.told`).
    nodes
        The nodes of the reached actors, in the order of that object.
    links
        The nodes between which walked links stand, and how many each two have (see `Buyers.pairs`).
    goods
        Whether some designation that counts is about goods.
    """

    def __init__(
        self,
        found: Mapping[str, Any],
        trace: Trace,
        exposures: Iterable[Exposure],
        objects: Objects,
        *,
        nodes: Sequence[int],
        links: tuple[Array, Array, Array],
        goods: bool,
    ) -> None:
        self.found, self.trace, self.objects, self.goods = found, trace, objects, goods
        self.nodes, self.links = nodes, links
        #: The number of each reached actor by its node, that of the root -1.
        self.number = np.full(len(trace.index), -1, np.int64)
        self.number[nodes] = np.arange(len(nodes))
        every = list(exposures)
        self.exposures = [each for each in every if each.state == "current"]
        self.apart = len(every) - len(self.exposures)
        self.downstream: bool = trace.parameters.downstream
        groups: dict[tuple[str, str], list[Exposure]] = defaultdict(list)
        for each in self.exposures:
            groups[each.group, each.designation.iri].append(each)
        ordered = enumerate(groups.values())
        #: The exposures of each designation, the marks of most force first.
        self.groups = [group for _, group in sorted(ordered, key=lambda each: (_mark(each[1][0]), each[0]))]

    def made(self) -> Json:
        """Return the scene."""
        actors, number = self._actors(), self._number
        paths, ways = self._paths()
        entries = [self._entry(group) for group in self.groups]
        root = self.found["root"]
        counts = {int(tier): many for tier, many in self.found["counts"]["by_tier"].items()}
        subtitle = self._subtitle(entries)
        untested = list(statements.untested(dict(self.found)))
        if self.apart:
            untested.append(said("picture", "apart", n=self.apart))
        return {
            "title": self._title(),
            "subtitle": subtitle,
            "asked": statements.question(dict(self.found)),
            "downstream": self.downstream,
            "root": {"iri": root["iri"], "id": root["id"], "name": root["name"] or root["id"]},
            "reached": self.found["counts"]["reached"],
            "tiers": counts,
            "entries": entries,
            "paths": paths,
            "actors": actors,
            "links": list(self._between()),
            "ways": sorted({(number(a), number(b)) for a, b in ways}, key=str),
            "untested": untested,
            "always": [said("picture", "always")],
            "told": " ".join(
                [subtitle, *self._told(entries, paths), *statements.tested(dict(self.found)), *untested]
            ),
        }

    def _title(self) -> str:
        way = "downstream" if self.downstream else "upstream"
        time, *others = statements.conditions(dict(self.found))
        product = next(
            (each for each in others if each.startswith("Product ")), said("picture", "any-product")
        )
        asked = f"{product.removeprefix('Product ')}, {time[0].lower()}{time[1:]}"
        return said("picture", way, root=self.found["root"]["name"] or "", asked=asked)

    def _subtitle(self, entries: Sequence[Json]) -> str:
        counts = self.found["counts"]
        verdict = statements.verdict(dict(self.found))
        if not entries:
            return " ".join(verdict)
        marked = Counter(entry["mark"] for entry in entries)
        kinds = listed([said("picture", f"of-{each}", n=marked[each]) for each in MARKS if marked[each]])
        tiers = {each: min(min(e["touched"]) for e in entries if e["mark"] == each) for each in marked}
        where = {
            each: said("picture", "tier" if tier else "here", tier=str(tier)) for each, tier in tiers.items()
        }
        near = listed([said("picture", f"near-{each}", where=where[each]) for each in MARKS if each in tiers])
        touched = said("picture", "touched", n=counts["exposed"], kinds=kinds)
        own = [said("picture", "root")] if counts["root_exposed"] else []
        deep = max(map(int, counts["by_tier"]), default=0)
        reached = said("picture", "reached", actors=counts["reached"], tiers=deep)
        return " ".join([reached, touched, *own, said("picture", "nearest", near=near)])

    def _told(self, entries: Sequence[Json], paths: Sequence[Json]) -> Iterator[str]:
        """Yield what the picture shows as text: of each designation what it touches and the best path to it."""
        for path in paths:
            if path["deepest"]:
                continue
            names = ", then ".join(step["name"] for step in path["steps"])
            for number in path["entries"]:
                entry = entries[number]
                touched = sum(many for tier, many in entry["touched"].items() if tier)
                yield said(
                    "picture", "told", title=entry["title"], n=touched, tier=str(min(entry["touched"])),
                    path=names or said("unstated", "link"),
                )  # fmt: skip

    # --- Designations and paths -----------------------------------------------------------------------------------

    def _entry(self, group: Sequence[Exposure]) -> Json:
        entry = self.objects.entry(group[0].designation)
        place = group[0].designation.place
        named = entry["target"] and entry["target"]["name"]
        short = (
            entry["good"] or named or (place and (place.region or country(place.country))) or entry["kind"]
        )
        touched = Counter(tier for _, tier in {(each.actor, each.tier) for each in group})
        return {
            "iri": entry["iri"],
            "mark": MARKS[_mark(group[0])],
            "title": entry["title"],
            "source": shown.source(entry),
            "short": str(goods(short)).split(" (HS ")[0],
            "touched": dict(sorted(touched.items())),
        }

    def _paths(self) -> tuple[list[Json], set[tuple[str, str]]]:
        """Return a path for each designation, those with the same path together, and who is linked along them."""
        found: list[Json] = []
        known: dict[tuple[Any, ...], Json] = {}
        ways: set[tuple[str, str]] = set()
        for number, group in enumerate(self.groups):
            best = group[0]
            made = self._path(best, [number])
            key = (*made.pop("records"), best.actor)
            if key in known:
                known[key]["entries"].append(number)
                continue
            known[key] = made
            found.append(made)
            ways |= set(pairwise([self.trace.root, *(step["iri"] for step in made["steps"])]))
            deepest = max(group, key=lambda each: each.tier)
            many = sum(path["deepest"] for path in found)
            if _mark(best) == 0 and deepest.tier > best.tier + _DEEPER and many < _DEEPEST:
                found.append({**self._path(deepest, [number]), "deepest": True})
                del found[-1]["records"]
        return found, ways

    def _path(self, exposure: Exposure, entries: list[int]) -> Json:
        asked = self.trace.parameters.product is not None
        path = self.objects.path(exposure, 0, asked=asked)
        stakes = [self.objects.hop(stake) for stake in exposure.stakes]
        along = list(steps({"paths": [path], "stakes": stakes}, downstream=self.downstream))
        made = [shown.step(each, downstream=self.downstream) for each in along]
        far = bool(along) and along[-1].tier > 1
        return {
            "entries": entries,
            "steps": made,
            "facts": list(shown.facts(path)),
            "long": far,
            "deepest": False,
            "sentence": "" if far else _sentence(exposure, made),
            "records": [each.hop["record"] for each in along],
        }

    # --- Actors ---------------------------------------------------------------------------------------------------

    def _number(self, iri: str) -> int | None:
        """Return the number of an actor; the root has none."""
        node = self.trace.index.node(iri)
        return None if node is None or self.number[node] < 0 else int(self.number[node])

    def _between(self) -> Iterator[tuple[int | None, int | None, int]]:
        """Yield how many links each two actors have, by their numbers, in order."""
        tails, heads, counts = self.links
        apart = tails != heads
        near, far = (self.number[nodes[apart]] for nodes in (tails, heads))
        if self.downstream:
            near, far = far, near
        many = counts[apart]
        order = np.lexsort((many, far, near))
        for one, other, count in zip(*(each[order].tolist() for each in (near, far, many)), strict=True):
            yield None if one < 0 else one, None if other < 0 else other, count

    def _actors(self) -> list[Json]:
        """Return the reached actors."""
        entries: dict[str, list[int]] = defaultdict(list)
        severity: dict[str, float] = defaultdict(float)
        for number, group in enumerate(self.groups):
            for each in group:
                if not entries[each.actor] or entries[each.actor][-1] != number:
                    entries[each.actor].append(number)
                severity[each.actor] = max(severity[each.actor], each.severities[0].value)
        links, under, bare = self._linked()
        untested = bare if self.goods and not self.downstream else set()
        return [
            {
                "iri": each["iri"], "id": each["id"], "name": each["name"] or each["id"], "tier": each["tier"],
                "place": country(each["country"]) if each["country"] else said("picture", "no-country"),
                "mark": self._marked(each, entries.get(each["iri"], ()), tested=node not in untested),
                "entries": entries.get(each["iri"], []), "severity": severity.get(each["iri"], 0.0),
                "links": links[node], "under": under.get(node),
            }
            for node, each in zip(self.nodes, self.found["reached"], strict=True)
        ]  # fmt: skip

    def _marked(self, actor: Mapping[str, Any], entries: Sequence[int], *, tested: bool) -> str:
        if entries:
            return MARKS[_mark(self.groups[entries[0]][0])]
        known = self.found["verdict"]["result"] != "not-testable" and actor["country"]
        return "none" if known and tested else "untested"

    def _linked(self) -> tuple[list[int], dict[int, int], set[int]]:
        """Return the links of each node, who operates it, and which nodes sell only what no link says."""
        tails, heads, counts = self.links
        nodes = len(self.number)
        links = np.bincount(tails, counts, nodes) + np.bincount(heads, counts, nodes)
        index, walked = self.trace.index, self.trace.walked
        tail, head = index.columns["tail"][walked], index.arcs.head[walked]
        hop = index.arcs.hop[walked]
        under: dict[int, int] = {}
        for kind, near, far in ((OPERATION_DOWN, tail, head), (OPERATION_UP, head, tail)):
            for operator, site in zip(near[hop == kind].tolist(), far[hop == kind].tolist(), strict=True):
                if (number := int(self.number[operator])) >= 0:
                    under.setdefault(site, number)
        supply = hop == SUPPLY
        product = index.goods.product[index.arcs.goods[walked]]
        sellers, named = head[supply], head[supply & (product != NONE)]
        return links.astype(np.int64).tolist(), under, set(np.setdiff1d(sellers, named).tolist())


def _mark(exposure: Exposure) -> int:
    return MARKS.index(mark(exposure.group, exposure.designation.exploitation))


def _sentence(exposure: Exposure, steps: Sequence[Mapping[str, str]]) -> str:
    """Return a path of one tier in words."""
    if not steps:
        return said("picture", "itself")
    names = [
        f"{step['relation']}: {step['name']}" if step["relation"] else f"{step['name']} ({step['place']})"
        for step in steps
    ]
    more = "; ".join(
        part for part in (steps[0]["goods"], steps[0]["held"], *(step["against"] for step in steps)) if part
    )
    return said("picture", "near", names=", ".join(names), tier=str(exposure.tier), more=more)
