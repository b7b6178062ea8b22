"""What a tier picture takes from a trace: the actors that are drawn, the hops between them, and the words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentier.graph.model.characters import visible

MAX_PATH_ACTORS = 60
#: The marks of what touches an actor, the one of most force first.
MARKS = ("measure", "risk", "child", "possible")

Json = Mapping[str, Any]
#: Of a line: start, end, kind.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Shown:
    """An actor of the trace; what is not known of it is empty."""

    iri: str
    id: str
    name: str
    country: str
    kind: str
    tier: int
    mark: str  # the mark of what touches it with most force, if anything does: one of `MARKS`
    authorities: list[str]
    exposures: list[str]  # in words


def clean(value: object) -> str:
    """Return text on one line, with what XML forbids and what is not seen by its code point."""
    text = "" if value is None else str(value)
    return visible(" ".join(text.split()))


def unique(values: Iterable[str]) -> list[str]:
    """Return the texts that are not empty, each once."""
    return list(dict.fromkeys(value for value in values if value))


def counted(number: int, noun: str) -> str:
    """Return such as ``1 country`` or ``2,000 actors``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def _short(value: object) -> str:
    """Return the last part of an IRI; other text as it is."""
    text = clean(value)
    return re.split(r"[/#]", text.rstrip("/#"))[-1] if re.match(r"https?://", text) else text


def product(hop: Json) -> str:
    """Return the product of a hop, as it is shown."""
    return re.sub(r"^hs:", "HS ", _short(hop["product"]))


def note(hop: Json) -> str:
    """Return what a hop rests on."""
    source = [clean(hop[key]) for key in ("record", "dataset", "licence")]
    against = [
        clean(f"contradicted by {each['by'] or each['dataset']}: {each['reason']}")
        for each in hop.get("contradictions", ())
    ]
    when = f"{hop['start_date'] or '…'} to {hop['end_date'] or '…'}"
    return "; ".join(unique([product(hop), when, *source, *against]))


def mark(exposure: Json) -> str:
    """Return the mark of an exposure; a list for child labour alone has its own."""
    group = str(exposure["group"])
    only = set(exposure["designation"]["exploitation"]) == {"child-labour"}
    return "child" if group == "risk" and only else group if group in MARKS else "possible"


def _words(exposure: Json) -> str:
    entry = exposure["designation"]
    by = "; ".join(unique(_short(entry[key]) for key in ("title", "authority", "law")))
    return f"{by}. {clean(exposure['sentence'])}"


class Reading:
    """The actors of a trace, those that are drawn, and the hops between these."""

    def __init__(self, trace: Json) -> None:
        self.downstream: bool = trace["parameters"]["downstream"]
        self.exposures: dict[str, list[Json]] = defaultdict(list)
        current = [exposure for exposure in trace["exposures"] if exposure["state"] == "current"]
        self.apart = len(trace["exposures"]) - len(current)
        for exposure in current:
            self.exposures[exposure["actor"]["iri"]].append(exposure)
        self.actors: dict[str, Shown] = {}
        self.root = self._meet(trace["root"], 0)
        for actor in [*trace["reached"], *(exposure["actor"] for exposure in current)]:
            self._meet(actor, actor["tier"])
        self.drawn: dict[str, None] = {self.root.iri: None}
        self.hops: dict[Key, list[Json]] = defaultdict(list)
        self.left_out = 0
        for exposure in current:
            hops = exposure["paths"][0]["hops"] if exposure["paths"] else []
            self._add(exposure["actor"]["iri"], [hop for hop in hops if hop["kind"] != "identity"])

    def _meet(self, actor: Json, tier: int) -> Shown:
        iri = actor["iri"]
        if iri not in self.actors:
            found = self.exposures.get(iri, [])
            touched = min((mark(exposure) for exposure in found), key=MARKS.index, default="")
            by = unique(_short(exposure["designation"]["authority"]) for exposure in found)
            words = [_words(exposure) for exposure in found]
            ident, name, country, kind = (clean(actor.get(key)) for key in ("id", "name", "country", "kind"))
            self.actors[iri] = Shown(iri, ident, name or ident, country, kind, tier, touched, by, words)
        return self.actors[iri]

    def _add(self, exposed: str, hops: Sequence[Json]) -> None:
        hops = [hop for hop in hops if hop["kind"] != "identity"]
        near, far = ("to", "from") if self.downstream else ("from", "to")
        for hop in reversed(hops) if self.downstream else hops:
            # an actor in the middle need not be reached itself, where a product was asked for
            step = 1 + hop["gap"] if hop["kind"] == "supply" else 0
            self._meet(hop[far], self.actors[hop[near]["iri"]].tier + step)
        ends = dict.fromkeys([*(hop[side]["iri"] for hop in hops for side in ("from", "to")), exposed])
        many = len(self.drawn | ends)
        if many > len(self.drawn) > 1 and (self.left_out or many > MAX_PATH_ACTORS):
            self.left_out += 1
            return
        self.drawn |= ends
        for hop in hops:
            self.hops[hop["from"]["iri"], hop["to"]["iri"], hop["kind"]].append(hop)
