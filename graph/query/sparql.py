"""SPARQL over a release: read-only, nothing fetched from elsewhere.

The default graph of a query is that of its release (`store/union`); every admitted version that the scope shows, what
is derived, the catalogue and the vocabulary are named graphs. Where a scope shows other versions than the current ones,
their graphs are put together for the query, which takes longer: `Asked.united` tells.

The engine fetches from any address that ``SERVICE`` names and has no switch for it, so such a query must not reach
it, unless the address is listed (`federation`). Outside strings, IRIs, comments, variables and local names the word
can only be that keyword; a few regular expressions tell where those are, at a hundredth of the cost of parsing the
query twice. They follow the engine's own grammar, which is laxer than the standard's (it reads ``SERVICEex:there`` as
two words, and ``<`` as less-than where that fits better). Where a text could be read in two ways and has the word
anywhere, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentier.graph.errors import QueryError, mean
from opentier.graph.model.names import PREFIXES
from opentier.graph.query.federation import Services
from opentier.graph.triples.engine import Answer, Engine
from opentier.graph.triples.wording import ESCAPE, resolved

if TYPE_CHECKING:
    from opentier.graph.store.release import Release

#: No other endpoint.
NONE = Services()
#: Bytes that a query may have, and brackets that may be open at one place of it.
MAX_QUERY = 1 << 20
MAX_DEPTH = 100
#: What is said to one who would change something.
NO_UPDATES = "Updates are not served: queries alone are answered, and nothing changes by SPARQL."

_SERVICE = re.compile("service", re.IGNORECASE)
_FROM = re.compile("from", re.IGNORECASE)
#: The words that an update begins with, and those that may stand before.
_UPDATES = frozenset({"ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"})
_PROLOGUE = frozenset({"BASE", "PREFIX"})
_IN_STRING = r"\\[tbnrf\"'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_IN_IRI = r"[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
# No dots: the engine ends a name at the second of them, and a part with the word in it may be the keyword.
_IN_NAME = r"[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""
      (?P<comment> \#[^\r\n]*+ )
    | (?P<string>
          \"\"\"(?: \"{{0,2}}+ (?: [^"\\] | {_IN_STRING} ) )*+ \"\"\"
        | '''  (?: '{{0,2}}+  (?: [^'\\] | {_IN_STRING} ) )*+ '''
        | "(?: [^"\\\r\n] | {_IN_STRING} )*+ "
        | '(?: [^'\\\r\n] | {_IN_STRING} )*+ ' )
    | (?P<iri> <(?: {_IN_IRI} )*+> )
    | (?P<variable> [?$]\w++ | @[A-Za-z]++(?:-+\w++)*+ )
    | (?P<prefix> (?: \w[\w.-]*+ )? ) : (?: (?: {_IN_NAME} ) (?: {_IN_NAME} | - )*+ )?+
    | (?P<word> \w[\w.-]*+ )
    | (?P<open> [(\[{{] )
    | (?P<close> [)\]}}] )
    | (?P<escape> \\ )
    """,
    re.VERBOSE,
)
#: A name in whole: its prefix and the rest.
_NAME = re.compile(rf"((?:\w[\w.-]*+)?+):((?:{_IN_NAME}|[.-])*+)")
#: An IRI that is no comparison of two expressions: no expression has two slashes in a row.
_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class Asked:
    """A query that may reach the engine: its text, and its default and named graphs where they are not its own."""

    text: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None
    #: How many graphs were put together in the place of the release's own default graph; 0 where none had to be.
    united: int = 0
    #: From where relative IRIs are understood.
    base: str | None = None
    #: The other endpoints that it asks (see `federation`).
    asks: tuple[str, ...] = ()


def answer(
    release: Release, text: str, default: Sequence[str] | None = None, named: Sequence[str] | None = None
) -> Answer:
    """Answer a query; `default` and `named` are the graphs that the protocol asks for, if any.

    Raises
    ------
    QueryError
        If the query is malformed, updates something, or asks another service.
    """
    return run(release.engine, prepare(release, text, default, named))


def prepare(
    release: Release,
    text: str,
    default: Sequence[str] | None = None,
    named: Sequence[str] | None = None,
    services: Services = NONE,
) -> Asked:
    """Check a query and choose its graphs; the engine has not seen it yet.

    Relative IRIs are understood from the base of individuals, so that ``<example/aurora>`` is one.

    Parameters
    ----------
    services
        The other endpoints that it may ask.

    Raises
    ------
    QueryError
        If it is too long or too deep, asks another service, or names graphs that the release's scope holds back.
    """
    own, base = guard(text, services), release.names.base
    asks = tuple(_endpoints(text)) if services.listed else ()
    if own and not release.everything:
        raise QueryError(
            "The versions that are seen are chosen already: leave FROM away, or name them by GRAPH."
        )
    said = list(dataset(text, base)) if own else []
    _there(release, (*(default or ()), *(named or ()), *(graph for _, graph in said)))
    if default or named:
        return Asked(text, tuple(default or ()), tuple(named or ()), 0, base, asks)
    if own:  # said once more, so that the engine reads no other graph, however it reads the query
        return Asked(
            text,
            tuple(graph for named, graph in said if not named),
            tuple(graph for named, graph in said if named),
            0,
            base,
            asks,
        )
    if release.default is None:
        return Asked(text, None, tuple(release.named), 0, base, asks)
    return Asked(text, tuple(release.default), tuple(release.named), len(release.default), base, asks)


