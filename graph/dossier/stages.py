"""At which stage of a chain a purchase is: by what is sold, and by where the purchase stands on its path."""

from __future__ import annotations

from collections.abc import Mapping

from opentier.graph.dossier.documents import HEADING, goods, stands
from opentier.graph.index.opened import Index
from opentier.graph.law.thresholds import codes
from opentier.graph.model.tables import SCHEMES
from opentier.graph.store.release import Release

#: The stages that goods have; transport and import are of every purchase, and of the first over a border.
OF_GOODS = ("raw-material", "processing", "manufacture")


class Stages:
    """The stages of products, as datasets say."""

    def __init__(self, said: Mapping[str, frozenset[str]]) -> None:
        #: The stages by the label of a product (see `Product.label`).
        self.said = said

    @classmethod
    def of(cls, release: Release, index: Index) -> Stages:
        """Return those that a release holds."""
        said: dict[str, frozenset[str]] = {}
        for _, fields in release.records("product_stages"):
            for label in goods(fields, index):
                found = frozenset(codes(fields, "ot:chainStage", "chain-stage"))
                said[label] = said.get(label, frozenset()) | found
        return cls(said)

    def known(self, label: str | None) -> tuple[str, ...]:
        """Return the stages at which a product may be sold, the earliest first; none where nobody says.

        The longest code counts that the product's begins with; where there is none, all longer ones together do.
        """
        if label is None:
            return ()
        wider = max((each for each in self.said if stands(each, label)), key=len, default=None)
        if wider is None and len(label) < HEADING:
            return ()
        narrower = (said for each, said in self.said.items() if stands(label, each))
        found = frozenset().union(*narrower) if wider is None else self.said[wider]
        return tuple(stage for stage in SCHEMES["chain-stage"] if stage in found & {*OF_GOODS})

    def at(self, label: str | None, *, first: bool, last: bool) -> tuple[str, ...]:
        """Return the stages of a purchase.

        Where a code does not tell which of several it is, the last purchase of a path is the earliest of them, and the
        first one the latest; between them, and where there is one purchase alone, it may be any.
        """
        found = self.known(label)
        if len(found) < 2 or first == last:
            return found
        return found[:1] if last else found[-1:]
