"""The arcs that the links of a release give, as columns of the numbers that statements have given to what they name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from opentier.graph.engine.arrays import FIGURES, Array
from opentier.graph.engine.hops import HOPS
from opentier.graph.errors import UnreadableRecord
from opentier.graph.index.statements import Statements
from opentier.graph.model.dates import EVER, NEVER, first_day, last_day
from opentier.graph.model.names import Names
from opentier.graph.model.tables import TABLES
from opentier.graph.network.links import (
    CLOSED,
    CONTROLLING,
    FIGURE_TERMS,
    HOPS_OF,
    OPTIONAL,
    RETRACTED,
    SHARES,
    Links,
    sure,
    tiers,
)  # fmt: skip

_NAN = float("nan")
_ENDS = tuple(dict.fromkeys(end for hops in HOPS_OF.values() for hop in hops for end in hop[2:]))
_GONE = "prov:wasInvalidatedBy"
#: What is read of records.
PROPERTIES = tuple(dict.fromkeys((
    *_ENDS, *SHARES, *FIGURE_TERMS, _GONE, "ot:status", "ot:startDate", "ot:endDate", "ot:observedDate",
    "ot:confidence", "ot:declaredTier", "ot:product", "ot:inputTo", "ot:interest", "ot:evidence", "dcterms:source",
    "ot:direct", "ot:value", "ot:currency", "ot:quantity", "ot:unit",
)))  # fmt: skip


class Given:
    """The arcs of links, table by table.

    Attributes
    ----------
    iri, first : shape (records,)
        Which IRI each record has, by number, and whether it is the first one of that.
    named
        The numbers of what is named at an end, by IRI, and of what stands for it.
    """

    def __init__(self, links: Links, said: Statements) -> None:
        self.said, self.names = said, links.names
        self.first = ~said.again() if len(links.part.graphs) > 1 else np.ones(len(said), np.bool_)
        self.iri = np.cumsum(self.first) - 1
        self.named: dict[str, int] = {}
        self._ends = {name: np.array([*map(self._name, said.texts(name)), -1], np.int64) for name in _ENDS}
        standing = [self._name(links.canonical.find(iri)) for iri in list(self.named)]
        #: The number of the actor that stands for each that is named.
        self._actor = np.array([*standing, *range(len(standing), len(self.named))], np.int64)
        self.begun, self.beginnings = said.begun(links.names.base)
        self.evidence, self.lists = said.lists("ot:evidence")
        #: Pairs of a record and a tail that recruitment has given an arc: an employer may be the worksite, too.
        self._recruited = np.zeros(0, np.int64)

    def _name(self, iri: str) -> int:
        return self.named.setdefault(iri, len(self.named))

    def listed(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the evidence in a list; -1 is the one of none."""
        many = self.said.count("ot:evidence")
        if number >= many:
            return self.lists[number - many]
        return () if number < 0 else (number,)

    def table(self, name: str) -> dict[str, Array]:
        """Return the arcs that the records of a table give, but none that is never walked.

        In the columns of what may be unstated 0 says that it is, and more the number and one.

        Raises
        ------
        UnreadableRecord
            If a record says what no index can be made of.
        """
        hops, said = HOPS_OF[name], self.said
        records = said.of_class(list(HOPS_OF).index(name))
        records = records[said.least(_GONE)[records] < 0]
        records = records[np.argsort(said.graph[records], kind="stable")]
        read = _Read(said, name, records)
        given = np.column_stack([read.stating(OPTIONAL & {tail, head}) for *_, tail, head in hops])
        wanted = given.any(axis=1) & ~read.over()
        records, given = records[wanted], given[wanted]
        read = _Read(said, name, records)
        ends = [
            (read.end(tail, given[:, n]), read.end(head, given[:, n]))
            for n, (*_, tail, head) in enumerate(hops)
        ]
        columns = read.columns() | {"evidence": self.evidence[records] + 1, "begun": self.begun[records]}
        columns |= {"record": self.iri[records], "graph": said.graph[records]}
        read.check(self.names)
        cells = np.flatnonzero(given.ravel())
        row, hop = np.divmod(cells, len(hops))
        found = {column: values[row] for column, values in columns.items()}
        found["hop"] = np.array([HOPS.index(f"{kind}-{way}" if way else kind) for kind, way, *_ in hops])[hop]
        for side, column in enumerate(("tail", "head")):
            numbers = [self._ends[hop[2 + side]][ends[n][side]] for n, hop in enumerate(hops)]
            named = found[f"named {column}"] = np.column_stack(numbers).ravel()[cells]
            found[column] = self._actor[named]
        found["moved"] = (found["tail"] != found["named tail"]) | (found["head"] != found["named head"])
        keep = self._walked(found, hops[0][0] == "recruitment")
        return {column: values[keep] for column, values in found.items()}

    def _walked(self, arcs: dict[str, Array], recruiting: bool) -> Array:
        """Return the rows of arcs that are ever walked: none to itself, of no confidence, or recruited twice."""
        rows = np.flatnonzero((arcs["tail"] != arcs["head"]) & ~arcs["doubted"])
        if not recruiting and not len(self._recruited):
            return rows
        pairs = arcs["record"][rows].astype(np.int64) * len(self.named) + arcs["tail"][rows]
        rows, pairs = (each[~np.isin(pairs, self._recruited)] for each in (rows, pairs))
        if recruiting:
            self._recruited, first = np.unique(pairs, return_index=True)
            rows = rows[np.sort(first)]
        return rows


