"""What the guard of SPARQL lets through: no query that asks another service, every other one.

The oracles are two parsers: the engine's own, whether it takes a word for the keyword, and rdflib's, what it makes of a
query that both understand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyparsing import ParseBaseException
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from opentier.graph.errors import QueryError
from opentier.graph.query import questions, sparql
from opentier.graph.query.sparql import guard
from opentier.graph.triples import embedded

#: Bound before the engine sees a query.
PREFIXES = {"ex": "urn:x:", "": "urn:x:"}

REFUSED = [
    "SELECT * { SERVICE <x:y> { ?a ?b ?c } }",
    "SELECT * { service<x:y>{ ?a ?b ?c } }",
    "SELECT * { SeRvIcE SILENT <x:y> { ?a ?b ?c } }",
    "SELECT * { SERVICE?x{ ?a ?b ?c } }",
    "SELECT * { ?a ?b ?c . { SERVICE # here\n <x:y> { ?a ?b ?c } } }",
    "SELECT * { #\r SERVICE <x:y> { ?a ?b ?c } }",
    # The engine reads two words where the standard reads one name.
    "SELECT * {SERVICEex:x{ ?a ?b ?c }}",
    "SELECT * {SERVICESILENTex:x{ ?a ?b ?c }}",
    "SELECT * {service:x{ ?a ?b ?c }}",
    "SELECT * { VALUES ?x {true}SERVICE<x:y>{ ?a ?b ?c } }",
    "SELECT * { ?a ?b 1 .SERVICE <x:y> { ?a ?b ?c } }",
    "SELECT * { ?a ?b ex:.SERVICE <x:y> { ?a ?b ?c } }",
    # It ends a name at the second dot.
    "SELECT * { ?a ?b ex:a.b.SERVICE <x:y> { ?a ?b ?c } }",
    # It falls back to a short string where a long one does not fit.
    'SELECT * { VALUES ?x { """a" } SERVICE <x:y> { ?a ?b ?c } } #\\q """',
    'SELECT * { VALUES ?x { """a" } SERVICE <x:y> { ?a ?b ?c } } #\\uD800 """',
    "SELECT * { VALUES ?x { '''a' } SERVICE <x:y> { ?a ?b ?c } } #\\u12 '''",
    # It takes < for less-than where that fits.
    'SELECT * { ?a ?b ?c FILTER(?a<?b#>"""\n) SERVICE <x:y> { ?a ?b ?c } } #"""',
    # What looks like a comment or a string is part of a name.
    "SELECT * { ?a ?b ex:a\\#b . SERVICE <x:y> { ?a ?b ?c } }",
    "SELECT * { ?a ?b ex:\\' . SERVICE <x:y> { ?a ?b ex:\\' } }",
    # Escapes that another reader would replace first.
    "SELECT * { SERV\\u0049CE <x:y> { ?a ?b ?c } }",
    "SELECT * { \\U00000053ERVICE <x:y> { ?a ?b ?c } }",
    'SELECT * { BIND("\\u0022 AS ?x) SERVICE <x:y> { ?a ?b "" } #" AS ?y)\n }',
]

ASKED = [
    "SELECT ?service { ?service ?b ?c }",
    "SELECT $SERVICE { $SERVICE ?b ?c }",
    "SELECT * { ?a ?b ex:SERVICE }",
    "SELECT * { ?a ?b ex:of-service, ex:%41service, :service, _:service }",
    "SELECT * { ?a ?b 'SERVICE', \"SERVICE <x:y> { }\", '''SERVICE''', \"\"\"a\"SERVICE\"\"\", 'x'@service }",
    "SELECT * { ?a ?b <http://service.example/SERVICE#service>, <urn:service> } # SERVICE <x:y> { ?a ?b ?c }",
    "SELECT * { ?a ?b 'it\\'s a SERVICE', 'caf\\u00e9 SERVICE' }",
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT * { ?a ?b 'SERVICE'^^xsd:string }",
    "SELECT * { ?m ?p -1.78 }",
    "SELECT * { FILTER(" + "(" * 90 + "1" + ")" * 90 + ") }",
    "SELECT * { ?a ?b 'LOAD', 'load' }",
]


def store() -> ox.Store:
    found = ox.Store()
    one = ox.NamedNode("urn:x:one")
    found.add(ox.Quad(one, one, one))
    found.add(ox.Quad(one, one, ox.Literal(1)))
    return found


def parses(text: str) -> bool:
    """Return whether the engine understands a query."""
    try:
        store().query(text, prefixes=PREFIXES)
    except SyntaxError:
        return False
    return True


