"""The filters of a trace on both faces: options of commands and parameters of routes, made of those of `Parameters`.

The faces get them as texts, numbers and marks; lists are written with commas.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from opentier.graph.errors import Named, UsageError
from opentier.graph.model.dates import today
from opentier.graph.trace.parameters import FILTERS, TODAY, Filter, Parameters, within


def signature(made: Callable[[Filter], Any], *, alone: bool, **otherwise: Any) -> Iterator[inspect.Parameter]:
    """Yield a parameter for each filter, those of the trace of one actor last.

    Parameters
    ----------
    made
        Returns what a face says of a filter.
    alone
        Whether those filters are wanted that are asked of the trace of one actor alone.
    otherwise
        Values that stand where a filter is not given, by its name, in the place of its own.
    """
    hints = get_type_hints(Parameters)
    for each in sorted(fields(Parameters), key=lambda each: FILTERS[each.name].alone):
        kind, said = hints[each.name], FILTERS[each.name]
        default = otherwise.get(each.name, each.default)
        if isinstance(default, tuple):
            default = ",".join(default) or None
            kind = str if default else str | None
        if alone or not said.alone:
            yield inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=Annotated[kind, made(said)],
            )


def asking(made: Callable[[Filter], Any], *, alone: bool, **otherwise: Any) -> Callable[..., Parameters]:
    """Return a function of the filters that gives parameters (see `signature`)."""

    def asked(**said: Any) -> Parameters:
        """Return the filters of a trace; they are the options of the command line, with underscores."""
        for name, value in said.items():
            if bounds := served(FILTERS[name]):
                within(FILTERS[name].called, value, *bounds)
        return parameters(**said)

    asked.__signature__ = inspect.Signature(list(signature(made, alone=alone, **otherwise)))  # type: ignore[attr-defined]
    return asked


def served(said: Filter) -> tuple[float, float] | None:
    """Return the bounds of a filter of which less is served than is computed."""
    return (said.bounds[0], said.served) if said.bounds and said.served is not None else None


def parameters(**said: Any) -> Parameters:
    """Return parameters of a trace from texts as they are typed: lists with commas, none of them empty."""
    lists = {name: listed(name, said[name]) for name in said if isinstance(getattr(Parameters, name), tuple)}
    return Parameters(**said | lists)


def _option(said: Filter) -> Any:
    """Return a filter as an option; a mark has no opposite, and a command may be asked about today."""
    about = f"{said.about} Or the word {TODAY}." if said.called == "on" else said.about
    return typer.Option(f"--{said.called.replace('_', '-')}", help=about)


def with_filters(
    *, alone: bool = False, **otherwise: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of the filters in the place of its parameter `asked` (see `signature`)."""
    filters = {each.name: each for each in signature(_option, alone=alone, **otherwise)}

    def given(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def filtered(**said: Any) -> None:
            chosen = {name: said.pop(name) for name in filters}
            if chosen["on"] == TODAY:
                chosen["on"] = today()
            command(**said, asked=parameters(**chosen))

        known = {**command.__globals__, "Parameters": Parameters}  # imported for type checkers only
        hints = get_type_hints(command, known, include_extras=True)
        merged: list[inspect.Parameter] = []
        for name, own in inspect.signature(command).parameters.items():
            kept = own.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
            merged += filters.values() if name == "asked" else [kept]
        filtered.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]
        filtered.__annotations__ = {each.name: each.annotation for each in merged}
        return filtered

    return given


def listed(name: str, text: str | None) -> tuple[str, ...]:
    """Return the parts of a comma-separated option; raise UsageError where one of them is empty."""
    parts = () if text is None else tuple(part.strip() for part in text.split(","))
    if not any(parts) and text is not None:
        raise UsageError(Named(name), " is empty; give a value or leave it away.")
    if not all(parts):
        raise UsageError(Named(name), f" {text!r} has an empty item; take a comma away.")
    return parts
