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
from opentier.graph.errors import Named, UsageError, mean
from opentier.graph.exposure.words import said
from opentier.graph.law import acts, enquiries
from opentier.graph.law.documents import BINDING, Document, documents
from opentier.graph.law.purchases import Placed, Purchase, imported, placed, purchases
from opentier.graph.law.stages import Stages
from opentier.graph.model.dates import first_day, last_day
from opentier.graph.store.release import Release, one

Json = Mapping[str, Any]

#: Types of evidence that tell of who sells, not of one purchase: a site's answer for it.
_OF_SITES = frozenset({"production-record", "audit", "supplier-list"})
#: Types of evidence that stand for others (see `file.FULL`).
_STAND_FOR = {"bill-of-lading": "customs-record"}


class Dossiers:
    """What laws ask for, as a release says, and a trace held against it."""

    def __init__(self, release: Release, result: TraceResult, laws: Sequence[str]) -> None:
        self.release, self.result, self.names = release, result, result.names
        self.laws = list(dict.fromkeys(_chosen(release, result, laws)))
        self.stages = Stages.of(release, result.index)
        self._evidence: dict[str, dict[str, Any]] = {}
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
            ``verdict``, ``root``, ``parameters`` (of the trace), ``laws`` (each with ``listed``: whether documents of it
            are known, and ``said``), ``paths`` (each with ``touches``, ``items`` and ``unplaced``), ``counts``,
            ``questions``, ``notes``, ``datasets``.
        """
        found = self.result.to_dict()
        paths = [self._path(each) for each in self._paths(found)]
        told = {document["law"] for path in paths for document in _asked(path)}
        return {
            **{name: found[name] for name in ("verdict", "root", "parameters")},
            "laws": [self._law(iri, told) for iri in self.laws],
            "paths": paths,
            "counts": _counts(paths),
            "questions": enquiries.enquiries(self.result, found),
            "notes": self._notes(found, paths),
            "datasets": found["limits"]["datasets"],
        }

    # --- Laws ----------------------------------------------------------------------------------------------------

    def _law(self, iri: str, told: set[str]) -> dict[str, Any]:
        """Return a law, and what is to be said of its documents as a whole."""
        about, asked = self.described[iri], self.known.get(iri, [])
        lines = []
        if not asked:
            listed = ", ".join(sorted(self._local(each) for each in self.known if each in self.described))
            lines.append(said("dossier", "no-list", listed=listed or "none"))
        elif about["id"] not in told:
            lines.append(said("dossier", "no-order" if all(each.by_order for each in asked) else "no-goods"))
        begin, on = about["applicable"], self.result.trace.parameters.on
        if begin and (on is None or first_day(begin) > first_day(on)):
            lines.append(said("dossier", "not-yet" if on else "applies", date=begin, on=on or ""))
        if asked and not {each.basis for each in asked} & BINDING:
            lines.append(said("dossier", "examples"))
        keys = ("iri", "id", "title", "jurisdiction", "status", "applicable", "checked", "confidence")
        return {**{key: about[key] for key in keys}, "local": self._local(iri), "listed": bool(asked), "said": lines}

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
        unplaced = []
        for iri in self.laws:
            about, asked = self.described[iri], self.known.get(iri, [])
            over = imported(bought, about["jurisdiction"])
            found, left = placed(asked, bought, over, ordered=_ordered(chosen["touches"], about["title"]))
            for number, each in enumerate(found):
                documents[number] += [self._answered(one_placed, bought[number]) for one_placed in each]
            unplaced += [{**self._document(each, None), "why": self._why(each, bought)} for each in left]
        items = list(self._items(hops, bought, documents))
        end = hops[-1]["to"] if hops else self.result.objects.named(self.result.trace.root)
        return {
            "to": {key: end[key] for key in ("iri", "id", "name", "country")},
            "tier": path["tier"],
            "confidence": path["confidence"],
            "touches": chosen["touches"],
            "items": items,
            "unplaced": unplaced,
        }

    def _items(
        self, hops: Sequence[Json], bought: Sequence[Purchase], documents: Sequence[list[dict[str, Any]]]
    ) -> Iterator[dict[str, Any]]:
        """Yield what stands on a path: its purchases, gaps, sites, and joins of identity."""
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
                "said": "" if number is None or stages else said("dossier", "stage-unknown"),
                "held": file.held(hop),
                "missing": file.missing(hop),
                "evidence": [self._piece(each, hop) for each in hop["evidence"]],
                "documents": [] if number is None else documents[number],
            }

    # --- Documents -----------------------------------------------------------------------------------------------

    def _document(self, document: Document, match: str | None, also: Sequence[Document] = ()) -> dict[str, Any]:
        on = self.result.trace.parameters.on
        return {
            "law": self.names.id(document.law),
            "id": document.id,
            "iri": document.iri,
            "document": document.title,
            "stage": document.stage,
            "product_group": document.group,
            "match": match,
            "types": list(document.types),
            "wanted": document.wanted,
            "need": document.need,
            "basis": document.basis,
            "binding": document.basis in BINDING,
            "asked": asked(document),
            "valid_from": document.valid_from,
            "valid_to": document.valid_to,
            "not_yet": bool(document.valid_from and on and first_day(document.valid_from) > first_day(on)),
            "no_longer": bool(document.valid_to and on and last_day(document.valid_to) < first_day(on)),
            "certainty": document.certainty,
            "source": document.source,
            "note": document.note,
            "also": [{"id": each.id, "document": each.title} for each in also],
        }

    def _answered(self, each: Placed, purchase: Purchase) -> dict[str, Any]:
        """Return a document about a purchase with the evidence that answers, and the types that lack."""
        document = each.document
        pieces = [self._piece(one_piece, purchase.hop) for one_piece in purchase.hop["evidence"]]
        pieces += [
            self._piece(one_piece, site)
            for site in purchase.sites
            for one_piece in site["evidence"]
            if one_piece.get("type") in _OF_SITES
        ]
        answers = {wanted: [piece for piece in pieces if _answers(piece, wanted, document)] for wanted in document.types}
        having = [wanted for wanted, found in answers.items() if found]
        state = "held" if len(having) >= document.wanted else "part" if having else "missing"
        lacking = [] if state == "held" else [wanted for wanted in document.types if wanted not in having]
        held = {
            (wanted, piece["iri"]): {**piece, "stands_for": wanted if wanted != piece["type"] else None}
            for wanted, found in answers.items()
            for piece in found
        }
        return {
            **self._document(document, each.match, each.instead),
            "state": state,
            "held": list(held.values()),
            "missing": lacking,
        }

    def _piece(self, piece: Mapping[str, str], hop: Json) -> dict[str, Any]:
        """Return a piece of evidence: id, type, title, day, address, dataset, and the record that rests on it."""
        iri = piece["iri"]
        known = self._evidence.get(iri)
        if known is None:
            fields = next(self.release.of("evidence", iri), {})
            name = self.names.id(iri)
            known = self._evidence[iri] = {
                "iri": iri,
                "id": name,
                "type": piece.get("type") or None,
                "title": piece.get("title"),
                "retrieved": one(fields, "ot:retrievedAt"),
                "url": piece.get("url"),
                "dataset": name.partition("/")[0],
            }
        return {**known, "record": hop["record"]}

    def _why(self, document: Document, bought: Sequence[Purchase]) -> str:
        """Return why a document has no place on a path."""
        stages = {stage for purchase in bought for stage in purchase.stages}
        if document.at_import or document.stage == "import":
            return said("dossier", "unplaced-import")
        if document.stage in stages:
            return said("dossier", "unplaced-goods")
        return said("dossier", "unplaced-stage", stage=said("stages", document.stage))

    def _notes(self, found: Json, paths: Sequence[Json]) -> list[str]:
        """Return how the dossier is to be read, and what it does not know."""
        keys = ["type", "not-law", "transport"] if paths else ["no-path"]
        unknown = {
            item["record"] for path in paths for item in path["items"] if item["item"] == "purchase" and not item["stages"]
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


def asked(document: Document) -> str:
    """Return how much a document is asked for, in words: what no statute or regulation asks for is not "required"."""
    if document.need == "required" and document.basis not in BINDING:
        return said("asked", document.basis)
    return said("needs", document.need)


def _chosen(release: Release, result: TraceResult, laws: Sequence[str]) -> Iterator[str]:
    """Yield the laws that are meant, each by its IRI, its id, or the last part of that."""
    if result.trace.parameters.downstream:
        raise UsageError("A dossier is about what an actor buys; ask without ", Named("downstream"), ".")
    if not laws:
        raise UsageError("Say which law the dossier is for, with ", Named("law"), ".")
    known: dict[str, str] = {}
    for iri, _ in release.records("laws"):
        name = result.names.id(iri)
        known |= {iri: iri, name: iri}
        known.setdefault(name.rpartition("/")[2], iri)
    for text in laws:
        if text not in known:
            short = sorted({iri.rpartition("/")[2] for iri in known.values()})
            near = mean(text, short, 12) if short else " No law is in this data. Run: opentier reference"
            raise UsageError(Named("law"), f" {text!r} is no law of this data.{near}")
        yield known[text]


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


def _ordered(touches: Sequence[Json], title: str) -> bool:
    """Return whether a path meets an order under a law."""
    entries = (touch["designation"] for touch in touches)
    return any(entry["kind"] == "import-order" and entry["law"] == title for entry in entries)


def _answers(piece: Json, wanted: str, document: Document) -> bool:
    """Return whether a piece of evidence is of a type, or stands for it where its own is not asked for beside it."""
    other = _STAND_FOR.get(wanted, wanted)
    return piece["type"] == wanted or (piece["type"] == other and other not in document.types)


def _asked(path: Json) -> Iterator[Json]:
    """Yield all that is asked for about a path."""
    for item in path["items"]:
        yield from item.get("documents", ())
    yield from path["unplaced"]


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
        **{state: states[state] for state in ("held", "part", "missing")},
    }
