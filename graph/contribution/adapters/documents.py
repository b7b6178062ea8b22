"""Documents of interchange standards, for the adapters that read them: one file of any name, or a folder of several.

They are JSON, JSON lines or XML. A property that is neither read nor left out is an error, as a column of a table is.
A record's row is its number in its file (in JSON lines, its line), and the column of a finding is a JSON pointer within
that record.
"""

from __future__ import annotations

import atexit
import io
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from opentier.graph.contribution.foreign import Source, slug
from opentier.graph.contribution.text import csv_rows, decode
from opentier.graph.errors import UsageError
from opentier.graph.intake import bounds, kinds, trees, wrapping
from opentier.graph.intake.trees import Tree
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.model import cells, identifiers, regions
from opentier.graph.model.names import digest
from opentier.graph.report.report import Where, refuse_columns

#: Characters of one JSON document that is no lines, for all of it is held at once; unread properties that are told.
MAX_DOCUMENT, MAX_TOLD = 1 << 28, 20
#: What may be half of a pair that stands for one character, and no character; what an id may be as it stands.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ID = re.compile(r"[\w.~:-]{1,200}")


@dataclass(frozen=True)
class Record(Tree):
    """One record of a document, where it stands, and, where an adapter says so, what it rests on."""

    where: Where = field(kw_only=True)
    basis: str = field(default="", kw_only=True)


