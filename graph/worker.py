"""The program of the processes that trace for a service: wide traces, and the exposure of everybody.

Each keeps one release open.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentier.graph.answer.result import TraceResult
from opentier.graph.index import shelf
from opentier.graph.jobs import worker
from opentier.graph.jobs.frames import PART, Output
from opentier.graph.model.names import Names
from opentier.graph.store.release import Release
from opentier.graph.trace.parameters import Parameters, given
from opentier.graph.view import View

_opened: dict[tuple[str, str], View] = {}


def trace(asked: Mapping[str, Any], output: Output) -> None:
    """Trace an actor; its verdict is told first."""
    view = _view(asked)
    parameters = _parameters(asked["parameters"])
    found = view.trace(asked["actor"], parameters)
    output.head({"verdict": found.verdict.result, "doubt": view.doubt(parameters)})
    _write(output, written(found, asked["form"], asked["grouped"]))


def written(found: TraceResult, form: str, grouped: int | None) -> str:
    """Return a trace in a form."""
    if form == "json":
        return found.to_json(grouped)
    return found.to_csv() if form == "csv" else found.to_svg()


def exposure(asked: Mapping[str, Any], output: Output) -> None:
    """Say how exposed every actor is; the verdict is told first."""
    view = _view(asked)
    parameters = _parameters(asked["parameters"])
    found = view.exposure(parameters)
    output.head({"verdict": found.verdict.result, "doubt": view.doubt(parameters)})
    _write(output, found.to_json() if asked["form"] == "json" else found.to_csv())


def _view(asked: Mapping[str, Any]) -> View:
    key = asked["release"], asked["base"]
    if key not in _opened or shelf.changed(_opened[key].index):
        _opened.clear()
        _opened[key] = View(Release(Path(key[0]), Names(key[1])))
    return _opened[key]


def _parameters(said: dict[str, Any]) -> Parameters:
    return given({name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})


def _write(output: Output, text: str) -> None:
    data = memoryview(text.encode())
    for begin in range(0, len(data), PART):
        output.write(data[begin : begin + PART])


if __name__ == "__main__":
    worker.main({"trace": trace, "exposure": exposure})
