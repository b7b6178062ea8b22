"""Whether the row that is taken for the header of a table is one of its rows: it then says who, and is not read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from opentier.graph.intake import synonyms, writings
from opentier.graph.model import cells
from opentier.graph.model.characters import one_line
from opentier.graph.model.tables import Column
from opentier.graph.written import names

#: What a header is not, where the cells below it are the same; a number may be one: a year.
_CODES = (
    Column("country", "country"), Column("date", "date"), Column("identifiers", "identifier"),
    *(Column(scheme, "identifier") for scheme in ("lei", "os-id", "uscc", "gstin")),
)  # fmt: skip
_NUMBER = re.compile(r"[\d.,' -]*\d[\d.,' -]*")
#: Values of a column that are looked at; cells of the row that are named, and letters of each.
_LOOKED, _NAMED, _LONG = 50, 3, 40


def doubt(samples: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """Return why the header of a table may be none, and what to do; None where it is one.

    Parameters
    ----------
    samples
        Some values by header.
    """
    labels = list(samples)
    alike = [label for label in labels if _coded(label, samples[label])]
    heads = [label for label in labels if label not in alike and synonyms.means(label)]
    valued = [label for label in labels if label not in heads and _valued(label, samples[label])]
    if not labels or (heads and not alike):
        return None
    first = [*alike, *valued, *(label for label in labels if label not in heads)]
    shown = [label for label in labels if label in first[:_NAMED]]
    named = ", ".join(f'"{one_line(label)[:_LONG]}"' for label in shown)
    advice = (
        "Where it is no header, write one above it (name, country, product): as it is, that row is not read."
    )
    if alike or valued:
        return f"The row that is taken for the header looks like a row of values: {named}.", advice
    return f"No header is known here of those in the row that is taken for the header: {named}.", advice


def _coded(label: str, values: Sequence[str]) -> bool:
    """Return whether a header is a code, or a name of a country, as at least half of what stands below it is."""
    return any(_read(kind, label) and _most(kind, values) for kind in _CODES)


def _most(kind: Column, values: Sequence[str]) -> bool:
    some = values[:_LOOKED]
    return 2 * sum(_read(kind, value) for value in some) >= len(some)


def _read(kind: Column, text: str) -> bool:
    """Return whether a text is one of a kind; a bare number is none, whatever scheme it fits."""
    if kind.kind == "identifier" and kind.name != "identifiers":
        text = synonyms.scheme(kind.name, text)
    if text.isdigit():
        return False
    if kind.kind == "date" and writings.likely("date", text):
        return True
    try:
        cells.read(kind, text)
    except cells.CellError:
        return False
    return True


def _valued(label: str, values: Sequence[str]) -> bool:
    """Return whether a header is a number above numbers, or has the legal form of a company."""
    some = values[:_LOOKED]
    if _NUMBER.fullmatch(label):
        return 2 * sum(bool(_NUMBER.fullmatch(each)) for each in some) >= len(some)
    return any(name.forms for name in names.names(label))
