"""The inputs of a question: what is said in their place, understood, and written into its query.

A query is shipped with the defaults of its inputs in its text. `chosen` is the one place where anything is put into
such a text: a checked IRI, date or number, or a literal as the store's own library writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from opentier.graph.errors import Named, UsageError
from opentier.graph.model import cells
from opentier.graph.model.names import OT, Names, plain
from opentier.graph.model.rdf import IRI, Literal
from opentier.graph.query.questions import Input, Question
from opentier.graph.store.release import Release
from opentier.graph.trace.lookup import Directory
from opentier.graph.trace.parameters import date, within

Issue = Callable[[str], str]


def chosen(
    question: Question, said: Mapping[str, str], release: Release, directory: Directory, issue: Issue
) -> Question:
    """Return a question with some of its inputs replaced by what is said for them.

    Parameters
    ----------
    release, directory
        What the values are looked up in.
    issue
        Returns the issue that a text names, as initiatives have them.

    Raises
    ------
    UsageError
        If the question has no such input, or a value is not understood.
    """
    known = {given.name: given for given in question.inputs}
    for name in said:
        if name not in known:
            has = [part for other in known for part in (", ", Named(other))][1:] or ["none"]
            raise UsageError(
                f"Question {question.number} has no input ", Named(name), "; it has: ", *has, "."
            )  # fmt: skip
    names = release.names
    terms = {
        _written(known[name], _default(known[name], names)): _written(
            known[name], _understood(known[name], text, release, directory, issue)
        )
        for name, text in said.items()
    }
    if not terms:
        return question
    pattern = "|".join(_token(term) for term in terms)
    return replace(question, text=re.sub(pattern, lambda found: terms[found[0]], question.text))


def _token(term: str) -> str:
    """Return the pattern of a term in a query; a number is no part of a word, of another number or of a text."""
    return re.escape(term) if term[0] in '<"' else rf"(?<![\w.\"]){re.escape(term)}(?![\w.\"])"


def _written(given: Input, value: str) -> str:
    """Return how a value stands in a query."""
    match given.kind:
        case "Actor" | "SupplyLink":
            return str(IRI(value))
        case "decimal":
            return value
        case _:
            return str(Literal(value))


def _default(given: Input, names: Names) -> str:
    match given.kind:
        case "Actor":
            return names.of_id(given.example) or given.example
        case "SupplyLink":
            return _link(given.example, names)
        case _:
            return given.example


def _link(text: str, names: Names) -> str:
    """Return the IRI of a supply link that is given by IRI, ``dataset/local-id`` or as it is printed."""
    dataset, slash, local = text.partition("/")
    if not slash or ":" in dataset:
        return plain(text)
    return names.record(dataset, "supply-link", local.removeprefix("supply-link/"))


def _understood(given: Input, text: str, release: Release, directory: Directory, issue: Issue) -> str:
    """Return the value that a text stands for."""
    text = text.strip()
    match given.kind:
        case "Actor":
            iri = release.names.of_id(text) or text
            return iri if directory.index.node(iri) is not None else directory.actor(text)
        case "SupplyLink":
            iri = _link(text, release.names)
            if f"{OT}SupplyLink" not in release.types([iri]).get(iri, []):
                raise UsageError(Named(given.name), f": no supply link is called {text!r}.")
            return iri
        case "date":
            date(given.name, text, day=True)
        case "gYear":
            if not re.fullmatch("[0-9]{4}", text):
                raise UsageError(Named(given.name), f" {text!r} is not a year; write YYYY.")
            date(given.name, text)
        case "decimal":
            try:
                text = cells.number(text)
            except cells.CellError as error:
                raise UsageError(Named(given.name), f" {text!r}: {error}") from None
            within(given.name, float(text), given.least, given.most)
        case _:
            return issue(text)
    return text
