"""What every command is: each of its options is given once, and refused in our words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from opentier.api.values import wrong

#: Where a context keeps the inputs of a question.
INPUTS = "opentier.inputs"
#: Days that are asked about, by the options that say them; as they are written.
_DAYS = {"on": "--on", "since": "--from", "until": "--to", "as_known": "--as-known"}
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)


def _once(command: Any, context: Any, words: list[str]) -> None:
    """Refuse an option that is given twice, as the service does; which of the values is meant nobody knows."""
    if context.resilient_parsing:  # the shell asks what may come next
        return
    _, _, order = command.make_parser(context).parse_args(args=list(words))
    for param, times in Counter(order).items():
        if times > 1 and param.param_type_name == "option" and not param.multiple:
            context.fail(f"{param.opts[0]} is given {times} times; give it once.")


@contextmanager
def _in_words(context: Any) -> Iterator[None]:
    """Say in our words what the library beneath says of a value of another type."""
    try:
        yield
    except typer.BadParameter as error:
        cause: Any = error.__cause__
        if not hasattr(cause, "errors"):
            raise
        [first, *_] = cause.errors()
        param: Any = error.param
        name = param.opts[0] if param.param_type_name == "option" else param.metavar or param.name
        context.fail(f"{name} {wrong(first)}")


def _outside(context: Any) -> None:
    """Refuse to write an answer into the data directory, whose files are its own."""
    from opentier.graph.front import data_directory

    out = context.params.get("out")
    if out is not None and "data" in context.params:
        data = data_directory(context.params["data"]).resolve()
        if out.resolve().is_relative_to(data) and (data / "opentier.json").exists():
            context.fail(f"--out {out} is inside the data directory {data}; write it elsewhere.")


def _ahead(context: Any) -> None:
    """Say of a day that is asked about that it is in the future; no answer can, since none reads a clock."""
    from opentier.graph.model.dates import today

    asked = context.params | context.meta.get(INPUTS, {})
    window = "on" in asked  # others take days that are no part of a question
    for name, option in _DAYS.items() if not asked.get("quiet") else ():
        text = asked.get(name) or "" if window or name == "as_known" else ""
        if _DATE.fullmatch(text) and text > today()[: len(text)]:
            typer.echo(
                f"note: {option} {text} is in the future: what will be known or in force then is not known.",
                err=True,
            )


class Command(TyperCommand):
    """A command."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; who stops it is told what that left."""
        _outside(ctx)
        _ahead(ctx)
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("stopped; nothing was changed that is not complete.", err=True)
            raise typer.Exit(130) from None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command line."""
        _once(self, ctx, args)
        with _in_words(ctx):
            return super().parse_args(ctx, args)


class Group(TyperGroup):
    """Commands under one name; its own options are given once, too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of the command line up to the name of a command."""
        _once(self, ctx, args)
        with _in_words(ctx):
            return super().parse_args(ctx, args)


class Commands(typer.Typer):
    """A command line, or a part of it, whose commands are those of this module."""

    def __init__(self, **said: Any) -> None:
        super().__init__(cls=Group, pretty_exceptions_enable=False, **said)

    def command(
        self, name: str | None = None, *, cls: type[TyperCommand] | None = None, **said: Any
    ) -> Callable[[Any], Any]:
        """Add a command."""
        return super().command(name, cls=cls or Command, **said)
