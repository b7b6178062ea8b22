"""The hostile list: requests that want to stop the service, to make it reach out, or to make it tell what it must not.

Each says which statuses it may have; all must be answered, or their connection closed, within `SECONDS` of the limit of
one piece of work. What is listed elsewhere is asked from there: queries that ask another service and updates by
`test_sparql` and `test_requests`, whose lists `test_hostile` sends, too; forms that are none by `test_uploads`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tests.test_uploads import HOSTILE as FORMS
from tests.test_uploads import LIST, form, packed, part

#: Of an answer that no connection waits for: the server closed it.
CLOSED = 0
WRONG = frozenset({400})
REFUSED = frozenset({400, 404, 405, 413, 414, 415, 431})
FINE = frozenset({200})
#: Answered, refused, or ended by the limits of its work.
ENDED = frozenset({200, 400, 413, 503, 504})


@dataclass(frozen=True)
class Hostile:
    """One request, as bytes, and the statuses that it may have.

    Attributes
    ----------
    pieces
        Sent one after the other, with a moment between them; after an empty one the sender has gone.
    """

    name: str
    pieces: tuple[bytes, ...]
    statuses: frozenset[int] = field(default=REFUSED)


def head(method: str, target: str, *headers: str, version: str = "1.1", host: str = "localhost") -> bytes:
    """Return the head of a request."""
    lines = [f"{method} {target} HTTP/{version}", f"Host: {host}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def posted(target: str, body: bytes, kind: str = "application/sparql-query") -> bytes:
    """Return a request with a body."""
    return head("POST", target, f"Content-Type: {kind}", f"Content-Length: {len(body)}") + body


def get(name: str, target: str, statuses: frozenset[int] = REFUSED) -> Hostile:
    """Return a request for an address."""
    return Hostile(name, (head("GET", target),), statuses)


def _query(name: str, text: str, statuses: frozenset[int] = ENDED) -> Hostile:
    # Where others use the machine, too, a fresh process may take longer to start than a query may.
    return Hostile(f"query: {name}", (posted("/sparql", text.encode()),), statuses | {503, 504})


_ALL = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(6))
_STRING = "x" * 100_000

QUERIES = (
    _query("cross product", f"SELECT (COUNT(*) AS ?n) {{ {_ALL} }}"),
    _query("cross product, sorted", f"SELECT * {{ {_ALL} }} ORDER BY ?c0 ?c5"),
    _query("cross product, distinct", f"SELECT DISTINCT * {{ {_ALL} }}"),
    _query("cross product, grouped", f"SELECT ?a0 ?a1 ?a2 ?a3 (COUNT(*) AS ?n) {{ {_ALL} }} GROUP BY ?a0 ?a1 ?a2 ?a3"),
    _query("closure of everything", "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>)* ?b . ?b (!<urn:x>|^!<urn:y>)+ ?c }"),
    _query("closure of closures", "SELECT * { ?a ((!<urn:x>)*/(!<urn:y>)*/(^!<urn:z>)*)* ?b }"),
    _query("minus", f"SELECT * {{ {_ALL} MINUS {{ ?x0 ?y0 ?z0 . ?x1 ?y1 ?z1 . ?x2 ?y2 ?z2 }} }}"),
    _query("exists in exists",
           "SELECT * { ?a ?b ?c FILTER EXISTS { ?d ?e ?f FILTER NOT EXISTS { ?g ?h ?i . ?j ?k ?a } } }"),
    _query("backtracking", f"ASK {{ FILTER(REGEX('{'a' * 40}!', '^(a+)+$')) }}"),
    _query("bounded repeats", "ASK { FILTER(REGEX('a', '((((a{1,99}){1,99}){1,99}){1,99})')) }"),
    _query("long pattern", f"ASK {{ FILTER(REGEX('a', '{'(a|b)' * 20_000}')) }}"),
    _query("replaced for ever", f"SELECT (REPLACE('{'a' * 10_000}', 'a', '{'b' * 10_000}') AS ?x) {{}}"),
    _query("doubled text", "SELECT ?x30 { BIND('x' AS ?x0) " + "".join(
        f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(30)) + "}"),
    _query("one long text",
           "SELECT (GROUP_CONCAT(?c; separator='" + "x" * 1000 + "') AS ?all) { ?a ?b ?c . ?d ?e ?f }"),
    _query("aggregates", "SELECT " + " ".join(f"(SUM(?x{n}) AS ?s{n})" for n in range(500)) + f" {{ {_ALL} }}"),
    _query("a flood of graphs", f"CONSTRUCT {{ ?a0 ?b1 ?c2 . ?a3 ?b4 ?c5 . _:x ?b0 _:y }} {{ {_ALL} }}"),
    _query("descriptions of everything", "DESCRIBE ?a ?c { ?a ?b ?c . ?d ?e ?f }"),
    _query("values", "SELECT * { " + " ".join(
        f"VALUES ?v{n} {{ {' '.join(map(str, range(50)))} }}" for n in range(8)) + " }"),
    _query("a product in a sub-query", f"SELECT * {{ {{ SELECT * {{ {_ALL} }} LIMIT 1000000000 }} }} OFFSET 999999999"),
    _query("a limit beyond numbers", "SELECT * { ?a ?b ?c } LIMIT 99999999999999999999999999"),
    _query("deep brackets", "ASK { FILTER(" + "(" * 40_000 + "1=1" + ")" * 40_000 + ") }", WRONG),
    _query("deep groups", "ASK " + "{ " * 20_000 + "}" * 20_000),
    _query("deep options", "SELECT * " + "{ ?a ?b ?c OPTIONAL " * 3_000 + "{}" + "}" * 3_000),
    _query("many unions", "SELECT * { " + " UNION ".join(["{ ?a ?b ?c }"] * 20_000) + " }"),
    _query("many numbers", "ASK { FILTER(" + "1+" * 60_000 + "1 > 0) }"),
    _query("many negations", "ASK { FILTER(" + "!" * 100_000 + "true) }"),
    _query("a megabyte of names", "SELECT " + " ".join(f"?v{n}" for n in range(120_000)) + " {}"),
    _query("a megabyte and more", "ASK { FILTER('" + "x" * (1 << 20) + "' = '') }", frozenset({413})),
    _query("a long IRI", f"ASK {{ <urn:{_STRING}> ?b ?c }}"),
    _query("odd numbers", "SELECT (1e308*1e308 AS ?a) (-9223372036854775808/-1 AS ?b) (99999999999999999999 AS ?c) {}"),
    _query("numbers of months", "SELECT ('P99999999999999Y'^^<http://www.w3.org/2001/XMLSchema#duration> AS ?d) {}"),
    _query("what is no text", "ASK { ?a ?b '\\uD800' }", WRONG),
    _query("only a null", "\0", WRONG),
    _query("a number that ends in a dot", "SELECT * { ?m <http://www.w3.org/2003/01/geo/wgs84_pos#lat> -1.78 }", FINE),
    _query("some brackets", "ASK { FILTER(" + "(" * 25 + "1 = 1" + ")" * 25 + ") }", FINE),
    _query("blank nodes in blank nodes", "SELECT * { ?a ?b " + "[ ?b " * 5_000 + "1" + "]" * 5_000 + " }", WRONG),
    _query("a long path", "ASK { ?a " + "<urn:p>/" * 50_000 + "<urn:p> ?b }", WRONG),
    _query("an open string", "ASK { ?a ?b '''SERVICE", WRONG),
    _query("a description of no IRI", "DESCRIBE <not an IRI>", WRONG),
    _query("nought", "SELECT (1/0 AS ?n) (STRDT('x', <urn:nope>) AS ?m) { }", FINE),
    _query("a file", "SELECT * FROM <file:///etc/passwd> { ?a ?b ?c }"),
    _query("a file by name", "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?a ?b ?c } }"),
    _query("a file of ours", "SELECT * { GRAPH <file:opentier.json> { ?a ?b ?c } }"),
)  # fmt: skip

_GET = "GET /health HTTP/1.1\r\nHost: localhost\r\n"
_POST = "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
_CHUNKED = "Transfer-Encoding: chunked\r\n"


def _raw(name: str, *pieces: str | bytes, statuses: frozenset[int] = REFUSED | {CLOSED}) -> Hostile:
    sent = tuple(piece if isinstance(piece, bytes) else piece.encode("latin-1") for piece in pieces)
    return Hostile(f"raw: {name}", sent, statuses)


RAW = (
    _raw("nothing but line ends", "\r\n" * 1000, b""),
    _raw("TLS", bytes.fromhex("16030100c8010000c40303") + bytes(200)),
    _raw("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    _raw("HTTP/0.9", "GET /health\r\n\r\n"),
    _raw("HTTP/9.9", "GET /health HTTP/9.9\r\nHost: localhost\r\nConnection: close\r\n\r\n",
         statuses=REFUSED | FINE | {505}),
    _raw("HTTP/1.0 without a host", "GET /health HTTP/1.0\r\n\r\n", statuses=REFUSED | FINE),
    _raw("SSH", "SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    _raw("bare line feeds", "GET /health HTTP/1.1\nHost: localhost\nConnection: close\n\n", statuses=REFUSED | FINE),
    _raw("a null in the address", "GET /health\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    _raw("a null in a header", f"{_GET}X: a\0b\r\n\r\n"),
    _raw("a folded header", f"{_GET}X: a\r\n b\r\nConnection: close\r\n\r\n", statuses=REFUSED | FINE | {CLOSED}),
    _raw("a space before the colon", f"{_GET}Content-Length : 5\r\n\r\nhello"),
    _raw("a header without a name", f"{_GET}: a\r\n\r\n"),
    _raw("ten thousand headers", _GET + "".join(f"X-{n}: {n}\r\n" for n in range(10_000)) + "Connection: close\r\n\r\n",
         statuses=REFUSED | FINE),
    _raw("a long header", f"{_GET}X: {'x' * 3_000_000}\r\n\r\n"),
    _raw("a long method", "G" * 2_000_000 + " / HTTP/1.1\r\n\r\n"),
    _raw("an odd method", "GE(T /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    _raw("an unknown method", "BREW /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    _raw("two hosts", "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    _raw("no host", "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"),
    _raw("another's host", "GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    _raw("a host with a path", "GET /health HTTP/1.1\r\nHost: localhost/../x\r\nConnection: close\r\n\r\n"),
    _raw("an address elsewhere",
         "GET http://evil.example/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    _raw("an authority", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n"),
    _raw("a star", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    _raw("two lengths", f"{_POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nASK"),
    _raw("a length and chunks", f"{_POST}Content-Length: 5\r\n{_CHUNKED}\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n"),
    _raw("chunks twice", f"{_POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    _raw("chunks of another kind", f"{_POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    _raw("a negative length", f"{_POST}Content-Length: -1\r\n\r\n"),
    _raw("a length in words", f"{_POST}Content-Length: five\r\n\r\n"),
    _raw("a length beyond numbers", f"{_POST}Content-Length: {'9' * 400}\r\n\r\n"),
    _raw("a chunk that is no number", f"{_POST}{_CHUNKED}\r\nzz\r\nhello\r\n0\r\n\r\n"),
    _raw("a chunk beyond numbers", f"{_POST}{_CHUNKED}\r\n{'f' * 40}\r\nhello"),
    _raw("a long word behind a chunk", f"{_POST}{_CHUNKED}\r\n1;{'x' * 2_000_000}\r\nh\r\n0\r\n\r\n"),
    _raw("a body that is promised to be huge", f"{_POST}Content-Length: 99999999999\r\n\r\nASK", b""),
    _raw("a body that is huge", f"{_POST}Connection: close\r\nContent-Length: 5000000\r\n\r\n", b"x" * 5_000_000,
         statuses=frozenset({413})),
    _raw("an upgrade", f"{_GET}Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", statuses=REFUSED | FINE | {403, 426, CLOSED}),
    _raw("an expectation", f"{_POST}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 6\r\n\r\n", "ASK {}",
         statuses=frozenset({100})),
    _raw("an odd expectation", f"{_GET}Expect: the-moon\r\nConnection: close\r\n\r\n", statuses=REFUSED | FINE | {417}),
    _raw("a hundred at once", f"{_GET}\r\n" * 99 + f"{_GET}Connection: close\r\n\r\n", statuses=FINE),
    _raw("a request in a body", posted("/sparql", b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"),
         statuses=WRONG | {503, 504}),
    _raw("a letter at a time", *(f"{_GET}Connection: close\r\n\r\n"[n : n + 1] for n in range(65)), statuses=FINE),
    _raw("a body that ends early", f"{_POST}Content-Length: 99\r\n\r\nASK {{", b""),
)  # fmt: skip

_OVERLONG = "%c0%ae%c0%ae%c0%af"
ADDRESSES = (
    *(
        get(f"address: {path[:40]}", path)
        for path in (
            "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", f"/id/{_OVERLONG}etc/passwd",
            "/id/..%2f..%2fetc%2fpasswd", "/id/example/..%5c..%5copentier.json", "/ontology/../../opentier.json",
            "/datasets/../opentier.json/versions", "/datasets/%2e%2e/versions",
            "/questions/../../x", "/questions/-1", "/questions/99999999999999999999",
            "/questions/%F0%9F%92%A3", "/id/%00", "/id/example/%ff%fe", "/id/" + "a/" * 5_000, "/" + "x" * 100_000,
            "/id/example/" + quote("é" * 5_000), "//evil.example/", "/\\evil.example", "/%0d%0aSet-Cookie:a=b",
            "/id/example/aurora.exe", "/reconcile/flyout/%00", "/.git/config", "/.env", "/opentier.json",
        )
    ),
    *(
        get(f"parameter: {path} {str(said)[:50]}", f"{path}?{urlencode(said)}")
        for path, said in (
            ("/trace", {"actor": "x" * 200_000}), ("/trace", {"actor": "\0"}), ("/trace", {"actor": "*"}),
            ("/trace", {"actor": "example/aurora", "max_tier": "-1"}),
            ("/trace", {"actor": "example/aurora", "max_tier": "9" * 40}),
            ("/trace", {"actor": "example/aurora", "max_tier": "1e9"}),
            ("/trace", {"actor": "example/aurora", "max_tier": "٣x"}),
            ("/trace", {"actor": "example/aurora", "paths": "99999999999"}),
            ("/trace", {"actor": "example/aurora", "min_confidence": "nan"}),
            ("/trace", {"actor": "example/aurora", "min_confidence": "inf"}),
            ("/trace", {"actor": "example/aurora", "on": "-9999-01-01"}),
            ("/trace", {"actor": "example/aurora", "on": "2024-01-01T00:00:00+99:99"}),
            ("/trace", {"actor": "example/aurora", "product": "6109" * 5_000}),
            ("/trace", {"actor": "example/aurora", "format": "../../etc/passwd"}),
            ("/trace", {"actor": "example/aurora", "group": "designation", "first": "1000000"}),
            ("/trace", {"actor": "file:///etc/passwd"}), ("/trace", {"actor": "http://127.0.0.1:1/"}),
            ("/exposure", {"max_tier": "0x10"}), ("/exposure", {"on": "never"}), ("/exposure", {"nope": "1"}),
            ("/search", {"q": ""}), ("/search", {"q": "a", "limit": "-5"}), ("/search", {"q": "a", "limit": "9" * 30}),
            ("/sparql", {"query": "ASK {}", "default-graph-uri": "file:///etc/passwd\n"}),
            ("/sparql", {"query": "ASK {}", "as_known": "0000-00-00"}),
            ("/sparql", {"query": "ASK {}", "format": "text/html"}),
            ("/obligations", {"actor": "<script>alert(1)</script>"}),
        )
    ),
    get("parameter: no UTF-8", "/trace?actor=%ff%fe"),
    get("parameter: a thousand times", "/trace?" + "&".join(["actor=a"] * 1_000)),
    get("parameter: fifty thousand names", "/trace?" + "&".join(f"p{n}=1" for n in range(50_000))),
)  # fmt: skip

#: A job is begun, or the file is refused.
TAKEN = frozenset({202, 400, 413, 415})
_KIND = "multipart/form-data; boundary=b"


def _file(name: str, data: bytes, path: str = "/validate", statuses: frozenset[int] = TAKEN) -> Hostile:
    sent = form(part(b'name="file"; filename="' + name.encode() + b'"', data))
    return Hostile(f"file: {path} {name[:40]}", (posted(path, sent, _KIND),), statuses)


def _body(name: str, path: str, body: bytes, kind: str, statuses: frozenset[int] = REFUSED) -> Hostile:
    return Hostile(f"body: {name}", (posted(path, body, kind),), statuses)


UPLOADS = (
    *(Hostile(f"form: {name}", (posted("/match", body, _KIND),), WRONG | {413}) for name, (body, _) in FORMS.items()),
    _file("bomb.zip", packed({f"{n}.csv": bytes(8 << 20) for n in range(4)})),
    _file("slip.zip", packed({"../../slip.csv": b"id,name\n", "/etc/passwd": b"id,name\n"})),
    _file("nested.zip", packed({"a.zip": packed({"b.zip": packed({"c.csv": b"id,name\n"})})})),
    _file("entities.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    _file("entities.rdf", b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "' + b"&b;" * 9_000 + b'">]><a>&c;</a>'),
    _file("elsewhere.jsonld", b'{"@context": "http://127.0.0.1:9/", "@id": "x"}'),
    _file("datapackage.json", b'{"name": "x", "resources": [{"name": "actors", "path": "http://127.0.0.1:9/a.csv"}]}'),
    _file("deep.json", b"[" * 200_000, "/columns"),
    _file("wide.csv", b",".join(b"c%d" % n for n in range(50_000)) + b"\n", "/columns"),
    _file("formula.csv", b"name,country\n=cmd|'/C calc'!A0,CN\n@SUM(1),CN\n", "/match"),
    _file("../../../../etc/cron.d/x.csv", b"name,country\nAurora,CN\n", "/screen"),
    _file("%00.csv", b"\0" * 10_000, "/match"),
    _file("a" * 5_000 + ".csv", b"name\nAurora\n", "/match"),
    Hostile("form: a promised gigabyte", (head("POST", "/validate", f"Content-Type: {_KIND}",
                                              "Content-Length: 1000000000"), b""), frozenset({413, CLOSED})),
    Hostile("form: an option a thousand times", (posted("/match?" + "map=a%3Db&" * 1_000, form(LIST), _KIND),), TAKEN),
    _body("another's encoding", "/validate", b"a", "text/csv; charset=utf-7", TAKEN),
    _body("a program", "/validate", b"\x7fELF", "application/x-executable"),
    _body("no kind", "/contributions", b"name", "/"),
)  # fmt: skip

_FOREIGN = ("Origin: https://evil.example", "Sec-Fetch-Site: cross-site")
_KEYLESS = frozenset({401})


def _act(name: str, method: str, path: str, *headers: str, body: bytes = b"",
         statuses: frozenset[int] = REFUSED | {401, 403}) -> Hostile:  # fmt: skip
    sent = head(method, path, *headers, f"Content-Length: {len(body)}") + body
    return Hostile(f"act: {name}", (sent,), statuses)


_JSON = "Content-Type: application/json"
ACTS = (
    *(_act(f"a page elsewhere, {method} {path}", method, path, *_FOREIGN, _JSON, body=b"{}", statuses=frozenset({403}))
      for method, path in (("POST", "/contributions"), ("POST", "/judgements"), ("DELETE", "/judgements/a"),
                           ("POST", "/screenings/a/again"), ("GET", "/audit"), ("GET", "/responses"),
                           ("GET", "/screenings"))),
    *(_act(f"a key, {said[:30]}", "GET", "/audit", f"Authorization: {said}", statuses=_KEYLESS)
      for said in ("Bearer opentier_00000000_x", "Bearer", "Basic YWRtaW46YWRtaW4=", "Bearer " + "x" * 100_000,
                   "Bearer opentier_../../access/keys.json_x", "Bearer \xff")),
    _act("two keys", "GET", "/audit", "Authorization: Bearer a", "Authorization: Bearer b", statuses=_KEYLESS),
    _act("behind a proxy that there is not", "GET", "/audit", "X-Forwarded-For: 127.0.0.1", statuses=_KEYLESS),
    _act("another method in a header", "POST", "/jobs/none", "X-HTTP-Method-Override: DELETE"),
    *(_act(f"job {path[:40]}", "GET", path) for path in (
        "/jobs/..%2f..%2faccess%2fkeys.json", "/jobs/%2e%2e/access", "/jobs/lock", "/jobs/" + "a" * 20_000,
        "/jobs/none?wait=nan", "/jobs/none?wait=-1", "/jobs/none?wait=1e400", "/jobs/none/result.json%00",
        "/jobs/none/result.../../job.json", "/contributions/%00", "/screenings/..%2f..%2fopentier",
        "/screenings/a/diff/..%2fa", "/audit?since=9999", "/audit?since=never")),
    _act("a record elsewhere", "POST", "/screenings/none/again?save=..%2f..%2fx"),
    _act("a job of nobody", "DELETE", "/jobs/..%2fx"),
    _act("deep JSON", "POST", "/judgements", _JSON, body=b'{"left":' * 50_000),
    _act("a number for a name", "POST", "/judgements", _JSON, body=b'{"left": 1e999, "right": [], "judgement": {}}'),
    _act("a judgement on itself", "POST", "/judgements", _JSON, body=b'{"left": "\\u0000", "right": "\\ud800", '
         b'"judgement": "positive"}'),
    _act("a long reply", "POST", "/responses", _JSON, body=b'{"text": "' + b"x" * 100_000 + b'"}'),
    _act("a deep reply", "POST", "/responses", _JSON, body=b"[" * 60_000),
    _act("a reply of markup", "POST", "/responses", _JSON,
         body=b'{"to": "example/a", "party": "example/aurora", "text": "<script>alert(1)</script>"}'),
    _act("a reply of many fields", "POST", "/responses", "Content-Type: application/x-www-form-urlencoded",
         body=b"&".join(b"a%d=1" % n for n in range(10_000))),
)  # fmt: skip


def listed() -> Iterator[Hostile]:
    """Yield the whole list."""
    yield from (*QUERIES, *RAW, *ADDRESSES, *UPLOADS, *ACTS)
