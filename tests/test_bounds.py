"""What no parser gets to see: files that are small to write and endless to read, each refused in words at its line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from opentier.graph.admission import admission
from opentier.graph.contribution.submission import Options
from opentier.graph.intake import bounds
from opentier.graph.report.report import Finding, Report

#: Seconds that are promised, and how many times as long a test lets it take.
PROMISED, ROOM = 2, 10

TURTLE = b"@prefix ex: <http://ex.example/> .\n"
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">\n'


def nested(opening: bytes, middle: bytes, closing: bytes, many: int) -> bytes:
    return opening * many + middle + closing * many


#: Name of the file, how it is made, the line that is named, and what is said.
CASES: list[tuple[str, Callable[[], bytes], int | None, str]] = [
    ("deep.rdf", lambda: RDF + nested(b"<e:a>", b"", b"</e:a>", 200_000) + b"</rdf:RDF>", 2, "nested"),
    ("deep-lines.xml", lambda: RDF + nested(b"<e:a>\n", b"", b"</e:a>", 200_000) + b"</rdf:RDF>", 101, "nested"),
    ("unclosed.rdf", lambda: RDF + b"<e:a>" * 200_000, 2, "nested"),
    (
        "attributes.rdf",
        lambda: RDF + b"<e:a " + b" ".join(b'e:b%d="x"' % n for n in range(200_000)) + b"/></rdf:RDF>",
        2, "attributes",
    ),
    ("text.rdf", lambda: RDF + b"<e:A><e:b>" + b"x" * 20_000_000 + b"</e:b></e:A></rdf:RDF>", 2, "value"),
    ("attribute.rdf", lambda: RDF + b'<e:A e:b="' + b"x" * 20_000_000 + b'"/></rdf:RDF>', 2, "value"),
    ("name.rdf", lambda: RDF + b"<e:" + b"x" * 20_000_000 + b"/></rdf:RDF>", 2, "name"),
    ("list.ttl", lambda: TURTLE + b"ex:a ex:b " + nested(b"(", b"1", b")", 100_000) + b" .\n", 2, "nested"),
    ("open-list.ttl", lambda: TURTLE + b"ex:a ex:b " + b"(" * 100_000, 2, "nested"),
    ("blank.ttl", lambda: TURTLE + b"ex:a ex:b " + nested(b"[ ex:b ", b"1", b"]", 100_000) + b" .\n", 2, "nested"),
    (
        "mixed.trig",
        lambda: TURTLE + b"ex:g { ex:a ex:b " + nested(b"([ex:b\n", b"1", b"])", 100_000) + b" }",
        51, "nested",
    ),
    ("triples.ttl", lambda: TURTLE + nested(b"<< ", b"ex:a", b" ex:b ex:c >>", 100_000), 2, "nested"),
    ("long.ttl", lambda: TURTLE + b'ex:a ex:b """' + b"x\n" * 10_000_000 + b'""" .\n', 2, "value"),
    ("short.ttl", lambda: TURTLE + b"ex:a ex:b '" + b"x" * 20_000_000 + b"' .\n", 2, "value"),
    ("open.ttl", lambda: TURTLE + b'ex:a ex:b """' + b"x\n" * 10_000_000, 2, "does not end"),
    ("prefix.ttl", lambda: b"@prefix " + b"x" * 20_000_000 + b": <urn:x> .\n", 1, "name"),
    ("local.ttl", lambda: TURTLE + b"ex:" + b"x" * 20_000_000 + b" ex:b 1 .\n", 2, "name"),
    ("iri.ttl", lambda: b"<urn:" + b"x" * 20_000_000 + b"> <urn:b> 1 .\n", 1, "IRI"),
    ("line.nt", lambda: b'<urn:a> <urn:b> "' + b"x" * 20_000_000 + b'" .\n', 1, "value"),
    ("iri.nt", lambda: b"\n<urn:a> <urn:" + b"x" * 20_000_000, 2, "name"),
    ("line.nq", lambda: b'\n\n<urn:a> <urn:b> "' + b"\\u0041" * 4_000_000 + b'" <urn:g> .\n', 3, "value"),
    (
        "deep.jsonld",
        lambda: b'{"@id": "urn:a", "urn:b":\n' + nested(b'{"urn:b":', b"1", b"}", 100_000) + b"}",
        2, "nested",
    ),
    ("lists.jsonld", lambda: b'{"urn:b":\n' + nested(b"[", b"1", b"]", 100_000) + b"}", 2, "nested"),
    ("contexts.jsonld", lambda: b'{"@context":\n' + b'{"a":{"@id":"urn:a","@context":' * 100_000, 2, "nested"),
    ("value.jsonld", lambda: b'{"urn:b":\n"' + b"x" * 20_000_000 + b'"}', 2, "value"),
    ("key.jsonld", lambda: b'\n{"' + b"x" * 20_000_000 + b'": 1}', 2, "value"),
    ("open.jsonld", lambda: b'{"urn:b":\n\n"' + b"x" * 20_000_000, 3, "value"),
]  # fmt: skip


