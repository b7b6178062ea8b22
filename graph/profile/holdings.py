"""What a version of a dataset holds, in numbers that the catalogue has: records by table, how whole its links are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI
from opentier.graph.model.tables import TABLES, Table
from opentier.graph.model.versions import Version
from opentier.graph.store.catalogue import part_of
from opentier.graph.store.release import Release

#: Statements on documents that are counted by the link that they stand in; of more, the statements alone are.
COUNTED = 100_000
#: What links may say, in words, by property: each at most once.
_SAID = (
    ("with a good", "ot:product"),
    ("with a beginning", "ot:startDate"),
    ("with an end", "ot:endDate"),
    ("with a day on which they were seen", "ot:observedDate"),
    ("with a confidence", "ot:confidence"),
)


@dataclass(frozen=True)
class Share:
    """How many of the links say something; `part` is None where that is not counted."""

    words: str
    part: int | None
    whole: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {"words": self.words, "part": self.part, "whole": self.whole}


class Holdings:
    """What a version holds.

    Parameters
    ----------
    release
        A release whose catalogue has the version.
    """

    def __init__(self, release: Release, version: Version) -> None:
        self.release, self.version = release, version

    @property
    def counted(self) -> bool:
        """Whether what the version holds was counted when it was admitted: it was not always so."""
        return self._number(self.version.iri, "void:classes") > 0

    def tables(self) -> list[tuple[str, int]]:
        """Return how many records there are of each table that it has some of, most first."""
        found = [(name, self._entities(table)) for name, table in TABLES.items()]
        return sorted(((name, many) for name, many in found if many), key=lambda each: (-each[1], each[0]))

    def links(self) -> list[Share]:
        """Return how many of its supply links say which good, when, and on what document they rest."""
        table = TABLES["supply_links"]
        whole = self._entities(table)
        if not whole:
            return []
        shares = [Share(words, self._statements(table, term), whole) for words, term in _SAID]
        return [*shares[:4], Share("with a document", self._documented(table), whole), *shares[4:]]

    def _entities(self, table: Table) -> int:
        return self._number(part_of(self.version.iri, expand(table.rdf_class)), "void:entities")

    def _statements(self, table: Table, term: str) -> int:
        return self._number(part_of(self.version.iri, expand(table.rdf_class), expand(term)), "void:triples")

    def _documented(self, table: Table) -> int | None:
        """Return how many links name a document; None where that are too many to be counted while somebody waits."""
        if self._statements(table, "ot:evidence") > COUNTED:
            return None
        stem = f"{self.release.names.base}{self.version.dataset}/{table.segment}/"
        said = self.release.engine.match(self.version.iri, None, expand("ot:evidence"))
        return len({each.subject.value for each in said if each.subject.value.startswith(stem)})

    def _number(self, node: str, term: str) -> int:
        said = (self.release.engine.match(each, IRI(node), expand(term)) for each in self.release.catalogues)
        return max((int(each.object.value) for found in said for each in found), default=0)
