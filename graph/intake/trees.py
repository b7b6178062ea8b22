"""Documents of JSON and XML as trees: what stands where in them, and which of their properties nobody reads.

A scalar is a text, as it was written: no number is rounded, and no leading zero lost. XML becomes what JSON would say:
an element is an object of its attributes (``@name``) and elements, or a text; prefixes of names are left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from xml.etree import ElementTree

#: Last name of the path of a property that its object says twice.
TWICE = "said twice"
#: The text of an element or an object that has properties beside it.
TEXT = "$"
Path = tuple[str, ...]
#: Paths of which is kept whether they are known.
_KEPT = 10_000
#: Points of a column's name that part it.
_DEEPEST = 20


class Twice(list[Any]):
    """All values of a property that one object says several times."""


@dataclass(frozen=True)
class Tree:
    """A value, and where it stands in its record, as a JSON pointer."""

    value: Any
    pointer: str = ""

    def each(self, *names: str) -> list[Tree]:
        """Return what stands at a path; of lists on the way, and at its end, each item."""
        found = list(self._items())
        for name in names:
            found = [
                item
                for tree in found
                if isinstance(tree.value, dict) and tree.value.get(name) is not None
                for item in Tree(tree.value[name], f"{tree.pointer}/{_escaped(name)}")._items()
            ]
        return found

    def at(self, *names: str) -> Tree:
        """Return the first that stands at a path, or a tree of nothing."""
        return next(iter(self.each(*names)), Tree(None, f"{self.pointer}/{'/'.join(map(_escaped, names))}"))

    def texts(self, *names: str) -> list[str]:
        """Return the texts at a path that say something."""
        values = _flat(self.value)
        for name in names:
            below = (value.get(name) for value in values if isinstance(value, dict))
            values = [item for value in below if value is not None for item in _flat(value)]
        return [text for value in values if (text := _said(value))]

    def text(self, *names: str) -> str:
        """Return the first text at a path, or nothing."""
        found = self.texts(*names)
        return found[0] if found else ""

    def _items(self) -> Iterator[Tree]:
        if not isinstance(self.value, list):
            yield self
            return
        for number, item in enumerate(self.value):
            yield from Tree(item, f"{self.pointer}/{number}")._items()


class _Place:
    """A path: whether it is read, stands above what is read, is left out; and what is known of the paths below it."""

    __slots__ = ("above", "below", "ignored", "path", "read")

    def __init__(self, path: Path, *, read: bool, above: bool, ignored: bool) -> None:
        self.path, self.read, self.above, self.ignored = path, read, above, ignored
        self.below: dict[str, _Place] = {}


class Properties:
    """Which properties of a record are read, and which are left out: paths with slashes, of lists the items' own.

    What stands below a path that is left out is left out too, but for what is read. A path that is left out may hold
    ``*``, for any signs of one name.
    """

    def __init__(self, read: Iterable[str], ignored: Iterable[str]) -> None:
        self._read, self._ignored = _paths(read), _paths(ignored)
        self._above = {path[:end] for path in self._read for end in range(len(path))}
        self._patterns = [path for path in self._ignored if any("*" in name for name in path)]
        self._root = _Place((), read=False, above=True, ignored=False)
        self._held = 0

    def unread(self, value: Any) -> Iterator[tuple[Path, str]]:
        """Yield the path and the pointer of each property of a record that nobody reads or leaves out.

        Of one that its object says twice, the path ends with `TWICE`.
        """
        return self._unread(value, self._root, "")

    def _unread(self, value: Any, place: _Place, pointer: str) -> Iterator[tuple[Path, str]]:
        if isinstance(value, dict) and value:
            for name, item in value.items():
                below = place.below.get(name) or self._below(place, name)
                if not (below.read and isinstance(item, str)) and (below.above or not below.ignored):
                    yield from self._unread(item, below, f"{pointer}/{_escaped(name)}")
        elif isinstance(value, Twice):
            if not place.ignored:
                yield (*place.path, TWICE), pointer
        elif isinstance(value, list) and value:
            for number, item in enumerate(value):
                yield from self._unread(item, place, f"{pointer}/{number}")
        elif not (place.read or place.ignored or (place.above and value in (None, [], {}))):
            yield place.path, pointer

    def _below(self, place: _Place, name: str) -> _Place:
        path = (*place.path, name)
        ignored = (
            place.ignored or path in self._ignored or any(_like(path, other) for other in self._patterns)
        )
        found = _Place(path, read=path in self._read, above=path in self._above, ignored=ignored)
        if self._held < _KEPT:
            self._held += 1
            place.below[name] = found
        return found

    def only(self, value: Any, path: Path = ()) -> Any:
        """Return a value without the properties that are not read; None where nothing is left."""
        if isinstance(value, dict):
            said = {name: self.only(item, (*path, name)) for name, item in value.items()}
            return {name: item for name, item in said.items() if item not in (None, {}, [])} or None
        if isinstance(value, list):
            return [item for each in value if (item := self.only(each, path)) not in (None, {}, [])] or None
        return value if path in self._read else None


def without(value: Any, names: Collection[str]) -> Any:
    """Return a value without the properties of some names, wherever they stand."""
    if isinstance(value, dict):
        return {name: without(item, names) for name, item in value.items() if name not in names}
    return [without(item, names) for item in value] if isinstance(value, list) else value


def of_json(text: str) -> Any:
    """Return the value of a JSON text, its numbers as texts.

    Raises
    ------
    ValueError
        If it is not JSON.
    """
    return json.loads(
        text, object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=_no_number
    )


def several(text: str, most: int) -> Iterator[tuple[int | None, Any]]:
    """Yield the value of a JSON text, or of each of its lines with its number.

    Raises
    ------
    ValueError
        If it is neither, or one value of more than `most` characters; `lineno` says where, where it is known.
    """
    first = text.lstrip().partition("\n")[0]
    if not _whole(first) or not text.lstrip()[len(first) :].strip():
        if len(text) > most:
            raise BrokenLine(f"it is one value of more than {most:,} characters, which lines may be", None)
        yield None, of_json(text)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = of_json(line)
            except ValueError as error:
                raise BrokenLine(str(error), number) from None
            yield number, value


class BrokenLine(ValueError):
    """A line that is not what is read."""

    def __init__(self, message: str, lineno: int | None) -> None:
        self.lineno = lineno
        super().__init__(message)


def of_xml(element: ElementTree.Element) -> Any:
    """Return what an element says."""
    said: dict[str, Any] = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = _local(child.tag), of_xml(child)
        if name in said:
            said[name] = [*(said[name] if isinstance(said[name], list) else [said[name]]), value]
        else:
            said[name] = value
    text = (element.text or "").strip()
    if not said:
        return text
    return {**said, TEXT: text} if text else said


def of_row(cells: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return a row as a tree: ``A.B.2.type`` is the property `type` of the second B of A, `xmllang` its language."""
    found: dict[str, Any] = {}
    for column, text in cells:
        if text:
            below = found
            for name in column.split(".", _DEEPEST):
                below = below.setdefault("@lang" if name == "xmllang" else name, {})
            below[TEXT] = text
    said: dict[str, Any] = {name: _items(value) for name, value in found.items()}
    return said


