"""Shapes as they are declared: a graph of SHACL shapes, read once (W3C SHACL, sections 2 and 4)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rdflib import OWL, RDF, RDFS, SH, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable

#: What a shape says of itself, and of others; the rest of its properties are parameters of constraints.
_PLAIN = frozenset(
    {
        SH.path, SH.severity, SH.message, SH.deactivated, SH.targetClass, SH.targetNode, SH.targetSubjectsOf,
        SH.targetObjectsOf, SH.name, SH.description, SH.order, SH.group, SH.defaultValue, SH.flags,
        SH.ignoredProperties, SH.prefixes, SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint,
    }
)  # fmt: skip
#: The parameters whose values are shapes, or lists of them.
_SHAPES = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_LISTS = (SH["and"], SH["or"], SH.xone)
#: The parameters of the constraints of SHACL Core, and of those in SPARQL.
CORE = frozenset(
    {
        SH["class"], SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minExclusive, SH.minInclusive,
        SH.maxExclusive, SH.maxInclusive, SH.minLength, SH.maxLength, SH.pattern, SH.languageIn, SH.uniqueLang,
        SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals, SH.closed, SH.hasValue, SH["in"], SH.sparql,
        *_SHAPES, *_LISTS,
    }
)  # fmt: skip


#: What a value fits or not by itself and by its classes.
_OF_VALUES = frozenset(
    {
        SH["class"], SH.datatype, SH.nodeKind, SH.minExclusive, SH.minInclusive, SH.maxExclusive, SH.maxInclusive,
        SH.minLength, SH.maxLength, SH.pattern, SH.languageIn, SH.hasValue, SH["in"], SH.node, SH["not"], *_LISTS,
    }
)  # fmt: skip
#: Datatypes whose values an engine may keep as those of a wider one.
_KEPT_OTHERWISE = frozenset(
    {
        XSD.byte, XSD.short, XSD.int, XSD.long, XSD.unsignedByte, XSD.unsignedShort, XSD.unsignedInt, XSD.unsignedLong,
        XSD.nonNegativeInteger, XSD.positiveInteger, XSD.nonPositiveInteger, XSD.negativeInteger, XSD.dateTimeStamp,
    }
)  # fmt: skip
#: What makes a query mean something else when its nodes are joined to it than when they are bound before.
_APART = re.compile(
    r"\b(MINUS|BIND|VALUES|GRAPH|SERVICE)\b|\bSELECT\b.*\bSELECT\b", re.IGNORECASE | re.DOTALL
)
_GROUP = re.compile(r"(\w*)\s*\{([^{}]*)\}")
_SUBJECT = re.compile(r"[$?]this\s+[^\s)!=<>|&]")


def joins(text: str) -> bool:
    """Return whether a query with ``$this`` finds the same joined with many nodes as with each of them bound before.

    So it is where each of its groups has a triple pattern of ``$this``, but for those of EXISTS, which see it.
    """
    if _APART.search(text):
        return False
    while found := _GROUP.search(text):
        if found[1].upper() != "EXISTS" and not _SUBJECT.search(found[2]):
            return False
        inner = "" if found[1].upper() == "EXISTS" else found[2]
        text = f"{text[: found.start()]}{found[1]} {inner} {text[found.end() :]}"
        if found[1].upper() == "WHERE":
            break
    return True


def _patterns(part: object) -> Iterator[tuple[Node, Node, Node]]:
    """Yield the triple patterns of a query, those of EXISTS too."""
    if isinstance(part, CompValue):
        if "triples" in part:
            for said in part["triples"]:  # of EXISTS, several may stand in a row
                yield from zip(said[::3], said[1::3], said[2::3], strict=True)
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _patterns(inner)


@dataclass(frozen=True)
class Shape:
    """One shape of a graph of shapes.

    Read `targeted` of `Shapes` first; what a shape rests on comes from it.
    """

    graph: Graph
    node: Node

    @cached_property
    def _said(self) -> Mapping[Node, list[Node]]:
        """All that is said of it: the values of its properties, in one order."""
        found = defaultdict(list)
        for name, value in self.graph.predicate_objects(self.node):
            found[name].append(value)
        return {name: sorted(values, key=str) for name, values in found.items()}

    @cached_property
    def _shapes(self) -> dict[Node, list[Shape]]:
        """The shapes that its parameters name, kept with what is known of them."""
        return {}

    @cached_property
    def path(self) -> Node | None:
        """The path of a property shape; None for a node shape."""
        return self._value(SH.path)

    @cached_property
    def steps(self) -> tuple[URIRef, ...]:
        """The properties of which a value of its path needs one; none where that is not so simple."""
        if isinstance(self.path, URIRef):
            return (self.path,)
        head = None if self.path is None else self.graph.value(self.path, SH.alternativePath)
        steps = [] if head is None else self.members(head)
        return tuple(step for step in steps if isinstance(step, URIRef)) if _simple(steps) else ()

    @cached_property
    def severity(self) -> Node:
        """How grave its results are."""
        return self._value(SH.severity) or SH.Violation

    @cached_property
    def message(self) -> str:
        """What its results say; nothing where it has no message."""
        return min(map(str, self.values(SH.message)), default="")

    @cached_property
    def active(self) -> bool:
        """Whether it is asked at all."""
        return self._value(SH.deactivated) != Literal(True)

    def values(self, parameter: URIRef) -> list[Node]:
        """Return the values of a parameter, in one order."""
        return self._said.get(parameter, [])

    def _value(self, parameter: URIRef) -> Node | None:
        return next(iter(self.values(parameter)), None)

    def number(self, parameter: URIRef) -> int | None:
        """Return the number that a parameter has."""
        found = self._value(parameter)
        return found.toPython() if isinstance(found, Literal) else None

    def true(self, parameter: URIRef) -> bool:
        """Return whether a parameter is true."""
        return self._value(parameter) == Literal(True)

    def members(self, head: Node) -> list[Node]:
        """Return the members of a list."""
        return list(Collection(self.graph, head))

    def shapes(self, parameter: URIRef) -> list[Shape]:
        """Return the shapes that a parameter names."""
        if parameter not in self._shapes:
            self._shapes[parameter] = [Shape(self.graph, node) for node in self.values(parameter)]
        return self._shapes[parameter]

    def alternatives(self, parameter: URIRef) -> list[list[Shape]]:
        """Return the lists of shapes that a parameter names."""
        lists = (self.members(head) for head in self.values(parameter))
        return [[Shape(self.graph, node) for node in found] for found in lists]

    @cached_property
    def inner(self) -> list[Shape]:
        """The shapes that it rests on."""
        found = [shape for parameter in _SHAPES for shape in self.shapes(parameter)]
        return found + [s for parameter in _LISTS for shapes in self.alternatives(parameter) for s in shapes]

    @cached_property
    def of_class(self) -> bool:
        """Whether it wants values of a class, itself or through those that it rests on."""
        return bool(self.values(SH["class"])) or any(shape.of_class for shape in self.inner)

    def local(self, *, within: bool = False) -> bool:
        """Whether what it finds at a node rests on what that node says and on the classes of its values alone.

        A node of a shape `within` a property is a value, of which only itself and its classes are known.
        """
        asked = CORE & self._said.keys()
        if within and (self.path is not None or not asked <= _OF_VALUES):
            return False
        if self.path is not None and not self.steps and self._steps != [RDF.type, RDFS.subClassOf]:
            return False
        if not all(Shape(self.graph, node).of_its_own for node in self.values(SH.sparql)):
            return False
        inner = self.path is not None
        return all(shape.local(within=within or inner) for shape in self.inner)

    @property
    def _steps(self) -> list[Node]:
        """The steps of a path of several."""
        return [] if self.path is None or isinstance(self.path, URIRef) else self.members(self.path)

    @property
    def of_its_own(self) -> bool:
        """Whether a constraint in SPARQL asks for statements of its node alone."""
        algebra = prepareQuery(self.prefixes + str(self._value(SH.select))).algebra
        return all(s == Variable("this") and isinstance(p, URIRef) for s, p, _ in _patterns(algebra))

    @property
    def prefixes(self) -> str:
        """The prefixes that a constraint in SPARQL declares, as a query has them."""
        found = []
        for named in self.values(SH.prefixes):
            holders = self.graph.transitive_objects(named, OWL.imports)
            for said in (said for holder in holders for said in self.graph.objects(holder, SH.declare)):
                prefix, namespace = (self.graph.value(said, term) for term in (SH.prefix, SH.namespace))
                found.append(f"PREFIX {prefix}: <{namespace}>\n")
        return "".join(sorted(found))

    @cached_property
    def siblings(self) -> list[Shape]:
        """The qualified value shapes of the other properties of the shapes that hold it."""
        mine = set(self.graph.objects(self.node, SH.qualifiedValueShape))
        beside = {
            shape
            for holder in self.graph.subjects(SH.property, self.node)
            for other in self.graph.objects(holder, SH.property)
            for shape in self.graph.objects(other, SH.qualifiedValueShape)
        }
        return [Shape(self.graph, node) for node in sorted(beside - mine, key=str)]

    def unknown(self, above: tuple[Node, ...] = ()) -> Iterator[str]:
        """Yield what it asks for that is not compiled here, in words; none where all of it is."""
        if self.node in above:
            yield f"{self.node} rests on itself"
            return
        for parameter in self.graph.predicates(self.node):
            if str(parameter).startswith(str(SH)) and parameter not in CORE | _PLAIN:
                yield str(parameter)
        for datatype in self.values(SH.datatype):
            if datatype in _KEPT_OTHERWISE:
                yield f"values of {datatype} are kept as others"
        for constraint in self.values(SH.sparql):
            text = self.graph.value(constraint, SH.select)
            if text is None or not joins(str(text)):
                yield f"the query of {constraint} cannot be asked of all nodes at once"
        for shape in self.inner:
            yield from shape.unknown((*above, self.node))


def _simple(steps: list[Node]) -> bool:
    return all(isinstance(step, URIRef) for step in steps)


@dataclass(frozen=True)
class Targets:
    """What a shape is meant for: nodes, instances of classes, subjects and objects of properties."""

    nodes: tuple[Node, ...]
    classes: tuple[Node, ...]
    subjects_of: tuple[Node, ...]
    objects_of: tuple[Node, ...]

    @classmethod
    def of(cls, shape: Shape) -> Targets:
        """Return the targets of a shape; one that is a class is meant for its instances."""
        types = set(shape.graph.objects(shape.node, RDF.type))
        own = (shape.node,) if types & {RDFS.Class, OWL.Class} else ()
        return cls(
            tuple(shape.values(SH.targetNode)),
            (*shape.values(SH.targetClass), *own),
            tuple(shape.values(SH.targetSubjectsOf)),
            tuple(shape.values(SH.targetObjectsOf)),
        )

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.nodes or self.classes or self.subjects_of or self.objects_of)


class Shapes:
    """A graph of shapes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def targeted(self) -> list[tuple[Shape, Targets]]:
        """The active shapes that have targets."""
        named = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
        nodes = {node for target in named for node in self.graph.subjects(target)}
        for kind in (SH.NodeShape, SH.PropertyShape):
            nodes |= {
                node
                for node in self.graph.subjects(RDF.type, kind)
                if {RDFS.Class, OWL.Class} & set(self.graph.objects(node, RDF.type))
            }
        shapes = (Shape(self.graph, node) for node in sorted(nodes, key=str))
        return [(shape, Targets.of(shape)) for shape in shapes if shape.active]

    @cached_property
    def referring(self) -> list[URIRef]:
        """The properties whose values some shape wants to be of a class."""
        held = [Shape(self.graph, node) for node in self.graph.subjects(SH.path)]
        return sorted({step for shape in held if shape.of_class for step in shape.steps})

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """What they ask for that is not compiled here, in words."""
        own = {str(node) for term in (SH.parameter, SH.target, SH.rule) for node in self.graph.subjects(term)}
        return tuple(sorted(own | {said for shape, _ in self.targeted for said in shape.unknown()}))

    @cached_property
    def local(self) -> bool:
        """Whether they can be asked of data in parts, each with all that is said of its nodes."""
        looking = (
            not targets.nodes and not targets.objects_of and shape.local() for shape, targets in self.targeted
        )
        return not self.unknown and all(looking)
