"""A trace as a page of the service shows it, as data: the answer first, long lists by their first rows.

What the page of a whole trace, of one designation, and of all companies hold is made here, in the process that traces:
whoever serves them fills templates in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.answer import statements
from opentier.graph.answer.result import TraceResult
from opentier.graph.errors import Named, UsageError
from opentier.graph.exposure import words
from opentier.graph.exposure.exposures import Exposure
from opentier.graph.exposure.words import country, goods, listed, said
from opentier.graph.picture.marks import MARKS
from opentier.graph.picture.svg import draw
from opentier.graph.printing import beside, companies, onepage
from opentier.graph.printing.touched import chain, initiatives, touched
from opentier.graph.risk import objects as risks

Json = Mapping[str, Any]

#: Rows of a list on one page, rows of one that stands among many, and designations that are told in full.
ROWS, FEW, DESIGNATIONS = 25, 10, 40
#: Sentences on what was tested that are told before the others.
_LINES = 8


def page(traced: TraceResult, asked: Json) -> Json:
    """Return what a page shows.

    Parameters
    ----------
    asked
        `part`: the whole answer where it is "trace"; "listing": one designation (`designation`, `state`), or what
        touches one company by it (`company`); "companies": all that were reached (`tier`, `group`). `page` counts
        from 1. `ids` and `more` are addresses (see `svg.draw`).
    """
    if asked["part"] == "listing":
        return _listing(traced, asked)
    made = {"trace": _whole, "companies": _companies}[asked["part"]]
    return {**_about(traced, traced.told), **made(traced, asked)}


def _about(traced: TraceResult, found: Json) -> dict[str, Any]:
    """Return what all of these pages say: who was asked about, and what."""
    root, given = found["root"], found["parameters"]
    product = found["limits"]["filters"].get("product")
    what = goods(f"hs:{product}" if product.isdigit() else product) if product else said("page", "all-goods")
    what = str(what)
    return {
        "root": {**root, "name": root["name"] or root["id"], "country": country(root["country"])},
        "downstream": given["downstream"],
        "title": said(
            "page", "downstream" if given["downstream"] else "upstream", goods=what[:1].upper() + what[1:]
        ),
        "asked": list(statements.conditions(found)),
        "parameters": given,
        "address": onepage.address(found),
        "command": onepage.command(found, "--save", "NAME"),
        "counts": found["counts"],
        "verdict": found["verdict"]["result"],
    }


def _whole(traced: TraceResult, asked: Json) -> dict[str, Any]:
    groups = gathered(traced)
    shown = groups[:DESIGNATIONS]
    rows = ROWS if len(groups) <= FEW else FEW
    found = traced.told
    told = [_group(traced, found, group, rows) for group in shown]
    scene = traced.scene
    untested = statements.untested(found)
    return {
        "answer": list(_answer(traced, found, scene)),
        "tested": statements.tested(found),
        "untested": untested,
        "lines": _LINES,
        "picture": draw(scene, ids=asked["ids"], more=asked["more"]),
        "tiers": _tiers(scene),
        "groups": told,
        "left": {"groups": len(groups) - len(shown), "exposures": sum(map(len, groups[DESIGNATIONS:]))},
        "beside": beside.beside(risks.to_dict(traced.beside, traced.objects, beside.NAMED)),
        "chokepoints": [_chokepoint(each) for each in found["chokepoints"][:FEW]],
        "chokepoints_left": len(found["chokepoints"][FEW:]),
        "changes": statements.changes(found),
        "initiatives": [
            {"id": traced.names.id(one["iri"]), "name": one["name"], "why": one["why"]}
            for one in initiatives(row.pop("initiatives") for group in told for row in group["rows"])
        ],
        "companies": companies.companies(scene, found["reached"], size=ROWS),
        "missing": [] if found["verdict"]["result"] == "exposed" else list(_missing(found)),
        "limits": _limits(found),
    }


def gathered(traced: TraceResult) -> list[list[Exposure]]:
    """Return the exposures by designation, in the order of the first of each; doubtful and past ones apart."""
    by: dict[tuple[str, str, str], list[Exposure]] = {}
    for each in traced.exposures:
        by.setdefault((each.state, each.group, each.designation.iri), []).append(each)
    return list(by.values())


def _group(
    traced: TraceResult, found: Json, group: Sequence[Exposure], rows: int, first: int = 0
) -> dict[str, Any]:
    """Return a designation with some rows, and the paths to the first of these."""
    part = [traced.exposure(each) for each in group[first : first + rows]]
    return {
        **touched(found, part, len(group)),
        "chains": [chain(found, part[0], number) for number in range(len(part[0]["paths"]))],
    }


# --- The answer ------------------------------------------------------------------------------------------------------


def _answer(traced: TraceResult, found: Json, scene: Json) -> Iterator[str]:
    current = [each for each in traced.exposures if each.state == "current"]
    near = min(current, key=lambda each: onepage.force(each.group, each.tier), default=None)
    told = list(onepage.answer(found, traced.exposure(near) if near else None))
    given_up = found["limits"]["truncated"]
    if near is None:
        yield (
            said("page", "given-up")
            if given_up
            else said("page", "untested-too")
            if _doubtful(found)
            else told[0]
        )
        yield from told[1:]
        yield said("page", "no-proof")
    else:
        yield _found(found, scene, at_least=given_up)
        yield from told[1:]
    if given_up:
        yield said("page", "narrow")


def _found(found: Json, scene: Json, *, at_least: bool) -> str:
    """Return what touches whom, in a sentence: how many designations of which kind, how many actors."""
    marked = Counter(entry["mark"] for entry in scene["entries"])
    kinds = listed([said("picture", f"of-{each}", n=marked[each]) for each in MARKS if marked[each]])
    n, many = found["counts"]["exposed"], len(scene["entries"])
    if not n:
        return said("page", "itself", kinds=kinds, many=many)
    way = said("page", "downstream-way" if found["parameters"]["downstream"] else "upstream-way")
    key = "at-least" if at_least else "possibly" if set(marked) == {"possible"} else "found"
    return said("page", key, kinds=kinds, many=many, n=n, way=way)


def _doubtful(found: Json) -> bool:
    """Return whether nothing was found, and for half of those reached or more some decisive test had no input."""
    limits, reached = found["limits"], found["counts"]["reached"]
    lacking = ("actors_without_country", "place_unknown", "links_without_product")
    untested = max(limits[name] for name in lacking)
    return bool(found["verdict"]["result"] == "none-found" and reached and 2 * untested >= reached)


def _missing(found: Json) -> Iterator[dict[str, str]]:
    """Yield what would make more testable, what it would test, and who may hold it."""
    limits = found["limits"]
    for key in words.shipped()["testable"]:
        if "-" in key:
            continue
        for figures in _lacking(limits, key):
            yield {
                "what": said("testable", key, **figures),
                "tests": said("testable", f"{key}-tests"),
                "holds": said("testable", f"{key}-holds", **figures),
            }


def _lacking(limits: Json, key: str) -> Iterator[dict[str, Any]]:
    """Yield how much of something lacks, once for each kind of link where it is links that were not followed."""
    known = limits[key]
    if key == "kinds_not_walked":
        yield from ({"n": many, "kind": said("kinds", kind)} for kind, many in known.items() if many)
    elif key == "designations":
        if not sum(each["in_force"] - each["left_out"] for each in known):
            yield {"n": 0}
    elif known:
        yield {"n": len({each["actor"]["iri"] for each in known}) if isinstance(known, list) else known}


def _tiers(scene: Json) -> dict[str, Any]:
    """Return how many of each tier each designation touches, as a table."""
    tiers = list(scene["tiers"])
    return {
        "tiers": tiers,
        "rows": [
            {
                "mark": entry["mark"],
                "title": entry["title"],
                "counts": [entry["touched"].get(tier, 0) for tier in tiers],
            }
            for entry in scene["entries"]
        ],
        "reached": list(scene["tiers"].values()),
    }


def _chokepoint(each: Json) -> dict[str, Any]:
    buyers = [{"id": one["id"], "name": one["name"] or one["id"]} for one in each["other_buyers"]]
    actor = each["actor"]
    return {
        "id": actor["id"], "name": actor["name"] or actor["id"], "country": country(actor["country"]),
        "ends": each["exposures_ended"], "buyers": buyers[:5], "left": len(buyers[5:]),
    }  # fmt: skip


def _limits(found: Json) -> dict[str, Any]:
    limits = found["limits"]
    return {
        "lists": statements.lists(found),
        "datasets": [
            {"id": each["id"], "version": each["version"], "licence": each["licence"]}
            for each in limits["datasets"]
        ],
        "question": statements.question(found),
    }


# --- Parts of it -----------------------------------------------------------------------------------------------------


def _listing(traced: TraceResult, asked: Json) -> Json:
    found = traced.told
    group = next(
        (
            each
            for each in gathered(traced)
            if traced.names.id(each[0].designation.iri) == asked["designation"]
            and each[0].state == asked["state"]
        ),
        None,
    )
    if group is None:
        raise UsageError(
            Named("designation"), f" {asked['designation']!r} touches nobody that this trace reaches."
        )
    made = _about(traced, found)
    if asked["company"]:
        group = [each for each in group if traced.names.id(each.actor) == asked["company"]]
        if not group:
            raise UsageError(Named("company"), f" {asked['company']!r} is not touched by this designation.")
    first = ROWS * (asked["page"] - 1)
    if first >= len(group):
        raise UsageError(Named("page"), f" runs from 1 to {-(-len(group) // ROWS)} here.")
    return {
        **made,
        "company": asked["company"],
        "group": _group(traced, found, group, ROWS, first),
        "part": companies.part(len(group), asked["page"], ROWS),
    }


def _companies(traced: TraceResult, asked: Json) -> dict[str, Any]:
    reached = traced.told["reached"]
    some = {name: asked[name] for name in ("tier", "group", "page")}
    return {"companies": companies.companies(traced.scene, reached, **some, size=ROWS)}
