"""Due diligence triggers: which step is due for an actor, because of what. The rules are data (triggers.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opentier.graph.answer.result import TraceResult
from opentier.graph.store.release import Release

#: Reasons that are named for one trigger; all of them are counted.
NAMED = 5


@lru_cache(maxsize=1)
def rules() -> list[Mapping[str, Any]]:
    """Return the trigger rules."""
    found = tomllib.loads(files("opentier.graph.law").joinpath("triggers.toml").read_text("utf-8"))["trigger"]
    assert isinstance(found, list)
    return found


def due(release: Release, result: TraceResult) -> list[dict[str, Any]]:
    """Return the steps that are due after a trace: trigger, step, what to do, source, and because of what."""
    found = []
    for rule in rules():
        because = sorted(set(_because(rule, release, result)))
        if because:
            found.append(
                {
                    "trigger": rule["id"],
                    "step": rule["step"],
                    "due": rule["due"],
                    "source": rule["source"],
                    "count": len(because),
                    "because": because[:NAMED],
                }
            )
    return found


def _because(rule: Mapping[str, Any], release: Release, result: TraceResult) -> Iterator[str]:
    names = result.names
    if rule["when"] == "exposure":
        for exposure in result.exposures:
            if exposure.designation.kind in rule["kinds"] and exposure.reason in rule["reasons"]:
                yield f"{names.id(exposure.actor)}: {exposure.reason}, {names.id(exposure.designation.iri)}"
    elif rule["when"] == "gap":
        for arc in result.trace.gaps():
            yield names.id(arc.record)
    elif rule["when"] == "incident":
        for happened in result.beside.incidents.values():
            for incident in happened:
                if incident.status in rule["statuses"]:
                    yield f"{names.id(incident.iri)}: {incident.status}"
    elif rule["when"] == "recruitment":
        reached = result.members
        for iri, fields in release.records("recruitment_links"):
            policy = min(fields.get("ot:feePolicy", [""])).rpartition("#fee-policy-")[2]
            ends = {*fields.get("ot:employer", ()), *fields.get("ot:worksite", ())}
            if policy in rule["fee_policies"] and reached & ends:
                yield f"{names.id(iri)}: {policy}"
