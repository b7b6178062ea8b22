"""The columns of an index as Parquet: what jobs on other machines read, with a description.

A folder of ``arcs`` (the live ones, in the order of their tails, numbered as in the index), one of ``nodes``, one file
for each small table, and ``description.json``: the release, its datasets with their licences, and a hash of every file.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from opentier.graph.engine.arrays import Array
from opentier.graph.engine.hops import HOPS
from opentier.graph.errors import StoreError, UsageError, unable
from opentier.graph.index.format import ARCS
from opentier.graph.index.opened import Index
from opentier.graph.jobs.progress import Progress, silent
from opentier.graph.model.dates import EVER, NEVER
from opentier.graph.store import durable

FORMAT = 2
DESCRIPTION = "description.json"
#: Rows of a file: what is in memory at once.
PIECE = 4_000_000
#: What a link states beside the columns of arcs, by its record.
_STATED = ("worth", "amount", "measures")
#: What designations are described by; their other fields are in column ``more``, as JSON.
_LISTED = ("iri", "dataset", "kind", "authority", "register", "law", "effect")
#: Numbers of what they are about, and the two parts of their place.
_MEANT, _WHERE = ("product", "node"), ("country", "region")


def write(index: Index, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Write the columns of an index to a new folder, all of it or nothing, and return their description.

    Raises
    ------
    UsageError
        If there is something already.
    StoreError
        If the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already. Name a folder that is not, or remove it.")
    try:
        durable.make(folder.parent)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as place:
            draft = Path(place) / folder.name
            for kind in ("arcs", "nodes"):
                (draft / kind).mkdir(parents=True)
            _arcs(index, draft / "arcs", progress)
            _nodes(index, draft / "nodes")
            for name, table in _small(index):
                save(draft / f"{name}.parquet", table)
            said = _described(index, draft)
            (draft / DESCRIPTION).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")
            durable.sync_all(draft)
            draft.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            durable.rename(draft, folder)
    except OSError as error:
        raise StoreError(f"The columns cannot be written: {unable(error)}") from error
    return said


def read(folder: Path) -> dict[str, Any]:
    """Return the description of columns that were written.

    Raises
    ------
    UsageError
        If the folder holds none that this version reads.
    """
    try:
        said: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        known = said["format"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"{folder} holds no columns of an index. Write them with: opentier index --parquet DIR"
        ) from None
    if known != FORMAT:
        raise UsageError(f"The columns at {folder} are of another version. Write them anew.")
    return said


def of(index: Index, folder: Path, progress: Progress = silent) -> None:
    """Write the columns of an index to a folder, unless they are there.

    Raises
    ------
    UsageError
        If there are those of another release.
    """
    if folder.exists():
        said, own = read(folder), _identity(index)
        if {name: said[name] for name in own} != own:
            raise UsageError(
                f"{folder} holds the columns of another release ({said['release']}). Remove it, or name another folder."
            )
    else:
        write(index, folder, progress)


def save(file: Path, table: Mapping[str, Array | list[Any]]) -> None:
    """Write columns as one Parquet file, NaN as null; unsigned numbers as signed ones, which Spark has alone.

    Parameters
    ----------
    table
        The columns by name: arrays of numbers or truths, or lists of texts.
    """
    given = {
        name: np.array(column, object) if isinstance(column, list) else column
        for name, column in table.items()
    }
    columns = [f'"{name}"::{_type(column)} AS "{name}"' for name, column in given.items()]
    with duckdb.connect() as connection:
        connection.register("given", given)
        try:
            connection.execute(
                f"COPY (FROM given SELECT {', '.join(columns)}) TO '{quoted(str(file))}' (FORMAT parquet)"
            )
        except duckdb.IOException as error:
            raise StoreError(f"{file} cannot be written: {error}") from error


def load(files: str, columns: str, *, after: str = "") -> dict[str, Array]:
    """Return columns of Parquet files, by a pattern of their names; DuckDB's expressions make them."""
    with duckdb.connect() as connection:
        found = connection.execute(f"FROM read_parquet('{quoted(files)}') SELECT {columns} {after}")
        return found.fetchnumpy()


def quoted(text: str) -> str:
    """Return a text as it stands between the quotes of the engine."""
    return text.replace("'", "''")


def _type(column: Array) -> str:
    """Return the type that a column has in Parquet."""
    kinds = {"f": "DOUBLE", "b": "BOOLEAN", "O": "VARCHAR"}
    return kinds.get(column.dtype.kind, "BIGINT" if column.dtype.itemsize > 2 else "INTEGER")


