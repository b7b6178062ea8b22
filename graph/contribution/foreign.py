"""Adapters: one foreign file (or a folder of them) becomes the tables of a contribution.

An adapter `NAME` is two files in `adapters/`: `NAME.toml` says what the source is, which columns are read,
which are left out and why, how many rows to expect, and its lookups; `NAME.py` has one function
``convert(source)`` that emits table rows. A column that is neither read nor left out is an error. The files of an
adapter whose name has dashes have underscores.
"""

from __future__ import annotations

import atexit
import importlib
import re
import shutil
import tempfile
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from opentier.graph.contribution.staging import Row, Staged
from opentier.graph.contribution.text import csv_rows
from opentier.graph.errors import UsageError, mean
from opentier.graph.intake.bounds import MAX_VALUE
from opentier.graph.model import sheet
from opentier.graph.model.cells import CellError, number
from opentier.graph.report.report import Report, Where, refuse_columns


def adapters() -> list[str]:
    """Return the names of the adapters."""
    folder = files("opentier.graph.contribution.adapters")
    found = [item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")]
    return sorted(name.replace("_", "-") for name in found)


#: Where a row stands and its cells -> its cells as they ought to be, or None.
Mend = Callable[[Where, list[str]], list[str] | None]


class SourceRow(dict[str, str]):
    """One row of a foreign file, by column, and where it stands."""

    def __init__(self, where: Where, cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self.where = where


@dataclass
class Source:
    """What an adapter reads from and emits to.

    Attributes
    ----------
    edition
        The edition of what was read, where the adapter knows it: a day, or a year.
    about
        What a file says of itself in the place of the description: title, licence, publisher.
    """

    path: Path
    spec: Mapping[str, Any]
    report: Report
    tables: Staged = field(default_factory=Staged)
    used: set[str] = field(default_factory=set)
    edition: str = ""
    about: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, Path] = field(default_factory=dict)
    _ids: set[tuple[str, str]] = field(default_factory=set)

    def find(self, name: str) -> Path:
        """Return the path of file `name` of the contribution; of its copy, where some of it is withheld."""
        if name in self.withheld:
            return self.withheld[name]
        path = self.path / name if self.path.is_dir() else self.path
        if not path.is_file() or (path == self.path and path.name != name and len(self.spec["files"]) > 1):
            raise UsageError(f"{self.path} has no file {name}, which adapter {self.spec['name']} reads.")
        self.used.add(name)
        return path

    def names(self, pattern: str) -> list[str]:
        """Return the names of the files of the contribution that a pattern fits, in their order; of a file, its own."""
        if not self.path.is_dir():
            return [self.path.name]
        found = sorted(path.name for path in self.path.glob(pattern) if path.is_file())
        if not found:
            raise UsageError(f"{self.path} has no file {pattern}, which adapter {self.spec['name']} reads.")
        return found

    def layout(self, name: str) -> str:
        """Return the layout of the description that shares most columns with the header of CSV file `name`."""
        with self.find(name).open("rb") as file:
            header = file.readline(MAX_VALUE).decode("utf-8-sig", "replace").lower()
        layouts: Mapping[str, Any] = self.spec["files"]
        shared = {key: sum(name.lower() in header for name in said["read"]) for key, said in layouts.items()}
        return max(shared, key=lambda key: shared[key])

    def rows(self, name: str, layout: str = "", mend: Mend | None = None) -> Iterator[SourceRow]:
        """Yield the rows of CSV file `name`; its columns and counts are held against the description.

        Parameters
        ----------
        layout
            Under which name it is described, where that is another.
        mend
            Returns the cells of a row as they ought to be, or None after leaving it out with the reason.
        """
        path, spec = self.find(name), self.spec["files"][layout or name]
        known = set(spec["read"]) | set(spec.get("ignore", {}))
        header: list[str] = []
        count = 0
        for line, cells in csv_rows(
            path, spec.get("encoding", "utf-8"), spec.get("delimiter", ","), self.report
        ):
            where = Where(path.name, line)
            if not header:
                header = cells
                if not self._columns_agree(where, header, known, set(spec.get("optional", ()))):
                    return
                continue
            count += 1
            self.report.rows.add(where)
            mended = mend(where, cells) if mend else cells
            if mended is None:
                continue
            cells = mended
            if len(cells) != len(header):
                self.refuse(
                    where,
                    f"The row has {len(cells)} cells, the header {len(header)}.",
                    "Check its commas and quotes.",
                )
                continue
            yield SourceRow(where, dict(zip(header, cells, strict=True)))
        self.expect(name, count, spec)
        if spec.get("withheld"):
            self.withhold(name, layout)

    def xml(self, name: str) -> Element | None:
        """Return the root of XML file `name`, or None after reporting that it is none."""
        path = self.find(name)
        try:
            return ElementTree.fromstring(path.read_bytes())
        except ElementTree.ParseError as error:
            where = Where(path.name, error.position[0])
            self.report.add(
                "error", where, f"The file is not XML: {error}.", "Check that it is the whole file."
            )
            return None

    def withhold(self, name: str, layout: str = "", kept: Collection[int] | None = None) -> None:
        """Keep a copy of CSV file `name` with the contribution, in which what nobody is to hold is empty.

        That are the columns that the description calls `withheld`, and all rows but the header and `kept`.
        """
        spec = self.spec["files"][layout or name]
        encoding, delimiter = spec.get("encoding", "utf-8"), spec.get("delimiter", ",")
        rows, withheld = [], set[int]()
        for line, cells in csv_rows(self.find(name), encoding, delimiter, Report()):
            if line == 1:
                withheld = {place for place, column in enumerate(cells) if column in spec.get("withheld", ())}
                rows.append(cells)
            elif kept is None or line in kept:
                rows.append(["" if place in withheld else cell for place, cell in enumerate(cells)])
            else:
                rows.append([""] * len(cells))
        self.keep(name, sheet.copied(rows, delimiter).encode(encoding))

    def keep(self, name: str, data: bytes) -> None:
        """Keep other bytes with the contribution than those of file `name`."""
        folder = Path(tempfile.mkdtemp(prefix="opentier-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / name).write_bytes(data)
        self.withheld[name] = folder / name

    def expect(self, name: str, count: int, said: Mapping[str, Any] | None = None) -> None:
        """Hold the number of records of file `name` against what the description, or `said`, expects.

        `short` of the description says what to do about a file that is much smaller than the last edition.
        """
        spec = said or self.spec["files"][name]
        low, high = spec["expected"]
        if not low <= count <= high:
            advice = "Check that it is the whole file and the right edition."
            self.report.add(
                "error",
                Where(name),
                f"The file has {count:,} records; {low:,} to {high:,} are expected.",
                spec.get("short", advice) if count < low else advice,
            )

    def dated(self) -> None:
        """Take the edition from the day in the file's name, as publishers write it; tell that it is not known."""
        found = re.search(r"\d{4}-\d\d-\d\d", self.path.name)
        self.edition = found[0] if found else ""
        if not found:
            advice = "Put the day of the edition into it: orders-2026-06-23.csv."
            self.warn(Where(self.path.name), "The file's name does not say of which day the list is.", advice)

    def emit(self, table: str, where: Where, **cells: str) -> None:
        """Add a row to `table`; empty cells are left out. A repeated id of the same table is emitted once."""
        if "id" in cells and table != "supply_links":
            key = (table, cells["id"])
            if key in self._ids:
                return
            self._ids.add(key)
        row = Row(where, {name: value for name, value in cells.items() if value})
        self.tables.put(table, row)

    def good(self, where: Where, key: str, name: str, headings: Sequence[str], note: str) -> dict[str, str]:
        """Return the cells of a good of a place: a product that is called as its list prints it, with its HS heading.

        Two goods may be read as one heading, and are told apart by what they are called. One that has several headings
        has no code of its own: they are the scope; one that has none has no code at all.
        """
        hs, scope = (headings[0], "") if len(headings) == 1 else ("", "|".join(headings))
        self.emit("products", where, id=key, name=name, hs=hs, note=note)
        return {"product": key, "scope_products": scope}

    def point(self, where: Where, lat: str, lon: str) -> dict[str, str]:
        """Return the cells of a place; what are no coordinates is left out with a warning."""
        if not lat and not lon:
            return {}
        if on_earth(lat, lon):
            return {"lat": lat, "lon": lon}
        message = "These are no coordinates; they are left out."
        self.warn(where, message, "Give degrees, such as 23.5 and 90.4.", column="lat", value=f"{lat}, {lon}")
        return {}

    def lookup(self, name: str, key: str) -> Any:
        """Return the entry of lookup `name` for `key`, or None."""
        return self.spec.get("lookups", {}).get(name, {}).get(key)

    def warn(
        self, where: Where, message: str, advice: str, *, column: str | None = None, value: object = None
    ) -> None:
        """Report something about a row that goes in all the same."""
        self.report.add("warning", where, message, advice, column=column, value=value)

    def refuse(
        self, where: Where, message: str, advice: str, *, column: str | None = None, value: object = None
    ) -> None:
        """Leave a row out, with the reason."""
        self.report.add("refused", where, message, advice, column=column, value=value)

    def _columns_agree(self, where: Where, header: list[str], known: set[str], optional: set[str]) -> bool:
        if not known & set(header):  # maybe a row of data, of which no report tells
            advice = "Is it the right file, and the right adapter? Its first row names the columns."
            self.report.add(
                "error", where, "The first row has none of the columns that are expected.", advice
            )
            return False
        times = Counter(header)
        unread = [name for name in times if name not in known | optional]
        missing = sorted(known - optional - set(header))
        twice = sorted(name for name in times if times[name] > 1)
        refuse_columns(self.report, where, "This column stands twice.", "Keep one of them.", twice)
        refuse_columns(
            self.report,
            where,
            "The adapter does not know this column.",
            "A new edition? Tell the maintainers.",
            unread,
        )
        refuse_columns(self.report, where, "This column is missing.", "Is it the whole file?", missing)
        return not (unread or missing or twice)


def describe(name: str) -> Mapping[str, Any]:
    """Return the description of adapter `name`."""
    if name not in adapters():
        raise UsageError(
            f"No adapter is called {name!r}; there are: {', '.join(adapters())}.{mean(name, adapters())}"
        )
    text = files("opentier.graph.contribution.adapters").joinpath(f"{_module(name)}.toml").read_text("utf-8")
    return {"name": name, **tomllib.loads(text)}


def on_earth(lat: str, lon: str) -> bool:
    """Return whether two texts are a latitude and a longitude."""
    try:
        return abs(float(number(lat))) <= 90 and abs(float(number(lon))) <= 180
    except CellError:
        return False


def slug(text: str) -> str:
    """Return an id made of a name: lower case, without accents, dashes between words."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return "-".join(re.findall(r"[^\W_]+", plain.lower()))


def definition(name: str) -> bytes:
    """Return the bytes that define adapter `name`: a change of it makes a new version of the same files."""
    folder = files("opentier.graph.contribution.adapters")
    stem = _module(name)
    return folder.joinpath(f"{stem}.toml").read_bytes() + folder.joinpath(f"{stem}.py").read_bytes()


def convert(name: str, path: Path, report: Report, into: Staged | None = None) -> Source:
    """Read `path` with adapter `name`; its rows go `into` tables (new ones, where none are given)."""
    source = Source(path, describe(name), report, Staged() if into is None else into)
    importlib.import_module(f"opentier.graph.contribution.adapters.{_module(name)}").convert(source)
    return source


def _module(name: str) -> str:
    """Return the name of the files of an adapter, without their endings."""
    return name.replace("-", "_")
