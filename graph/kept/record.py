"""A screening record: what was asked, on which data, and what was found, with a hash over all of it.

It holds nothing of the machine on which it was made: no clock, no path, no name of a user or a release. So whoever asks
the same of the same dataset versions has the same record, and the same hash. What the matcher takes for likely one
(dataset `matches`) is made here of the other datasets, on a day and in an order that say nothing of anybody: of such a
judgement a record has its sides and its rule, and neither its version nor its date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from opentier.graph import __version__
from opentier.graph.answer.result import TraceResult
from opentier.graph.errors import StoreError
from opentier.graph.identity.judgements import MATCHED, Judged
from opentier.graph.index.opened import Index
from opentier.graph.trace.parameters import FILTERS, Parameters

Json = dict[str, Any]
TRACE, LIST = "trace", "list"
#: What records of each kind look like: the number is another one when they look otherwise. Lists of format 1 have
#: neither products of rows nor what lists say of places and goods; they are read, compared and asked again as they are.
FORMAT = 2
_FORMATS = {TRACE: 1, LIST: FORMAT}
#: What every record holds, and what one of each kind does beside.
_HELD = (
    "id", "kind", "program", "again_of", "question", "datasets", "verdict", "counts", "limits", "hops", "designations",
    "judgements",
)  # fmt: skip
_HELD_BY = {TRACE: ("results",), LIST: ("rows", "answers")}
#: What a record has of a hop.
_HOP = (
    "kind", "direction", "from", "to", "record", "product", "start_date", "end_date", "observed_date", "share", "gap",
    "confidence", "dataset", "version", "licence", "evidence", "source",
)  # fmt: skip
#: What it has of an exposure, beside its designation, its path and its stakes.
_EXPOSURE = ("actor", "reason", "sentence", "group", "state", "states", "scope_match", "severity")
#: What it has of a path, beside its hops.
_PATH = ("tier", "confidence", "product_continuity", "live", "gaps", "in_force_while_live")
#: What of the limits stands elsewhere in it, or is the first few of many in an order of this machine.
_LEFT = frozenset({"datasets", "refused_first"})


class Findings:
    """What exposures are made of, each thing once: hops and designations."""

    def __init__(self) -> None:
        self._hops: dict[str, Json] = {}
        #: The designations of them.
        self.named: set[str] = set()

    def exposure(self, said: Mapping[str, Any], path: Mapping[str, Any]) -> Json:
        """Return an exposure of an answer as a record has it, with one path of it."""
        iri = said["designation"]["iri"]
        self.named.add(iri)
        return {
            **{name: said[name] for name in _EXPOSURE},
            "designation": iri,
            "path": {**{name: path[name] for name in _PATH}, "hops": self.hops(path["hops"])},
            "stakes": self.hops(said["stakes"]),
            "sites": self.hops(said["sites"]),
        }

    def hops(self, said: Iterable[Mapping[str, Any]]) -> list[str]:
        """Note some hops and return their keys, for which `told` has numbers."""
        keys = []
        for hop in said:
            made = _hop(hop)
            keys.append(_key(made))
            self._hops[keys[-1]] = made
        return keys

    def told(self, every: Iterable[Json], entries: Mapping[str, Json]) -> Json:
        """Return hops and designations as a record has them; in some exposures numbers replace the keys of hops."""
        numbers = {key: number for number, key in enumerate(sorted(self._hops))}
        for each in every:
            for held in (each["path"], each):
                for name in ("hops", "stakes", "sites"):
                    if name in held:
                        held[name] = [numbers[key] for key in held[name]]
        return {
            "hops": [self._hops[key] for key in sorted(self._hops)],
            "designations": [entries[iri] for iri in sorted(self.named)],
        }


def of_trace(
    result: TraceResult,
    id: str,
    *,
    meant: str,
    asked: Mapping[str, str],
    weights: Mapping[str, Any] | None = None,
    again_of: Mapping[str, str] | None = None,
) -> Json:
    """Return the record of a trace, without its hash.

    Parameters
    ----------
    meant
        The IRI of the actor that was asked about, whoever is one with it.
    asked
        Parameters that were asked for in other words than they were understood: the word ``today``.
    weights
        The weights of severity, where they are not those that ship.
    again_of
        Id and hash of the record that is asked again.
    """
    said, index = result.to_dict(), result.index
    findings, entries = (
        Findings(),
        {each["designation"]["iri"]: each["designation"] for each in said["exposures"]},
    )
    results = [findings.exposure(each, each["paths"][0]) for each in said["exposures"]]
    question = {
        "actor": _actor(result, meant),
        "parameters": said["parameters"],
        "as_asked": dict(asked),
        "weights": None if weights is None else dict(weights),
    }  # fmt: skip
    return {
        **head(index, id, TRACE, question, again_of),
        "verdict": said["verdict"],
        "counts": said["counts"],
        "limits": limits(said["limits"]),
        **findings.told(results, entries),
        "results": results,
        "judgements": judgements(index, result.trace.nodes.tolist()),
    }


def _actor(result: TraceResult, iri: str) -> Json:
    """Return the actor that was asked about as its own records call it, whoever is one with it."""
    root, said = result.objects.named(result.trace.root), result.unindexed.member(iri)
    own = iri != root["iri"] and bool(said.name)
    country = next((place.country for place in said.places if place.country), None)
    return {
        "iri": iri,
        "id": result.names.id(iri),
        "name": said.name if own else root["name"],
        "country": country if own else root["country"],
    }


def head(
    index: Index, id: str, kind: str, question: Mapping[str, Any], again_of: Mapping[str, str] | None
) -> Json:
    """Return what every record opens with: what it is, what was asked, and of which data."""
    return {
        "format": _FORMATS[kind],
        "id": id,
        "kind": kind,
        "program": {"name": "opentier", "version": __version__},
        "again_of": None if again_of is None else dict(again_of),
        "question": dict(question),
        "datasets": datasets(index),
    }


def datasets(index: Index) -> list[Json]:
    """Return the dataset versions that an answer rests on, by id; what is made of others has no version."""
    return [
        {
            "id": version.dataset,
            "version": None if version.dataset in MATCHED else version.number,
            "licence": version.licence,
            "checksum": None if version.dataset in MATCHED else version.checksum,
            "rows": None if version.dataset in MATCHED else version.accepted,
            "title": version.title,
            "edition": version.package_version or None,
            "date": version.created or None,
        }
        for _, version in sorted(index.versions.items())
    ]


def limits(said: Mapping[str, Any]) -> Json:
    """Return the limits of an answer as a record has them: what is listed stands in an order of its own."""
    kept = {name: value for name, value in said.items() if name not in _LEFT}
    if "names_alike" in said:
        kept["names_alike"] = [
            {**each, "designation": {name: each["designation"][name] for name in ("iri", "id", "title")}}
            for each in said["names_alike"]
        ]
    return {name: _ordered(value) if isinstance(value, list) else value for name, value in kept.items()}


def judgements(index: Index, nodes: Iterable[int]) -> list[Json]:
    """Return who decided what on the identity of some actors: the judgements that count."""
    some = set(nodes)
    found = [
        _judgement(index, said)
        for said in index.judged
        if {index.node(said.left), index.node(said.right)} & some
    ]
    return _ordered(found)


def _judgement(index: Index, said: Judged) -> Json:
    dataset = index.names.id(said.record).partition("/")[0]
    made = dataset in MATCHED
    left, right = sorted((said.left, said.right))
    return {
        "left": index.names.id(left),
        "right": index.names.id(right),
        "judgement": said.judgement,
        "decided_by": said.decided_by,
        "dataset": dataset,
        "record": None if made else said.record,
        "score": None if made else said.score,
        "date": None if made else said.date,
    }


def _hop(said: Mapping[str, Any]) -> Json:
    """Return a hop as a record has it."""
    made = {name: said[name] for name in _HOP}
    if judged := said.get("judgement"):
        made["judgement"] = {name: judged[name] for name in ("judgement", "decided_by", "score", "date")}
        if said["dataset"] in MATCHED:
            made |= dict.fromkeys(("record", "version", "confidence"))
            made["judgement"] |= dict.fromkeys(("score", "date"))
    return made


def _key(hop: Mapping[str, Any]) -> str:
    said = [hop[name] or "" for name in ("record", "kind", "direction")]
    return json.dumps([*said, hop["from"]["iri"], hop["to"]["iri"]])


def _ordered(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda each: json.dumps(each, sort_keys=True))


# --- Read again ------------------------------------------------------------------------------------------------------


def readable(record: Json) -> Json:
    """Return a record that this version of the program can read.

    Raises
    ------
    StoreError
        If a later version made it, or it is none: a right hash says nothing of what stands under it.
    """
    kind = record.get("kind")
    if record.get("format") not in range(1, _FORMATS.get(str(kind), 1) + 1):
        raise StoreError(
            f"{record['id']} is no record that this version ({__version__}) reads; it is of format "
            f"{record.get('format')}. Use the version of opentier that made it, or a later one."
        )
    lacking = [name for name in (*_HELD, *_HELD_BY.get(str(kind), ())) if name not in record]
    lacking += [] if lacking or kind in _HELD_BY else [f"a kind that is {TRACE} or {LIST}"]
    if lacking:
        raise StoreError(
            f"{record['id']} is no record of a trace or a list: it lacks {', '.join(lacking)}. Move the file away, "
            "and make the record again."
        )
    return record


def parameters(record: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a record, as they were understood.

    Raises
    ------
    StoreError
        If this version of the program does not know one of them.
    """
    said = record["question"]["parameters"]
    known = {FILTERS[each.name].called: each.name for each in fields(Parameters)}
    if not set(said) <= set(known):
        raise StoreError(
            f"{record['id']} was made by opentier {record['program']['version']}, and asks what this version "
            f"({__version__}) does not know. Use that one, or ask anew."
        )
    values: dict[str, Any] = {
        known[name]: tuple(value) if isinstance(value, list) else value for name, value in said.items()
    }
    return Parameters(**values)


def path(record: Mapping[str, Any], exposure: Mapping[str, Any]) -> list[Json]:
    """Return the hops of the path of an exposure."""
    return [record["hops"][number] for number in exposure["path"]["hops"]]


def behind(row: Mapping[str, Any]) -> str:
    """Return what a row of a list says of the nearest measure, where that is not its nearest exposure.

    Records of an earlier version say nothing of it.
    """
    return row.get("measure_why", "") if row.get("measure") != row["nearest"] else ""


def entry(record: Mapping[str, Any], iri: str) -> Json:
    """Return a designation of a record."""
    return next(each for each in record["designations"] if each["iri"] == iri)


def results(
    answers: Mapping[tuple[str, str | None], list[Json]], row: Mapping[str, Any], actor: str
) -> list[Json] | None:
    """Return the exposures of an actor as a row of a list has them, of those by actor and product; None of no other.

    A row with products of its own was traced by the one that it names, or whatever links carry (""), or by the question
    of the list (None), as `Answers` has it; one whose product ("") was not understood by one of the last two.
    """
    named = row.get("product")
    own = ([named] if named else []) + [""] if row.get("goods") or named == "" else []
    return next((answers[actor, each] for each in (*own, None) if (actor, each) in answers), None)
