"""What the products of a list are: each distinct text is understood once."""

from __future__ import annotations

import re
from typing import NamedTuple

from opentier.graph.errors import UsageError
from opentier.graph.intake.mapping import key
from opentier.graph.model.characters import folded, one_line
from opentier.graph.model.products import Product
from opentier.graph.report.report import Report, Where
from opentier.graph.screening.entries import Entry
from opentier.graph.trace.asked import product_of
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import Parameters
from opentier.graph.written import hs
from opentier.graph.written.spelling import says_nothing

#: What parts several names of products in a cell.
_PARTS = re.compile(r"[|;\n]")
#: Letters of a text that are shown.
_LONG = 60
_NOT_READ = "No product goes by this text, and it is no HS code: it is asked about whatever the links carry."
_ADVICE = "Write the HS code, or a product of the data by its name or id."


class Good(NamedTuple):
    """A product as a trace calls it, and what it is."""

    said: str
    product: Product


class Goods:
    """What the rows of a list say that is bought.

    Parameters
    ----------
    asked
        Whose product is that of the rows that state none.
    report
        Gets what is not understood.
    """

    def __init__(self, directory: Directory, asked: Parameters, file: str, report: Report) -> None:
        self._directory, self._file, self._report = directory, file, report
        index = directory.index
        self._usual = (product_of(index, asked.product),) if asked.product is not None else ()
        self._known: dict[str, tuple[Good, ...] | None] = {}

    def of(self, entry: Entry) -> tuple[Good, ...]:
        """Return the goods of a row, as far as they are understood; none where it states none."""
        text = entry.product
        if says_nothing(text):
            return ()
        if text not in self._known:
            self._known[text] = self._read(text)
        found = self._known[text]
        if found is None:
            where = Where(self._file, entry.row)
            self._report.add("warning", where, _NOT_READ, _ADVICE, column="product", value=text)
        return found or ()

    def whatever(self, entry: Entry) -> bool:
        """Return whether a row states something that is not understood, while a product is asked of the others."""
        return bool(self._usual) and not says_nothing(entry.product) and not self.of(entry)

    def unknown(self, entry: Entry) -> str:
        """Return what a row states that is no product of the data; nothing where it states none, or one."""
        return "" if says_nothing(entry.product) or self.of(entry) else one_line(entry.product)[:_LONG]

    def listed(self, entry: Entry) -> tuple[Product, ...]:
        """Return what is held against lists of goods: what a row states; where it states nothing, what is asked."""
        if says_nothing(entry.product):
            return self._usual
        return tuple(good.product for good in self.of(entry))

    def _read(self, text: str) -> tuple[Good, ...] | None:
        """Return what a text stands for; None where that, or a part of it, is not understood."""
        for parts in ([text], hs.several(text), _PARTS.split(text)):
            found = [self._one(part.strip()) for part in parts if key(part)]
            if found and all(found):
                return tuple(dict.fromkeys(good for some in found for good in some))
        return None

    def _one(self, text: str) -> tuple[Good, ...]:
        products = self._directory.index.products
        named = sorted(
            each.iri for each in products.values() if each.name and folded(each.name) == folded(text)
        )
        if not named:
            try:
                named = [self._directory.product(text)]
            except UsageError:
                return ()
        return tuple(Good(said, product_of(self._directory.index, said)) for said in named)
