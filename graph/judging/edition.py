"""An edition of the judgements of a data directory: the rows of the current version, to make the next one of."""

from __future__ import annotations

from opentier.graph.export import edition
from opentier.graph.identity.judgements import PEOPLE
from opentier.graph.model.names import digest
from opentier.graph.model.tables import TABLES
from opentier.graph.store.release import Release

JUDGEMENTS, RETRACTIONS = "identity_judgements", "retractions"
#: What the dataset is called, where nothing else is said.
TITLE = "Judgements of identity"


class Edition(edition.Edition):
    """The rows of the current version of a dataset of judgements, by table, with changes."""

    def __init__(self, release: Release, dataset: str = PEOPLE) -> None:
        super().__init__(release, dataset, TITLE)

    def judge(self, left: str, right: str, said: dict[str, str]) -> str:
        """Add a judgement on two actors (by IRI), one that was taken back too; return its IRI."""
        meant = sorted((name, text) for name, text in {"left": left, "right": right, **said}.items() if text)
        local = digest(f"{name}={text}" for name, text in meant)
        iri = self.names.record(self.dataset, TABLES[JUDGEMENTS].segment, local)
        self.put(JUDGEMENTS, {**said, "left": self.cell(left), "right": self.cell(right)})
        self.again(iri)
        return iri

    def retract(self, record: str, reason: str, date: str, by: str, replaced_by: str = "") -> None:
        """Take a judgement back; its row stays."""
        said = {"record": record, "reason": reason, "date": date, "by": by, "replaced_by": replaced_by}
        self.put(RETRACTIONS, said)

    def replaced(self, record: str) -> list[str]:
        """Return the IRIs of what was taken back for a judgement."""
        names = [column.name for column in TABLES[RETRACTIONS]]
        said = (dict(zip(names, cells, strict=True)) for cells in self.tables.get(RETRACTIONS, []))
        return [row["record"] for row in said if row["replaced_by"] == record]

    def again(self, record: str) -> None:
        """Say a judgement again that was taken back."""
        at = [column.name for column in TABLES[RETRACTIONS]].index("record")
        every = self.tables.get(RETRACTIONS, [])
        self.tables[RETRACTIONS] = [cells for cells in every if cells[at] != record]
