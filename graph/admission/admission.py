"""Admission: the one way in. Read, check, validate, and publish a new version of a dataset, or nothing."""

from __future__ import annotations

import datetime
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from xml.parsers import expat

import pyoxigraph as ox
from rdflib import RDF, Graph, URIRef

from opentier.graph.contribution import bounds, submission
from opentier.graph.contribution.records import Record, check
from opentier.graph.contribution.report import ContributionError, Place, Report
from opentier.graph.contribution.submission import Contribution, Options
from opentier.graph.errors import UnreadableRecord
from opentier.graph.identity import components
from opentier.graph.model.names import CONTEXT_IRI, Names, concept
from opentier.graph.model.tables import STRONG_SCHEMES
from opentier.graph.model.versions import Version
from opentier.graph.query import questions
from opentier.graph.store import catalogue, durable
from opentier.graph.store.directory import Ready, Store
from opentier.graph.store.release import Release
from opentier.graph.threads import alone
from opentier.graph.validation import shacl
from opentier.graph.vocabulary import documents

#: Told a stage, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]
Types = Callable[[Iterable[str]], Mapping[str, Iterable[str]]]


@dataclass(frozen=True)
class Admission:
    """What became of a contribution: its version, its report, and whether it was new."""

    version: Version
    report: Report
    new: bool


def validate(path: Path, options: Options, store: Store | None, progress: Progress) -> Report:
    """Return the report on what lies at `path`, and change nothing."""
    with tempfile.TemporaryDirectory(prefix="opentier-") as scratch:
        found = submission.read(path, options, Path(scratch))
        release = store.release() if store and store.current else None
        _records(found, store.names if store else Names(), release, Path(scratch), progress)
        return found.report


def contribute(
    path: Path,
    options: Options,
    store: Store,
    progress: Progress,
    ready: Ready = lambda release, before: None,
) -> Admission:
    """Admit what lies at `path` as the next version of its dataset, all of it or nothing.

    Parameters
    ----------
    ready
        Makes the release ready before it is published. What it cannot read is refused.

    Raises
    ------
    ContributionError
        If the report has errors or violations; the store is as it was.
    """
    with store.writing(), tempfile.TemporaryDirectory(dir=store.scratch()) as scratch:
        found = submission.read(path, options, Path(scratch))
        release = store.release() if store.current else None
        before = release.current.get(found.metadata.dataset) if release else None
        if before and found.report.conforms and before.checksum == found.checksum:
            kept = store.folder(before.dataset, before.number) / "report.json"
            return Admission(before, Report.from_dict(json.loads(kept.read_text("utf-8"))), new=False)
        file, triples = _records(found, store.names, release, Path(scratch), progress)
        if not found.report.conforms:
            raise ContributionError(found.report)
        progress("storing", 0, 1)
        number = before.number + 1 if before else 1
        iri = store.names.version(found.metadata.dataset, number)
        admitted = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        entry = catalogue.entry(found, store.names, number, triples, admitted)
        keep = store.draft(), store.folder(found.metadata.dataset, number)
        _keep(found, iri, keep[0])
        try:
            published = store.publish(
                {iri: file},
                entry.serialize(format="nt", encoding="utf-8"),
                _vocabulary(store.names),
                keep,
                ready,
            )
        except UnreadableRecord as error:
            found.report.add("error", Place(""), str(error), error.advice)
            raise ContributionError(found.report) from error
        progress("storing", 1, 1)
        return Admission(published.current[found.metadata.dataset], found.report, new=True)


def _vocabulary(names: Names) -> bytes:
    """Return the vocabulary and the questions as N-Triples, as they are served."""
    said = [*documents.triples("ontology"), *questions.described(names.base)]
    return ox.serialize(said, format=ox.RdfFormat.N_TRIPLES) or b""


@alone  # pySHACL switches how rdflib reads values, for all threads, and its readers of queries are of no use to two
def _records(
    found: Contribution, names: Names, release: Release | None, scratch: Path, progress: Progress
) -> tuple[Path, int]:
    """Check and validate a contribution; write its triples to a file and count them."""
    dataset, file = found.metadata.dataset, scratch / "records.nt"

    def types(iris: Iterable[str]) -> Mapping[str, Iterable[str]]:
        return release.types(iris, without=dataset) if release else {}

    triples = 0
    with file.open("wb") as out:
        if found.rdf is not None:
            graph = _rdf(found.rdf, dataset, names, found.report)
            if found.report.conforms:
                shacl.validate_graph(graph, names, types, found.report, found.rdf.name)
            out.write(graph.serialize(format="nt", encoding="utf-8"))
            return file, len(graph)
        total = sum(len(rows) for rows in found.tables.values())

        def known(iri: str) -> bool:
            return release is not None and release.known(iri, without=dataset)

        progress("checking", 0, total)
        records = check(found, names, known, lambda done: progress("checking", done, total))
        progress("checking", total, total)
        _identities(records, names, release, dataset, found.report)
        if not found.report.conforms:
            return file, 0
        if not records:
            found.report.add(
                "error", Place(""), "There is nothing in this contribution.", "Add at least one row."
            )
            return file, 0

        def validated(done: int) -> None:
            progress("validating", done, len(records))

        validated(0)
        for graph in shacl.validate(records, names, types, found.report, validated):
            triples += len(graph)
            out.write(graph.serialize(format="nt", encoding="utf-8"))
    return file, triples


