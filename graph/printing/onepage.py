"""The one page that a report begins with, as data: what was asked, what was found, by which chain, and what lacks."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from opentier.graph.answer import documents, particulars, statements
from opentier.graph.answer.steps import Step, steps
from opentier.graph.exposure.words import country_and_code, few, goods, listed, said
from opentier.graph.model import printed
from opentier.graph.picture.marks import CALLED, mark
from opentier.graph.trace.parameters import FILTERS, Parameters

Json = Mapping[str, Any]

#: What exposures are of, the one of most force first.
_FORCE = ("measure", "risk", "possible")
#: Actors that are to be asked first, and initiatives that are named.
_ASKED, _WORKING = 2, 4


class Size(NamedTuple):
    """How much of an answer one page holds.

    Attributes
    ----------
    points
        The size of its letters.
    hops, rows, lines
        The hops of its chain, its designations, and its sentences on what was tested and what was not.
    letters
        The letters of one text.
    """

    points: float
    hops: int
    rows: int
    lines: int
    letters: int


#: From the size that reads best to the one that holds whatever there is: letters shrink before anything is folded.
SIZES = (
    *(Size(points, 24, 12, 12, 400) for points in (9, 8.6, 8.2, 7.8, 7.4, 7)),
    Size(7, 8, 10, 8, 300),
    Size(6.7, 6, 7, 6, 240),
    Size(6.4, 4, 4, 5, 160),
    Size(6, 3, 2, 3, 100),
)


def groups(found: Json) -> list[list[Json]]:
    """Return the exposures of a trace by designation, in the order of the first of each; past ones apart."""
    by: dict[tuple[str, str, str], list[Json]] = {}
    for exposure in found["exposures"]:
        key = exposure["state"], exposure["group"], exposure["designation"]["iri"]
        by.setdefault(key, []).append(exposure)
    return list(by.values())


def nearest(found: Json) -> Json | None:
    """Return the nearest exposure by a measure, else by a risk list, else the nearest possible one; None of none."""
    current = [each for each in found["exposures"] if each["state"] == "current"]
    return min(current, key=lambda each: force(each["group"], each["actor"]["tier"]), default=None)


def force(group: str, tier: int) -> tuple[int, int]:
    """Return by what exposures are nearest: their group, that of most force first, then their tier."""
    return _FORCE.index(group), tier


def page(found: Json, size: Size = SIZES[0], *, digest: str | None = None, kept: str | None = None) -> Json:
    """Return the page.

    Parameters
    ----------
    digest
        The hash of the record of the answer.
    kept
        The id under which that record is kept.
    """
    near = nearest(found)
    made = {
        "heading": said("report", "heading"),
        "record": said("report", "record", id=kept) if kept else "",
        "title": title(found),
        "question": statements.question(found),
        "answer": list(answer(found, near)),
        "chain": _chain(found, near, size.hops) if near else None,
        "touches": _touches(found, size.rows),
        "tested": first([*statements.tested(found), _datasets(found)], size.lines),
        "untested": first(
            statements.untested(found) or [said("untested", "nothing")], size.lines
        ),
        "next": list(_next(found, near)),
        "foot": " ".join(_foot(found, digest, kept)),
        "points": size.points,
    }  # fmt: skip
    fitting: Json = shortened(made, size.letters)
    return fitting


def title(found: Json) -> str:
    """Return what was asked about: the product and whose it is."""
    root = f"{found['root']['name']}, {country_and_code(found['root']['country'])}"
    product = found["limits"]["filters"].get("product")
    if not product:
        return root
    return said(
        "report", "title", root=root, product=goods(f"hs:{product}" if product.isdigit() else product)
    )


def called(exposures: list[Json]) -> tuple[str, str]:
    """Return the mark of exposures of one designation and its word; what is past or begins later has no mark."""
    states = exposures[0]["states"]
    if exposures[0]["state"] != "current":
        return "", said("report", "-and-".join(states))
    found = _mark(exposures[0])
    return found, CALLED[found].partition(",")[0].removesuffix(" in force")


def _mark(exposure: Json) -> str:
    return mark(exposure["group"], exposure["designation"]["exploitation"])


def answer(found: Json, near: Json | None) -> Iterator[str]:
    """Yield what was found, in sentences: the verdict, what is nearest, and what all that is no proof of."""
    yield from statements.verdict(found)
    if near is None:
        return
    counts, actor = found["counts"], near["actor"]
    path = {"actor": actor["name"], "tier": str(actor["tier"]), "title": near["designation"]["title"]}
    if near["group"] == "risk":
        possible = _possible_measures(found)
        path["unless"] = said("report", "unless", n=possible) if possible else ""
    yield said("report", f"nearest-{near['group']}", sure=particulars.sure(near["paths"][0]), **path)
    root = said("report", "root") if counts["root_exposed"] else ""
    yield said("report", "look", touched=counts["exposed"], actors=counts["reached"], root=root)


def _possible_measures(found: Json) -> int:
    """Return how many measures touch the chain if an identity holds that nobody has decided, and not otherwise."""
    every = found["groups"] if "groups" in found else found["exposures"]
    possible = [e["designation"] for e in every if e["state"] == "current" and e["group"] == "possible"]
    return len({each["iri"] for each in possible if each["class"] == "measure"})


def _chain(found: Json, near: Json, most: int) -> Json:
    """Return the chain to what is nearest, hop by hop; its middle is counted where it has more hops than fit."""
    along = list(steps(near, downstream=found["parameters"]["downstream"]))
    rows = [_row(step) for step in along]
    if len(rows) > most:
        begin, end = rows[: most // 2], rows[len(rows) - (most - most // 2) :]
        folded = said("report", "folded", n=len(rows) - most)
        rows = [*begin, dict.fromkeys(rows[0], "") | {"name": folded, "end": False}, *end]
    return {
        "title": said("report", f"chain-{near['group']}"),
        "rows": rows,
        "none": "" if rows else said("unstated", "link"),
        "mark": _mark(near),
        "note": documents.against(),
    }


def _row(step: Step) -> Json:
    hop = step.hop
    lacks = documents.missing(hop)
    return {
        "tier": str(step.tier) if hop["kind"] == "supply" else "",
        "name": step.actor["name"],
        "more": ". ".join(filter(None, (step.relation, country_and_code(step.actor["country"]), step.gap))),
        "goods": goods(hop["product"]) or (said("report", "no-product") if hop["kind"] == "supply" else ""),
        "held": "; ".join(documents.held(hop)) or hop["source"] or said("report", "none"),
        "missing": ", ".join(lacks) or "–",
        "live": _live(hop),
        "sure": "" if hop["confidence"] is None else printed.score(hop["confidence"], ".3g"),
        "end": step.end,
    }


def _live(hop: Json) -> str:
    """Return when a hop was, in the fewest words."""
    if hop["observed_date"] and not (hop["start_date"] or hop["end_date"]):
        return said("report", "seen", date=hop["observed_date"])
    return particulars.dates(hop)


def _touches(found: Json, most: int) -> Json:
    every = groups(found)
    left = len(every) - most
    return {
        "title": said("report", "touches"),
        "rows": [_touch(group) for group in every[:most]],
        "more": said("report", "more", n=left) if left > 0 else "",
        "none": "" if every else said("report", "nothing"),
    }


def _touch(group: list[Json]) -> Json:
    entry = group[0]["designation"]
    reasons = {each["actor"]["iri"]: each["reason"] for each in reversed(group)}  # of several the first
    by = Counter(said("by", reason) for reason in reversed(reasons.values()))
    how = ", ".join(words if len(by) == 1 else f"{many:,} {words}" for words, many in by.items())
    shown, words = called(group)
    return {
        "mark": shown, "word": words, "title": entry["title"],
        "entry": particulars.entry(entry) + (said("report", "not-binding") if entry["class"] == "risk" else ""),
        "touches": f"{sum(by.values()):,}{', ' if len(by) == 1 else ': '}{how}",
        "nearest": f"tier {min(each['actor']['tier'] for each in group)}",
    }  # fmt: skip


def _datasets(found: Json) -> str:
    sets = [f"{each['id']} version {each['version']}" for each in found["limits"]["datasets"]]
    return said("report", "datasets", sets=few(sets, statements.NAMED) or said("report", "none"))


def first(lines: list[str], most: int) -> list[str]:
    """Return the first so many lines, and how many more there are."""
    left = len(lines) - most
    return [*lines[:most], said("report", "more-lines", n=left)] if left > 0 else lines


def _next(found: Json, near: Json | None) -> Iterator[str]:
    """Yield what to do next: whom to ask, what to judge, who works on it."""
    every = sum(each["state"] == "current" for each in found["exposures"])
    for each in found["chokepoints"][:_ASKED]:
        yield said("report", "ask", who=each["actor"]["name"], n=each["exposures_ended"], every=every)
    if near and not found["chokepoints"]:
        yield said("report", "ask-itself", who=near["actor"]["name"])
    limits = found["limits"]
    if alike := len({each["actor"]["iri"] for each in limits["names_alike"]}):
        yield said("report", "judge", n=alike)
    if bare := limits["actors_without_upstream_links"]:
        yield said("report", "lengthen", n=bare)
    if near and near["initiatives"]:
        yield said(
            "report", "working", names=listed([each["name"] for each in near["initiatives"][:_WORKING]])
        )


def _foot(found: Json, digest: str | None, kept: str | None) -> Iterator[str]:
    yield said("report", "address", address=address(found))
    key = "hash" if kept else "hash-only" if digest else "no-hash"
    yield said("report", key, hash=digest)
    yield said("report", "same")


def address(found: Json) -> str:
    """Return the address of an answer: what was asked, as the service is asked it."""
    asked = {"actor": found["root"]["id"], **_asked(found)}
    return f"/trace?{urlencode(asked, safe='/,:')}"


def command(found: Json, *more: str) -> str:
    """Return the command that asks the same, with more words after it."""
    words = ["opentier", "trace", found["root"]["id"]]
    for name, text in _asked(found).items():
        words += [f"--{name.replace('_', '-')}", *([] if text == "true" else [text])]
    return " ".join([*map(shlex.quote, words), *more])


def _asked(found: Json) -> dict[str, str]:
    """Return what was asked that is not asked where nothing is said, by the names that faces have for it."""
    usual, asked = Parameters(), {}
    for name, filter in FILTERS.items():
        value, plain = found["parameters"][filter.called], getattr(usual, name)
        plain = list(plain) if isinstance(plain, tuple) else plain
        if value != plain:
            asked[filter.called] = ",".join(value) if isinstance(value, list) else _plain(value)
    return asked


def _plain(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def shortened(made: Any, letters: int) -> Any:
    """Return data whose texts have at most so many letters."""
    if isinstance(made, str):
        return made if len(made) <= letters else f"{made[: letters - 1].rstrip()}…"
    if isinstance(made, Mapping):
        return {name: shortened(value, letters) for name, value in made.items()}
    return [shortened(value, letters) for value in made] if isinstance(made, list) else made