def _there(release: Release, graphs: Sequence[str]) -> None:
    """Refuse graphs that are not there, or that the scope holds back: an answer from nothing would reassure."""
    for graph in graphs:
        if graph not in release.named:
            raise QueryError(
                f"There is no graph {graph} here.{mean(graph, release.named)} "
                "Every version of a dataset is a graph: /datasets lists them, and so does the command datasets."
            )


def run(engine: Engine, asked: Asked) -> Answer:
    """Ask the engine.

    Raises
    ------
    QueryError
        If the query is malformed or updates something.
    """
    return engine.query(asked.text, asked.default, asked.named, base=asked.base)


def guard(text: str, services: Services = NONE) -> bool:
    """Refuse a query that asks a service that is not listed; return whether it names its own dataset (FROM).

    Raises
    ------
    QueryError
        If it does, or updates something, or is too long, or too deep.
    """
    if len(text) > MAX_QUERY or len(text.encode("utf-8", "replace")) > MAX_QUERY:
        raise QueryError(f"A query has at most {MAX_QUERY:,} bytes.")
    if _first(text) in _UPDATES:
        raise QueryError(NO_UPDATES)
    seen = ESCAPE.sub(_plain, text)
    service = any(map(_SERVICE.search, (text, seen)))
    deep = sum(map(text.count, "([{")) > MAX_DEPTH
    if not (service or deep or _FROM.search(text)):
        return False
    if service and seen != text:
        raise QueryError("Write SERVICE, and characters of English, without escapes in the same query.")
    if service and services.listed:
        for iri in _endpoints(text):
            services.check(iri)
    return _read(text, service, federated=bool(services.listed))


def _first(text: str) -> str:
    """Return the word that says what a text asks for, behind its prefixes; nothing where it has none."""
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "open":
            break
        if token.lastgroup == "word" and (word := token[0].upper()) not in _PROLOGUE:
            return word
    return ""


def _endpoints(text: str) -> Iterator[str]:
    """Yield the endpoints that a query asks; each is named in full, behind the keyword and nothing else."""
    asked = False
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup, token[0]
        if kind == "comment" or (asked and said.upper() == "SILENT"):
            continue
        if asked and kind != "iri":
            raise QueryError("Name the endpoint behind SERVICE in full: SERVICE <https://...> { ... }.")
        if asked:
            yield said[1:-1]
        asked = kind == "word" and said.upper() == "SERVICE"


def dataset(text: str, base: str = "") -> Iterator[tuple[bool, str]]:
    """Yield the graphs that a query names, each with whether that is by FROM NAMED, and not by FROM."""
    for before, _, iri in named(text, base):
        if before in ("FROM", "NAMED"):
            yield before == "NAMED", iri


def named(text: str, base: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield what a query names: the keyword that stands right before it (else nothing), as it is written, its IRI.

    Names that cannot be resolved are the engine's.
    """
    prefixes, state, declared = dict(PREFIXES), "", ""
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup, token[0]
        if kind == "comment":
            continue
        if state == "FROM" and said.upper() == "NAMED":
            state = "NAMED"
            continue
        if kind == "prefix" and state == "PREFIX":
            declared = token["prefix"]
            continue
        iri = None
        if kind == "iri":
            iri = resolved(base, said[1:-1])
        elif kind == "prefix" and (name := _NAME.match(text, token.start())) and name[1] in prefixes:
            said = name[0].rstrip(".")
            iri = prefixes[name[1]] + re.sub(r"\\(.)", r"\1", name[2].rstrip("."))
        if iri is not None and ":" in iri:
            if state == "BASE":
                base = iri
            elif state == "PREFIX":
                prefixes[declared] = iri
            yield state, said, iri
        state = said.upper() if kind == "word" else ""


def _read(text: str, service: bool, *, federated: bool) -> bool:
    """Go through the words of a query; `service` tells that the word is somewhere in it, `federated` that it may be."""
    dataset, depth = False, 0
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup, token[0]
        if kind in ("word", "prefix"):
            word = token[kind]
            if _SERVICE.search(word) and not (federated and word.upper() == "SERVICE" and kind == "word"):
                raise QueryError(
                    "SERVICE is not served: this graph asks no other endpoint"
                    + (f" (give the prefix {word}: another name)." if kind == "prefix" else ".")
                )
            dataset = dataset or (kind == "word" and _FROM.search(word) is not None)
        elif kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                raise QueryError(f"The query is nested too deeply: {MAX_DEPTH} brackets may be open at once.")
        elif kind == "close":
            depth -= 1
        elif service and (kind == "escape" or (kind == "iri" and _doubtful(said))):
            raise QueryError(
                f"The query names SERVICE, and {said} could be read in two ways: write the IRI in full (scheme://...)."
            )
    return dataset


def _doubtful(iri: str) -> bool:
    """Return whether what looks like an IRI changes what follows, should it be a comparison."""
    return ("#" in iri or "'" in iri) and not _ADDRESS.match(iri)


def _plain(escape: re.Match[str]) -> str:
    """Return the character that an escape stands for, where it is one of ASCII or none at all."""
    point = int(escape[1] or escape[2], 16)
    if point < 0x80:
        return chr(point)
    return "?" if 0xD800 <= point < 0xE000 or point > 0x10FFFF else escape[0]
