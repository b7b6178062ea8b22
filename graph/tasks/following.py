"""Subscriptions that are followed as a job, by whoever owns the machine or on a schedule."""

from __future__ import annotations

from collections import Counter
from typing import Any

from opentier.graph.exchange.sync import sync as follow
from opentier.graph.model import printed
from opentier.graph.tasks.task import Ended, Task


def sync(task: Task) -> Ended:
    """Follow all subscriptions, and tell what became of each dataset; a job that could follow none failed."""
    graph, files = task.graph, dict[str, str]()
    found = follow(graph.store, lambda who: graph.acting(who).acts(task.progress), task.progress)
    task.write("json", printed.text({"subscriptions": [each.to_dict() for each in found]}), files)
    states = Counter(row.state for each in found for row in each.rows)
    failed = [f"{each.id}: {each.failed}" for each in found if each.failed]
    nothing = "" if failed else "nothing is offered"
    said = ", ".join(f"{many:,} {state}" for state, many in states.items()) or nothing
    outcome = {
        "subscriptions": len(found), "failed": len(failed), "datasets": dict(states),
        "summary": "; ".join(filter(None, (said, " ".join(failed)))),
    }  # fmt: skip
    return Ended(outcome, files, " ".join(failed) if failed and len(failed) == len(found) else "")


def settled(task: Task) -> dict[str, Any] | None:
    """Return what one that was ended leaves: whatever it had taken, whole; the next one goes on from there."""
    return {
        "outcome": None,
        "said": "What it had taken until then is here, and the next sync goes on from there.",
    }
