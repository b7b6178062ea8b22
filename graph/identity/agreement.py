"""What a contribution says of identities, held against itself and against what is admitted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from opentier.graph.identity.judgements import Dispute, Judged, Judgements, admitted
from opentier.graph.matching.features import compare
from opentier.graph.matching.matcher import scored
from opentier.graph.matching.parties import Party
from opentier.graph.matching.rarity import Rarity
from opentier.graph.matching.scoring import Weights
from opentier.graph.model import identifiers, resources
from opentier.graph.model.names import Names
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.records.records import Record, Records
from opentier.graph.report.report import Report, Where
from opentier.graph.store.release import Release


@dataclass
class Said:
    """What a contribution says of who is who.

    Attributes
    ----------
    records
        The records that say it: findings name their places.
    countries
        The country of each of its actors that has an identifier and states one.
    called
        The names of each of its actors that has an identifier.
    """

    records: Records
    judged: list[Judged] = field(default_factory=list)
    identified: list[tuple[str, str]] = field(default_factory=list)
    countries: dict[str, str] = field(default_factory=dict)
    called: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def where(self, *records: str) -> Where:
        """Return where the first of some records that the contribution has is said."""
        known = self.records.find(records)
        return next((known[record].where for record in records if record in known), Where(""))


def said(records: Records, names: Names) -> Said:
    """Return what records say; those that the contribution itself retracts say nothing."""
    found = Said(records)
    retracted = {iri for record in records.of("retractions") for iri in record.values["record"]}
    judged = map(_judged, records.of("identity_judgements"))
    found.judged = [each for each in judged if each.record not in retracted]
    strong = "list_has_any([split_part(x, ':', 1) FOR x IN \"identifiers\"], ?)"
    for table in records.columns:
        if not records.has(table, "identifiers"):
            continue
        for record in records.of(table, strong, [list(STRONG_SCHEMES)]):
            for value in record.values["identifiers"]:
                scheme, _, notation = value.partition(":")
                if scheme in STRONG_SCHEMES:
                    found.identified.append((record.iri, names.record("identifier", scheme, notation)))
            if table == "actors":
                named = (record.values.get(name, ()) for name in ("name", "also_known_as"))
                found.called[record.iri] = tuple(chain.from_iterable(named))
                if country := record.values.get("country"):
                    found.countries[record.iri] = country[0]
    return found


def _judged(record: Record) -> Judged:
    left, right, code, decided, score, date = (
        next(iter(record.values.get(name, ())), None)
        for name in ("left", "right", "judgement", "decided_by", "score", "date")
    )
    assert left is not None
    assert right is not None
    assert code is not None
    return Judged(left, right, code, record.iri, decided, float(score) if score else None, date)


def check(
    found: Said, names: Names, others: Release | None, report: Report, *, several: bool = False
) -> Judgements | None:
    """Report what contradicts itself, and warn of joins that are disputed or reach across countries.

    Returned is all that is said of who is who then; None where the contribution says nothing of it.

    Parameters
    ----------
    others
        The release without the dataset that is contributed.
    several
        Whether several decide in the contribution: what they contradict each other in is disputed as it is between
        datasets, and not refused.
    """
    if not found.judged and not found.identified:
        return None
    known = admitted(others) if others else Judgements()
    own = Judgements(found.judged, found.identified)
    every = Judgements([*known.said, *found.judged], [*known.identified, *found.identified])
    # Joins by rule alone, against all that is judged to differ.
    ruled = Judgements(every.negative, every.identified).disputed
    told = (
        {dispute.key for dispute in Judgements(known.negative, known.identified).disputed} if ruled else set()
    )
    through: dict[frozenset[str], tuple[str, ...]] = {}
    refused: dict[frozenset[str], Judged] = {
        judged.pair: judged
        for judged in found.judged
        if judged.judgement == "negative" and len(judged.pair) == 1
    }
    alone = [dispute for dispute in own.disputed if not (several and dispute.join.by_person)]
    for dispute in (*alone, *(dispute for dispute in ruled if dispute.key not in told)):
        refused.setdefault(dispute.against.pair, dispute.against)
        through.setdefault(dispute.against.pair, _said_in(dispute))
    for judged in refused.values():
        report.add(
            "error", found.where(judged.record, judged.left, judged.right, *through.get(judged.pair, ())),
            f"{names.id(judged.left)} and {names.id(judged.right)} are judged to differ, yet other judgements or equal "
            "identifiers make them one.", "Retract one of the judgements, or correct the identifier.",
        )  # fmt: skip
    _tied(found, names, report)
    before = {dispute.key for dispute in known.disputed} if every.disputed else set()
    for dispute in every.disputed:
        if dispute.against.pair not in refused and dispute.key not in before:
            _warn_of(dispute, found, names, report)
    _across(found, every, names, others, report)
    return every


def _tied(found: Said, names: Names, report: Report) -> None:
    """Report a pair that the contribution judges to be one and to differ, where neither is outweighed."""
    judged: dict[frozenset[str], list[Judged]] = defaultdict(list)
    for each in found.judged:
        judged[each.pair].append(each)
    for of_pair in judged.values():
        greatest = max(each.weight[:2] for each in of_pair)
        said = {each.judgement: each for each in of_pair[::-1] if each.weight[:2] == greatest}
        if said.keys() >= {"positive", "negative"} and len(said["negative"].pair) > 1:
            each, other = said["negative"], found.where(said["positive"].record)
            report.add(
                "error", found.where(each.record),
                f"{names.id(each.left)} and {names.id(each.right)} are judged to differ and to be one ({other}), and "
                "nothing says which counts.",
                "Retract one of the two, or date them: the later one counts.",
            )  # fmt: skip


def _warn_of(dispute: Dispute, found: Said, names: Names, report: Report) -> None:
    report.add("warning", found.where(*_said_in(dispute)), dispute.told(names), dispute.advice)


def _said_in(dispute: Dispute) -> tuple[str, ...]:
    """Return the records of all that a dispute is made of, then the actors that these, or equal identifiers, join."""
    said = (dispute.join, dispute.against, *dispute.through)
    sides = chain.from_iterable((judged.left, judged.right) for judged in said)
    return (*(judged.record for judged in said), *sides)


def _across(found: Said, every: Judgements, names: Names, others: Release | None, report: Report) -> None:
    """Warn of equal identifiers that join an actor of the contribution to one of another country, or another name."""
    own = {identifier for _, identifier in found.identified}
    mine = {actor for actor, _ in found.identified}
    sharing: dict[str, list[str]] = defaultdict(list)
    for actor, identifier in every.identified:
        if identifier in own:
            sharing[identifier].append(actor)
    for identifier, actors in sorted(sharing.items()):
        if len(set(actors)) < 2:
            continue
        _unlike(sorted(mine & set(actors)), sorted(set(actors)), identifier, found, names, others, report)
        read = _countries(actors, found.countries, others)
        countries = {actor: resources.code_of(country, names) or country for actor, country in read}
        for actor in sorted(mine & countries.keys() & set(actors)):
            other = next(
                (each for each in actors if countries.get(each, countries[actor]) != countries[actor]), None
            )
            if other is not None:
                report.add(
                    "warning", found.where(actor),
                    f"An equal identifier makes {names.id(actor)} ({countries[actor]}) one with {names.id(other)} "
                    f"({countries[other]}).", "Check it: the two are in different countries.", column="identifiers",
                    value=identifiers.of_iri(identifier, names.base),
                )  # fmt: skip


def _unlike(
    mine: Iterable[str],
    actors: Iterable[str],
    identifier: str,
    found: Said,
    names: Names,
    others: Release | None,
    report: Report,
) -> None:
    """Warn of an equal identifier that joins an actor to one of a name that no matcher would take for its own."""
    weights, rarity = Weights.shipped(), Rarity()
    parties = {actor: Party(called=_called(actor, found, others)) for actor in actors}
    for actor in mine:
        for other, party in parties.items():
            cores = [{name.core for name in each.names} for each in (parties[actor], party)]
            if other == actor or not all(cores) or cores[0] & cores[1]:
                continue
            if weights.band(scored(compare(parties[actor], party, rarity), weights)) == "reject":
                report.add(
                    "warning", found.where(actor),
                    f"An equal identifier makes {names.id(actor)} ({parties[actor].called[0]}) one with "
                    f"{names.id(other)} ({party.called[0]}).", "Check it: the two names are not alike.",
                    column="identifiers", value=identifiers.of_iri(identifier, names.base),
                )  # fmt: skip
                break


def _called(actor: str, found: Said, others: Release | None) -> tuple[str, ...]:
    """Return the names of an actor, as the contribution says them or else the release."""
    if actor in found.called or others is None:
        return found.called.get(actor, ())
    terms = ("rdfs:label", "skos:altLabel")
    return tuple(
        name for fields in others.of("actors", actor) for term in terms for name in fields.get(term, ())
    )


def _countries(
    actors: Iterable[str], stated: Mapping[str, str], others: Release | None
) -> Iterator[tuple[str, str]]:
    """Yield actors with their countries, as the contribution states them or else the release."""
    for actor in actors:
        if actor in stated:
            yield actor, stated[actor]
        elif others is not None:
            for country, _ in others.select("countries", iri=actor):
                yield actor, country
