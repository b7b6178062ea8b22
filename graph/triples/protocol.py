"""The SPARQL 1.1 Protocol and the Graph Store Protocol, as their client: an answer is whole, or an error."""

from __future__ import annotations

import ast
import http.client
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from SPARQLWrapper import POST, SELECT, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from opentier.graph.errors import QueryError, StoreError
from opentier.graph.triples.address import PASSWORD, PRODUCTS, USER, Address
from opentier.graph.triples.wording import query_text

JSON, TRIPLES = "application/sparql-results+json", "application/n-triples"
#: Bytes of N-Triples that are sent at once.
PART = 16 << 20
#: Seconds between the attempts to read from a store that does not answer.
PAUSES = (0.2, 1.0)
#: Characters that are passed on of what a store says.
_MOST = 300
T = TypeVar("T")


class _Response(Protocol):
    """What a store answers, as `http.client` has it."""

    length: int | None
    chunked: bool

    def getheader(self, name: str, /) -> str | None: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Body:
    """The body of an answer: it ends where its sender says, or reading it is an error."""

    def __init__(self, place: str, response: _Response) -> None:
        self._place, self._response = place, response
        self.server = response.getheader("Server") or ""
        if state := response.getheader("X-SQL-State"):
            raise StoreError(
                f"The store at {place} gave up in the middle of an answer ({state}): ask for less at once."
            )
        if most := response.getheader("X-SPARQL-MaxRows"):
            raise StoreError(
                f"The store at {place} cuts answers at {most} rows: set ResultSetMaxRows, in the section SPARQL of its "
                "virtuoso.ini, to more than any answer has."
            )

    @property
    def framed(self) -> bool:
        """Whether its sender says where it ends."""
        return self._response.chunked or self._response.length is not None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; nothing at the end.

        Raises
        ------
        StoreError
            If it ends before its sender said.
        """
        try:
            found = self._response.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise self.cut(error) from error
        if not found and self._response.length:
            raise self.cut(f"{self._response.length:,} bytes lack")
        return found

    def all(self) -> bytes:
        """Return what is left of it."""
        return b"".join(iter(lambda: self.read(1 << 16), b""))

    def cut(self, why: object) -> StoreError:
        """Return the error that the answer is not whole."""
        return StoreError(
            f"The answer of the store at {self._place} is not whole ({why}). Nothing of it is used; ask again, or look "
            "at the store."
        )

    def close(self) -> None:
        """Leave what is not read."""
        self._response.close()


class Client:
    """Asks one store."""

    def __init__(self, address: Address) -> None:
        self.address, self.place = address, address.place
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        if address.user:
            for each in filter(None, (address.query, address.update, address.graphs)):
                known.add_password(None, each, address.user, address.password)
        self._digest = urllib.request.HTTPDigestAuthHandler(known)
        self._open = urllib.request.build_opener(
            urllib.request.HTTPBasicAuthHandler(known), self._digest
        ).open

    def ask(
        self, text: str, accept: str, default: Sequence[str] | None = None, named: Sequence[str] | None = None
    ) -> Body:
        """Return the answer to a query over some graphs.

        Raises
        ------
        QueryError
            If the store does not understand it.
        """
        wrapper = SPARQLWrapper(self.address.query, agent="OpenTier")
        # Its setQuery guesses by patterns what a text asks for; the text has been read already.
        wrapper.queryString, wrapper.queryType = text, SELECT
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        wrapper.setTimeout(max(1, round(self.address.seconds)))
        wrapper.addCustomHttpHeader("Accept", accept)
        if self.address.user:
            wrapper.setCredentials(self.address.user, self.address.password)
        for name, graphs in (("default-graph-uri", default), ("named-graph-uri", named)):
            for iri in graphs or ():
                wrapper.addParameter(name, iri)
        return Body(self.place, self._again(lambda: wrapper.query().response))

    def graph(self, iri: str) -> Body | None:
        """Return the N-Triples of a graph; None where there is none of that name."""
        request = urllib.request.Request(self._graph(iri), headers={"Accept": TRIPLES})
        try:
            return Body(self.place, self._again(lambda: self._sent(request)))
        except _Missing:
            return None

    def update(self, text: str) -> None:
        """Have the store change something; it is asked once."""
        data = urlencode({"update": text}).encode()
        self._once(urllib.request.Request(self.address.update, data))

    def put(self, iri: str, file: Path, *, whole: bool) -> None:
        """Let a graph be the N-Triples of a file, which are sent in parts unless they have to be one `whole`."""
        method = "PUT"
        with file.open("rb") as opened:
            while part := opened.read() if whole else opened.read(PART) + opened.readline():
                self._once(
                    urllib.request.Request(self._graph(iri), part, {"Content-Type": TRIPLES}, method=method)
                )
                method = "POST"
        if method == "PUT":
            self.delete(iri)

    def delete(self, iri: str) -> None:
        """Remove a graph, if it is there."""
        try:
            self._once(urllib.request.Request(self._graph(iri), method="DELETE"))
        except _Missing:
            return

    def _graph(self, iri: str) -> str:
        return f"{self.address.graphs}?{urlencode({'graph': iri})}"

    def _sent(self, request: urllib.request.Request) -> _Response:
        found: _Response = self._open(request, timeout=self.address.seconds)
        return found

    def _once(self, request: urllib.request.Request) -> None:
        """Have something done, and wait until the store has said that it is."""
        with self._telling():
            if self.address.user:
                self._introduce(request)
            body = Body(self.place, self._sent(request))
        body.all()

    def _introduce(self, request: urllib.request.Request) -> None:
        """Say with a request who asks, where a digest is wanted: a store may hang up on a long one that does not."""
        try:
            asked = urllib.request.Request(request.full_url.partition("?")[0], method="HEAD")
            urllib.request.build_opener().open(asked, timeout=self.address.seconds).close()
        except HTTPError as error:
            scheme, _, said = (error.headers.get("WWW-Authenticate") or "").partition(" ")
            error.close()
            if error.code == 401 and scheme.lower() == "digest":
                challenge = urllib.request.parse_keqv_list(urllib.request.parse_http_list(said))
                answer = self._digest.get_authorization(request, challenge)
                request.add_unredirected_header("Authorization", f"Digest {answer}")

    def _again(self, asked: Callable[[], T]) -> T:
        """Read; where nothing answers, again, a little later."""
        for pause in PAUSES:
            try:
                return asked()
            except HTTPError as error:
                if error.code not in (502, 503, 504):
                    break
            except (ConnectionError, URLError, http.client.RemoteDisconnected):
                pass
            except (SPARQLWrapperException, OSError, http.client.HTTPException):
                break
            time.sleep(pause)
        with self._telling():
            return asked()

    def _telling(self) -> _Telling:
        return _Telling(self.address)


class _Missing(StoreError):
    """There is nothing at an address."""


class _Telling:
    """Says in our words what the libraries beneath raise."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise an error of ours for one of theirs."""
        if isinstance(error, SPARQLWrapperException):
            status = getattr(error.__context__, "code", 0)
            raise self._refused(status, _said(str(error).partition("Response:\n")[2])) from error
        if isinstance(error, HTTPError):
            raise self._refused(error.code, _first(error.read().decode("utf-8", "replace"))) from error
        if isinstance(error, OSError | http.client.HTTPException):
            why = getattr(error, "reason", None) or error
            raise StoreError(
                f"The store at {self._address.place} does not answer ({why}). See that it runs, and that this machine "
                "reaches it; then try again."
            ) from error

    def _refused(self, status: int, said: str) -> StoreError | QueryError:
        place = self._address.place
        if status == 400:
            return QueryError(f"The store at {place} does not take the query: {said}")
        if status == 404:
            return _Missing(f"The store at {place} has nothing at an address that was given for it. {said}")
        if status in (401, 403):
            return StoreError(
                f"The store at {place} wants to know who asks, or does not let them do it. Say it by {USER} and "
                f"{PASSWORD}, in the environment."
            )
        return StoreError(f"The store at {place} failed (status {status}): {said}")


def _said(text: str) -> str:
    """Return what a store said, of what SPARQLWrapper tells of it: bytes as Python writes them."""
    try:
        return _first(ast.literal_eval(text).decode("utf-8", "replace"))
    except (ValueError, SyntaxError, AttributeError):
        return _first(text)


def _first(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "it does not say why")
    return line if len(line) <= _MOST else f"{line[:_MOST]}..."


def found(address: Address) -> Address:
    """Return an address in full: as it is given, or as that of one of the known products, which answers there.

    Raises
    ------
    StoreError
        If none of them does.
    """
    for product, each in [("", address)] if address.complete else address.possible():
        try:
            body = Client(each).ask(query_text("alive"), JSON)
            text = body.all()
        except (_Missing, QueryError):
            continue
        named = body.server.partition("/")[0] in PRODUCTS
        if (b"boolean" in text or b"ASK_RETVAL" in text) and (not named or body.server.startswith(product)):
            return each
    raise StoreError(
        f"No SPARQL store is found at {address.query}: none of {', '.join(PRODUCTS)} answers below it. Say where it is "
        f"asked, changed and given graphs, for example sparql+{address.query}/sparql?update=/update&graphs=/data"
    )
