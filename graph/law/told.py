"""Laws and facts in words, for pages: outcomes, thresholds beside the facts they are held to, and what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from opentier.graph.exposure import words
from opentier.graph.law.obligations import RANK

Json = dict[str, Any]
#: What each outcome is called, and how one of several laws is counted in a sentence.
OUTCOMES = {
    "bound": ("Bound", "binds", "bind"),
    "sources-differ": ("Sources differ", "of which sources differ", "of which sources differ"),
    "unknown": ("Unknown: what is missing decides", "unknown", "unknown"),
    "conditional": ("Depends on what is done, not on size", "depends on what is done", "depend on what is done"),
    "not-yet": ("Not yet", "not yet in force", "not yet in force"),
    "not-enforced": ("Not enforced", "not enforced", "not enforced"),
    "on-hold": ("On hold", "on hold", "on hold"),
    "proposed": ("Proposed: binds nobody", "proposed only", "proposed only"),
    "not-bound": ("Not bound", "not binding it", "not binding it"),
    "repealed": ("Repealed", "repealed", "repealed"),
}  # fmt: skip
#: What a verdict over a source or a group is called.
VERDICTS = {
    "yes": "Reached", "no": "Not reached", "unknown": "Unknown", "bound": "Bound", "not-bound": "Not bound",
    "not-yet": "Not yet", "claim": "Claimed, and not counted", "superseded": "Superseded", "repealed": "Repealed",
}  # fmt: skip
#: How sure what a law says is, the surest first.
SURE = {
    "primary": "official text", "secondary": "secondary source", "general": "general knowledge",
    "unverified": "unverified", "contradicted": "contradicted by the law’s own text",
}  # fmt: skip
#: Years from which on a fact is marked as old.
OLD = 2
_METRICS = {
    "employees": "employees", "turnover": "turnover", "assets": "total assets", "royalties": "royalties",
    "contract-value": "contract value", "subsidiary-turnover": "turnover of a subsidiary",
    "import-volume": "kilograms imported", "listed": "listed", "public-limited": "public limited company",
    "seat": "seat", "branch": "branch", "business-in": "business", "importer-of-record": "importer of record",
    "contractor": "public contractor",
}  # fmt: skip
#: Metrics that are told as yes or no, and where.
_WHERE = frozenset(
    {"listed", "public-limited", "seat", "branch", "business-in", "importer-of-record", "contractor"}
)
_CODED = re.compile(r"\b(in|for|of|outside) ([A-Z]{2}(?:-[A-Z0-9]{1,3})?)(?=$|[ ,;.)])")
_METRIC = re.compile(rf"\b({'|'.join(sorted(_METRICS, key=len, reverse=True))})\b(?= (?:in|is|of))")


def place(code: str | None) -> str:
    """Return where a figure is counted: worldwide, in the Union, in a country or in a part of one."""
    if not code or code == "worldwide":
        return "worldwide"
    return f"in {_place(code)}"


def _place(code: str) -> str:
    if code == "EU":
        return "the European Union"
    return words.region(code) if "-" in code else words.country(code)


def sentence(text: str) -> str:
    """Return why something holds, with countries by name in the place of their codes."""
    text = _METRIC.sub(lambda found: _METRICS[found[1]], text)
    return _CODED.sub(lambda found: f"{found[1]} {_place(found[2])}", text)


def threshold(found: Json) -> str:
    """Return what a law asks for: more than 3,000 employees worldwide."""
    if found["metric"] in _WHERE:
        return f"{_METRICS[found['metric']]} {place(found['scope'])}"
    least = "more than" if found["comparator"] == "more-than" else "at least"
    whose = {True: " (the group)", False: " (the company alone)"}.get(found["consolidated"], "")
    return f"{least} {_figure(found, found['minimum'])}{whose}"


def fact(found: Json) -> str:
    """Return a fact with its year and its source."""
    if found["metric"] in _WHERE:
        said = f"{'' if found['value'] else 'no '}{_METRICS[found['metric']]} {place(found['scope'])}"
    else:
        said = _figure(found, found["value"])
    whose = {True: "the group", False: "the company alone"}.get(found["consolidated"])
    more = [found["year"] or ("" if found["metric"] in _WHERE else "year not stated"), whose, found["source"]]
    return f"{said} ({', '.join(filter(None, more))})"


def old(found: Json) -> bool:
    """Return whether a fact is older than `OLD` years on the day that was asked for."""
    return found["age"] is not None and found["age"] > OLD


def _figure(found: Json, value: float) -> str:
    number = f"{value:,.0f}" if value == int(value) else f"{value:,}"
    what = _METRICS.get(found["metric"], found["metric"])
    if found["currency"]:
        return f"{found['currency']} {number} {what} {place(found['scope'])}"
    return f"{number} {what} {place(found['scope'])}"


def answer(found: Json) -> str:
    """Return how many laws have which outcome, in a sentence."""
    counts = Counter(law["outcome"] for law in found["laws"])
    parts = list[str]()
    for outcome in RANK:
        if many := counts[outcome]:
            noun = "" if parts else " law" if many == 1 else " laws"
            parts.append(f"{many}{noun} {OUTCOMES[outcome][1 if many == 1 else 2]}")
    return words.listed(parts) if parts else "no law of this data has a known connection"


def missing(found: Json) -> list[str]:
    """Return which figures would settle a law of which the outcome is unknown."""
    asked = dict.fromkeys(
        f"{_METRICS.get(each['metric'], each['metric'])} {place(each['scope'])}"
        + (f" in {each['currency']}" if each["currency"] else "")
        for law in found["laws"]
        if law["outcome"] in ("unknown", "not-yet", "sources-differ")
        for each in _thresholds(law)
        if each["verdict"] == "unknown"
    )
    return list(asked)


def _thresholds(law: Json) -> Iterable[Json]:
    for source in law["by_source"]:
        if source["outcome"] not in ("claim", "superseded"):
            for group in source["groups"]:
                yield from group["thresholds"]


def sources(law: Json) -> list[Json]:
    """Return the sources of the thresholds of a law, the surest first, each with how sure it is, in words."""
    found = [{**source, "sure": _sure(source)} for source in law["by_source"]]
    ranked = sorted(found, key=lambda source: (list(SURE).index(source["sure"]), source["source"]))
    return [{**source, "sure": SURE[source["sure"]]} for source in ranked]


def _sure(source: Json) -> str:
    said = {each["confidence"] for group in source["groups"] for each in group["thresholds"]}
    return next((code for code in SURE if code in said), "unverified")
