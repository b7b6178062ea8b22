"""A mapping from the headers of anybody's file to our columns: given, saved, reused. `synonyms` guesses one."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from opentier.graph.errors import UsageError, mean
from opentier.graph.intake import writings
from opentier.graph.model.tables import SCHEMES, TABLES, Column, Table

ACTORS = TABLES["actors"]
#: What may be said of an actor: the columns of its table, and an identifier by its scheme.
SAID = (*(column.name for column in ACTORS), *SCHEMES["identifier-scheme"])
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(text: str) -> str:
    """Return what a header is known by: case, spaces, signs and what is not seen do not count."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def roles(table: Table) -> list[str]:
    """Return the columns of a table that name actors."""
    return [column.name for column in table if column.kind == "actor"]


def targets(table: Table) -> list[str]:
    """Return all that a header may be mapped to: columns, and what is said of the actors of a row."""
    if table is ACTORS:
        return list(SAID)
    own = [column.name for column in table]
    return own + [f"{role}.{said}" for role in roles(table) for said in SAID if said != "name"]


@dataclass(frozen=True)
class Mapped:
    """A mapping: the table, and for each of our columns the headers that fill it, or one value for all rows.

    `guessed` says how a column was guessed that nobody gave; `written` how its cells are written, where that is not as
    ours are.
    """

    table: Table
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    guessed: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)

    @property
    def filled(self) -> set[str]:
        """The columns that have a value."""
        return {*self.headers, *self.constants}

    @property
    def missing(self) -> list[str]:
        """The required columns that nothing fills; an actor's id is made of its name and country."""
        made = {"id"} if self.table is ACTORS else set[str]()
        return [
            column.name for column in self.table if column.required and column.name not in self.filled | made
        ]

    def reader(self, labels: Sequence[str]) -> Callable[[Sequence[str]], dict[str, str]]:
        """Return what gives the values of a row's cells by our columns; empty ones of several are left out."""
        at = {label: number for number, label in enumerate(labels)}
        places = {name: [at[label] for label in headers] for name, headers in self.headers.items()}
        marks = {name: "|" if _many(self.table, name) else ", " for name in places}

        def read(cells: Sequence[str]) -> dict[str, str]:
            wide = len(cells)
            found = {
                name: marks[name].join(filter(None, (cells[place] for place in each if place < wide)))
                for name, each in places.items()
            }
            return {**found, **self.constants}

        return read

    def text(self) -> str:
        """Return the mapping as TOML, to be kept, edited and read again."""
        lines = [f"table = {_quoted(self.table.name)}", "", "[headers]"]
        for name, headers in self.headers.items():
            said = ", ".join(map(_quoted, headers))
            lines.append(f"{_name(name)} = {said if len(headers) == 1 else f'[{said}]'}")
        if self.constants:
            lines += ["", "[constants]", *(f"{_name(k)} = {_quoted(v)}" for k, v in self.constants.items())]
        if self.written:
            lines += ["", "[written]", *(f"{_name(k)} = {_quoted(v)}" for k, v in self.written.items())]
        return "\n".join(lines) + "\n"


def read(path: Path) -> tuple[Table, dict[str, tuple[str, ...]], dict[str, str], dict[str, str]]:
    """Return the table, the headers, the constants and the forms of a saved mapping.

    Raises
    ------
    UsageError
        If the file is no mapping.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is no mapping: {error}. Write one with: opentier columns FILE --out"
        ) from None
    headers, constants, forms = said.pop("headers", {}), said.pop("constants", {}), said.pop("written", {})
    table = said.pop("table", "")
    known = all(isinstance(each, dict) for each in (headers, constants, forms)) and not said
    lists = {name: at if isinstance(at, list) else [at] for name, at in headers.items()} if known else {}
    texts = [text for at in lists.values() for text in at]
    texts += [*constants.values(), *forms.values()] if known else []
    if not known or not all(isinstance(text, str) and text for text in [table, *texts]):
        raise UsageError(
            f"{path} is no mapping: it has a table, [headers], [constants] and [written], all of them texts."
        )
    return named(table), {name: tuple(at) for name, at in lists.items()}, constants, forms


def named(name: str) -> Table:
    """Return the table of a name.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = TABLES.get(name.lower().replace("-", "_"))
    if found is None:
        raise UsageError(f"No table is called {name!r}.{mean(name, TABLES, 50)}")
    return found


@dataclass(frozen=True)
class Given:
    """What somebody says of one of our columns: its headers, or a value for all rows, or neither: it is not read.

    `form` is how its cells are written.
    """

    column: str
    headers: str = ""
    value: str | None = None
    form: str = ""


def given(words: Iterable[str]) -> list[Given]:
    """Return what was given as ``COLUMN=HEADER``, ``COLUMN=HEADER as FORM``, ``COLUMN:=VALUE`` or ``COLUMN=``.

    Raises
    ------
    UsageError
        If one is none of these.
    """
    found = []
    for word in words:
        column, equals, said = word.partition("=")
        constant = column.endswith(":")
        column = column.removesuffix(":").strip().lower()
        if not equals or not column or (constant and not said.strip()):
            raise UsageError(
                f'--map takes COLUMN=HEADER, our column first (supplier="Vendor name"), or COLUMN:=VALUE; '
                f"{word!r} is neither."
            )
        if constant:
            found.append(Given(column, value=said.strip()))
        else:
            header, form = writings.parted(said.strip())
            found.append(Given(column, header, form=form))
    return found


