"""JSON-LD, compacted with our context, which is flat: terms, some with a type for their values, and prefixes.

The same triples give the same text. Whoever expands it has the triples that it was written from.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from opentier.graph.model.names import PREFIXES
from opentier.graph.model.rdf import IRI, XSD_STRING, Blank, Literal, Term, Triple

_RDF, _XSD = PREFIXES["rdf"], PREFIXES["xsd"]
_FIRST, _REST, _NIL, _TYPE = (IRI(_RDF + name) for name in ("first", "rest", "nil", "type"))
#: Values that JSON writes as RDF does.
_NATIVE = {f"{_XSD}integer": re.compile(r"0|-?[1-9]\d{0,14}"), f"{_XSD}boolean": re.compile("true|false")}


def context() -> dict[str, Any]:
    """Return the JSON-LD context document."""
    found = json.loads(files("opentier.ontology").joinpath("context.jsonld").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@lru_cache(maxsize=1)
def _terms() -> tuple[dict[tuple[str, str], str], dict[str, str], str]:
    """Return the terms by IRI and type of their values, the prefixes by namespace, and the vocabulary."""
    said = context()["@context"]
    vocabulary = said["@vocab"]
    prefixes = {iri: name for name, iri in said.items() if isinstance(iri, str) and iri[-1] in "#/"}
    prefixes.pop(vocabulary, None)
    by_name = {name: iri for iri, name in prefixes.items()} | {"ot": vocabulary}

    def full(name: str) -> str:
        prefix, colon, local = name.partition(":")
        return by_name[prefix] + local if colon and prefix in by_name else name

    terms = {}
    for name, meant in said.items():
        if isinstance(meant, dict):
            terms[full(meant["@id"]), full(meant["@type"])] = name
        elif name[0] != "@" and meant[0] != "@" and name not in by_name:
            terms[full(meant), ""] = name
    return terms, {**prefixes, vocabulary: "ot"}, vocabulary


def _short(iri: str) -> str:
    """Return an IRI with a prefix, where there is one for it."""
    local = re.search(r"[^/#]*$", iri)
    assert local is not None
    prefix = _terms()[1].get(iri[: local.start()])
    return f"{prefix}:{local[0]}" if prefix and local[0] else iri


def _symbol(iri: str) -> str:
    """Return what a class, a datatype or a property without a type of its own is called."""
    terms, _, vocabulary = _terms()
    name = terms.get((iri, ""))
    if name:
        return name
    local = iri.removeprefix(vocabulary)
    plain = local != iri and re.fullmatch(r"\w[\w-]*", local) and local not in _names()
    return local if plain else _short(iri)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Return all names that the context gives a meaning."""
    return frozenset(context()["@context"])


class _Document:
    """A graph on its way into JSON."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.said: dict[IRI | Blank, list[tuple[IRI, Term]]] = {}
        for triple in sorted(set(triples), key=str):
            self.said.setdefault(triple.subject, []).append((triple.predicate, triple.object))
        self.used = Counter(value for said in self.said.values() for _, value in said)
        self.lists = {
            value: found for said in self.said.values() for property, value in said
            if property != _REST and isinstance(value, IRI | Blank) and (found := self._list(value)) is not None
        }  # fmt: skip

    def _list(self, head: Term) -> tuple[list[Term], set[Term]] | None:
        """Return the members of a list that nothing else refers to or speaks of, and its nodes."""
        members: list[Term] = []
        nodes: dict[Term, None] = {}
        while head != _NIL:
            listed = self.said.get(head, []) if isinstance(head, Blank) else []
            said = dict(listed)
            if len(listed) != 2 or {*said} != {_FIRST, _REST} or self.used[head] != 1 or head in nodes:
                return None
            nodes[head] = None
            members.append(said[_FIRST])
            head = said[_REST]
        return members, set(nodes)

    def nodes(self) -> list[dict[str, Any]]:
        """Return the nodes of the document, lists left out: they stand where they are named."""
        inside = {node for _, nodes in self.lists.values() for node in nodes}
        return [self._node(subject, said) for subject, said in self.said.items() if subject not in inside]

    def _node(self, subject: IRI | Blank, said: list[tuple[IRI, Term]]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": self._id(subject)}
        for property, value in said:
            key, written = self._pair(property, value)
            if key not in found:
                found[key] = written
            elif isinstance(found[key], list):
                found[key].append(written)
            else:
                found[key] = [found[key], written]
        return found

    def _pair(self, property: IRI, value: Term) -> tuple[str, Any]:
        if property == _TYPE and isinstance(value, IRI):
            return "type", _symbol(value.value)
        typed = _terms()[0]
        if isinstance(value, Literal):
            name = typed.get((property.value, value.datatype))
            if name and not value.language:
                return name, value.value
        elif value not in self.lists:
            name = typed.get((property.value, "@id"))
            if name:
                return name, self._id(value)
        return _symbol(property.value), self._value(value)

    def _id(self, node: IRI | Blank) -> str:
        return _short(node.value) if isinstance(node, IRI) else str(node)

    def _value(self, value: Term) -> Any:
        if value in self.lists:
            return {"@list": [self._value(member) for member in self.lists[value][0]]}
        if not isinstance(value, Literal):
            return {"id": self._id(value)}
        if value.language:
            return {"@language": value.language, "@value": value.value}
        if value.datatype == XSD_STRING:
            return value.value
        native = _NATIVE.get(value.datatype)
        if native and native.fullmatch(value.value):
            return json.loads(value.value)
        return {"type": _symbol(value.datatype), "@value": value.value}


def write(triples: Iterable[Triple]) -> bytes:
    """Return triples as JSON-LD; our context goes with it, since its address is not registered."""
    nodes = _Document(triples).nodes()
    document: dict[str, Any] = dict(nodes[0]) if len(nodes) == 1 else {"@graph": nodes}
    document["@context"] = context()["@context"]
    return (json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