def _flat(value: Any) -> list[Any]:
    """Return the items of a list, and of the lists in it; what is no list is one item."""
    return [item for each in value for item in _flat(each)] if isinstance(value, list) else [value]


def _said(value: Any) -> str:
    """Return a scalar as text; of an object its own text."""
    if isinstance(value, dict):
        value = value.get(TEXT)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.strip() if isinstance(value, str) else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a name that is said twice all values, marked."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        for twice in (name for name, times in names.items() if times > 1):
            found[twice] = Twice(value for name, value in pairs if name == twice)
    return found


def _no_number(text: str) -> str:
    raise ValueError(f"{text} is no number of JSON")


def _whole(line: str) -> bool:
    try:
        of_json(line)
    except ValueError:
        return False
    return True


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _paths(said: Iterable[str]) -> frozenset[Path]:
    return frozenset(tuple(path.split("/")) for path in said)


def _like(path: Path, pattern: Path) -> bool:
    return len(path) == len(pattern) and all(map(fnmatchcase, path, pattern))


def _items(value: Any) -> Any:
    """Return a tree in which what is counted is a list, and what is nothing but a text is that text."""
    if not isinstance(value, dict):
        return value
    said: dict[str, Any] = {name: _items(item) for name, item in value.items()}
    counted = [name for name in said if name.isdecimal()]
    if counted and len(counted) == len(said):
        return [said[name] for name in sorted(counted, key=int)]
    return said[TEXT] if list(said) == [TEXT] else said