def _identities(
    records: list[Record], names: Names, release: Release | None, dataset: str, report: Report
) -> None:
    """Report judgements that two actors differ although others, or equal identifiers, make them one."""
    positive, negative, identified = [], [], []
    places: dict[tuple[str, str], Place] = {}
    if release:
        graphs = release.graphs(without=dataset)
        for left, right, judgement in release.select("judgements", graphs):
            pair = (left.value, right.value)
            if judgement.value == concept("judgement", "positive"):
                positive.append(pair)
            elif judgement.value == concept("judgement", "negative"):
                negative.append(pair)
        identified += [(actor.value, key.value) for actor, key in release.select("strong", graphs)]
    for record in records:
        if record.table.name == "identity_judgements":
            pair = (record.values["left"][0], record.values["right"][0])
            places[pair] = record.place
            kind = record.values["judgement"][0]
            (positive if kind == "positive" else negative if kind == "negative" else []).append(pair)
        for value in record.values.get("identifiers", ()):
            scheme, _, notation = value.partition(":")
            if scheme in STRONG_SCHEMES:
                identified.append((record.iri, names.record("identifier", scheme, notation)))
                places.setdefault((record.iri, ""), record.place)
    for left, right in components.conflicts(components.joined(positive, identified), negative):
        place = places.get((left, right)) or places.get((left, "")) or places.get((right, "")) or Place("")
        report.add(
            "error", place, f"{names.id(left)} and {names.id(right)} are judged to differ, yet other judgements or "
            "equal identifiers make them one.", "Retract one of the judgements, or correct the identifier.",
        )  # fmt: skip


_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}


def _rdf(path: Path, dataset: str, names: Names, report: Report) -> Graph:
    """Read an RDF file; its records have a class, and stand under the dataset's own IRI."""
    graph, data, suffix = Graph(), path.read_bytes(), path.suffix.lower()
    try:
        bounds.rdf(data, suffix)
        if suffix == ".jsonld":
            data = _own_context(data)
        quads = list(ox.parse(data, format=_FORMATS[suffix], base_iri=names.base + dataset + "/"))
        if any(isinstance(quad.object, ox.Triple) for quad in quads):
            raise ValueError("a triple is no value here")
    except (SyntaxError, ValueError, RecursionError, expat.ExpatError) as error:
        row = getattr(error, "lineno", None)
        advice = "Mend it at that line." if row else "Mend it; nothing beside this file is read or fetched."
        report.add("error", Place(path.name, row), f"This is not {suffix[1:]}: {error}.", advice)
        return graph
    text = "".join(f"{ox.Triple(quad.subject, quad.predicate, quad.object)} .\n" for quad in quads)
    graph.parse(data=text, format="nt")
    report.rows.update(Place(path.name, number) for number in range(1, len(set(graph.subjects())) + 1))
    if not len(graph):
        report.add("error", Place(path.name), "The file is empty.", "Add at least one record.")
    _subjects(graph, Place(path.name), dataset, names, report)
    return graph


def _subjects(graph: Graph, place: Place, dataset: str, names: Names, report: Report) -> None:
    """Report what a file says of things that are not its own records: nobody speaks for another dataset."""
    own = f"{names.base}{dataset}/"
    shared = (names.hs(""), names.record("identifier", "", "").rstrip("/") + "/")
    for subject in sorted(set(graph.subjects()), key=str):
        if not isinstance(subject, URIRef) or not str(subject).startswith((own, *shared)):
            shown = str(subject) if isinstance(subject, URIRef) else "A record without an IRI"
            report.add(
                "error", place, f"{shown} is not a record of this dataset.",
                f"Give it an IRI that starts with {own}", value=subject if isinstance(subject, URIRef) else None,
            )  # fmt: skip
        elif (subject, RDF.type, None) not in graph:
            report.add(
                "error", place, f"{subject} has no class.", "Say what it is (rdf:type), for example an ot:Actor.",
                value=subject,
            )  # fmt: skip


def _own_context(data: bytes) -> bytes:
    """Put our JSON-LD context in the place of its address: nothing is fetched."""
    document = json.loads(data)
    context = json.loads((files("opentier.ontology") / "context.jsonld").read_text("utf-8"))["@context"]

    def inlined(value: object) -> object:
        if value == CONTEXT_IRI:
            return context
        return [inlined(item) for item in value] if isinstance(value, list) else value

    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict) and "@context" in part:
            part["@context"] = inlined(part["@context"])
    return json.dumps(document).encode()


def _keep(found: Contribution, version: str, folder: Path) -> None:
    """Write the original files (one zip, the same bytes for the same files), the report, and the hashes of both."""
    with zipfile.ZipFile(folder / "original.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(found.originals):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    (folder / "report.json").write_text(found.report.to_json(), "utf-8")
    (folder / "report.txt").write_text(found.report.to_text(), "utf-8")
    catalogue.report(found.report, version).serialize(folder / "report.ttl", format="turtle")
    durable.write_hashes(folder)
