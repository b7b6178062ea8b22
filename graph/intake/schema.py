"""The Table Schema of a resource: how its columns are written. What it says beside that is for other readers.

The properties that count are `format` of dates, `decimalChar`, `groupChar`, `bareNumber`, `trueValues`, `falseValues`,
`delimiter` of lists, `missingValues` (of the schema and of a field), and `fieldsMatch`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentier.graph.intake import writings
from opentier.graph.intake.mapping import key
from opentier.graph.intake.unreadable import Unreadable
from opentier.graph.intake.writings import Writing

TYPES = (
    "any", "array", "boolean", "date", "datetime", "duration", "geojson", "geopoint", "integer", "list", "number",
    "object", "string", "time", "year", "yearmonth",
)  # fmt: skip
#: How the fields of a schema and the columns of a file fit: which of the two may have more than the other.
_MATCH = {"exact": "", "equal": "", "subset": "columns", "superset": "fields", "partial": "columns fields"}
_TRUE, _FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")


def fields(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the fields of a schema.

    Raises
    ------
    Unreadable
        If it is no schema.
    """
    found = said.get("fields")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unreadable(
            "The schema lists no fields.", "Give fields, each with a name; or leave the schema out."
        )
    for each in found:
        if not isinstance(each.get("name"), str):
            raise Unreadable(
                "A field of the schema has no name.", "Give the header of its column as its name."
            )
        if each.get("type", "any") not in TYPES:
            message = f"The schema has no type {str(each['type'])[:40]!r}, which {each['name']} has."
            raise Unreadable(message, f"Types are: {', '.join(TYPES)}.")
    return found


def _match(said: Mapping[str, Any]) -> str:
    found = said.get("fieldsMatch", "exact")
    if isinstance(found, list) and len(found) == 1:  # as the profile of version 2.0 has it
        (found,) = found
    if not isinstance(found, str) or found not in _MATCH:
        raise Unreadable("The schema's fieldsMatch is none.", f"It is one of: {', '.join(_MATCH)}.")
    return found


def columns(said: Mapping[str, Any], labels: Sequence[str], typed: bool) -> list[Writing | None]:
    """Return how each column of a file is written, by its header.

    Raises
    ------
    Unreadable
        If the schema is none, or contradicts the headers.
    """
    found = fields(said)
    _agree([each["name"] for each in found], labels, _MATCH[_match(said)])
    general = said.get("missingValues", [])
    known = {key(each["name"]): _writing(each, general, typed) for each in reversed(found)}
    return [known.get(key(label)) if label else None for label in labels]


def _agree(names: Sequence[str], labels: Sequence[str], more: str) -> None:
    """Raise Unreadable where fields and columns are not those of each other."""
    there, wanted = set(map(key, filter(None, labels))), set(map(key, names))
    lacking = [name for name in names if key(name) not in there]
    if lacking and "fields" not in more:
        raise Unreadable(
            f"The schema names {_listed(lacking)}, which the table does not have.",
            'Take it out of the schema, or say "fieldsMatch": "superset", if columns may be absent.',
        )
    unnamed = [label for label in labels if label and key(label) not in wanted]
    if unnamed and "columns" not in more:
        raise Unreadable(
            f"The table has {_listed(unnamed)}, which its schema does not name.",
            'Add it to the schema, or say "fieldsMatch": "subset", if there may be more columns.',
        )
    if not there & wanted:
        raise Unreadable("The schema is about none of these columns.", "Name fields as the headers are.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:5]) + (", ..." if len(names) > 5 else "")


def _writing(field: Mapping[str, Any], general: Any, typed: bool) -> Writing:
    """Return how the column of a field is written."""
    name, type = field["name"], field.get("type", "any")
    missing = frozenset(_missing(name, field.get("missingValues", general)))
    match type:
        case "date" | "datetime":
            return Writing(missing, date=_pattern(name, field.get("format")), typed=typed)
        case "number" | "integer":
            decimal = _text(name, field, "decimalChar") if type == "number" else ""
            group = _text(name, field, "groupChar")
            if group and group == (decimal or "."):
                advice = "Give decimalChar too: what groups digits is not the decimal point."
                raise Unreadable(f"{name}: groupChar and decimalChar are the same.", advice)
            bare = field.get("bareNumber", True)
            if not isinstance(bare, bool):
                raise Unreadable(f"{name}: bareNumber is neither true nor false.", "Write true or false.")
            return Writing(
                missing, decimal="" if decimal == "." else decimal, group=group, bare=bare, typed=typed
            )
        case "boolean" if "trueValues" in field or "falseValues" in field:
            true = frozenset(_texts(name, "trueValues", field.get("trueValues", _TRUE)))
            false = frozenset(_texts(name, "falseValues", field.get("falseValues", _FALSE)))
            if both := true & false:
                raise Unreadable(f"{name}: {min(both)!r} is both true and false.", "Let it be one of them.")
            both = frozenset({"true", "false"}) if typed else frozenset()
            return Writing(missing, true=true | both & {"true"}, false=false | both & {"false"})
        case "list":
            return Writing(missing, listed=_text(name, field, "delimiter") or ",", typed=typed)
    return Writing(missing)


def _pattern(name: str, said: Any) -> str:
    if said in (None, "default", "any"):
        return ""
    if not isinstance(said, str):
        raise Unreadable(f"{name}: the format is no text.", 'Give a pattern such as "%d/%m/%Y".')
    pattern = said.removeprefix("fmt:")
    if fault := writings.fault(pattern):
        advice = 'Give a pattern of strptime such as "%d/%m/%Y".'
        raise Unreadable(f"{name}: the format {pattern[:40]!r} cannot be used: {fault}.", advice)
    return pattern


def _text(name: str, field: Mapping[str, Any], what: str) -> str:
    said = field.get(what, "")
    if not isinstance(said, str):
        raise Unreadable(f"{name}: {what} is no text.", "Write it between quotes.")
    return said


def _texts(name: str, what: str, said: Any) -> Iterable[str]:
    if not isinstance(said, list | tuple) or not all(isinstance(each, str) for each in said):
        raise Unreadable(f"{name}: {what} is no list of texts.", 'Write it like ["-", "n/a"].')
    return [each.strip() for each in said]


def _missing(name: str, said: Any) -> Iterable[str]:
    """Return what stands for a value that is missing: a list of texts, or of objects with a value and a label."""
    values = (
        [each.get("value") if isinstance(each, dict) else each for each in said]
        if isinstance(said, list)
        else said
    )
    return _texts(name, "missingValues", values)
