"""A publisher that is none of ours: a real server on loopback, whose catalogue and files are what a test wants."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import ssl
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from opentier.graph.exchange import listing, offers
from opentier.graph.exchange.minisign import SecretKey
from opentier.graph.vocabulary import syntax

#: Answers a request in its own way.
Answering = Callable[[BaseHTTPRequestHandler], None]
PREFIXES = "".join(
    f"@prefix {name}: <{space}> .\n"
    for name, space in {
        "dcat": "http://www.w3.org/ns/dcat#", "dcterms": "http://purl.org/dc/terms/", "ot": "https://w3id.org/opentier/ns#",
        "prov": "http://www.w3.org/ns/prov#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "spdx": "http://spdx.org/rdf/terms#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    }.items()
)  # fmt: skip


def package(
    name: str = "mills", licence: str = "CC0-1.0", actors: int = 2, called: str = "Mill number", **more: str
) -> bytes:
    """Return a Data Package as a zip, the same bytes for the same words."""
    described = {
        "name": name, "title": "Mills", "licenses": [{"name": licence}], "contributors": [{"title": "Prober"}], **more,
        "resources": [{"name": "actors", "path": "actors.csv", "format": "csv", "encoding": "utf-8"}],
    }  # fmt: skip
    rows = "id,name,country\n" + "".join(f"m{n},{called} {n},IN\n" for n in range(actors))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file, text in (("actors.csv", rows), ("datapackage.json", json.dumps(described))):
            archive.writestr(zipfile.ZipInfo(file), text)
    return made.getvalue()


@dataclass
class Publisher:
    """What is served: files by their paths, or what answers in another way; and what was asked for."""

    url: str
    files: dict[str, tuple[str, bytes] | Answering] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def offer(
        self,
        data: bytes,
        name: str = "mills",
        version: str = "1",
        *,
        licence: str = "<https://spdx.org/licenses/CC0-1.0>",
        sha256: str | None = None,
        size: int | None = None,
        where: str = "",
        more: str = "",
    ) -> None:
        """Serve a package, and a catalogue that offers it; what is said of it may be forged."""
        path = f"/files/{name}-{version}.zip"
        self.files[path] = ("application/zip", data)
        digest = hashlib.sha256(data).hexdigest() if sha256 is None else sha256
        checksum = (
            f"""spdx:checksum [ a spdx:Checksum ; spdx:algorithm spdx:checksumAlgorithm_sha256 ;
            spdx:checksumValue "{digest}"^^xsd:hexBinary ] ;"""
            if digest
            else ""
        )
        licensed = f"dcterms:license {licence} ;" if licence else ""
        self.says(f"""
        <{self.url}/id/{name}/{version}> a dcat:Dataset ; dcterms:title "Mills" ; dcat:version "{version}" ; {licensed}
            dcat:inSeries <{self.url}/id/{name}> ; dcat:distribution <{self.url}{path}#it> .
        <{self.url}{path}#it> a dcat:Distribution ; {checksum}
            dcat:byteSize "{len(data) if size is None else size}"^^xsd:nonNegativeInteger ;
            dcat:mediaType <https://www.iana.org/assignments/media-types/application/zip> ;
            dcat:downloadURL <{where or self.url + path}> .
        {more}""")

    def says(self, text: str) -> None:
        """Have the catalogue say something, in Turtle."""
        self.files["/catalog"] = ("text/turtle", (PREFIXES + text).encode())

    def signs(self, secret: SecretKey, number: int, *successions: str) -> bytes:
        """Sign what the catalogue says now as that of the release of a number, and return it, to be shown again."""
        said = self.files["/catalog"][1]  # type: ignore[index]
        known = offers.catalogue(syntax.read(said, "turtle", self.url))
        self.seals(listing.signed(secret, known, number), *successions)
        return self.files["/catalog"][1]  # type: ignore[index]

    def seals(self, signature: str, *successions: str) -> None:
        """Have the catalogue say a signature, and what keys say of those that follow them."""
        kind, said = self.files["/catalog"]  # type: ignore[misc]
        words = "".join(f'; ot:keySuccession """{each}""" ' for each in successions)
        text = f'<{self.url}/catalog> a dcat:Catalog ; ot:signature """{signature}""" {words}.\n'
        self.files["/catalog"] = (kind, said + text.encode())

    def withdraws(self, version: str = "1", name: str = "mills") -> str:
        """Return what a catalogue says of a withdrawal."""
        node = f"<{self.url}/id/{name}/{version}>"
        return f"""<{self.url}/w> a ot:Withdrawal ; prov:invalidated {node} ; ot:statusReason "wrong mill" ;
            prov:startedAtTime "2026-11-01T00:00:00+00:00"^^xsd:dateTime .
            {node} a dcat:Dataset ; dcat:inSeries <{self.url}/id/{name}> ; dcat:version "{version}" ."""


def _handler(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append((self.path, self.headers.get("Range", "")))
            found = publisher.files.get(self.path)
            if found is None:
                self.send_error(404)
            elif callable(found):
                with suppress(ConnectionError):
                    found(self)
            else:
                send(self, *found)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def send(to: BaseHTTPRequestHandler, kind: str, data: bytes, only: int | None = None) -> None:
    """Send a file, or the part that is asked for, of which `only` so many bytes come before it is cut off."""
    begin = int(to.headers.get("Range", "bytes=0-")[6:-1])
    to.send_response(206 if begin else 200)
    if begin:
        to.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
    to.send_header("Content-Type", kind)
    to.send_header("Content-Length", str(len(data) - begin))
    to.end_headers()
    to.wfile.write(data[begin:][:only])
    to.wfile.flush()


def leading(where: str) -> Answering:
    """Return what leads somewhere else."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(302)
        to.send_header("Location", where)
        to.send_header("Content-Length", "0")
        to.end_headers()

    return answer


def endless(kind: str, piece: bytes, pause: float = 0.0) -> Answering:
    """Return what sends something for ever, as long as anybody reads it."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Type", kind)
        to.end_headers()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            to.wfile.write(piece)
            to.wfile.flush()
            time.sleep(pause)

    return answer


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate for `localhost` that is its own authority, as a file, and what serves with it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    begun = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(begun).not_valid_after(begun + datetime.timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(secret + made.public_bytes(Encoding.PEM))
    (folder / "known.pem").write_bytes(made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return folder / "known.pem", context


@contextmanager
def publishing(secure: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """Serve on a free port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    made = Publisher(f"http://127.0.0.1:{server.server_address[1]}")
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
        made = Publisher(f"https://localhost:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(made)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
