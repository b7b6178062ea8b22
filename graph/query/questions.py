"""The example queries: the questions that the graph must answer, one file each in ``questions``.

They follow the convention of the Swiss Institute of Bioinformatics (``sh:SPARQLExecutable``), and are part of the
vocabulary that is served, with the prefixes that they use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opentier.graph.errors import UsageError
from opentier.graph.model.names import DEFAULT_BASE, OT, PREFIXES, expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.vocabulary import syntax

_KEYWORDS = "https://schema.org/keywords"


@dataclass(frozen=True)
class Input:
    """What one may ask a question with: its name, what it is, and what the query has where nothing is said."""

    name: str
    about: str
    #: The class or the datatype of its values, by its local name: ``Actor``, ``date``.
    kind: str
    example: str
    least: float
    most: float


@dataclass(frozen=True)
class Question:
    """One question: its number, id and title (both of its file name), what it asks, its query and its inputs."""

    number: int
    id: str
    title: str
    comment: str
    keywords: tuple[str, ...]
    text: str
    inputs: tuple[Input, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what a list of questions says of it."""
        return {
            "number": self.number,
            "id": self.id,
            "title": self.title,
            "comment": self.comment,
            "keywords": list(self.keywords),
            "inputs": [
                {"name": given.name, "about": given.about, "default": given.example} for given in self.inputs
            ],
        }

    @property
    def complete(self) -> str:
        """The query with the prefixes that it uses, for any endpoint."""
        used = {name: iri for name, iri in PREFIXES.items() if f"{name}:" in self.text}
        return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in sorted(used.items())) + self.text


@lru_cache(maxsize=4)
def questions(base: str = DEFAULT_BASE) -> list[Question]:
    """Return all questions, by number; the texts name individuals under `base`."""
    found = []
    for id, triples in _files():
        [node] = (triple.subject for triple in triples if triple.predicate.value == expand("sh:select"))
        said = _said(node, triples)
        number, _, words = id.partition("-")
        found.append(
            Question(
                number=int(number),
                id=id,
                title=words.replace("-", " ").capitalize(),
                comment=" ".join(said[expand("rdfs:comment")][0].split()),
                keywords=tuple(said[_KEYWORDS]),
                text=_under(base, said[expand("sh:select")][0]),
                inputs=tuple(
                    _input(_said(IRI(iri), triples)) for iri in said.get(expand("sh:parameter"), ())
                ),
            )
        )
    return found


def question(number: int, base: str = DEFAULT_BASE) -> Question:
    """Return one question.

    Raises
    ------
    UsageError
        If there is no question of that number.
    """
    known = questions(base)
    for one in known:
        if one.number == number:
            return one
    raise UsageError(f"Questions are numbered 1 to {len(known)}; there is no {number}.")


def described(base: str = DEFAULT_BASE) -> Iterator[Triple]:
    """Yield what is said of the questions, and the declarations of the prefixes that their queries use."""
    for _, triples in _files():
        for triple in triples:
            if triple.predicate.value == expand("sh:select"):
                text = Literal(_under(base, triple.object.value))
                yield Triple(triple.subject, triple.predicate, text)
            else:
                yield triple
    prefixes, declare = IRI(OT + "prefixes"), IRI(expand("sh:declare"))
    for name, iri in PREFIXES.items():
        one = IRI(f"{OT}prefix-{name}")
        namespace = Literal(iri, expand("xsd:anyURI"))
        yield Triple(prefixes, declare, one)
        yield Triple(one, IRI(expand("sh:prefix")), Literal(name))
        yield Triple(one, IRI(expand("sh:namespace")), namespace)


@lru_cache(maxsize=1)
def _files() -> tuple[tuple[str, tuple[Triple, ...]], ...]:
    folder = files("opentier.graph.query").joinpath("questions")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".ttl"))
    return tuple(
        (
            name.removesuffix(".ttl"),
            tuple(syntax.read(folder.joinpath(name).read_bytes())),
        )
        for name in names
    )


def _said(node: object, triples: tuple[Triple, ...]) -> dict[str, list[str]]:
    """Return what a file says about a node, by property."""
    said: dict[str, list[str]] = {}
    for triple in triples:
        if triple.subject == node:
            said.setdefault(triple.predicate.value, []).append(triple.object.value)
    return said


def _input(said: dict[str, list[str]]) -> Input:
    def one(name: str, default: str = "") -> str:
        return said.get(expand(name), [default])[0]

    return Input(
        name=one("sh:name"),
        about=one("sh:description"),
        kind=(one("sh:class") or one("sh:datatype")).rpartition("#")[2],
        example=one("sh:defaultValue"),
        least=float(one("sh:minInclusive", "-inf")),
        most=float(one("sh:maxInclusive", "inf")),
    )


def inputs() -> dict[str, Input]:
    """Return the inputs of all questions by name; one name is one thing everywhere."""
    return {given.name: given for one in questions() for given in one.inputs}


def _under(base: str, text: str) -> str:
    return text.replace(f"<{DEFAULT_BASE}", f"<{base}")
