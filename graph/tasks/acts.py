"""The acts that are done as jobs: what the commands of the same names do, with the same files as their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentier.graph.tasks import contributions, following, lists, screenings, versions
from opentier.graph.tasks.task import Ended, Task

#: What can be asked for, by name.
ACTS: dict[str, Callable[[Task], Ended]] = {
    "validate": contributions.validate,
    "contribute": contributions.contribute,
    "columns": contributions.columns,
    "match": lists.match,
    "screen": lists.screen,
    "trace": lists.trace,
    "again": lists.again,
    "withdraw": versions.withdraw,
    "restore": versions.restore,
    "affected": versions.affected,
    "list_columns": screenings.look,
    "list_matches": screenings.compare,
    "list_result": screenings.screen,
    "list_record": screenings.keep,
    "sync": following.sync,
}
#: What of it changes data, and finds out afterwards whether it had.
CHANGING: dict[str, Callable[[Task], dict[str, Any] | None]] = {
    "contribute": contributions.settled,
    "screen": lists.settled,
    "trace": lists.settled,
    "again": lists.settled,
    "list_record": lists.settled,
    "withdraw": versions.settled,
    "restore": versions.settled,
    "sync": following.settled,
}


def settle(task: Task) -> dict[str, Any]:
    """Return what an act had changed before it was ended, and the sentence that says so."""
    return CHANGING[task.job.act](task) or {"outcome": None, "said": "Nothing was changed."}
