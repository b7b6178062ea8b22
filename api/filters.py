"""The filters of a trace: the options that commands share, and parameters of texts as commands and routes get them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from opentier.graph.trace.parameters import Parameters


def options(
    product: Annotated[str | None, typer.Option(help="HS digits, or a product of a dataset.")] = None,
    on: Annotated[str | None, typer.Option(help="A day: every link is live on it.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day of a window.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day of a window.")] = None,
    max_tier: Annotated[int | None, typer.Option(help="No tier beyond this one.")] = None,
    min_confidence: Annotated[float | None, typer.Option(help="Of every link, 0 to 1.")] = None,
    min_path_confidence: Annotated[float | None, typer.Option(help="Of the path's product, 0 to 1.")] = None,
    observed_since: Annotated[
        str | None, typer.Option(help="Supply links seen on or after this day.")
    ] = None,
    kinds: Annotated[
        str, typer.Option(help="supply,operation,ownership,recruitment,co-location")
    ] = "supply,operation",
    min_share: Annotated[float, typer.Option(help="Ownership below this percentage is not walked.")] = 50.0,
    strict_product: Annotated[
        bool, typer.Option("--strict-product", help="Refuse links without a product.")
    ] = False,
    countries: Annotated[
        str | None, typer.Option(help="Only suppliers in these countries: CN,Malaysia")
    ] = None,
    datasets: Annotated[str | None, typer.Option(help="Only links of these datasets.")] = None,
    past: Annotated[bool, typer.Option("--past", help="Show designations that are past, too.")] = False,
) -> Parameters:
    """Return the parameters that these options ask for."""
    return parameters(**locals())


def parameters(**said: Any) -> Parameters:
    """Return parameters of a trace from texts as they are typed: lists with commas, none of them empty."""
    from opentier.graph.errors import Named, UsageError
    from opentier.graph.trace.parameters import Parameters

    lists = {name: listed(said[name] or "") for name in ("kinds", "countries", "datasets")}
    for name, parts in lists.items():
        if said[name] is not None and not parts:
            raise UsageError(Named(name), " is empty; give a value or leave it away.")
    return Parameters(**said | lists)


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the filters in the place of its parameter `asked`."""
    own, filters = inspect.signature(command).parameters, inspect.signature(options).parameters

    @wraps(command)
    def filtered(**said: Any) -> None:
        chosen = {name: said.pop(name) for name in filters}
        command(**said, asked=options(**chosen))

    merged: list[inspect.Parameter] = []
    for name, parameter in own.items():
        merged += filters.values() if name == "asked" else [parameter]
    every = _hints(options) | _hints(command)  # typer evaluates no texts of a signature that is given
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=every[p.name]) for p in merged]
    filtered.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    filtered.__annotations__ = {parameter.name: every[parameter.name] for parameter in merged}
    return filtered


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    known = {**function.__globals__, "Parameters": Any}  # imported for type checkers only
    return get_type_hints(function, known, include_extras=True)


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated option."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