def _arcs(index: Index, folder: Path, progress: Progress) -> None:
    rows, many = index.rows(), 0
    for number, first in enumerate(range(0, max(len(rows), 1), PIECE)):
        progress("writing columns", first, len(rows))
        some = rows[first : first + PIECE]
        table = {"arc": some} | {name: index.columns[name][some] for name in ARCS if name != "extra"}
        records = table["record"]
        table |= {name: index.columns[name][records] for name in _STATED}
        save(folder / f"part-{number:05d}.parquet", table)
        many += len(some)
    progress("writing columns", many, len(rows))


def _nodes(index: Index, folder: Path) -> None:
    many = len(index)
    piece = PIECE // 8  # texts take more room than numbers
    for number, first in enumerate(range(0, max(many, 1), piece)):
        nodes = np.arange(first, min(first + piece, many))
        iris = [index.iri(node) for node in nodes.tolist()]
        described = index.columns["kind"][nodes] != 0
        names = [
            index.actor(node).name if known else None
            for node, known in zip(nodes.tolist(), described, strict=True)
        ]
        table: dict[str, Array | list[Any]] = {
            "node": nodes, "iri": iris, "id": [index.names.id(iri) for iri in iris], "name": names,
            "kind": index.columns["kind"][nodes], "place": index.place[nodes], "described": described,
        }  # fmt: skip
        save(folder / f"part-{number:05d}.parquet", table)


def _small(index: Index) -> Iterator[tuple[str, dict[str, Array | list[Any]]]]:
    """Yield the small tables, in which the numbers of columns count."""
    tables = index.tables
    places = [(number, *place) for number, listed in enumerate(tables.places) for place in listed]
    goods: list[list[Any]] = [[None if end < 0 else end for end in pair] for pair in tables.goods]
    yield "places", _table(("number", "country", "region"), places)
    yield (
        "products",
        _table(("number", "iri", "code", "name"), ((n, *said) for n, said in enumerate(tables.products))),
    )
    yield "goods", _table(("number", "product", "input_to"), ((n, *pair) for n, pair in enumerate(goods)))
    yield (
        "measures",
        _table(("number", "currency", "unit"), ((n, *said) for n, said in enumerate(tables.measures))),
    )
    yield "inputs", _table(("product", "into"), tables.inputs)
    for name, texts in (("confidences", tables.confidences), ("kinds", tables.kinds), ("hops", HOPS)):
        yield name, _table(("number", "text"), enumerate(texts))
    yield (
        "datasets",
        _table(
            ("number", "text", "live"),
            ((n, *said) for n, said in enumerate(zip(tables.datasets, tables.live, strict=True))),
        ),
    )
    yield "designations", _designations(tables.designations)


def _designations(entries: Sequence[Mapping[str, Any]]) -> dict[str, Array | list[Any]]:
    """Return who is listed as columns; what has none of its own is JSON."""
    own = {*_LISTED, *_MEANT, "place"}
    more = [{key: value for key, value in entry.items() if key not in own} for entry in entries]
    places = [entry["place"] or (None, None) for entry in entries]
    found: dict[str, Array | list[Any]] = {name: [entry[name] for entry in entries] for name in _LISTED}
    for name in _MEANT:
        found[name] = np.array(
            [np.nan if entry[name] is None else entry[name] for entry in entries], np.float64
        )
    for number, name in enumerate(_WHERE):
        found[name] = [place[number] for place in places]
    return found | {"more": [json.dumps(said, ensure_ascii=False, default=str) for said in more]}


def _table(names: tuple[str, ...], rows: Any) -> dict[str, Array | list[Any]]:
    """Return rows as columns: numbers where a column has nothing else."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    found: dict[str, Array | list[Any]] = {}
    for name, column in zip(names, columns, strict=True):
        texts = any(isinstance(cell, str) for cell in column)
        truths = bool(column) and all(isinstance(cell, bool) for cell in column)
        if texts:
            found[name] = list(column)
        elif truths:
            found[name] = np.array(column, np.bool_)
        elif any(cell is None for cell in column):
            found[name] = np.array([np.nan if cell is None else cell for cell in column], np.float64)
        else:
            found[name] = np.array(column, np.int64)
    return found


def _identity(index: Index) -> dict[str, Any]:
    """Return what tells the index of one release, as one scope shows it, from all others."""
    return {
        "release": index.release,
        "base": index.tables.base,
        "versions": [said["iri"] for said in index.tables.versions],
        "nodes": len(index),
        "arcs": len(index.rows()),
    }


def _described(index: Index, draft: Path) -> dict[str, Any]:
    from opentier import graph

    files = sorted(path for path in draft.rglob("*.parquet"))
    return {
        "format": FORMAT,
        "opentier": graph.__version__,
        **_identity(index),
        "open_dates": {"start": EVER, "end": NEVER},
        "datasets": [
            {
                name: said[name]
                for name in ("dataset", "number", "iri", "title", "licence", "publisher", "checksum")
            }
            for said in index.tables.versions
        ],
        "files": {str(file.relative_to(draft)): f"sha256:{durable.sha256(file)}" for file in files},
    }
