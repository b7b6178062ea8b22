"""Judgements on identity: split once into who is one, who is not and who may be, and held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from opentier.graph.contribution.records import Record
from opentier.graph.contribution.report import Report, Where
from opentier.graph.identity import components
from opentier.graph.model.names import Names, concept
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.store.release import Release

Pair = tuple[str, str]


@dataclass
class Judgements:
    """Pairs of actors by what was judged of them, and actors with their strong identifiers."""

    positive: list[Pair] = field(default_factory=list)
    negative: list[Pair] = field(default_factory=list)
    unsure: list[Pair] = field(default_factory=list)
    identified: list[Pair] = field(default_factory=list)

    def add(self, left: str, right: str, judgement: str) -> None:
        """Add one, by its code: positive, negative or unsure; another says nothing."""
        split = {"positive": self.positive, "negative": self.negative, "unsure": self.unsure}
        if judgement in split:
            split[judgement].append((left, right))

    def joined(self) -> components.Components:
        """Return who is one with whom."""
        return components.joined(self.positive, self.identified)


def admitted(release: Release) -> Judgements:
    """Return the judgements of a release, as far as its scope shows it."""
    found, stem = Judgements(), concept("judgement", "")
    for left, right, judgement in release.select("judgements"):
        found.add(left, right, judgement.removeprefix(stem))
    found.identified += [(actor, identifier) for actor, identifier in release.select("strong")]
    return found


def check(records: Iterable[Record], names: Names, others: Release | None, report: Report) -> None:
    """Report judgements that two actors differ although others, or equal identifiers, make them one.

    Parameters
    ----------
    others
        The release without the dataset that the records are of.
    """
    found = Judgements()
    stated: dict[Pair, Where] = {}
    for record in records:
        if record.table.name == "identity_judgements":
            pair = (record.values["left"][0], record.values["right"][0])
            stated[pair] = record.where
            found.add(*pair, record.values["judgement"][0])
        for value in record.values.get("identifiers", ()):
            scheme, _, notation = value.partition(":")
            if scheme in STRONG_SCHEMES:
                found.identified.append((record.iri, names.record("identifier", scheme, notation)))
                stated.setdefault((record.iri, ""), record.where)
    agree(found, names, others, report, Where(""), stated)


def agree(
    said: Judgements,
    names: Names,
    others: Release | None,
    report: Report,
    place: Where,
    stated: Mapping[Pair, Where] = MappingProxyType({}),
) -> None:
    """Report where what a contribution says of identities contradicts itself, or others.

    Parameters
    ----------
    place
        Where it is said, of what `stated` does not tell more.
    """
    if not (said.positive or said.negative or said.identified):
        return
    found = admitted(others) if others else Judgements()
    found.positive += said.positive
    found.negative += said.negative
    found.identified += said.identified
    for left, right in components.conflicts(found.joined(), found.negative):
        where = stated.get((left, right)) or stated.get((left, "")) or stated.get((right, "")) or place
        report.add(
            "error", where, f"{names.id(left)} and {names.id(right)} are judged to differ, yet other judgements or "
            "equal identifiers make them one.", "Retract one of the judgements, or correct the identifier.",
        )  # fmt: skip