def asks(text: str) -> bool:
    """Return whether the engine takes the word for a keyword: with another one there, it understands nothing."""
    return parses(text) and not parses(re.sub("ice", "ixe", text, flags=re.IGNORECASE))


@pytest.mark.parametrize("text", REFUSED)
def test_a_query_that_asks_another_service_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        guard(text)


def test_the_engine_would_have_asked() -> None:
    """All but those that only other readers take for it, by their escapes."""
    assert [text for text in REFUSED if not asks(text)] == REFUSED[-3:]


@pytest.mark.parametrize("text", ASKED)
def test_the_word_in_a_string_a_name_or_a_comment_is_no_service(text: str) -> None:
    assert guard(text) is False
    assert parses(text)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("SELECT * FROM <urn:a> { }", True),
        ("SELECT * from<urn:a>{}", True),
        ("SELECT * FROM NAMED ex:a { }", True),
        ("ASK FROM <urn:a> { }", True),
        ("SELECT ?from { ?from ex:from 'FROM' } # FROM", False),
        ("SELECT * { ?a ot:sourcesFrom <http://from.example/from> }", False),
    ],
)
def test_a_query_names_its_dataset_by_the_keyword_alone(text: str, own: bool) -> None:
    assert guard(text) is own


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("SELECT * FROM <urn:a> FROM NAMED <urn:b> { GRAPH <urn:c> { } }", ["urn:a", "urn:b"]),
        ("SELECT * from<urn:a>{}", ["urn:a"]),
        (
            "PREFIX ex: <urn:x:> SELECT * FROM NAMED ex:a.b FROM rdf:z { }",
            ["urn:x:a.b", "http://www.w3.org/1999/02/22-rdf-syntax-ns#z"],
        ),
        ("BASE <http://h/a/> PREFIX : <b#> ASK FROM <c> FROM :d { }", ["http://h/a/c", "http://h/a/b#d"]),
        ("ASK FROM # FROM <urn:z>\n <urn:b> { ?a ?b 'FROM <urn:z>' }", ["urn:b"]),
        ("PREFIX from: <urn:f:> ASK FROM from:x { ?from from:y <urn:z> }", ["urn:f:x"]),
        (r"ASK FROM <urn:\u0061> { }", ["urn:a"]),
        (r"ASK FROM <urn:\ud800> FROM <relative> FROM no:prefix { }", []),
        ("SELECT (EXISTS { ?a ?b <urn:z> } AS ?x) FROM <urn:a> { }", ["urn:a"]),
    ],
)
def test_the_graphs_that_a_query_names_are_told(text: str, graphs: list[str]) -> None:
    assert guard(text) is True
    assert [graph for _, graph in sparql.dataset(text)] == graphs


def test_graphs_by_from_are_told_from_those_by_from_named() -> None:
    text = "SELECT * FROM <urn:a> FROM NAMED <urn:b> FROM # NAMED\n<urn:c> FROM named <urn:d> { GRAPH <urn:e> { } }"
    told = [(False, "urn:a"), (True, "urn:b"), (False, "urn:c"), (True, "urn:d")]
    assert list(sparql.dataset(text)) == told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "SELECT * { ?s foo:bar ?o }",
            "no prefix is called 'foo' (line 1, column 22); declare it. There are: ",
        ),
        (
            "SELECT * {\n ?s otx:bar ?o }",
            "no prefix is called 'otx' (line 2, column 12); declare it. Did you mean ot?",
        ),
        ("PREFIX zz: <urn:z:> ASK { ?s z:bar ?o }", "Did you mean zz?"),
        (
            "SELECT ?x { ?s ?p ?o } GROUP BY ?s",
            "The SELECT contains a variable that is unbound (line 1, column 35)",
        ),
        ("SELECT * { ?s ?p }", "it is not understood at line 1, column 19"),
        ("ASK { ?s a <a b> }", "IRI parsing failed (line 1, column 17)"),
        ("ASK { BIND(<x:foo>(1) AS ?x) }", "The custom function <x:foo> is not supported"),
    ],
)
def test_what_is_wrong_with_a_query_is_a_sentence_with_its_place(text: str, said: str) -> None:
    with pytest.raises(QueryError) as refused:
        sparql.run(embedded.Embedded(Path("memory"), store()), sparql.Asked(text, None, None))
    assert said in str(refused.value)
    assert len(str(refused.value)) < 240
    assert "['" not in str(refused.value)