def demand(words: Iterable[str], table: Table | None) -> None:
    """Refuse what is said of columns where no file fits it; `table` is None where none is said.

    Raises
    ------
    UsageError
        If a word is none of what `given` takes, or names a column or a form that there is not.
    """
    for each in given(words):
        if each.form:
            writings.given(each.form, typed=False)
        if table is None:
            every = dict.fromkeys(name for table in TABLES.values() for name in _every(table))
            if each.column not in every:
                raise UsageError(f"No table has a column {each.column!r}.{mean(each.column, every)}")
        elif each.column not in _every(table):
            _meant(each.column, table, ())


def demand_columns(table: Table, names: Iterable[str], forms: Iterable[str]) -> None:
    """Refuse columns and forms that there are not, of a mapping that is whole; UsageError where there is one."""
    for name in names:
        _meant(name, table, ())
    for form in forms:
        writings.given(form, typed=False)


def _every(table: Table) -> list[str]:
    """Return all that can be said of a table's columns, whatever its headers are."""
    parties = roles(table)
    return [*targets(table), *(f"{role}.name" for role in parties), *(SAID if parties else ())]


def changed(mapped: Mapped, said: Sequence[Given], labels: Sequence[str]) -> Mapped:
    """Return a mapping with what somebody says of it. A header that they use is nothing else any more.

    Raises
    ------
    UsageError
        If there is no such column, or no such header.
    """
    headers, constants, guessed = dict(mapped.headers), dict(mapped.constants), dict(mapped.guessed)
    written = dict(mapped.written)
    wanted = {each.column: each for each in said}
    used = {label for each in said if each.headers for label in found(each.headers, labels)}
    for name in [name for name in guessed if not used.isdisjoint(headers.get(name, ()))]:
        headers.pop(name), guessed.pop(name)
    parties = [
        role
        for role in roles(mapped.table)
        if (wanted[role].headers if role in wanted else headers.get(role))
    ]
    for each in said:
        column = _meant(each.column, mapped.table, parties)
        for kept in (headers, constants, guessed, written):
            kept.pop(column, None)
        if each.value is not None:
            constants[column] = each.value
        elif each.headers:
            headers[column] = found(each.headers, labels)
        if each.form:
            writings.given(each.form, typed=False)
            written[column] = each.form
    return replace(mapped, headers=headers, constants=constants, guessed=guessed, written=written)


def found(said: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the headers that a text names, several with a plus between them.

    Raises
    ------
    UsageError
        If there is no such header.
    """
    known = {key(label): label for label in reversed(labels)}
    known.update((label, label) for label in labels)
    for parts in ([said], [part.strip() for part in said.split("+")]):
        meant = [known.get(part) or known.get(key(part)) for part in parts]
        if all(meant):
            return tuple(label for label in meant if label)
    wrong = next(part for part, label in zip(parts, meant, strict=True) if not label)
    raise UsageError(f"The file has no column {wrong!r}.{mean(wrong, filter(None, labels), 20)}")


def _meant(column: str, table: Table, parties: Sequence[str]) -> str:
    """Return the column of a table that a name means; what is said of an actor is said of the one that headers name."""
    role, dot, said = column.partition(".")
    if dot and said == "name" and role in roles(table):
        return role
    if column in targets(table):
        return column
    if said := column if column in SAID else "":
        if len(parties) == 1:
            return f"{parties[0]}.{said}"
        if several := " or ".join(f"{role}.{said}" for role in roles(table)):
            raise UsageError(f"{table.name} has no column {column!r}: say of whom, {several}.")
    raise UsageError(f"{table.name} has no column {column!r}.{mean(column, targets(table), 40)}")


def reused(
    table: Table,
    headers: Mapping[str, tuple[str, ...]],
    constants: Mapping[str, str],
    forms: Mapping[str, str],
    labels: Sequence[str],
) -> Mapped:
    """Return a saved mapping for a file with those headers; nothing is guessed.

    Raises
    ------
    UsageError
        If the table has no such column, or the file no such header.
    """
    demand_columns(table, (*headers, *constants, *forms), forms.values())
    at = {name: tuple(one for said in each for one in found(said, labels)) for name, each in headers.items()}
    return Mapped(table, at, constants, written=forms)


def column(table: Table, name: str) -> Column | None:
    """Return the column that a name stands for: of the table, or of the actor that a role of it names."""
    role, _, said = name.rpartition(".")
    return (ACTORS if role else table).column(said)


def _many(table: Table, name: str) -> bool:
    found = column(table, name)
    return found is None or found.many


def _quoted(text: str) -> str:
    """Return a text as TOML, and as JSON, has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)
