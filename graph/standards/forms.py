"""The forms of others' standards: what each says of our tables, column by column, and why it cannot say the rest.

Each is declared in a file beside this module (``bods.toml``) and nowhere else. A column is said where its place is
named (``says``); of another one there is a reason (``unsaid``), its own, that of its table, or that of the form.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

#: The forms, by the name of their format; several may share a declaration.
DECLARED = {
    "ftm": "ftm",
    "bods": "bods",
    "graphml": "network",
    "gexf": "network",
    "geojson": "network",
    "untp": "untp",
    "epcis": "epcis",
    "sdmx": "sdmx",
    "dsd": "sdmx",
    "datacube": "datacube",
}


@dataclass(frozen=True)
class Form:
    """A form: what it says of each table that it says something of.

    Attributes
    ----------
    title
        What it is called, with its version.
    says
        The place of each column that it says, by table and column; ``*`` stands for all columns of a table.
    unsaid
        Why it does not say a column, by table and column; ``*`` stands for all others of a table, or all other tables.
    lookups
        Our codes by theirs, or theirs by ours, as the writer of the form needs them.
    """

    name: str
    title: str
    says: Mapping[str, Mapping[str, str]]
    unsaid: Mapping[str, Mapping[str, str]]
    lookups: Mapping[str, Mapping[str, str]]

    def place(self, table: str, column: str) -> str | None:
        """Return where a column is said; None where it is not."""
        said = self.says.get(table, {})
        return said.get(column) or (column if "*" in said else None)

    def reason(self, table: str, column: str = "*") -> str:
        """Return why a column is not said, or, without one, why a table is not."""
        here = self.unsaid.get(table, {})
        return here.get(column) or here.get("*") or self.unsaid["*"]["*"]


@lru_cache(maxsize=16)
def form(name: str) -> Form:
    """Return a form by the name of its format."""
    text = files("opentier.graph.standards").joinpath(f"{DECLARED[name]}.toml").read_text("utf-8")
    said: dict[str, Any] = tomllib.loads(text)
    tables: dict[str, Any] = said.get("tables", {})
    return Form(
        name,
        said["title"][name] if isinstance(said["title"], dict) else said["title"],
        {table: about["says"] for table, about in tables.items() if "says" in about},
        {"*": {"*": said["unsaid"]}} | {table: about.get("unsaid", {}) for table, about in tables.items()},
        said.get("lookups", {}),
    )
