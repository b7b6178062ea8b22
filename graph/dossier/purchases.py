"""What is bought along a path, and which documents of laws are asked for about each purchase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opentier.graph.dossier.documents import ANY, IMPORT, TRANSPORT, Document
from opentier.graph.dossier.stages import Stages
from opentier.graph.vocabulary.extents import covers

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Purchase:
    """A supply hop of a path, as an object of an answer.

    Attributes
    ----------
    place
        Which hop of the path it is.
    tier
        Of who sells.
    stages
        Those of what is sold; none where nobody says.
    sites
        The hops by which sites of who sells follow it: what is known of them is known of who sells.
    """

    place: int
    tier: int
    hop: Json
    stages: tuple[str, ...]
    sites: tuple[Json, ...]


@dataclass(frozen=True)
class Placed:
    """A document that is asked for about a purchase.

    Attributes
    ----------
    match
        How what is sold fits what the document is about: "any", "exact" or "coarse".
    instead
        The documents about any goods that ask for no more than it does, and are not asked for beside it.
    """

    document: Document
    match: str
    instead: tuple[Document, ...] = ()


def purchases(hops: Sequence[Json], stages: Stages) -> list[Purchase]:
    """Return the purchases of a path, from the traced actor on."""
    bought = [place for place, hop in enumerate(hops) if hop["kind"] == "supply"]
    found, tier = [], 0
    for place in bought:
        hop, behind = hops[place], place + 1
        tier += 1 + hop["gap"]
        while behind < len(hops) and hops[behind]["kind"] == "operation":
            behind += 1
        at = stages.at(hop["product"], first=place == bought[0], last=place == bought[-1])
        found.append(Purchase(place, tier, hop, at, tuple(hops[place + 1 : behind])))
    return found


def imported(bought: Sequence[Purchase], jurisdiction: str) -> Purchase | None:
    """Return the purchase that brings goods over the border of a law: the first that is not known to stay within it."""

    def stays(purchase: Purchase) -> bool:
        ends = purchase.hop["from"]["country"], purchase.hop["to"]["country"]
        return all(country and covers(jurisdiction, country) for country in ends)

    return next((purchase for purchase in bought if not stays(purchase)), None)


def placed(
    asked: Sequence[Document], bought: Sequence[Purchase], over: Purchase | None, *, ordered: bool
) -> tuple[list[list[Placed]], list[Document]]:
    """Return which documents of a law are asked for about each purchase of a path, and which about none of it.

    Parameters
    ----------
    over
        The purchase that brings the goods over the border of the law.
    ordered
        Whether the path meets an order under the law.
    """
    asked = [each for each in asked if ordered or not each.by_order]
    found = [_without_doubles(_of(asked, purchase, purchase is over)) for purchase in bought]
    about = {
        each.kin
        for purchase in bought
        for each in asked
        if each.fits(purchase.hop["product"]) not in (None, ANY)
    }
    met = {
        one.iri for each in found for one_placed in each for one in (one_placed.document, *one_placed.instead)
    }
    left = [each for each in asked if each.iri not in met and (not each.products or each.kin in about)]
    return found, left


def _of(asked: Sequence[Document], purchase: Purchase, over: bool) -> list[Placed]:
    """Return the documents that are asked for about one purchase; of groups of goods, the one that is nearest to it."""
    label = purchase.hop["product"]
    fitting = [(each, match) for each in asked if (match := each.fits(label)) and _here(each, purchase, over)]
    grouped = [each for each in asked if each.products and each.group]
    nearest = max((each.nearness(label) for each in grouped), default=0)
    groups = {None, *(each.group for each in grouped if each.nearness(label) == nearest)}
    return [Placed(each, match) for each, match in fitting if each.group in groups]


def _here(document: Document, purchase: Purchase, over: bool) -> bool:
    """Return whether a document is asked for at the stage that a purchase is at."""
    if (document.stage == IMPORT or document.at_import) and not over:
        return False
    return document.stage in (ANY, IMPORT, TRANSPORT, *purchase.stages)


def _without_doubles(found: Sequence[Placed]) -> list[Placed]:
    """Return documents without those about any goods that one about the goods in particular takes in."""
    kept: dict[str, list[Document]] = {each.document.iri: [] for each in found}
    for each in found:
        wide = each.document
        if wide.products:
            continue
        narrow = next((other.document for other in found if _asks_all(other.document, wide)), None)
        if narrow is not None:
            del kept[wide.iri]
            kept[narrow.iri].append(wide)
    return [
        Placed(each.document, each.match, tuple(kept[each.document.iri]))
        for each in found
        if each.document.iri in kept
    ]


def _asks_all(narrow: Document, wide: Document) -> bool:
    """Return whether a document about some goods asks for all that one about any goods does."""
    same = (narrow.stage, narrow.need, narrow.at_import) == (wide.stage, wide.need, wide.at_import)
    whole = narrow.wanted == len(narrow.types) or set(narrow.types) == set(wide.types)
    return bool(narrow.products) and same and whole and set(wide.types) <= set(narrow.types)
