"""The observations of a version as a cube has them: each with a value of every dimension, told apart by these alone.

What a model of statistics asks of all observations, ours ask of none: a sector, a product, a unit. Where nothing is
stated, generic codes of SDMX stand for it: all of them together, or not specified. Two that agree in all dimensions (of
two sources, by two methods) are told apart by a number, in the order in which they come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from opentier.graph.errors import UsageError
from opentier.graph.model import resources
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES
from opentier.graph.standards.limits import Limits
from opentier.graph.standards.source import Source

TABLE = TABLES["observations"]
#: The dimensions that tell one observation from another, beside its number.
KEY = ("indicator", "area", "sector", "product", "unit", "period")
#: What stands for all of a dimension, and for one of which nothing is said.
ALL, UNSAID = "_T", "_X"
_INSTEAD = {"sector": ALL, "product": ALL, "unit": UNSAID}


@dataclass(frozen=True, slots=True)
class Observation:
    """An observation.

    Attributes
    ----------
    cells
        What it says by column, as cells have it; `variant` is its number.
    area, product
        The IRIs of where it was counted and of what; the second may be empty.
    """

    iri: str
    cells: dict[str, str]
    area: str
    product: str


def observations(source: Source) -> Iterator[Observation]:
    """Yield the observations of a version.

    Raises
    ------
    UsageError
        If there is none.
    """
    seen = Counter[tuple[str, ...]]()
    for said in source.told(TABLE.name):
        cells = {column.name: source.written(column, said.one(column.name)) for column in TABLE}
        cells |= {name: text for name, text in _INSTEAD.items() if not cells[name]}
        key = tuple(cells[name] for name in KEY)
        seen[key] += 1
        cells["variant"] = str(seen[key])
        yield Observation(said.iri, cells, _place(source, cells["area"]), said.one("product"))
    if not seen:
        version = source.version
        raise UsageError(
            f"{version.dataset} version {version.number} has no observations: {source.form.title} is of these."
        )


def called(source: Source, iri: str) -> str:
    """Return what a place or a product is called."""
    try:
        found = list(source.release.engine.match(source.version.iri, IRI(iri), expand("rdfs:label")))
    except ValueError:  # a text, where no individual is named
        return iri
    return min((said.object.value for said in found), default="")


def listed(limits: Limits) -> Iterator[str]:
    """Yield what a form does not say, with counts and reasons, a sentence each."""
    for table, column, count, rows, reason in limits.listed():
        yield f"{' '.join(filter(None, (table, column)))}: {count:,} of {rows:,}. {reason}"


def _place(source: Source, code: str) -> str:
    return resources.place(code, source.names).iri