class _Read:
    """What some records of a table say, understood; of what cannot be, the first is kept."""

    def __init__(self, said: Statements, name: str, records: Array) -> None:
        self.said, self.records, self.supply = said, records, name == "supply_links"
        self.terms = {column.term for column in TABLES[name]}
        self.wrong: tuple[int, str] | None = None

    def numbers(self, name: str) -> Array:
        """Return the number of the value that each record states, -1 where it states none."""
        if name not in self.terms:
            return np.full(len(self.records), -1, np.int32)
        return self.said.least(name)[self.records]

    def stating(self, names: Collection[str]) -> Array:
        """Return whether each record states all of some properties."""
        found = np.ones(len(self.records), np.bool_)
        for name in names:
            found &= self.numbers(name) >= 0
        return found

    def over(self) -> Array:
        """Return whether each record was retracted, or is closed without an end."""
        if "ot:status" not in self.terms:
            return np.zeros(len(self.records), np.bool_)
        retracted, closed = (
            self.said.stating("ot:status", said)[self.records] for said in (RETRACTED, CLOSED)
        )
        return retracted | closed & (self.numbers("ot:endDate") < 0)

    def end(self, name: str, wanted: Array) -> Array:
        """Return the number of what each record names at an end; where it is wanted it has to be there."""
        numbers = self.numbers(name)
        self._fault(wanted & (numbers < 0), lambda row: f"'{name}'")
        return numbers

    def meant(
        self,
        name: str,
        understood: Callable[[str], Any],
        unstated: Any,
        kind: Any,
        among: Array | None = None,
    ) -> Array:
        """Return what each record means by a property; only `among` some of them it has to be understood."""
        meaning, wrong = self.said.meant(name, kind, understood, unstated)
        numbers = self.numbers(name)
        if wrong:
            bad = np.isin(numbers, list(wrong))
            self._fault(bad if among is None else bad & among, lambda row: wrong[int(numbers[row])])
        return meaning[numbers]

    def columns(self) -> dict[str, Array]:
        """Return what is read of the records themselves; what cannot be understood is noted in the order of reading."""
        observed = self.meant("ot:observedDate", _observed, EVER, np.int32)
        found = {
            "doubted": self.meant("ot:confidence", certain, "1", object) == "0",
            "confidence": self.numbers("ot:confidence") + 1,
            "tiers": self._supplied("ot:declaredTier", tiers, 1, np.int64, 0),
            "product": self.numbers("ot:product") + 1,
            "input": self.numbers("ot:inputTo") + 1,
            "start": self.meant("ot:startDate", first_day, EVER, np.int32),
            "end": self.meant("ot:endDate", last_day, NEVER, np.int32),
            "observed": observed,
            "source": np.where(self._stated("dcterms:source"), self.numbers("dcterms:source") + 1, 0),
        }
        controlling = np.zeros(len(self.records), np.bool_)
        if "ot:interest" in self.terms:
            controlling = self.said.stating("ot:interest", CONTROLLING)[self.records]
        found["share"] = self._share(controlling)
        for name, term in zip(FIGURES, FIGURE_TERMS, strict=True):
            found[name] = self.meant(term, float, _NAN, np.float64)
        stated = self._stated("ot:confidence").astype(np.int64) << 6 | controlling.astype(np.int64) << 7
        stated |= self.meant("ot:direct", _denied, False, np.int64) << 8
        for shift, name in enumerate(("ot:startDate", "ot:endDate", "ot:observedDate")):
            stated |= self.meant(name, _precision, 0, np.int64) << 2 * shift
        return found | {
            "stated": stated,
            "worth": self._supplied("ot:value", float, _NAN, np.float64, _NAN),
            "amount": self._supplied("ot:quantity", float, _NAN, np.float64, _NAN),
            "currency": self._named("ot:currency"),
            "unit": self._named("ot:unit"),
        }

    def _share(self, controlling: Array) -> Array:
        """Return the first share that each record states; infinite where an owner controls, by no known share."""
        share, open = np.full(len(self.records), _NAN), np.ones(len(self.records), np.bool_)
        for name in SHARES:
            here = open & self._stated(name)
            share[here] = self.meant(name, float, _NAN, np.float64, here)[here]
            open &= ~here
        share[open & controlling] = np.inf
        return share

    def _stated(self, name: str) -> Array:
        """Return whether each record states more than an empty text."""
        return self.meant(name, bool, False, np.bool_)

    def _supplied(
        self, name: str, understood: Callable[[str], Any], unstated: Any, kind: Any, else_: Any
    ) -> Array:
        """Return what each record of a supply means by a property, and `else_` of all others."""
        if self.supply:
            return self.meant(name, understood, unstated, kind)
        return np.full(len(self.records), else_, kind)

    def _named(self, name: str) -> Array:
        return self.numbers(name) + 1 if self.supply else np.zeros(len(self.records), np.int32)

    def _fault(self, bad: Array, told: Callable[[int], str]) -> None:
        """Note the first record that is bad, unless one before it is."""
        rows = np.flatnonzero(bad)
        if len(rows) and (self.wrong is None or rows[0] < self.wrong[0]):
            self.wrong = int(rows[0]), told(int(rows[0]))

    def check(self, names: Names) -> None:
        """Raise UnreadableRecord, naming the first record that cannot be understood."""
        if self.wrong is not None:
            row, why = self.wrong
            iri = self.said.iri(int(self.records[row]))
            raise UnreadableRecord(f"The record {names.id(iri)} cannot be read: {why}.")


def certain(text: str) -> str:
    """Return a confidence as the index has it."""
    found = sure(text)
    float(text)  # what is stated
    return str(found)


def _observed(text: str) -> int:
    first_day(text)
    return last_day(text)


def _precision(text: str) -> int:
    return len(text) // 3


def _denied(text: str) -> bool:
    return text in ("false", "0")