def validate(path: Path) -> Report:
    return admission.validate(path, Options(dataset="bounds", licence="CC0-1.0"), None, lambda *told: None)


@pytest.mark.parametrize(("name", "make", "line", "said"), CASES, ids=[case[0] for case in CASES])
def test_what_is_endless_to_read_is_refused_in_words_at_its_line(
    tmp_path: Path, name: str, make: Callable[[], bytes], line: int | None, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    begin = time.monotonic()
    (finding,) = validate(path).findings
    assert time.monotonic() - begin < PROMISED * ROOM
    assert (finding.file, finding.row, finding.severity) == (name, line, "error")
    assert said in finding.message
    assert finding.advice


@pytest.mark.parametrize(
    "encoding",
    ["utftrue-8", "x", "hex", "rot13", "idna", "punycode", "undefined", "utf-7", "gb18030", "cp037", "mbcs"],
)
def test_xml_in_an_encoding_that_is_none_of_its_own_is_refused_in_words(
    encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "case.rdf"
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    path.write_text(head + '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></r:RDF>\n', "utf-8")
    finding = validate(path).sorted()[0]
    assert finding.severity == "error"
    assert finding.message.startswith("This is not rdf: ")


def test_a_descriptor_that_is_nested_too_deep_is_refused_in_words(tmp_path: Path) -> None:
    for many in (bounds.MAX_DEPTH + 1, 900, 100_000):
        (tmp_path / "datapackage.json").write_bytes(b'{"name":' + nested(b"[", b"", b"]", many) + b"}")
        finding: Finding = min(validate(tmp_path).findings, key=str)
        assert finding.file == "datapackage.json"
        assert "nested" in finding.message


FINE = [
    ("turtle", TURTLE + b"ex:a ex:b " + nested(b"(", b"1", b")", 90) + b" .\n"),
    (
        "turtle",
        TURTLE + b"ex:a ex:b '" + b"(" * 500 + b'\', """' + b'"(\\"[' * 500 + b'""" . # ' + b"(" * 500,
    ),
    ("turtle", b"<http://ex.example/" + b"(" * 500 + b"'> <urn:a#b> 1 .\n"),
    ("turtle", TURTLE + b"ex:it\\'s ex:" + b"\\(" * 500 + b" ex:b .\n"),
    ("turtle", TURTLE + b"ex:a ex:b (), (1 (2)), [] .\n" * 1000),
    ("ntriples", b'<urn:a> <urn:b> "it\'s # (" .\n' * 1000),
    ("jsonld", json.dumps([{"@id": "urn:a", "urn:b": '[{"' * 500}] * 1000).encode()),
    ("rdfxml", RDF + nested(b"<e:a>", b"[(", b"</e:a>", 90) + b"</rdf:RDF>"),
    ("rdfxml", RDF + b"<e:a>text</e:a>\n" * 5000 + b"</rdf:RDF>"),
]


@pytest.mark.parametrize(("format", "data"), FINE)
def test_what_only_looks_deep_is_read(format: str, data: bytes) -> None:
    bounds.rdf(data, format)


def test_xml_that_is_cut_off_or_declares_entities_is_refused() -> None:
    with pytest.raises(ValueError, match="entities"):
        bounds.rdf(b'<!DOCTYPE a [<!ENTITY b "c">]>' + RDF + b"</rdf:RDF>", "rdfxml")
    with pytest.raises(Exception, match="no element found"):
        bounds.rdf(RDF, "rdfxml")