def test_what_is_too_deep_or_too_long_reaches_no_parser() -> None:
    deep = sparql.MAX_DEPTH + 1
    for opening, closing in ("()", "{}", "[]"):
        with pytest.raises(QueryError, match="nested too deeply"):
            guard("SELECT * " + opening * deep + closing * deep)
        assert guard("# " + opening * deep) is guard(f"ASK {{ ?a ?b '{opening * deep}' }}") is False
        assert guard("SELECT * " + (opening + closing) * deep) is False
    with pytest.raises(QueryError, match="at most"):
        guard("ASK {} #" + "é" * (sparql.MAX_QUERY // 2))


def test_an_update_is_no_query_to_the_engine() -> None:
    for text in ("LOAD <x:y>", "INSERT DATA { <urn:a> <urn:b> 1 }", "CLEAR ALL", "ASK {} ; LOAD <x:y>"):
        with pytest.raises(QueryError, match="cannot be answered"):
            sparql.run(embedded.Embedded(Path("memory"), store()), sparql.Asked(text, None, None))


def test_the_shipped_questions_are_let_through() -> None:
    for one in questions.questions():
        assert guard(one.complete) is False


# Whatever comes.

#: What breaks readers: pieces of tokens, to be joined with nothing between them.
PIECES = st.sampled_from(
    ["'", '"', "'''", '"""', "\\", "#", "\n", "<", ">", "?a", "$b", "@en", "^^", "ex:", "ex:a", ":", ".", "-", "{", "}",
     "(", ")", " ", "SERVICE", "service", "SERVICE <x:y> { ?a ?b ?c }", "SERVICEex:x{?a ?b ?c}", "SILENT", "\\u0022",
     "\\u00e9", "\\q", "\\'", "\\#", "%41", "_:", "1", "true", "VALUES ?v {", "FILTER(", "BIND(", "?a<?b", " AS ?x)",
     "?a ?b ?c .", "<urn:a>", "é", "·", "\r", "[]", ";", ",", "/", "FROM <urn:g>", "UNION", "OPTIONAL {"]
)  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=6))
def test_nothing_that_the_guard_lets_through_asks_another_service(
    before: list[str], after: list[str]
) -> None:
    text = f"SELECT * {{ {''.join(before)}SERVICE <x:y> {{ ?a ?b ?c }}{''.join(after)} }}"
    try:
        guard(text)
    except QueryError:
        return
    assert not asks(text)


NAMES = st.sampled_from(
    ["?a", "?service", "ex:SERVICE", "ex:a", "<urn:a#b>", "<urn:service>", ":from", "_:service"]
)
VALUES = st.sampled_from(
    ["'SERVICE'", '"""a"SERVICE"""', "'FROM'@en", "1", "-1.78", "'it\\'s'", "true", "?from", "'#'"]
)
PATTERNS: st.SearchStrategy[str] = st.recursive(
    st.builds("{} {} {} . ".format, NAMES, NAMES.filter(lambda name: name[0] != "_"), VALUES),
    lambda inner: st.one_of(
        st.builds("OPTIONAL {{ {} }} ".format, inner),
        st.builds("{{ {} }} UNION {{ {} }} ".format, inner, inner),
        st.builds("FILTER EXISTS {{ {} }} # SERVICE\n".format, inner),
        st.builds("SERVICE <x:y> {{ {} }} ".format, inner),
        st.builds("FILTER(?a<?b) {}".format, inner),
        st.builds("{{ SELECT * {{ {} }} }} ".format, inner),
    ),
    max_leaves=2,
)  # fmt: skip
CLAUSES = st.sampled_from(["", "FROM <urn:g> ", "FROM NAMED ex:g ", "# FROM\n"])


def parts(parsed: Any) -> set[str]:
    """Return the names of all parts of what rdflib read."""
    found, todo = set(), [parsed]
    while todo:
        part = todo.pop()
        if isinstance(part, CompValue):
            found |= {part.name, *part}
            todo.extend(part.values())
        elif hasattr(part, "__iter__") and not isinstance(part, str | bytes):
            todo.extend(part)
    return found


@settings(max_examples=40, deadline=None)
@given(CLAUSES, PATTERNS)
def test_the_guard_says_what_a_parser_says(clause: str, pattern: str) -> None:
    text = f"PREFIX ex: <urn:x:> PREFIX : <urn:x:> SELECT * {clause}{{ {pattern} }}"
    try:
        found = parts(parseQuery(text))
    except (ParseBaseException, TypeError, RecursionError):  # it reads no negative decimal and nothing deep
        return
    if "ServiceGraphPattern" in found:
        with pytest.raises(QueryError):
            guard(text)
    elif "#b>" in pattern and "service" in text.lower():
        return  # an IRI without slashes, and the word somewhere: it may be refused
    else:
        assert guard(text) is bool(found & {"DatasetClause", "datasetClause"})
