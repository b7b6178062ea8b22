"""The dossier of a chain: for each purchase of its paths, what laws ask for, which evidence answers, and what lacks.

The paths are those of a trace, the best ones to each exposure, measures first; a path that is the begin of another one
is told with that. A purchase is held against the documents of a law by what is bought and by the stage that it is at
(see `stages`). What is asked for at a stage that no purchase of a path is at is told, too: a path that ends early
lacks what lies behind its end.

Evidence answers by its type. Whether it holds what is asked for, nobody has read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opentier.graph.answer import documents as file
from opentier.graph.answer import statements
from opentier.graph.answer.result import TraceResult
from opentier.graph.dossier import enquiries
from opentier.graph.dossier.answering import STATES, Answers
from opentier.graph.dossier.documents import BINDING, Document, documents
from opentier.graph.dossier.purchases import Purchase, imported, placed, purchases
from opentier.graph.dossier.stages import Stages
from opentier.graph.errors import Named, UsageError
from opentier.graph.exposure.words import said
from opentier.graph.law import acts
from opentier.graph.model.dates import first_day
from opentier.graph.store.release import Release

Json = Mapping[str, Any]


class Dossiers:
    """What laws ask for, as a release says, and a trace held against it."""

    def __init__(self, release: Release, result: TraceResult, laws: Sequence[str]) -> None:
        self.release, self.result, self.names = release, result, result.names
        if result.trace.parameters.downstream:
            raise UsageError("A dossier is about what an actor buys; ask without ", Named("downstream"), ".")
        self.laws = acts.chosen(release, self.names, laws)
        self.stages = Stages.of(release, result.index)
        self.answers = Answers(release, self.names, result.trace.parameters.on)
        known: dict[str, list[Document]] = {}
        for each in documents(release, result.index):
            known.setdefault(each.law, []).append(each)
        self.known = known
        self.described = {iri: acts.law(iri, fields, self.names) for iri, fields in release.records("laws")}

    def to_dict(self) -> dict[str, Any]:
        """Return the dossier as a JSON object.

        Returns
        -------
        dict
            ``verdict``, ``root``, ``parameters`` (of the trace), ``laws`` (each with ``listed``: whether documents of
            it are known, and ``said``), ``paths`` (each with ``touches``, ``items``, ``unplaced`` and ``said``),
            ``counts``, ``questions``, ``notes``, ``datasets``.
        """
        found = self.result.to_dict()
        paths = [self._path(each) for each in self._paths(found)]
        return {
            **{name: found[name] for name in ("verdict", "root", "parameters")},
            "laws": [self._law(iri) for iri in self.laws],
            "paths": paths,
            "counts": _counts(paths),
            "questions": enquiries.enquiries(self.result, found),
            "notes": self._notes(found, paths),
            "datasets": found["limits"]["datasets"],
        }

    # --- Laws ----------------------------------------------------------------------------------------------------

    def _law(self, iri: str) -> dict[str, Any]:
        """Return a law, and what is to be said of its documents as a whole."""
        about, asked = self.described[iri], self.known.get(iri, [])
        lines = []
        if not asked:
            listed = ", ".join(sorted(self._local(each) for each in self.known if each in self.described))
            lines.append(said("dossier", "no-list", listed=listed or "none"))
        begin, on = about["applicable"], self.result.trace.parameters.on
        if begin and (on is None or first_day(begin) > first_day(on)):
            lines.append(said("dossier", "not-yet" if on else "applies", date=begin, on=on or ""))
        if asked and not {each.basis for each in asked} & BINDING:
            lines.append(said("dossier", "examples"))
        keys = ("iri", "id", "title", "jurisdiction", "status", "applicable", "checked", "confidence")
        return {
            **{key: about[key] for key in keys},
            "local": self._local(iri),
            "listed": bool(asked),
            "said": lines,
        }

    def _local(self, iri: str) -> str:
        """Return a law as one asks for it."""
        return self.names.id(iri).rpartition("/")[2]

    # --- Paths ---------------------------------------------------------------------------------------------------

    def _paths(self, found: Json) -> list[dict[str, Any]]:
        """Return the paths of the exposures, each once with all that it touches, in their order.

        One that is the begin of another is told with that; how the end of a path and a listed actor are one is a part
        of it.
        """
        every: dict[tuple[str, ...], dict[str, Any]] = {}
        for exposure in found["exposures"]:
            for path in exposure["paths"]:
                key = tuple(f"{hop['record']} {hop['to']['iri']}" for hop in path["hops"])
                known = every.setdefault(key, {"path": path, "touches": [], "order": len(every)})
                known["touches"].append({**_touch(exposure), "tier": path["tier"]})
        begins = {key[:length] for key in every for length in range(len(key))}
        whole = []
        for key, chosen in every.items():
            if key not in begins:
                along = [every[begin] for end in range(len(key) + 1) if (begin := key[:end]) in every]
                touches = [touch for each in along for touch in each["touches"]]
                whole.append({**chosen, "touches": touches, "order": min(each["order"] for each in along)})
        return sorted(whole, key=lambda each: int(each["order"]))

    def _path(self, chosen: Json) -> dict[str, Any]:
        path, hops = chosen["path"], chosen["path"]["hops"]
        bought = purchases(hops, self.stages)
        documents: list[list[dict[str, Any]]] = [[] for _ in bought]
        over: dict[int, list[str]] = {}
        unplaced, lines = list[dict[str, Any]](), []
        for iri in self.laws:
            about, asked = self.described[iri], self.known.get(iri, [])
            brings = imported(bought, about["jurisdiction"])
            if brings:
                over.setdefault(brings.place, []).append(about["id"])
            found, left = placed(asked, bought, brings, ordered=_ordered(chosen["touches"], about["title"]))
            for number, each in enumerate(found):
                documents[number] += [
                    self.answers.answered(one_placed, bought[number]) for one_placed in each
                ]
            if not any(found) and not left:
                lines.append(f"{self._local(iri)}: {_nothing(asked)}")
            unplaced += [self._unplaced(each, bought) for each in left]
        items = list(self._items(hops, bought, documents, over))
        end = hops[-1]["to"] if hops else self.result.objects.named(self.result.trace.root)
        return {
            "to": {key: end[key] for key in ("iri", "id", "name", "country")},
            "tier": path["tier"],
            "confidence": path["confidence"],
            "touches": chosen["touches"],
            "items": items,
            "unplaced": unplaced,
            "said": lines,
        }

    def _items(
        self,
        hops: Sequence[Json],
        bought: Sequence[Purchase],
        documents: Sequence[list[dict[str, Any]]],
        over: Mapping[int, list[str]],
    ) -> Iterator[dict[str, Any]]:
        """Yield what stands on a path: its purchases, gaps, sites, and joins of identity.

        `over` says which hop crosses the border of which laws.
        """
        at = {purchase.place: number for number, purchase in enumerate(bought)}
        tier = 0
        for place, hop in enumerate(hops):
            if hop["gap"]:
                yield {
                    "item": "gap", "tier": tier + 1, "from": hop["from"], "to": hop["to"], "tiers": hop["gap"],
                    "said": said("dossier", "gap", n=hop["gap"]),
                }  # fmt: skip
            number = at.get(place)
            tier = tier if number is None else bought[number].tier
            stages = () if number is None else bought[number].stages
            kind = {"supply": "purchase", "operation": "site"}.get(hop["kind"], hop["kind"])
            yield {
                "item": kind,
                "tier": tier,
                **{key: hop[key] for key in _OF_HOPS},
                "judgement": hop.get("judgement"),
                "stages": list(stages),
                "import_of": over.get(place, []),
                "said": _said(hop, stages),
                "held": file.held(hop),
                "missing": file.missing(hop),
                "evidence": [self.answers.piece(each, hop) for each in hop["evidence"]],
                "documents": [] if number is None else documents[number],
            }

    def _unplaced(self, document: Document, bought: Sequence[Purchase]) -> dict[str, Any]:
        """Return a document that is about no purchase of a path, and why it is about none."""
        answer = {
            "state": "missing",
            "held": [],
            "missing": list(document.types),
            "why": _why(document, bought),
        }
        return self.answers.document(document) | answer

    def _notes(self, found: Json, paths: Sequence[Json]) -> list[str]:
        """Return how the dossier is to be read, and what it does not know."""
        keys = ["type", "not-law", "transport"] if paths else ["no-path"]
        unknown = {
            item["record"]
            for path in paths
            for item in path["items"]
            if item["item"] == "purchase" and not item["stages"]
        }
        lines = [*statements.verdict(found), *(said("dossier", key) for key in keys)]
        return [*lines, *([said("dossier", "stages-unknown", n=len(unknown))] if unknown else [])]


#: What an item says as its hop does.
_OF_HOPS = (
    "kind", "from", "to", "record", "product", "start_date", "end_date", "observed_date", "confidence", "dataset",
    "version", "licence",
)  # fmt: skip


def dossier(release: Release, result: TraceResult, laws: Sequence[str]) -> dict[str, Any]:
    """Return the dossier of a trace under some laws (see `Dossiers.to_dict`).

    Raises
    ------
    UsageError
        If a law is not known, or the trace goes downstream: a dossier is about what an actor buys.
    """
    return Dossiers(release, result, laws).to_dict()


def _why(document: Document, bought: Sequence[Purchase]) -> str:
    """Return why a document has no place on a path."""
    stages = {stage for purchase in bought for stage in purchase.stages}
    if document.at_import or document.stage == "import":
        return said("dossier", "unplaced-import")
    if document.stage in stages:
        return said("dossier", "unplaced-goods")
    return said("dossier", "unplaced-stage", stage=said("stages", document.stage))


def _touch(exposure: Json) -> dict[str, Any]:
    """Return what a path leads to."""
    entry = exposure["designation"]
    keys = ("iri", "id", "kind", "title", "class", "authority", "law", "listing_date", "status")
    return {
        "actor": exposure["actor"],
        "designation": {key: entry[key] for key in keys},
        "reason": exposure["reason"],
        "sentence": exposure["sentence"],
        "group": exposure["group"],
        "state": exposure["state"],
    }


def _said(hop: Json, stages: Sequence[str]) -> str:
    """Return what is to be said of a hop: that its stage is not known, or who judged that two are one, or may be."""
    if judged := hop.get("judgement"):
        ends = {"left": hop["from"]["name"], "right": hop["to"]["name"]}
        who = judged["decided_by"] or said("dossier", "nobody")
        return said("dossier", "identity", judgement=said("judged", judged["judgement"]), who=who, **ends)
    return said("dossier", "stage-unknown") if hop["kind"] == "supply" and not stages else ""


def _ordered(touches: Sequence[Json], title: str) -> bool:
    """Return whether a path meets an order under a law."""
    entries = (touch["designation"] for touch in touches)
    return any(entry["kind"] == "import-order" and entry["law"] == title for entry in entries)


def _nothing(asked: Sequence[Document]) -> str:
    """Return why a law asks for nothing about a path: what is not known is never told as nothing missing."""
    if not asked:
        return said("dossier", "no-known")
    return said("dossier", "no-order" if all(each.by_order for each in asked) else "no-goods")


def _counts(paths: Sequence[Json]) -> dict[str, int]:
    """Return how many documents are asked for about how many purchases, each purchase counted once."""
    once = {
        (item["record"], document["id"]): document["state"]
        for path in paths
        for item in path["items"]
        for document in item.get("documents", ())
    }
    states = Counter(once.values())
    return {
        "paths": len(paths),
        "purchases": len({record for record, _ in once}),
        "documents": len(once),
        **{state: states[state] for state in STATES},
    }