class Documents:
    """The documents of one source, and what was told of them."""

    def __init__(self, source: Source) -> None:
        self.source, self.report = source, source.report
        self._told: set[tuple[str, ...]] = set()
        self._properties: dict[str, trees.Properties] = {}
        self._packed: dict[Path, str] = {}
        self._unread = 0

    def paths(self) -> list[Path]:
        """Return the file that is contributed, or those of the folder that have an ending of the standard, unpacked."""
        source = self.source
        if not source.path.is_dir():
            return self._unpacked(source.find(source.path.name))
        endings, found = tuple(source.spec["endings"]), list[Path]()
        for path in sorted(each for each in source.path.iterdir() if each.is_file()):
            if path.name.lower().removesuffix(".gz").removesuffix(".zip").endswith(endings):
                found += self._unpacked(source.find(path.name))
            else:
                advice = f"Files of {', '.join(endings)} are."
                source.warn(Where(path.name), "This file is not read.", advice)
        if not (found or source.used):
            raise UsageError(f"{source.path} has no file of {', '.join(endings)}.")
        return found

    def _unpacked(self, path: Path) -> list[Path]:
        """Return a file, or the one that it holds where it is gzip or a zip; what cannot be unpacked is told."""
        kind = kinds.kind(path)
        if kind not in ("gzip", "zip"):
            return [path]
        folder = Path(tempfile.mkdtemp(prefix="opentier-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        try:
            found = wrapping.gunzip(path, folder) if kind == "gzip" else wrapping.unzip(path, folder)
        except Unreadable as error:
            self.report.add("error", Where(path.name), error.message, error.advice)
            return []
        self._packed[found] = path.name
        return [found]

    def records(self, path: Path, pick: Callable[[Record], Iterable[Tree]]) -> Iterator[Record]:
        """Yield the records of a file of JSON; `pick` gives those of one document."""
        count = 0
        for line, document in self._documents(path):
            for tree in pick(Record(document, where=Where(path.name, line))):
                count += 1
                number = line if line and tree.value is document else count
                if not isinstance(tree.value, dict):
                    where = self.record(path, None, number).where
                    self.source.refuse(where, "A record is an object, and this is none.", "It is left out.")
                    continue
                yield self.record(path, tree.value, number, tree.basis if isinstance(tree, Record) else "")
        self.expect(path, count)

    def parsed(self, text: str) -> Any:
        """Return what a JSON text says, within bounds.

        Raises
        ------
        ValueError
            If it is not JSON, or holds more than it may.
        """
        bounds.rdf(text.encode(), "jsonld")
        return trees.of_json(text)

    def only(self, value: Any, kind: str) -> Any:
        """Return a record of that kind with nothing but what is read of it."""
        return self._known(kind).only(value) or {}

    def keep(self, path: Path, records: Iterable[Any]) -> None:
        """Keep other records with the contribution than those of a file: one a line, as JSON."""
        sent, lined = self._packed.get(path, path.name), path.suffix.lower() in (".json", ".jsonl", ".ndjson")
        name = path.name if lined and path.name not in self.source.withheld else f"{sent}.jsonl"
        self.source.used.discard(sent)
        self.source.used.add(name)
        lines = (json.dumps(value, ensure_ascii=False) for value in records)
        self.source.keep(name, "".join(f"{line}\n" for line in lines).encode())

    def withhold(self, path: Path) -> None:
        """Keep a copy of a file of JSON with the contribution that lacks what nobody is to hold (`withheld`)."""
        if self.report.conforms:
            documents = (
                trees.without(value, self.source.spec["withheld"]) for _, value in self._documents(path)
            )
            lines = (json.dumps(value, ensure_ascii=False) for value in documents)
            self.source.keep(path.name, "".join(f"{line}\n" for line in lines).encode())

    def elements(self, path: Path, tags: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the elements of those names of a file of XML, and what they say."""
        data, wanted = path.read_bytes(), frozenset(tags)
        try:
            bounds.rdf(data, "rdfxml")
            for _, element in ElementTree.iterparse(io.BytesIO(data)):
                name = element.tag.rpartition("}")[2]
                if name in wanted:
                    yield name, trees.of_xml(element)
                    element.clear()
        except (ValueError, ExpatError, ElementTree.ParseError) as error:
            line = getattr(error, "lineno", None)
            self.broken(path, line, f"The file is not the XML of {self.source.spec['name']}: {error}.")

    def rows(self, path: Path) -> Iterator[Record]:
        """Yield the header of a CSV file as a record of which every property says something, then each of its rows."""
        header: list[str] = []
        count = 0
        for number, texts in csv_rows(path, "utf-8", ",", self.report):
            where = Where(path.name, number)
            if not header:
                header = texts
                twice = [name for name, times in Counter(header).items() if times > 1]
                refuse_columns(self.report, where, "This column stands twice.", "Keep one of them.", twice)
                yield Record(trees.of_row((name, "x") for name in header), where=where)
                continue
            count += 1
            self.report.rows.add(where)
            if len(texts) != len(header):
                message = f"The row has {len(texts)} cells, the header {len(header)}."
                self.source.refuse(where, message, "Check its commas and quotes.")
                continue
            yield Record(trees.of_row(zip(header, texts, strict=True)), where=where)
        self.expect(path, count)

    def record(self, path: Path, value: Any, number: int, basis: str = "") -> Record:
        """Return a record of a file, which is counted."""
        where = Where(path.name, number)
        self.report.rows.add(where)
        return Record(value, where=where, basis=basis)

    def expect(self, path: Path, count: int) -> None:
        """Hold the number of records of a file that could be read against what the description expects."""
        if self.report.conforms:
            self.source.expect(path.name, count, self.source.spec)

    def broken(self, path: Path, line: int | None, message: str) -> None:
        """Report a file that cannot be read."""
        self.report.add("error", Where(path.name, line), message, "Mend it, or ask for it anew.")

    def stranger(self, document: Record, what: str) -> None:
        """Report a document that is none of the standard, once a file."""
        if self.once("stranger", document.where.file):
            advice = "Is it the right file, and the right adapter?"
            self.report.add("error", document.where, f"This document holds {what}.", advice)

    def known(self, record: Record, kind: str) -> bool:
        """Return whether a record of that kind can be read: every property is read or left out, and said once.

        An unread property is an error of its file, as a column is; a record that says one twice is left out.
        """
        known, where = True, record.where
        for path, pointer in self._known(kind).unread(record.value):
            if path[-1] == trees.TWICE and known:
                message, advice = "This is said twice, and one of them is wrong.", "The record is left out."
                self.source.refuse(where, message, advice, column=pointer[:200])
            elif path[-1] != trees.TWICE and self.once(where.file, kind, *path) and self._unread < MAX_TOLD:
                self._unread += 1
                first = f", first in record {where.row}" if where.row else ""
                message = (
                    f"The adapter {self.source.spec['name']} does not know this property of {kind}{first}."
                )
                advice = "Is it a new version of the standard? Tell the maintainers, or take it out."
                self.report.add("error", Where(where.file), message, advice, column=pointer[:200])
            known = False
        return known

    def says(self, **said: str) -> None:
        """Take what the documents say of themselves: licence, publisher."""
        spec = self.source.spec
        self.source.spec = {**spec, **{name: value for name, value in said.items() if value}}

    def said(self, record: Record, kind: str, field: str) -> list[str]:
        """Return the texts of a field of a record of that kind, from all paths at which it may stand."""
        paths = self.source.spec["records"][kind]["fields"][field]
        return list(dict.fromkeys(text for path in paths for text in record.texts(*path.split("/"))))

    def valid(self, scheme: str, value: str) -> str:
        """Return an identifier as ``scheme:value``, or nothing where it is none."""
        try:
            return identifiers.read(f"{scheme}:{value}")
        except cells.CellError:
            return ""

    def identified(self, where: Where, said: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the identifiers of an actor (scheme and value), and a note of wrong ones of schemes that are known.

        One of another scheme that cannot be read is left out: it may be a person's.
        """
        kept, wrong = [], []
        for scheme, value in dict.fromkeys(said):
            text = f"{slug(scheme)}:{value}"
            if identifiers.filler(text) or "|" in value:
                continue
            try:
                kept.append(identifiers.read(text))
            except cells.CellError as error:
                if identifiers.known(text):
                    wrong.append(f"{scheme} {value}")
                    message = f"This identifier is kept as a note: {error.message}"
                    self.source.warn(where, message, error.advice, column="identifiers", value=text)
                elif self.once("identifiers", slug(scheme)):
                    message = f"Identifiers of {scheme[:100]} are left out: {error.message}"
                    self.source.warn(where, message, error.advice, column="identifiers")
        note = f"Also identified by {', '.join(wrong)}." if wrong else ""
        return {"identifiers": "|".join(kept), "note": note}

    def place(self, where: Where, country: str, region: str = "") -> dict[str, str]:
        """Return the cells of a country and a region; what cannot be read is left out with a warning."""
        column, value, found = "country", country, {"country": "", "region": ""}
        try:
            found["country"] = cells.country(country) if country else ""
            if region:
                column, value = "region", region
                read = regions.read(region, found["country"])
                found = {"country": read.country or found["country"], "region": read.region}
        except cells.CellError as error:
            message = f"{error.message} It is left out."
            self.source.warn(where, message, error.advice, column=column, value=value)
        return found

    def _known(self, kind: str) -> trees.Properties:
        """Return which properties of a kind of record are read and left out."""
        if kind not in self._properties:
            said = self.source.spec["records"][kind]
            read = [*said["read"], *(path for paths in said.get("fields", {}).values() for path in paths)]
            self._properties[kind] = trees.Properties(read, said.get("ignore", ()))
        return self._properties[kind]

    def once(self, *what: str) -> bool:
        """Return whether this was not told before."""
        told = what in self._told
        self._told.add(what)
        return not told

    def _documents(self, path: Path) -> Iterator[tuple[int | None, Any]]:
        """Yield the documents of a file of JSON, with their lines if it is of lines; a list holds documents."""
        data = path.read_bytes()
        text = decode(data, "utf-8", path.name, self.report)
        if text is None:
            return
        try:
            bounds.rdf(data, "jsonld")
            halves = bool(_HALF.search(text))
            for line, value in trees.several(text, MAX_DOCUMENT):
                if halves:  # what is half a character is told here, and nowhere later
                    json.dumps(value, ensure_ascii=False).encode()
                for document in value if isinstance(value, list) else [value]:
                    if not isinstance(document, dict):
                        raise trees.BrokenLine("an object is expected", line)
                    yield line, document
        except ValueError as error:
            line, name = getattr(error, "lineno", None), self.source.spec["name"]
            self.broken(path, line, f"The file is not the JSON of {name}: {error}.")


def head(path: Path) -> bytes:
    """Return the first bytes of a file that say something."""
    with path.open("rb") as file:
        return file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()


def local(text: str) -> str:
    """Return a local id made of a foreign one: as it stands, or its words and a digest of it."""
    return text if _ID.fullmatch(text) else f"{slug(text)[:80]}-{digest([text])}".lstrip("-")


def day(text: str) -> str:
    """Return the date of a point of time as it is written: a day, a month or a year."""
    return text[:10] if "T" in text else text
