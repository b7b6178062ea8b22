"""What the headers of anybody's file probably mean: guessed by their names, held against their values, always shown."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from opentier.graph.intake import writings
from opentier.graph.intake.mapping import ACTORS, SAID, Given, Mapped, key, roles
from opentier.graph.model import cells
from opentier.graph.model.tables import SCHEMES, TABLES, Column, Table
from opentier.graph.written import hs

#: Tables that a file probably is, before all others.
_FIRST = ("supply_links", "ownership_links", "operation_links", "recruitment_links", "actors", "products")
#: How a column was guessed.
OWN, SYNONYM = "by our name", "by a synonym"
#: What several headers fill together.
_JOINED = frozenset({"address", "note"})
#: Letters from which on a header may have one slip, and two.
_ONE, _TWO = 5, 9
#: Roles of somebody beside the one that a row of actors is about.
_OTHERS = frozenset({"owner", "asset"})
#: In the place of a role: the only one that headers name.
_ANY = "*"


@dataclass(frozen=True)
class _Words:
    """What is known by which words: roles and what is said of actors by word, columns with theirs, words between."""

    roles: Mapping[str, str]
    said: Mapping[str, str]
    columns: Mapping[str, frozenset[str]]
    between: Sequence[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    text = files("opentier.graph.intake").joinpath("synonyms.toml").read_text("utf-8")
    found = tomllib.loads(text)
    return _Words(
        _keys(found["roles"]),
        _keys(found["actors"]),
        {name: frozenset(map(key, words)) for name, words in found["columns"].items()},
        sorted(map(key, found["between"]), key=len, reverse=True),
    )


def _keys(said: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {key(word): name for name, words in reversed(list(said.items())) for word in (*words, name)}


def guess(
    samples: Mapping[str, Sequence[str]], said: Sequence[Given], stem: str, table: Table | None
) -> Mapped:
    """Return the likely mapping of a file: of the table that is given, or that its name or its headers say.

    Parameters
    ----------
    samples
        Some values by header.
    said
        What the contributor says, which the table must have a place for.
    stem
        The name of the file.
    """
    known = table or TABLES.get(stem.lower().replace("-", "_"))
    if known:
        return _guessed(known, samples)
    given = {each.column.partition(".")[0] for each in said if each.headers or each.value is not None}
    every = [_guessed(TABLES[name], samples) for name in dict.fromkeys((*_FIRST, *TABLES))]

    def fit(found: Mapped) -> tuple[int, bool, int]:
        """Return how well a table fits: it has what is given, it is complete, it knows the headers."""
        asked = given.difference(SAID) & {column.name for column in found.table}
        return len(asked), not set(found.missing) - given, len(found.headers)

    best = max(every, key=fit)
    return best if fit(best) > (0, False, len(samples)) else _guessed(ACTORS, samples)


def _guessed(table: Table, samples: Mapping[str, Sequence[str]]) -> Mapped:
    headers: dict[str, tuple[str, ...]] = {}
    guessed: dict[str, str] = {}
    meant = [(label, *_meaning(table, label)) for label in samples]
    named = {role for _, role, said, _ in meant if said in ("", "name")} & set(roles(table))
    beside = {"", _ANY, *(_OTHERS if table is ACTORS else ())}
    parties = {role for _, role, _, how in meant if how and role not in beside}
    for label, role, said, how in sorted(meant, key=lambda each: (each[3] != OWN, bool(each[1]))):
        target = _target(table, role, said, named, len(parties) > 1)
        taken = target in headers and target.rpartition(".")[2] not in _JOINED
        if how and target and not taken and (how == OWN or _fits(table, target, samples[label])):
            headers[target] = (*headers.get(target, ()), label)
            guessed[target] = how
    order = {label: number for number, label in enumerate(samples)}
    joined = {name: tuple(sorted(at, key=order.__getitem__)) for name, at in headers.items()}
    return replace(
        Mapped(table, guessed=guessed),
        headers=dict(sorted(joined.items(), key=lambda each: order[each[1][0]])),
    )


def _target(table: Table, role: str, said: str, named: Collection[str], several: bool) -> str:
    """Return the column that what a header means stands for; nothing where there is none.

    Parameters
    ----------
    named
        The roles that headers name.
    several
        Whether headers speak of several parties.
    """
    if table is ACTORS:
        return "" if role in _OTHERS or (role and several) else said or "name"
    if role == _ANY:
        (one,) = named if len(named) == 1 else ("",)
        return f"{one}.{said}" if one and said != "name" else ""
    return (role if said in ("", "name") else f"{role}.{said}") if role else said


def near(mapped: Mapped, label: str) -> str:
    """Return the column that a header is a slip or two away from, and that nothing fills; nothing where none is."""
    found, table = key(label), mapped.table
    slips = (len(found) >= _ONE) + (len(found) >= _TWO)
    if not slips:
        return ""
    like = process.extractOne(found, _headers(table.name), scorer=OSA.distance, score_cutoff=slips)
    if like is None:
        return ""
    role, said, _ = _meaning(table, like[0])
    target = _target(table, role, said, mapped.filled & set(roles(table)), several=False)
    return "" if target in mapped.filled else target


def means(label: str) -> bool:
    """Return whether a header means something in any table, or is a slip or two away from one that does."""
    if any(_meaning(table, label)[2] for table in TABLES.values()):
        return True
    found = key(label)
    slips = (len(found) >= _ONE) + (len(found) >= _TWO)
    every = (_headers(name) for name in TABLES)
    return bool(slips) and any(
        process.extractOne(found, known, scorer=OSA.distance, score_cutoff=slips) for known in every
    )


@lru_cache(maxsize=64)
def _headers(table: str) -> tuple[str, ...]:
    """Return the headers, as `key` gives them, that mean something in a table."""
    words, ours = _words(), TABLES[table]
    columns = [column.name for column in ours]
    parties = [word for word, role in words.roles.items() if ours is ACTORS or role in roles(ours)]
    said = [*words.said, *(f"{party}{each}" for party in parties for each in words.said)]
    more = [word for name in columns for word in sorted(words.columns.get(name, ()))]
    return tuple(dict.fromkeys((*map(key, columns), *parties, *more, *said)))


def of_goods(samples: Mapping[str, Sequence[str]]) -> str:
    """Return the header of what is bought: of several that with most values that are codes; nothing where none is."""
    links = TABLES["supply_links"]
    meant = [label for label in samples if _meaning(links, label)[:2] == ("", "product")]
    return max(meant, key=lambda label: sum(map(hs.meant, samples[label])), default="")


def _meaning(table: Table, label: str) -> tuple[str, str, str]:
    """Return the role, what is said, and how that is known, of a header; the last is empty where it means nothing."""
    words, found = _words(), key(label)
    for column in table:
        if key(column.name) == found:
            return (column.name, "", OWN) if column.kind == "actor" else ("", column.name, OWN)
    actors = table is ACTORS
    ours = set(words.roles.values()) if actors else set(roles(table))
    if actors and words.said.get(found, "id") != "id":
        return "", words.said[found], SYNONYM
    if (role := words.roles.get(found, "")) in ours:
        return role, "", SYNONYM
    for column in table:
        if found in words.columns.get(column.name, ()):
            return "", column.name, SYNONYM
    for word in sorted(words.roles, key=len, reverse=True):
        if words.roles[word] in ours and (rest := _beside(found, word)) in words.said:
            return words.roles[word], words.said[rest], SYNONYM
    known = not actors and words.said.get(found, "id") != "id"
    return (_ANY, words.said[found], SYNONYM) if known else ("", "", "")


def _beside(found: str, word: str) -> str:
    """Return what a header says beside a role's word, before or after it."""
    if found.startswith(word):
        return found[len(word) :]
    if not found.endswith(word):
        return ""
    rest = found[: -len(word)]
    between = (each for each in _words().between if rest.endswith(each) and rest != each)
    return rest if rest in _words().said else rest[: -len(next(between, "")) or None]


def _fits(table: Table, target: str, values: Sequence[str]) -> bool:
    """Return whether at least half of some values can be read as those of a column."""
    name = target.rpartition(".")[2]
    holder = ACTORS if "." in target else table
    column = holder.column(name)
    if name in SCHEMES["identifier-scheme"]:
        column, values = Column(name, "identifier"), [scheme(name, value) for value in values]
    if column is None or column.kind in ("id", "actor", "product", "record", "subject", "region"):
        return True
    readable = sum(_readable(column, value) for value in values)
    return 2 * readable >= len(values)


def _readable(column: Column, value: str) -> bool:
    if column.kind in ("date", "decimal", "integer") and writings.likely(column.kind, value):
        return True
    try:
        cells.read(column, value)
    except cells.CellError:
        return False
    return True


def scheme(name: str, value: str) -> str:
    """Return an identifier with its scheme."""
    return value if value.lower().startswith(f"{name}:") else f"{name}:{value}"
