"""The record of a screened list: its rows as they were understood, whom each may be, and what was found of these.

Each actor that was traced has its answer once, however many rows may be it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from opentier.graph.contribution.bare import Survey
from opentier.graph.exposure.objects import Json
from opentier.graph.intake.mapping import ACTORS, Mapped
from opentier.graph.kept.record import LIST, Findings, head, judgements, limits
from opentier.graph.matching.parties import Party
from opentier.graph.matching.scoring import Weight, Weights
from opentier.graph.report.report import Where
from opentier.graph.screening.entries import Entry
from opentier.graph.screening.listing import Listing
from opentier.graph.screening.screened import Screened

#: What is kept of each whom a row may be, and of who stands in it.
_CANDIDATE = ("match_id", "match_name", "match_score", "match_band")
_PARTY = ("called", "countries", "regions", "address", "position", "identifiers")


def of_list(
    found: Screened,
    id: str,
    *,
    asked: Mapping[str, str],
    weights: Mapping[str, Any] | None = None,
    every: bool = False,
    again_of: Mapping[str, str] | None = None,
) -> Json:
    """Return the record of a screened list, without its hash.

    Parameters
    ----------
    asked
        Parameters that were asked for in other words than they were understood: the word ``today``.
    weights
        The weights of severity, where they are not those that ship.
    every
        Whether each candidate of a row got a line.
    again_of
        Id and hash of the record that is asked again.
    """
    said, index = found.to_dict(), found.answers.index
    findings = Findings()
    answers: list[Json] = [
        {
            "actor": actor,
            **({} if product is None else {"product": product}),
            "verdict": {"result": answer.verdict.result, "reasons": list(answer.verdict.reasons)},
            "results": [findings.exposure(each, each["path"]) for each in answer.exposures],
        }
        for actor, product, answer in found.answers.items()
    ]
    rows = list(map(_row, said["rows"]))
    findings.named |= {each["designation"] for row in rows for each in row["risk_by_place_and_good"]}
    findings.named |= {each["designation"] for row in rows if (each := row["measure"])}
    entries = {
        each.iri: found.answers.objects.entry(each)
        for each in index.designations
        if each.iri in findings.named
    }
    shared = findings.told((each for answer in answers for each in answer["results"]), entries)
    question = {
        "list": _list(found.listing, found.matches.entries),
        "every": every,
        "matcher": _weights(found.matches.weights),
        "parameters": said["parameters"],
        "as_asked": dict(asked),
        "weights": None if weights is None else dict(weights),
    }
    return {
        **head(index, id, LIST, question, again_of),
        "verdict": said["verdict"],
        "counts": said["counts"],
        "limits": limits(said["limits"]),
        **shared,
        "rows": rows,
        "answers": answers,
        "judgements": judgements(index, np.flatnonzero(found.answers.reached).tolist()),
    }


def _list(listing: Listing, entries: Sequence[Entry]) -> Json:
    """Return a list as it was read: all its cells, and who stands in each row that says anything."""
    mapped, said = listing.survey.mapped, {where.row for where, _ in listing.survey.rows}
    return {
        "file": listing.file,
        "sheet": listing.sheets,
        "columns": {name: list(at) for name, at in mapped.headers.items()},
        "constants": dict(mapped.constants),
        "above": listing.above,
        "header": listing.header,
        "rows": [
            {"row": number, "cells": cells, "read": _read(entry) if number in said else None}
            for (number, cells), entry in zip(listing.rows, entries, strict=True)
        ],
    }


def _read(entry: Entry) -> Json:
    said = asdict(replace(entry.party, understood=()))
    found = {name: list(said[name]) if isinstance(said[name], tuple) else said[name] for name in _PARTY}
    more = {"decided": dict(entry.decided)} if entry.decided else {}
    return {"id": entry.id, **found, **more, **({"product": entry.product} if entry.product else {})}


def _weights(found: Weights) -> Json:
    """Return the weights of the matcher: their version and thresholds, and all of them where they do not ship."""
    shipped = found == Weights.shipped().within(found.accept, found.review)
    said = {"version": found.version, "accept": found.accept, "review": found.review}
    return {**said, "weights": None if shipped else asdict(found)}


def _row(said: Mapping[str, Any]) -> Json:
    """Return what was found of a row: whom it may be, and of its worst line the verdict and what is nearest."""
    return {
        "row": said["row"],
        "matches": said["matches"],
        "candidates": [
            {name.removeprefix("match_"): each[name] for name in _CANDIDATE} for each in said["candidates"]
        ],
        "verdict": said["verdict"],
        "traced": said.get("traced"),
        "nearest": _brief(said.get("exposure")),
        "measure": _brief(said.get("measure")),
        "measure_why": said.get("measure_why", ""),
        "not_testable": said.get("not_testable", []),
        "shared_with": said.get("shared_with", []),
        "possibly_exposed": said.get("possibly_exposed", False),
        "goods": said.get("goods", []),
        "product": said.get("product"),
        "risk_by_place_and_good": [
            {**each, "designation": each["designation"]["iri"]}
            for each in said.get("risk_by_place_and_good", ())
        ],
    }


def _brief(exposure: Json | None) -> Json | None:
    """Return what of an exposure stands at a row; all of it stands among the answers."""
    return exposure and {
        "actor": exposure["actor"],
        "designation": exposure["designation"]["iri"],
        "reason": exposure["reason"],
        "why": exposure["why"],
        "tier": exposure["path"]["tier"],
    }


# --- Asked again -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """The question of a record of a list: the list, who stands in its rows, and the weights of the matcher."""

    listing: Listing
    entries: list[Entry]
    weights: Weights
    every: bool


def question(record: Mapping[str, Any]) -> Question:
    """Return the question of a record, as it was understood."""
    said = record["question"]
    kept = said["list"]
    rows = [(each["row"], each["cells"]) for each in kept["rows"]]
    where = {each["row"]: Where(kept["file"], each["row"]) for each in kept["rows"] if each["read"]}
    headers = {name: tuple(at) for name, at in kept["columns"].items()}
    survey = Survey(
        Where(kept["file"], 1), tuple(kept["header"]), {}, Mapped(ACTORS, headers, kept["constants"]),
        [(where[number], cells) for number, cells in rows if number in where],
    )  # fmt: skip
    listing = Listing(survey, kept["above"], kept["header"], rows, kept["sheet"])
    entries = [_entry(each["row"], each["read"]) for each in kept["rows"]]
    matcher = said["matcher"]
    weights = Weights.shipped().within(matcher["accept"], matcher["review"])
    if own := matcher["weights"]:
        features = {name: Weight(**each) for name, each in own["features"].items()}
        weights = Weights(**own | {"features": features})
    return Question(listing, entries, weights, said["every"])


def _entry(row: int, read: Mapping[str, Any] | None) -> Entry:
    if read is None:
        return Entry(row, Party())
    position = tuple(read["position"]) if read["position"] else None
    many = {name: tuple(read[name]) for name in ("called", "countries", "regions", "identifiers")}
    party = Party(address=read["address"], position=position, **many)  # type: ignore[arg-type]
    return Entry(row, party, read["id"], tuple(read.get("decided", {}).items()), read.get("product", ""))
