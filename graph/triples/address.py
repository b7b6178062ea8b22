"""Where a SPARQL store is: its addresses for queries, for updates and for graphs, and who asks there.

It is written as one text: ``sparql+http://host:port/path?update=/update&graphs=/store``. Who asks is never part of
what is kept, printed or logged: that stands in the environment, for the processes that work for this one too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from opentier.graph.errors import UsageError

#: The variable that names a store, and those that say who asks.
VARIABLE, USER, PASSWORD = "OPENTIER_STORE", "OPENTIER_STORE_USER", "OPENTIER_STORE_PASSWORD"
EXAMPLE = "sparql+http://127.0.0.1:7878"
_SCHEMES = ("sparql+http", "sparql+https")
_KNOWN = ("query", "update", "graphs", "seconds")
#: Seconds for which a store may say nothing.
_SECONDS = 600.0
#: Where products have queries, updates and graphs, below the address that one gives; tried in this order.
PRODUCTS = {
    "Oxigraph": ("query", "update", "store"),
    "Virtuoso": ("sparql", "sparql-auth", "sparql-graph-crud-auth"),
    "Fuseki": ("sparql", "update", "data"),
    "GraphDB": ("", "statements", "rdf-graphs/service"),
}


@dataclass(frozen=True)
class Address:
    """The addresses of a store.

    Attributes
    ----------
    query, update, graphs
        Where it is asked, changed, and where graphs are put (Graph Store Protocol); the last two may be found out.
    seconds
        For how long it may say nothing.
    """

    query: str
    update: str = ""
    graphs: str = ""
    seconds: float = _SECONDS
    user: str = field(default="", repr=False, compare=False)
    password: str = field(default="", repr=False, compare=False)

    @property
    def complete(self) -> bool:
        """Whether all is told that is needed."""
        return bool(self.update and self.graphs)

    @property
    def place(self) -> str:
        """The store in a message: scheme, host and port."""
        parts = urlsplit(self.query)
        return f"{parts.scheme}://{parts.netloc}"

    def __str__(self) -> str:
        """Return it as one text, without who asks."""
        said = {
            "update": self.update.removeprefix(self.place), "graphs": self.graphs.removeprefix(self.place),
            "seconds": "" if self.seconds == _SECONDS else f"{self.seconds:g}",
        }  # fmt: skip
        query = urlencode({name: value for name, value in said.items() if value}, safe="/:")
        return f"sparql+{self.query}{'?' if query else ''}{query}"

    @property
    def virtuoso(self) -> bool:
        """Whether it is a Virtuoso, whose answers have some ways of their own."""
        return "sparql-graph-crud" in self.graphs

    def possible(self) -> Iterator[tuple[str, Address]]:
        """Yield the products that it may be, and the addresses that it has then."""
        base = self.query.rstrip("/") + "/"
        for product, parts in PRODUCTS.items():
            query, update, graphs = (urljoin(base, part).rstrip("/") for part in parts)
            yield product, Address(query, update, graphs, self.seconds, self.user, self.password)


def of(text: str) -> Address:
    """Return the address that a text means; who asks is taken from it, or from the environment.

    Raises
    ------
    UsageError
        If it is none.
    """
    shown = _without_user(text)
    try:
        parts = urlsplit(text)
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{shown!r} is no address of a store such as {EXAMPLE}.") from None
    if parts.scheme not in _SCHEMES or not host or parts.fragment:
        raise UsageError(f"{shown!r} is no address of a store; it is written like {EXAMPLE}.")
    said = dict(given)
    if len(said) != len(given) or not said.keys() <= set(_KNOWN) or ("update" in said) != ("graphs" in said):
        raise UsageError(
            f"{shown!r}: beside the address of queries a store has update=, graphs= (both, or none: they are found "
            "out) and seconds=, each once."
        )
    try:
        seconds = float(said.get("seconds", _SECONDS))
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise UsageError(f"{shown!r}: seconds= is a number, the time for which the store may say nothing.")
    where = f"[{host}]" if ":" in host else host
    base = urlunsplit((
        parts.scheme.removeprefix("sparql+"), where + (f":{port}" if port else ""), parts.path, "", ""
    ))  # fmt: skip
    query, update, graphs = (
        urljoin(base, said[name]) if name in said else "" for name in ("query", "update", "graphs")
    )
    for each in (query, update, graphs):
        if each and urlsplit(each).scheme not in ("http", "https"):
            raise UsageError(f"{shown!r}: the addresses of a store begin with http:// or https://.")
    if parts.username is not None:
        user, password = unquote(parts.username), unquote(parts.password or "")
    else:
        user, password = _asking(base)
    return Address(query or base, update, graphs, seconds, user, password)


def _asking(base: str) -> tuple[str, str]:
    """Return who asks a store, as the environment says: in the variable that names the same store, or in two others."""
    named = urlsplit(os.environ.get(VARIABLE, ""))
    if named.username is not None and named.netloc.rpartition("@")[2] == urlsplit(base).netloc:
        return unquote(named.username), unquote(named.password or "")
    return os.environ.get(USER, ""), os.environ.get(PASSWORD, "")


def told(store: str = "") -> str:
    """Return the store that is meant: this one, or the one of the environment; nothing where that names none.

    Who asks there, as a text says it, goes to the environment, for the processes that work for this one.
    """
    parts = urlsplit(store)
    if parts.username is not None:
        os.environ[USER], os.environ[PASSWORD] = unquote(parts.username), unquote(parts.password or "")
    return store or os.environ.get(VARIABLE, "")


def _without_user(text: str) -> str:
    head, mark, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    return f"{head}{mark}{place.rpartition('@')[2]}{slash}{path}"
